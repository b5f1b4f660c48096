"""How the ranges between edges are written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from segmentry.text.locales import format_number

Edge = int | float


def edge_labels(edges: Sequence[Edge], closed: str) -> tuple[str, ...]:
    """Write the labels of the ranges between edges, which are closed on the left or on the right."""
    years = are_years(edges)
    texts = [str(e) if years else _grouped(e) for e in edges]
    if closed == "left":
        middle = [f"{a} to under {b}" for a, b in itertools.pairwise(texts)]
        return (f"under {texts[0]}", *middle, f"{texts[-1]} and over")
    middle = [f"over {a} to {b}" for a, b in itertools.pairwise(texts)]
    return (f"up to {texts[0]}", *middle, f"over {texts[-1]}")


def are_years(edges: Sequence[Edge]) -> bool:
    """Whether edges are years, which are written without separators."""
    return all(isinstance(e, int) and 1500 <= e <= 2100 for e in edges)


def _grouped(number: Edge) -> str:
    is_whole = isinstance(number, int) or float(number).is_integer()
    return format_number(int(number) if is_whole else number, ",")
