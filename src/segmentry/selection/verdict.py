"""The verdict: whether there are segments in the table, and of which kind."""

from __future__ import annotations

from math import hypot
from typing import Literal, Self

from segmentry.selection.evidence import Evidence
from segmentry.selection.stability import STABLE, Stability
from segmentry.text.numbers import p_value, share

VerdictKind = Literal["none", "natural", "reproducible", "constructive"]
_TOLD = 0.01
"""Share of customers who tick one level throughout from which on they are spoken of."""


class Verdict(str):
    """One of ``none``, ``natural``, ``reproducible``, ``constructive``, with its reason.

    - *none*: the table is not beyond independent features; there are no segments to tell apart.
    - *natural*: beyond independence and beyond every model without segments, and every segment is stable.
    - *reproducible*: beyond independence, not beyond the continuum, and more stable than where features are
      independent: a continuum that can be cut again in the same places.
    - *constructive*: beyond independence, but refits disagree, or rows repeat customers: a useful cut, not a finding.

    The words are those of Dolnicar & Leisch (2010), who judge by stability alone: their *natural* needs no
    continuum to be beaten, and here stability that independent features reach as well counts for nothing.

    Examples
    --------
    >>> verdict = Verdict("none", "The features look independent of each other.")
    >>> verdict == "none", verdict.reason
    (True, 'The features look independent of each other.')
    """

    reason: str
    close_to: VerdictKind | None
    """The verdict that other random draws might give, where a limit is that near; else None."""

    def __new__(cls, kind: VerdictKind, reason: str, close_to: VerdictKind | None = None) -> Self:
        """Make a verdict of a kind with its reason."""
        verdict = super().__new__(cls, kind)
        verdict.reason, verdict.close_to = reason, close_to
        return verdict

    def to_dict(self) -> dict[str, str | None]:
        """Return the verdict as plain values."""
        return {"kind": str(self), "reason": self.reason, "close_to": self.close_to}

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, str | None]]:
        return type(self), (str(self), self.reason, self.close_to)


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
    if evidence.rows_repeat:
        return Verdict(
            "constructive",
            "Rows seem to repeat customers: far fewer combinations of levels belong to a single row than would be expected. "
            "Give one row per customer; before that nothing can be told from these segments.",
        )
    kind, reason, close_to = _kind(evidence), _reason(evidence), _close_to(evidence)
    if evidence.straight_lines >= _TOLD:
        reason += (
            f" About {share(evidence.straight_lines)} of the customers tick the same level throughout, whatever is asked: these are answers "
            "without reading rather than a kind of customer. Leave them out and run again."
        )
    if close_to is not None:
        reason += f" That is close to a limit: drawn otherwise, it might be called {close_to}."
    return Verdict(kind, reason, close_to)


def _kind(evidence: Evidence, shift: float = 0.0, shift_of_null: float = 0.0) -> VerdictKind:
    """Judge what is beyond independence, as if the similarity and its limit were so much higher."""
    lowest = evidence.stability.lowest + shift
    is_steady = lowest > evidence.null_high + shift_of_null
    if evidence.is_beyond_continuum:
        return "natural" if is_steady and lowest >= STABLE else "constructive"
    return "reproducible" if is_steady else "constructive"


def _close_to(evidence: Evidence) -> VerdictKind | None:
    """Return the verdict at two standard errors from what was found, where it is another."""
    found, stability = _kind(evidence), evidence.stability
    both = 2 * hypot(stability.error, evidence.null_error)
    for sign in (-1, 1):
        for kind in (_kind(evidence, sign * 2 * stability.error), _kind(evidence, 0.0, sign * both)):
            if kind != found:
                return kind
    return None


def _reason(evidence: Evidence) -> str:
    lowest, kind = evidence.stability.lowest, _kind(evidence)
    missing = _unmatched(evidence.stability)
    refits = (
        f"when customers are redrawn, the least stable segment overlaps {share(lowest)} with its match"
        f"{missing}"
    )
    if kind == "natural":
        return f"Beyond independent features and beyond a continuum; {refits}."
    if evidence.is_beyond_continuum:
        return f"Beyond a continuum, but refits disagree: {refits}."
    same = "A continuum without segments describes the customers as well"
    by_chance = f"by chance up to {share(evidence.null_high)}"
    if kind == "reproducible":
        return f"{same}; {refits} ({by_chance})."
    return f"{same}, and refits disagree: {refits} ({by_chance})."


def _unmatched(found: Stability) -> str:
    """Say how often a refit has no counterpart of the least stable segment."""
    missing = found.n_unmatched[found.jaccard.index(found.lowest)]
    return f" (in {missing} of {found.n_refits} redraws it has none)" if missing else ""
