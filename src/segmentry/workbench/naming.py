"""Names and notes that the analyst gives segments: the move, and the list that the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segmentry.recipe import Recipe
from segmentry.recipe.values import Declared
from segmentry.segmentation import Segmentation
from segmentry.workbench.changes import Found
from segmentry.workbench.state import State


class SetName(Declared):
    """A name and a note of the segment that is called `of` otherwise; both empty to take them back."""

    kind: Literal["name"]
    of: str
    name: str = ""
    note: str = ""

    def apply(self, state: State, found: Found) -> State:  # noqa: ARG002 - as the others
        """Return the state after the move."""
        name, note = self.name.strip(), self.note.strip()
        name = "" if name == self.of else name
        made = {n.of: n.model_dump(exclude_defaults=True) for n in state.whole.names}
        made.pop(self.of, None)
        if name or note:
            made[self.of] = {"of": self.of, "name": name, "note": note}
        what = f"{self.of}: called {name}" if name else f"{self.of}: {'a note' if note else 'its own name'}"
        return state.changed(state.whole.with_(names=list(made.values())), what)


@dataclass(frozen=True)
class NamedSegment:
    """A segment as the page names it: `of` is the name that it has by itself, which `holds` for a share of its customers."""

    of: str
    name: str
    note: str
    id: int = 0
    """Number; 0 for a name or note that belongs to no segment."""
    share: float = 0.0
    holds: float | None = None


def named_segments(result: Segmentation, recipe: Recipe) -> tuple[NamedSegment, ...]:
    """List the segments of a run, and then names and notes of the recipe that belong to none."""
    made = [
        NamedSegment(
            s.named_for or s.name, s.name if s.named_for else "", s.note, s.id, s.share, s.name_share
        )
        for s in result.segments
    ]
    used = {one.of for one in made}
    return (*made, *(NamedSegment(n.of, n.name, n.note) for n in recipe.names if n.of not in used))
