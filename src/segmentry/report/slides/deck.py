"""A deck written, or renewed: segmentry's slides are made anew in their places, and everybody else's stay."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from segmentry.report.facts import ReportFacts
from segmentry.report.slides import wording
from segmentry.report.slides.base import own_base
from segmentry.report.slides.canvas import Canvas
from segmentry.report.slides.fitting import plain
from segmentry.report.slides.look import look_of
from segmentry.report.slides.marks import clear, has_content_of_others, mark_slide, slides_by_key, write_notes
from segmentry.report.slides.opening import (
    check_closed,
    drop_slide,
    library,
    opened,
    opened_as_template,
    place_after,
)
from segmentry.report.slides.pages import Page
from segmentry.report.slides.places import divided, empty_placeholders, layout_of, room_of, title_size
from segmentry.report.slides.story import story

_AUTHOR = "segmentry"


def check_slides(path: Path | None, template: Path | None) -> None:
    """Check before the work that slides can be written.

    Parameters
    ----------
    path
        Deck of an earlier run, which is renewed; None, or a path where nothing is, for a new one.
    template
        Template of a new deck; None for segmentry's own.

    Raises
    ------
    DataError
        python-pptx is not installed; the deck is open elsewhere; the deck or the template cannot be read.
    """
    library()
    if path is not None:
        check_closed(path)
        if path.is_file() and path.stat().st_size:
            opened(path)
    if template is not None:
        opened_as_template(template)


def write_slides(facts: ReportFacts, path: Path, previous: Path | None, template: Path | None) -> None:
    """Write the deck to `path`.

    Parameters
    ----------
    facts
        Facts, as they may be shown.
    path
        Path of the new file.
    previous
        Deck that is renewed, which keeps its masters; None, or a path where nothing is, to make a new one.
    template
        Template of a new deck; None for segmentry's own.
    """
    if previous is not None and previous.is_file() and previous.stat().st_size:
        check_closed(previous)
        presentation = opened(previous)
    else:
        presentation = own_base() if template is None else opened_as_template(template)
        _describe(presentation, facts)
    _renew(presentation, story(facts))
    presentation.save(str(path))


def _describe(presentation: Any, facts: ReportFacts) -> None:
    from pptx.opc.constants import RELATIONSHIP_TYPE

    if all(rel.reltype != RELATIONSHIP_TYPE.CORE_PROPERTIES for rel in presentation.part.package.iter_rels()):
        return  # LibreOffice calls the relation otherwise, and a second file of the same name would be written
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    properties = presentation.core_properties
    properties.title, properties.author, properties.last_modified_by = (
        plain(facts.title)[:255],
        _AUTHOR,
        _AUTHOR,
    )
    properties.created = properties.modified = now
    properties.comments = properties.keywords = properties.subject = ""


def _renew(presentation: Any, pages: list[Page]) -> None:
    known, previous = slides_by_key(presentation), None
    _drop_stale(
        presentation, {key: slide for key, slide in known.items() if key not in {p.key for p in pages}}
    )
    layout = layout_of(presentation)
    for page in pages:
        slide = known.get(page.key)
        if slide is None:
            slide = _added(presentation, layout)
            last = presentation.slides[len(presentation.slides) - 2] if len(presentation.slides) > 1 else None
            place_after(presentation, slide, previous if known else last)
        _draw(presentation, slide, page)
        previous = slide


def _added(presentation: Any, layout: Any) -> Any:
    presentation.part.rename_slide_parts(
        [e.rId for e in presentation.slides._sldIdLst]
    )  # a new name is made of their number
    slide = presentation.slides.add_slide(layout)
    for shape in empty_placeholders(slide):
        shape._element.getparent().remove(shape._element)
    return slide


def _draw(presentation: Any, slide: Any, page: Page) -> None:
    layout = slide.slide_layout
    room, source = divided(room_of(presentation, layout))
    look = look_of(layout.slide_master)
    notes = [plain(text) for text in page.notes]
    write_notes(slide, notes)
    clear(slide)
    canvas = Canvas(slide, look, room)
    canvas.title(page.title, title_size(layout))
    page.draw(canvas)
    mark_slide(canvas.line(source, page.source), page.key, notes)


def _drop_stale(presentation: Any, stale: dict[str, Any]) -> None:
    """Remove slides of segments that are no longer there; one that somebody added to is emptied and kept."""
    for slide in stale.values():
        write_notes(slide, ())
        clear(slide)
        if not has_content_of_others(slide):
            element = next(e for e in presentation.slides._sldIdLst if e.id == slide.slide_id)
            drop_slide(presentation, element)
        elif slide.shapes.title is not None:
            slide.shapes.title.text_frame.text = wording.GONE
