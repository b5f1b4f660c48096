"""Which number of segments, and why, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segmentry.text.numbers import format_number

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.recipe.models import Method


@dataclass(frozen=True)
class Choice:
    """The number of segments, whether the user asked for it, the reason, and what to keep in mind."""

    k: int
    is_asked: bool
    best_by_bic: int
    reason: str
    cautions: tuple[str, ...] = ()


def choose_k(table: pd.DataFrame, method: Method, asked: int | None = None) -> Choice:
    """Choose the number of segments by the BIC of latent classes, unless one was asked for.

    Parameters
    ----------
    table
        What `scan` returned.
    method
        The method of the segments; k-modes and k-means have no likelihood, so theirs is chosen by the
        latent classes of the same patterns.
    asked
        The number that the user wants, or None.
    """
    ranked = table.sort_values(["bic", "k"], kind="stable")
    best = int(ranked["k"].iloc[0])
    why = _why(ranked)
    if asked is not None:
        if asked == best:
            return Choice(asked, True, best, f"{_count(asked)} asked for; BIC chooses the same. {why}")
        return Choice(asked, True, best, f"{_count(asked)} asked for; BIC would choose {best}. {why}")
    if method == "latent-class":
        return Choice(best, False, best, why)
    return Choice(
        best, False, best, f"{method} has no likelihood; the latent classes of the same data say: {why}"
    )


def _why(ranked: pd.DataFrame) -> str:
    best, lowest = int(ranked["k"].iloc[0]), float(ranked["bic"].iloc[0])
    text = f"BIC is lowest at {_count(best)} ({format_number(lowest, ',.1f')})"
    if len(ranked) > 1:
        second, gap = int(ranked["k"].iloc[1]), float(ranked["bic"].iloc[1]) - lowest
        text += f"; next is {second} ({format_number(gap, ',.1f')} higher)"
    if best == 1:
        text += "; the features look independent of each other, so there are no segments to tell apart"
    knees = ranked.loc[ranked["is_knee"], "k"].tolist() if "is_knee" in ranked else []
    return f"{text}. The elbow of the curve is at {knees[0]}." if knees else f"{text}."


def _count(k: int) -> str:
    return f"{k} segment{'s' if k > 1 else ''}"
