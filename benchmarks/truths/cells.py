"""Cells of the table of claims: a process, its size and how it is segmented; what is judged, and by which bar."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Found = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """Tables of one process and size, all treated alike; `method` ``given`` profiles the true segments."""

    section: str
    process: str
    n: int
    asked: str = "auto"
    method: str = "latent-class"

    @property
    def key(self) -> str:
        return f"{self.section}/{self.process}/{self.n}/{self.asked}/{self.method}"

    def rng(self, seed: int, i: int) -> np.random.Generator:
        """Return the source of table `i`, which is the same whatever is asked and by every method."""
        place = zlib.crc32(f"{self.section}/{self.process}/{self.n}".encode())
        return np.random.default_rng([seed, place, i])


@dataclass(frozen=True)
class Effort:
    """What the stability of segments is compared with: refits to redrawn tables, their starts; seeds of runs."""

    redraws: int = 20
    starts: int = 50
    seeds: int = 5


@dataclass(frozen=True)
class Claim:
    """A figure and its bar; without one it is shown for information.

    What was found for a table is true, false or a number, or numerator and denominator, which are added up over tables;
    None where the table says nothing.
    """

    title: str
    key: str
    low: float | None = None
    high: float | None = None

    @property
    def wanted(self) -> str:
        if self.low is not None and self.high is not None:
            return f"{self.low:.0%} to {self.high:.0%}"
        if self.low is not None:
            return f"at least {self.low:.0%}"
        return "" if self.high is None else f"at most {self.high:.1%}".replace(".0%", "%")


Judge = Callable[[Cell, np.random.Generator, int, Effort], Found]


@dataclass(frozen=True)
class Section:
    """Claims of one kind.

    Attributes
    ----------
    title
        Heading.
    judge
        Makes a table of a cell, has the product look at it, and returns what was found.
    processes
        Names of the processes, and what makes them, whose first line of documentation says what they are.
    claims
        The claims on a process.
    sizes
        Numbers of customers of a process.
    asked, methods
        Numbers of segments asked for, and methods.
    tables
        Number of tables by default.
    """

    title: str
    judge: Judge
    processes: dict[str, Callable[..., Any]]
    claims: Callable[[str], Sequence[Claim]]
    sizes: Callable[[str], Sequence[int]]
    asked: Sequence[str] = ("auto",)
    methods: Sequence[str] = ("latent-class",)
    tables: int = 200


@dataclass(frozen=True)
class Wish:
    """Which cells are wanted; empty for all. Numbers that are in no cell by default are made cells, too."""

    sections: Sequence[str] = ()
    processes: Sequence[str] = ()
    sizes: Sequence[int] = ()
    asked: Sequence[str] = ()
    methods: Sequence[str] = ()


def cells_of(sections: dict[str, Section], wish: Wish) -> list[Cell]:
    """Return the cells that are wanted, in the order of the sections."""
    cells = []
    for name, section in sections.items():
        if wish.sections and name not in wish.sections:
            continue
        for process in section.processes:
            if wish.processes and process not in wish.processes:
                continue
            settings = itertools.product(
                wish.sizes or section.sizes(process),
                wish.asked or section.asked,
                wish.methods or section.methods,
            )
            cells += [Cell(name, process, *setting) for setting in settings]
    return cells
