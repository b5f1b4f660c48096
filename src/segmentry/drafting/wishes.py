"""What the user says of columns before a recipe is drafted: features, outcomes, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segmentry.drafting.headline import as_outcome
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.errors import ColumnNotFoundError, DataError, nearest

_ASKED = 5.0
"""Worth of a feature that is asked for, above that of all others."""


@dataclass(frozen=True)
class Wishes:
    """Columns that are to be the headline outcome, features, outcomes, or left out."""

    target: str | None = None
    features: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def check(self, names: Sequence[str]) -> None:
        """Check that every column exists and has one use.

        Raises
        ------
        ColumnNotFoundError
            There is no such column.
        DataError
            A column is asked for twice.
        """
        first: dict[str, str] = {} if self.target is None else {self.target: "target"}
        for place, columns in self._places:
            for name in columns:
                if name not in names:
                    raise ColumnNotFoundError(
                        "no such column", source=f"{place} {name!r}", hint=nearest(name, names)
                    )
                if first.setdefault(name, place) != place:
                    raise DataError(f"is also {first[name]}", source=f"{place} {name!r}", hint="name it once")

    @property
    def _places(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (("features", self.features), ("outcomes", self.outcomes), ("exclude", self.exclude))

    def left(self, columns: Sequence[JudgedColumn]) -> tuple[JudgedColumn, ...]:
        """Return the columns, those that are excluded without a use."""
        return tuple(
            replace(c, use="unused", why="left out, as asked") if c.name in self.exclude else c
            for c in columns
        )

    def granted(self, columns: Sequence[JudgedColumn]) -> tuple[JudgedColumn, ...]:
        """Return the columns with the uses that are asked for."""
        return tuple(self._granted(c) for c in columns)

    def _granted(self, c: JudgedColumn) -> JudgedColumn:
        if c.name in self.outcomes:
            return replace(as_outcome(c), battery="")
        if c.name in self.features:
            if c.use == "id" or c.facts.n_distinct < 2:
                problem = "it tells customers apart" if c.use == "id" else "no two of its values differ"
                raise DataError(f"it forms no segments: {problem}", source=f"features {c.name!r}")
            return replace(c, use="feature", why="a feature, as asked", worth=_ASKED, battery="")
        return c
