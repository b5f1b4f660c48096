"""Places of labels, so that none covers another or is cut."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from segmentry.report.figures.svg import width_of


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, gap: float = 1.0) -> bool:
        """Whether the two overlap, or come closer than the gap."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def is_within(self, frame: Box) -> bool:
        """Whether the box lies within the frame."""
        return (
            self.left >= frame.left and self.right <= frame.right
            and self.top >= frame.top and self.bottom <= frame.bottom
        )  # fmt: skip


@dataclass(frozen=True)
class Label:
    """A text at a place; `x` and `y` are the middle of its box."""

    words: str
    x: float
    y: float
    box: Box


def spread(points: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Move points as little as needed until no two are nearer than `gap`, in at most 50 rounds.

    Examples
    --------
    >>> spread([(0.0, 0.0), (6.0, 0.0), (90.0, 0.0)], 10.0)
    [(-2.0, 0.0), (8.0, 0.0), (90.0, 0.0)]
    """
    places = list(points)
    for _ in range(50):
        is_done = True
        for i, j in itertools.combinations(range(len(places)), 2):
            (a, b), (c, d) = places[i], places[j]
            far = math.hypot(c - a, d - b)
            if far >= gap - 1e-9:
                continue
            across, down = ((c - a) / far, (d - b) / far) if far > 0 else (1.0, 0.0)
            half, is_done = (gap - far) / 2, False
            places[i] = (a - across * half, b - down * half)
            places[j] = (c + across * half, d + down * half)
        if is_done:
            break
    return places


_DISTANCES = (10.0, 18.0, 28.0, 42.0, 60.0, 82.0, 110.0)
_DIRECTIONS = tuple(i * math.pi / 8 for i in (0, 8, 4, 12, 2, 14, 6, 10, 1, 15, 7, 9, 3, 13, 5, 11))


def placed(
    wanted: Sequence[tuple[str, float, float]], taken: Sequence[Box], frame: Box, size: float = 11.0
) -> list[Label | None]:
    """Place labels near their points, in the given order; None for a label that finds no room.

    Parameters
    ----------
    wanted
        Text and point of each label.
    taken
        Boxes that must stay free.
    frame
        Box that labels must stay within.
    size
        Size of the text.
    """
    boxes, made = list(taken), []
    for words, x, y in wanted:
        label = _place(words, x, y, boxes, frame, size)
        made.append(label)
        if label is not None:
            boxes.append(label.box)
    return made


def _place(words: str, x: float, y: float, taken: list[Box], frame: Box, size: float) -> Label | None:
    half, tall = width_of(words, size) / 2 + 1, size * 0.62
    for distance in _DISTANCES:
        for angle in _DIRECTIONS:
            # sideways a label begins where its point ends; above and below it is centred
            a = x + math.cos(angle) * (distance + half * abs(math.cos(angle)))
            b = y + math.sin(angle) * (distance + tall * abs(math.sin(angle)))
            box = Box(a - half, b - tall, a + half, b + tall)
            if box.is_within(frame) and not any(box.overlaps(other) for other in taken):
                return Label(words, a, b, box)
    return None
