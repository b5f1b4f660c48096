"""A deck opened to be written: segmentry's own empty one, somebody's template, or a deck of an earlier run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segmentry.errors import DataError, UnavailableError
from segmentry.report.slides.look import look_of

_MAIN = "application/vnd.openxmlformats-officedocument.presentationml.{}.main+xml"
_PRESENTATION, _LIKE_IT = _MAIN.format("presentation"), (_MAIN.format("template"), _MAIN.format("slideshow"))
_LOCKS = ("~${name}", ".~lock.{name}#")
"""Files that PowerPoint and LibreOffice leave beside a deck that is open."""
_TYPES = "[Content_Types].xml"
_SHOWN = 100
_MOST_BYTES, _MOST_XML, _DENSE = 1_000_000_000, 200_000_000, 100
"""A deck with more bytes is refused where they are so many times those of its file, and one with more of XML anyway."""
_SIZES = range(914_400, 51_206_401)
"""Sizes of a slide that PowerPoint knows: 1 to 56 inches."""


def library() -> Any:
    """Return python-pptx.

    Raises
    ------
    DataError
        It is not installed.
    """
    try:
        import pptx
    except ImportError:
        raise DataError(
            "slides need python-pptx", hint="install it with: pip install 'segmentry[slides]'"
        ) from None
    return pptx


def check_closed(path: Path) -> None:
    """Refuse a deck that another program has open, because it would write its own version over the new one.

    Raises
    ------
    UnavailableError
        A program has left its lock beside the deck.
    """
    if not path.is_file():
        return
    for form in _LOCKS:
        lock = path.with_name(form.format(name=path.name))
        if lock.exists():
            raise UnavailableError(
                "is open in another program",
                source=path,
                hint=f"close it there, or delete {lock.name}, and run again",
            )


def opened(path: Path) -> Any:
    """Open a deck.

    Raises
    ------
    DataError
        The file is not there, is no deck, is damaged, or has no layout with a title.
    """
    library()
    with _said_of(path):
        presentation = _presentation(path)
        _touch(presentation)
    if not any(layouts_with_title(presentation)):
        raise DataError(
            "has no slide layout with a title",
            source=path,
            hint="add a layout with a title to its slide master",
        )
    return presentation


def opened_as_template(path: Path) -> Any:
    """Open a template, without its slides.

    Raises
    ------
    DataError
        As `opened`; or it holds macros, or parts of it lie elsewhere.
    """
    presentation = opened(path)
    for element in list(presentation.slides._sldIdLst):
        drop_slide(presentation, element)
    _check_self_contained(presentation, path)
    return presentation


def _check_self_contained(presentation: Any, path: Path) -> None:
    """Refuse a template by which every deck that is made of it would load something, or run it, once it is opened."""
    for relation in presentation.part.package.iter_rels():
        kind = relation.reltype.rpartition("/")[2]
        if kind == "vbaProject":
            raise DataError("holds macros", source=path, hint="save it without them, as .pptx")
        if relation.is_external and kind != "hyperlink":
            raise DataError(
                f"would have every deck load {relation.target_ref[:_SHOWN]!r}",
                source=path,
                hint="embed it in the template, or remove it",
            )


def drop_slide(presentation: Any, element: Any) -> None:
    """Remove a slide from a deck, and from the deck's sections."""
    for entry in _in_sections(presentation, element.get("id")):
        entry.getparent().remove(entry)
    presentation.part.drop_rel(element.rId)
    element.getparent().remove(element)


def place_after(presentation: Any, slide: Any, previous: Any | None) -> None:
    """Move a new slide behind another one, or to the start, also in the deck's sections."""
    elements = {e.id: e for e in presentation.slides._sldIdLst}
    mine = elements[slide.slide_id]
    if previous is None:
        presentation.slides._sldIdLst.insert(0, mine)
    else:
        elements[previous.slide_id].addnext(mine)
        for entry in _in_sections(presentation, str(previous.slide_id)):
            copy = entry.makeelement(entry.tag, {"id": str(slide.slide_id)})
            entry.addnext(copy)
            return
    holder = next(presentation.part._element.iter(f"{_SECTIONS}sldIdLst"), None)
    if holder is not None:
        holder.insert(0, holder.makeelement(f"{_SECTIONS}sldId", {"id": str(slide.slide_id)}))


_SECTIONS = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"


def _in_sections(presentation: Any, slide_id: str) -> list[Any]:
    return [e for e in presentation.part._element.iter(f"{_SECTIONS}sldId") if e.get("id") == slide_id]


def layouts_with_title(presentation: Any) -> Iterator[Any]:
    """Yield the layouts of a deck that have a place for a title."""
    for master in presentation.slide_masters:
        for layout in master.slide_layouts:
            if any(is_title(shape) for shape in layout.placeholders):
                yield layout


def is_title(placeholder: Any) -> bool:
    """Whether a placeholder is for the slide's title."""
    return placeholder.element.ph_type.name in ("TITLE", "CENTER_TITLE")


def _presentation(path: Path) -> Any:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DataError("is no file", source=path)
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        _check_unpacked(parts, len(data), path)
        types = parts.read(_TYPES).decode("utf-8", "replace")
        if any(kind in types for kind in _LIKE_IT):
            data = _as_presentation(parts, types)
    return library().Presentation(io.BytesIO(data))


def _check_unpacked(parts: zipfile.ZipFile, n_packed: int, path: Path) -> None:
    """Refuse a deck that is small and would become enormous, before any of it is unpacked."""
    sizes = {part.filename: part.file_size for part in parts.infolist()}
    n_bytes = sum(sizes.values())
    n_xml = sum(size for name, size in sizes.items() if name.lower().endswith((".xml", ".rels")))
    if n_xml > _MOST_XML or (n_bytes > _MOST_BYTES and n_bytes > _DENSE * n_packed):
        raise DataError(f"{n_packed:,} bytes unpack to {n_bytes:,}, which no deck does", source=path)


def _as_presentation(parts: zipfile.ZipFile, types: str) -> bytes:
    """Return a template or a show as a presentation, which python-pptx reads: the three differ in one word."""
    for kind in _LIKE_IT:
        types = types.replace(kind, _PRESENTATION)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            made.writestr(name, types.encode("utf-8") if name == _TYPES else parts.read(name))
    return file.getvalue()


def _touch(presentation: Any) -> None:
    """Read what will be used, so that a damaged part is found before the work."""
    for master in presentation.slide_masters:
        look_of(master)
    for layout in layouts_with_title(presentation):
        _ = [shape.placeholder_format.type for shape in layout.placeholders]
    for slide in presentation.slides:
        _ = [shape.name for shape in slide.shapes], slide.slide_layout.name
        if slide.has_notes_slide:
            _ = slide.notes_slide.notes_text_frame
    if not (presentation.slide_width in _SIZES and presentation.slide_height in _SIZES):
        raise ValueError


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Say in a sentence what is wrong with a file; python-pptx has no error of its own for most of it."""
    from pptx.exc import PythonPptxError

    damage = (
        PythonPptxError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, IndexError, SyntaxError,
        NotImplementedError, EOFError, RuntimeError,
    )  # fmt: skip
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", source=path) from None
    except damage:
        raise DataError(
            "is no PowerPoint file, or a damaged one",
            source=path,
            hint="save it again as .pptx, or name another file",
        ) from None
