"""The verdict: whether there are segments in the table, and of which kind."""

from __future__ import annotations

from typing import Literal, Self, get_args

from segmentry.selection.evidence import Evidence
from segmentry.selection.stability import Stability
from segmentry.text.numbers import p_value, share

VerdictKind = Literal["none", "natural", "reproducible", "constructive"]
VERDICT_KINDS: tuple[VerdictKind, ...] = get_args(VerdictKind)
STABLE = 0.75
"""Mean Jaccard similarity from which on Hennig (2007) calls a cluster valid."""


class Verdict(str):
    """One of ``none``, ``natural``, ``reproducible``, ``constructive``, with its reason.

    - *none*: the table is not beyond independent features; there are no segments to tell apart.
    - *natural*: beyond independence and beyond every model without segments, and every segment is stable.
    - *reproducible*: beyond independence, not beyond the continuum, and more stable than where features are
      independent: a continuum that can be cut again in the same places.
    - *constructive*: beyond independence, but refits disagree: a useful cut, not a finding.

    The words are those of Dolnicar & Leisch (2010), who judge by stability alone: their *natural* needs no
    continuum to be beaten, and here stability that independent features reach as well counts for nothing.

    Examples
    --------
    >>> verdict = Verdict("none", "The features look independent of each other.")
    >>> verdict == "none", verdict.reason
    (True, 'The features look independent of each other.')
    """

    reason: str

    def __new__(cls, kind: VerdictKind, reason: str) -> Self:
        """Make a verdict of a kind with its reason."""
        verdict = super().__new__(cls, kind)
        verdict.reason = reason
        return verdict

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        return type(self), (str(self), self.reason)


def judge_evidence(evidence: Evidence | None, best_by_bic: int) -> Verdict:
    """Judge by the evidence, which is None where there is one segment, or where BIC wants one."""
    if best_by_bic == 1:
        return Verdict("none", "No number of segments describes the customers better than one (BIC).")
    if evidence is None:
        return Verdict("none", "One segment holds all customers: there is nothing to tell apart.")
    if not evidence.independence.is_beyond:
        p = evidence.independence.p_value
        return Verdict(
            "none",
            f"Two segments fit no better than where features are independent (p = {p_value(p)}).",
        )
    return _judge_beyond_independence(evidence)


def _judge_beyond_independence(evidence: Evidence) -> Verdict:
    lowest = evidence.stability.lowest
    is_beyond, is_steady = evidence.is_beyond_continuum, lowest > evidence.null_high
    missing = _unmatched(evidence.stability)
    refits = (
        f"when customers are redrawn, the least stable segment overlaps {share(lowest)} with its match"
        f"{missing}"
    )
    if is_beyond and is_steady and lowest >= STABLE:
        return Verdict("natural", f"Beyond independent features and beyond a continuum; {refits}.")
    if is_beyond:
        return Verdict("constructive", f"Beyond a continuum, but refits disagree: {refits}.")
    same = "A continuum without segments describes the customers as well"
    by_chance = f"by chance up to {share(evidence.null_high)}"
    if is_steady:
        return Verdict("reproducible", f"{same}; {refits} ({by_chance}).")
    return Verdict("constructive", f"{same}, and refits disagree: {refits} ({by_chance}).")


def _unmatched(found: Stability) -> str:
    """Say how often a refit has no counterpart of the least stable segment."""
    missing = found.n_unmatched[found.jaccard.index(found.lowest)]
    return f" (in {missing} of {found.n_refits} redraws it has none)" if missing else ""
