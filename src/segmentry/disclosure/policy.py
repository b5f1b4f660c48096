"""What may be shown of few customers: one policy for what a run shows, one for the model file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from segmentry.errors import DataError

LOWEST_FLOOR = 5
"""Smallest count of customers in a model file, and the lowest floor of a stricter policy."""


@dataclass(frozen=True)
class Policy:
    """The smallest count of customers that may be shown, and where.

    Attributes
    ----------
    floor
        Smallest count that may be shown; 1 where every count may be.
    scope
        ``every file``: what a run returns, and every file that it writes. ``model file``: the saved
        segmentation alone, which keeps the patterns of `floor` customers or more, because later customers are assigned,
        compared and matched by it.
    """

    floor: int
    scope: Literal["model file", "every file"]

    @classmethod
    def for_files(cls, min_cell: int | None) -> Self:
        """Return the policy for all files of a run.

        Parameters
        ----------
        min_cell
            Smallest count that is asked for, from 2; below 5 it counts as 5, so that every file withholds what the
            model file withholds by default. None shows everything.

        Raises
        ------
        DataError
            `min_cell` is not a whole number from 2.
        """
        if min_cell is None:
            return cls(1, "every file")
        if not isinstance(min_cell, int) or isinstance(min_cell, bool) or min_cell < 2:
            raise DataError("must be a whole number of customers from 2", source=f"min_cell {min_cell!r}")
        return cls(max(min_cell, LOWEST_FLOOR), "every file")

    @property
    def shows_all(self) -> bool:
        """Whether nothing is withheld."""
        return self.floor <= 1

    @property
    def is_for_every_file(self) -> bool:
        """Whether the policy holds for all that a run shows, and not for the model file alone."""
        return self.scope == "every file"


MODEL_FILE = Policy(LOWEST_FLOOR, "model file")
"""Policy of every saved segmentation."""
