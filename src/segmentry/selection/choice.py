"""The choice of the number of segments, with its reason in one sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segmentry.selection.inner_dependence import InnerDependence
from segmentry.selection.local_dependence import LocalDependence
from segmentry.text.numbers import count, criterion, percent

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.recipe.models import Method


ENOUGH_OF_GAIN = 0.9
"""Of a continuum, the smallest number of segments is recommended that explains so much of what the best by BIC explains."""


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
        Reason in one sentence or a few.
    cautions
        Sentences on what to keep in mind.
    recommended
        Number that is chosen unless one is asked for: the best by BIC, or fewer where the further ones are no classes.
    """

    k: int
    is_asked: bool
    best_by_bic: int
    reason: str
    cautions: tuple[str, ...] = ()
    recommended: int = 0


def choose_k(
    table: pd.DataFrame, method: Method, asked: int | None = None, inside: InnerDependence | None = None
) -> Choice:
    """Choose the number of segments by latent classes, unless one was asked for.

    It is the number with the lowest BIC, or fewer: where fewer classes whose customers differ inside describe them better, so many;
    where models without classes do, as many as explain most of what the best number explains. Two features that describe them better
    when they are joined are named.

    Parameters
    ----------
    table
        Table of a `Scan`.
    method
        Method of the segments. k-modes and k-means have no likelihood, so their number is chosen by the latent
        classes of the same patterns.
    asked
        Number that the user wants; None to choose it.
    inside
        How customers differ inside classes; None to choose by BIC alone.
    """
    ranked = table.sort_values(["bic", "k"], kind="stable")
    best = int(ranked["k"].iloc[0])
    recommended, why = _recommended(table, best, inside)
    reason = f"{why} {_bic_reason(ranked)}".lstrip()
    pair = None if inside is None or method != "latent-class" else inside.joined_pair
    if inside is not None and pair is not None:
        reason = f"{reason} {_joined_reason(pair, inside.n_customers)}"
    if asked is not None:
        chosen = "chooses the same" if asked == best else f"would choose {best}"
        joint = "; " if why else ". "  # "3. 2 segments" would be read as a number
        said = f"{_count(asked)} asked for; BIC {chosen}{joint}{reason}"
        return Choice(asked, True, best, said, recommended=recommended)
    if method != "latent-class":
        reason = f"{method} has no likelihood; the latent classes of the same data say: {reason}"
    return Choice(recommended, False, best, reason, recommended=recommended)


def _recommended(table: pd.DataFrame, best: int, inside: InnerDependence | None) -> tuple[int, str]:
    """Return the recommended number, and why it is not the best by BIC; no reason where it is."""
    if inside is None or best < 3 or not inside.is_found:
        return best, ""
    if inside.is_continuum:
        return _enough_of_a_continuum(table, best)
    if inside.n_mixed >= best or inside.n_mixed not in table["k"].to_numpy():
        return best, ""
    gap = criterion(inside.classes_bic - inside.mixed_bic)
    return inside.n_mixed, (
        f"{_count(inside.n_mixed)} recommended: further ones only cut through a trait in which the customers of a segment differ. "
        f"{inside.n_mixed} classes with such a trait describe {count(inside.n_customers)} customers better than any number of classes "
        f"without it (BIC {gap} lower)."
    )


def _enough_of_a_continuum(table: pd.DataFrame, best: int) -> tuple[int, str]:
    values = table.set_index("k")["log_likelihood"]
    if 1 not in values.index:
        return best, ""
    explained = (values - values[1]) / max(values[best] - values[1], 1e-300)
    k = int(min(n for n in values.index if explained[n] >= ENOUGH_OF_GAIN))
    if k >= best:
        return best, ""
    return k, (
        f"{_count(k)} recommended: customers are described better by a continuum, which any number of segments cuts up, and {k} "
        f"explain {percent(explained[k])} of the dependence between features that {best} explain."
    )


def _joined_reason(pair: LocalDependence, n_customers: int) -> str:
    """Say which two features ask to be joined, and what that would gain."""
    first, second = pair.features
    gap = criterion(pair.apart_bic - pair.joined_bic)
    return (
        f"The features {first} and {second} depend on each other inside the segments (bivariate residual {criterion(pair.residual)}, where 1 is "
        f"expected): {count(n_customers)} customers are described better by {_count(pair.n_joined)} with the two joined than by {pair.n_apart} with them "
        f"apart (BIC {gap} lower); write joined = {json.dumps([pair.features], ensure_ascii=False)} into [model]."
    )


def _bic_reason(ranked: pd.DataFrame) -> str:
    best, lowest = int(ranked["k"].iloc[0]), float(ranked["bic"].iloc[0])
    text = f"BIC is lowest at {_count(best)} ({criterion(lowest)})"
    if len(ranked) > 1:
        second, gap = int(ranked["k"].iloc[1]), float(ranked["bic"].iloc[1]) - lowest
        text += f"; next is {second} ({criterion(gap)} higher)"
    if best == 1:
        return f"{text}; the features look independent of each other, so there are no segments to tell apart."
    knees = ranked.loc[ranked["is_knee"], "k"].tolist() if "is_knee" in ranked else []
    return f"{text}. The elbow of the curve is at {knees[0]}." if knees else f"{text}."


def _count(k: int) -> str:
    return f"{k} segment{'s' if k > 1 else ''}"
