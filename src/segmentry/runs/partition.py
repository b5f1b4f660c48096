"""The segments of the patterns before they have a profile: fitted, or given by a column of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segmentry.arrays import Floats, Labels
from segmentry.runs.previous import PreviousMatch
from segmentry.segmentation import Segment
from segmentry.selection import Choice


@dataclass(frozen=True)
class Partition:
    """Which segment each pattern belongs to, and why there are so many.

    Attributes
    ----------
    method
        Method, or ``given``.
    choice
        Number of segments with its reason.
    labels, certainty
        (n_patterns,) segment of each pattern, counted from 0, and how clearly the pattern belongs to it.
    model
        Fitted model; None for given segments.
    names
        Names that another tool gave the segments; empty for fitted ones.
    previous
        Match with an earlier segmentation; None without one.
    """

    method: str
    choice: Choice
    labels: Labels
    certainty: Floats
    model: Any = None
    names: tuple[str, ...] = ()
    previous: PreviousMatch | None = None

    @property
    def survivors(self) -> dict[int, Segment]:
        """Segments of an earlier segmentation whose names are kept, by position."""
        return {} if self.previous is None else self.previous.survivors
