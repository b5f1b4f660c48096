"""What became of the rows of a table before they were customers: the steps of the cleaning, in numbers and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from segmentry.text.numbers import count
from segmentry.text.words import counted

StepKind = Literal["dropped", "changed", "unseen", "missing", "unexposed", "repeated id", "missing id"]
"""Rows left out; values rewritten; values in no level, and none; acceptances without exposure; ids that tell no two rows apart."""
_PHRASES: Mapping[StepKind, str] = {
    "dropped": "dropped by",
    "changed": "changed by",
    "unseen": "with unseen value in",
    "missing": "with missing value in",
    "unexposed": "left out of",
    "repeated id": "with repeated id in",
    "missing id": "with missing id in",
}
_OF_IDS: Mapping[StepKind, str] = {
    "repeated id": "Every row counts as a customer: one row per customer is needed; sum up, or keep one of each, in the "
    "table or in [source] sql of the recipe.",
    "missing id": "They count as customers, and no id leads to their segment: drop them in a clean step, or give them one.",
}
"""What follows from rows that do not tell customers apart, and what to do."""


@dataclass(frozen=True)
class CleaningStep:
    """What one step did: rows dropped, values changed, levels read as missing, or acceptances left out.

    Of the id, `step` being its column: rows that repeat one, and rows without.
    """

    step: str
    what: StepKind
    n_rows: int
    why: str = ""

    @property
    def is_of_ids(self) -> bool:
        """Whether it is no step, but what ids fail to tell apart."""
        return self.what in _OF_IDS

    @property
    def phrase(self) -> str:
        """What the step did to its rows, with its name: ``dropped by plausible_age``."""
        return f"{_PHRASES[self.what]} {self.step}"


@dataclass(frozen=True)
class Cleaning:
    """How the rows of the table became the customers of the pattern table."""

    n_rows: int
    steps: tuple[CleaningStep, ...] = ()

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Make a cleaning of what a file holds."""
        return cls(content["n_rows"], tuple(CleaningStep(**step) for step in content["steps"]))

    @property
    def n_dropped(self) -> int:
        """Rows that no pattern counts."""
        return self.n_of("dropped")

    def n_of(self, kind: StepKind, step: str | None = None) -> int:
        """Rows of the steps of a kind; of one step alone where it is named."""
        return sum(s.n_rows for s in self.steps if s.what == kind and step in (None, s.step))

    def with_steps(self, *steps: CleaningStep) -> Self:
        """Return the cleaning with further steps."""
        return replace(self, steps=(*self.steps, *steps))

    def said_of_ids(self, least: int = 1) -> tuple[str, ...]:
        """What it means that rows share an id, or have none: a sentence each, of `least` rows or more."""
        said = []
        for step in self.steps:
            if step.is_of_ids and step.n_rows >= least:
                rows = f"{counted(step.n_rows, 'row')} of {count(self.n_rows - self.n_dropped)}"
                verb = "comes" if step.n_rows == 1 else "come"
                said.append(f"{step.step}: {rows} {verb} {step.why}. {_OF_IDS[step.what]}")
        return tuple(said)


def add_cleaning(parts: Sequence[Cleaning]) -> Cleaning:
    """Add up what tables say of their rows, by step."""
    steps: dict[tuple[str, StepKind], CleaningStep] = {}
    for part in parts:
        for step in part.steps:
            key = (step.step, step.what)
            before = steps[key].n_rows if key in steps else 0
            steps[key] = replace(step, n_rows=before + step.n_rows)
    return Cleaning(sum(p.n_rows for p in parts), tuple(steps.values()))
