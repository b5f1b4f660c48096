"""The segments of the patterns before they have a profile: fitted, or given by a column of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segmentry.arrays import Floats, Labels
from segmentry.runs.previous import PreviousMatch
from segmentry.selection import Choice


@dataclass(frozen=True)
class Partition:
    """Which segment each pattern belongs to, and why there are so many.

    Attributes
    ----------
    method
        The method, or ``given``.
    choice
        The number of segments with its reason.
    labels, certainty
        (n_patterns,) the segment of each pattern, counted from 0, and how clearly it belongs to it.
    model
        The fitted model; None for given segments.
    names
        What another tool called the segments; empty for fitted ones.
    previous
        The match with an earlier segmentation, where one was given.
    """

    method: str
    choice: Choice
    labels: Labels
    certainty: Floats
    model: Any = None
    names: tuple[str, ...] = ()
    previous: PreviousMatch | None = None

    @property
    def kept_names(self) -> dict[int, str]:
        """Names that segments have from before, by position."""
        return {} if self.previous is None else self.previous.names
