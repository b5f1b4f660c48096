"""Cleaning steps as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from segmentry.text.numbers import format_number

if TYPE_CHECKING:
    from segmentry.patterns import Cleaning, CleaningStep

_PHRASES = {"dropped": "dropped by", "changed": "changed by", "unexposed": "left out of"}


def step_phrase(step: CleaningStep) -> str:
    """Say what a step did to its rows, with its name: ``dropped by plausible_age``."""
    return f"{_PHRASES.get(step.what, f'with {step.what} value in')} {step.step}"


def cleaning_lines(cleaning: Cleaning) -> Iterator[str]:
    """Write a line for each step that concerned any row, without those about ids."""
    for step in cleaning.steps:
        if step.n_rows and not step.is_of_ids:
            why = f": {step.why}" if step.why else ""
            yield f"  {format_number(step.n_rows, ',')} {step_phrase(step)}{why}"
