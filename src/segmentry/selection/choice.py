"""The choice of the number of segments, with its reason in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segmentry.text.numbers import criterion

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.recipe.models import Method


@dataclass(frozen=True)
class Choice:
    """The number of segments and why it was chosen.

    Attributes
    ----------
    k
        Number of segments.
    is_asked
        Whether the user asked for it.
    best_by_bic
        Number with the lowest BIC of latent classes.
    reason
        Reason in one sentence.
    cautions
        Sentences on what to keep in mind.
    """

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
        Table of a `Scan`.
    method
        Method of the segments. k-modes and k-means have no likelihood, so their number is chosen by the latent
        classes of the same patterns.
    asked
        Number that the user wants; None to choose it.
    """
    ranked = table.sort_values(["bic", "k"], kind="stable")
    best = int(ranked["k"].iloc[0])
    reason = _bic_reason(ranked)
    if asked is not None:
        chosen = "chooses the same" if asked == best else f"would choose {best}"
        return Choice(asked, True, best, f"{_count(asked)} asked for; BIC {chosen}. {reason}")
    if method != "latent-class":
        reason = f"{method} has no likelihood; the latent classes of the same data say: {reason}"
    return Choice(best, False, best, reason)


def _bic_reason(ranked: pd.DataFrame) -> str:
    best, lowest = int(ranked["k"].iloc[0]), float(ranked["bic"].iloc[0])
    text = f"BIC is lowest at {_count(best)} ({criterion(lowest)})"
    if len(ranked) > 1:
        second, gap = int(ranked["k"].iloc[1]), float(ranked["bic"].iloc[1]) - lowest
        text += f"; next is {second} ({criterion(gap)} higher)"
    if best == 1:
        text += "; the features look independent of each other, so there are no segments to tell apart"
    knees = ranked.loc[ranked["is_knee"], "k"].tolist() if "is_knee" in ranked else []
    return f"{text}. The elbow of the curve is at {knees[0]}." if knees else f"{text}."


def _count(k: int) -> str:
    return f"{k} segment{'s' if k > 1 else ''}"
