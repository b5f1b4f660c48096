"""What became of the rows of a table: the steps of the cleaning, in numbers and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from segmentry.text.numbers import count
from segmentry.text.words import counted

StepKind = Literal[
    "dropped",
    "changed",
    "unseen",
    "missing",
    "unexposed",
    "weightless",
    "repeated id",
    "missing id",
    "withheld",
]
"""Kinds of steps, in this order: rows left out; values replaced; customers with a value in no level, and without a value;
acceptances without exposure; customers whose survey weight is missing or 0; rows that repeat an id, and rows without one;
customers of patterns that have too few to be kept."""
_PHRASES: Mapping[StepKind, str] = {
    "dropped": "dropped by",
    "changed": "changed by",
    "unseen": "with unseen value in",
    "missing": "with missing value in",
    "unexposed": "left out of",
    "weightless": "with missing or zero weight in",
    "repeated id": "with repeated id in",
    "missing id": "with missing id in",
    "withheld": "withheld by",
}
_OF_IDS: Mapping[StepKind, str] = {
    "repeated id": "Every row counts as a customer: one row per customer is needed; sum up, or keep one of each, in the "
    "table or in [source] sql of the recipe.",
    "missing id": "They count as customers, but no id leads to their segment: drop them in a clean step, or give them an id.",
}
"""Consequence of rows that share an id or have none, and what to do."""


@dataclass(frozen=True)
class CleaningStep:
    """A cleaning step with the number of rows that it dropped or changed, or that have what its kind says.

    `step` is the name of the step; for values in no level or missing that of the feature, for acceptances without exposure
    that of the outcome, for ids that of the id column.
    """

    step: str
    what: StepKind
    n_rows: int
    why: str = ""

    @property
    def leaves_out(self) -> bool:
        """Whether its rows are no customers of the pattern table."""
        return self.what in ("dropped", "withheld")

    @property
    def is_of_ids(self) -> bool:
        """Whether it counts rows that share an id or have none."""
        return self.what in _OF_IDS

    @property
    def phrase(self) -> str:
        """Kind and name of the step in words: ``dropped by plausible_age``."""
        return f"{_PHRASES[self.what]} {self.step}"


@dataclass(frozen=True)
class Cleaning:
    """The rows of a table, and the steps by which they became the customers of the pattern table."""

    n_rows: int
    steps: tuple[CleaningStep, ...] = ()

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Make a cleaning from the content of a file."""
        return cls(content["n_rows"], tuple(CleaningStep(**step) for step in content["steps"]))

    @property
    def n_dropped(self) -> int:
        """Number of rows that are no customers of the pattern table: dropped or withheld."""
        return sum(step.n_rows for step in self.steps if step.leaves_out)

    def n_of(self, kind: StepKind, step: str | None = None) -> int:
        """Return the number of rows of the steps of a kind, or of the one step that is named."""
        return sum(s.n_rows for s in self.steps if s.what == kind and step in (None, s.step))

    def with_steps(self, *steps: CleaningStep) -> Self:
        """Return the cleaning with further steps."""
        return replace(self, steps=(*self.steps, *steps))

    def said_of_ids(self, least: int = 1) -> tuple[str, ...]:
        """Write a sentence about rows that share an id, and one about rows without an id, if these are `least` or more."""
        said = []
        for step in self.steps:
            if step.is_of_ids and step.n_rows >= least:
                rows = f"{counted(step.n_rows, 'row')} of {count(self.n_rows - self.n_dropped)}"
                verb = "comes" if step.n_rows == 1 else "come"
                said.append(f"{step.step}: {rows} {verb} {step.why}. {_OF_IDS[step.what]}")
        return tuple(said)


def add_cleaning(parts: Sequence[Cleaning]) -> Cleaning:
    """Add up the cleanings of tables, step by step."""
    steps: dict[tuple[str, StepKind], CleaningStep] = {}
    for part in parts:
        for step in part.steps:
            key = (step.step, step.what)
            before = steps[key].n_rows if key in steps else 0
            steps[key] = replace(step, n_rows=before + step.n_rows)
    return Cleaning(sum(p.n_rows for p in parts), tuple(steps.values()))
