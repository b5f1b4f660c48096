"""Names and notes that a recipe gives segments: each belongs to the segment that its own name describes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from segmentry.profiling import SegmentName, unique_names
from segmentry.recipe.models import GivenName
from segmentry.selection import Choice

UNUSED = "The recipe calls a segment {name!r} that would be {of!r}, and there is none: the name is not used."
UNUSED_NOTE = "The recipe has a note on the segment {of!r}, and there is none: the note is not shown."


def with_given_names(
    names: Sequence[SegmentName], given: Sequence[GivenName], first: Collection[int] = ()
) -> tuple[SegmentName, ...]:
    """Return the names, those that somebody gave in place of those that describe the segments.

    Names that coincide are numbered: given ones stay as they are, then those at the positions in `first`.
    """
    known = {one.of: one for one in given}
    mine = [known.get(name.text) for name in names]
    made = [name if one is None else _given(name, one) for name, one in zip(names, mine, strict=True)]
    order = sorted(range(len(made)), key=lambda i: (not made[i].named_for, i not in first))
    unique = dict(zip(order, unique_names([made[i].text for i in order]), strict=True))
    return tuple(replace(name, text=unique[i]) for i, name in enumerate(made))


def _given(name: SegmentName, one: GivenName) -> SegmentName:
    if not one.name.strip():
        return replace(name, note=one.note.strip())
    return replace(name, text=one.name.strip(), named_for=name.text, note=one.note.strip())


def with_unused_said(choice: Choice, names: Sequence[SegmentName], given: Sequence[GivenName]) -> Choice:
    """Return the choice with a caution for each name or note of the recipe that belongs to no segment."""
    used = {name.named_for or name.text for name in names}
    said = tuple(
        UNUSED.format(name=one.name, of=one.of) if one.name else UNUSED_NOTE.format(of=one.of)
        for one in given
        if one.of not in used
    )
    return replace(choice, cautions=(*choice.cautions, *said)) if said else choice
