"""The table of claims: wanted, found, kept or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from page import table
from scipy import special

from truths.cells import Cell, Claim, Found, Section
from truths.store import Store

HEADER = ("process", "n", "asked", "method", "tables", "claim", "wanted", "found", "95 %", "kept")
_Z = 1.96


@dataclass(frozen=True)
class Figure:
    """A share or mean over tables, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%}"

    @property
    def interval(self) -> str:
        return f"{self.low:.1%} to {self.high:.1%}" if np.isfinite(self.low) else ""


def figure_of(values: Sequence[Any]) -> Figure | None:
    """Add up what was found over tables; None where none says anything."""
    known = [v for v in values if v is not None]
    pairs = np.array([v if isinstance(v, list) else [v, 1] for v in known], float).reshape(-1, 2)
    total = pairs.sum(axis=0)
    if not known or total[1] == 0:
        return None
    value = float(total[0] / total[1])
    if all(isinstance(v, bool) for v in known):
        return Figure(value, *_wilson(value, len(known)))
    if len(known) < 2:
        return Figure(value, float("nan"), float("nan"))
    residuals = pairs[:, 0] - value * pairs[:, 1]
    reach = special.stdtrit(len(known) - 1, 0.975)
    reach *= np.sqrt(len(known) * residuals.var(ddof=1)) / abs(total[1])
    low, high = float(value - reach), float(value + reach)
    is_share = bool((pairs[:, 0] >= 0).all() and (pairs[:, 0] <= pairs[:, 1]).all())
    return Figure(value, *((max(low, 0.0), min(high, 1.0)) if is_share else (low, high)))


def is_kept(claim: Claim, figure: Figure) -> str:
    """Return ``yes``, ``no``, or ``open`` where more tables could still show that it is kept."""
    if claim.low is None and claim.high is None:
        return ""
    low, high = (
        bound if bound is not None else side for bound, side in ((claim.low, -np.inf), (claim.high, np.inf))
    )
    if low <= figure.value <= high:
        return "yes"
    return "no" if figure.high < low or figure.low > high else "open"


def summary(sections: dict[str, Section], cells: Sequence[Cell], store: Store, tables: int | None) -> str:
    """Return the sections as Markdown."""
    texts = []
    for name, section in sections.items():
        mine = [cell for cell in cells if cell.section == name]
        if not mine:
            continue
        rows, notes = [], Counter[str]()
        for cell in mine:
            found = store.of(cell, tables or section.tables)
            notes.update(f"{cell.key}: {text}" for one in found if (text := _failure(one)))
            rows += _rows(cell, section, [one for one in found if not _failure(one)])
        said = "\n".join(f"- {count} × {text}" for text, count in notes.items())
        texts.append(f"## {section.title}\n\n{table(HEADER, rows)}\n\n{said}".strip())
    return "\n\n".join(texts)


def _failure(found: Found) -> str:
    return str(found.get("error") or found.get("not_there") or "")


def _rows(cell: Cell, section: Section, found: list[Found]) -> list[list[str]]:
    rows = []
    for claim in section.claims(cell.process):
        figure = figure_of([one.get(claim.key) for one in found])
        said = ["", "", ""] if figure is None else [str(figure), figure.interval, is_kept(claim, figure)]
        about = [cell.process, f"{cell.n:,}", cell.asked, cell.method, f"{len(found):,}"]
        rows.append([*about, claim.title, claim.wanted, *said])
    return rows


def _wilson(share: float, n: int) -> tuple[float, float]:
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return float(max(centre - half, 0)), float(min(centre + half, 1))
