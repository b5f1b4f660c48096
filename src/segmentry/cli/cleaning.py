"""Cleaning steps as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from segmentry.text.numbers import count

if TYPE_CHECKING:
    from segmentry.patterns import Cleaning


def cleaning_lines(cleaning: Cleaning) -> Iterator[str]:
    """Write a line for each step that concerned any row, except steps about ids."""
    for step in cleaning.steps:
        if step.n_rows and not step.is_of_ids:
            why = f": {step.why}" if step.why else ""
            yield f"  {count(step.n_rows)} {step.phrase}{why}"
