"""How segmentry knows what it made in a deck: the names of shapes, which programs for slides keep.

Every shape that it draws bears the word `OWN`. The one with the source also bears the slide's key, and a digest of each paragraph
of notes that segmentry wrote, so that paragraphs that somebody wrote or changed are known. LibreOffice keeps no name of a
placeholder, so the title and the notes bear none. Of several slides with the same key the first is segmentry's; the others
were copied by somebody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

OWN = "segmentry"
_SLIDE = f"{OWN} slide "


def mark(shape: Any, name: str) -> None:
    """Name a shape as segmentry's."""
    shape.name = f"{OWN} {name}"


def mark_slide(shape: Any, key: str, notes: Sequence[str]) -> None:
    """Name the shape with the source by the slide's key and the notes that segmentry wrote."""
    shape.name = _SLIDE + " ".join((key, *map(_digest, notes)))


def slides_by_key(presentation: Any) -> dict[str, Any]:
    """Find the slides that segmentry made."""
    found: dict[str, Any] = {}
    for slide in presentation.slides:
        key, *_ = _marks(slide) or ("",)
        if key:
            found.setdefault(key, slide)
    return found


def clear(slide: Any) -> None:
    """Remove what segmentry drew on a slide, with the data behind its charts; its mark goes, too, so notes are written before."""
    for shape in list(slide.shapes):
        if shape.name.startswith(f"{OWN} "):
            remove(slide, shape)


def remove(slide: Any, shape: Any) -> None:
    """Remove a shape, with the chart that it shows."""
    if shape.has_chart:
        slide.part.drop_rel(shape._element.chart_rId)
    shape._element.getparent().remove(shape._element)


def has_content_of_others(slide: Any) -> bool:
    """Whether somebody added shapes or notes to a slide that was cleared."""
    return any(not shape.is_placeholder for shape in slide.shapes) or bool(_notes(slide))


def write_notes(slide: Any, paragraphs: Sequence[str]) -> None:
    """Write notes in place of those that segmentry wrote before; paragraphs of others stay where they are."""
    if not paragraphs and not slide.has_notes_slide:
        return
    frame = slide.notes_slide.notes_text_frame
    if frame is None:  # the notes of this template have no place for text
        return
    written, old = set(_marks(slide)[1:]), list(frame.paragraphs)
    is_blank = not any(p.text.strip() for p in old)
    ours = [p._p for p in old if is_blank or _digest(p.text) in written]
    for words in paragraphs or ("",) * (len(ours) == len(old)):
        made = frame.add_paragraph()
        made.text = words
        if ours:
            ours[0].addprevious(made._p)
    for element in ours:
        element.getparent().remove(element)


def _notes(slide: Any) -> str:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return "" if frame is None else frame.text.strip()


def _marks(slide: Any) -> list[str]:
    """Return the key of a slide and the digests of its notes; nothing for a slide of others."""
    names = (shape.name for shape in slide.shapes)
    return next((name.removeprefix(_SLIDE).split() for name in names if name.startswith(_SLIDE)), [])


def _digest(words: str) -> str:
    return hashlib.sha256(" ".join(words.split()).encode("utf-8", "replace")).hexdigest()[:10]
