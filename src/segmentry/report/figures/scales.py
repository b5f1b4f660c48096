"""Linear scales with round ticks, and the axes of a chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from segmentry.report.figures.svg import TEXT, line, text_element


@dataclass(frozen=True)
class Scale:
    """A scale that puts values from `low` to `high` at places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        span = self.high - self.low
        return self.start + (value - self.low) / (span or 1.0) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers that enclose a range.

    Examples
    --------
    >>> ticks(0.02, 0.37)
    [0.0, 0.1, 0.2, 0.3, 0.4]
    >>> ticks(5, 5)
    [4.0, 4.5, 5.0, 5.5, 6.0]
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return [0.0, 1.0]
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = abs(low) * 0.2 or 1.0
        low, high = low - pad, high + pad
    step = nice((high - low) / max(about - 1, 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def nice(value: float) -> float:
    """Return the smallest number at or above nine tenths of a value that is 1, 2, 2.5 or 5 times a power of ten.

    Examples
    --------
    >>> nice(0.03), nice(1900)
    (0.05, 2000.0)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return next(round(m * power, 12) for m in (1, 2, 2.5, 5, 10) if m * power >= 0.9 * value)


def covering(
    values: Iterable[float], start: float, end: float, *, about: int = 5
) -> tuple[Scale, list[float]]:
    """Make a scale over all finite values, with its ticks."""
    finite = [v for v in values if v is not None and math.isfinite(v)]
    marks = ticks(min(finite, default=0.0), max(finite, default=1.0), about)
    return Scale(marks[0], marks[-1], start, end), marks


def left_axis(
    scale: Scale, marks: list[float], left: float, right: float, show: Callable[[float], str]
) -> str:
    """Draw horizontal grid lines, with their values on the left."""
    parts = []
    for value in marks:
        y = scale(value)
        parts.append(line(left, y, right, y, stroke="var(--line)"))
        parts.append(text_element(show(value), left - 8, y + 4, text_anchor="end", class_="tick"))
    return "".join(parts)


def bottom_axis(places: Iterable[tuple[float, str]], y: float, label: str = "", middle: float = 0.0) -> str:
    """Draw labels below a chart, and the name of the axis."""
    parts = [text_element(words, x, y + 16, text_anchor="middle", class_="tick") for x, words in places]
    if label:
        parts.append(text_element(label, middle, y + 16 + TEXT * 1.6, text_anchor="middle", class_="name"))
    return "".join(parts)
