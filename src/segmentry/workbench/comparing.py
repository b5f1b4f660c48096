"""Segments that were pinned as A beside those that came after them, and the curve by which their number is chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from segmentry.report.facts.insights import insight_facts
from segmentry.runs.moved import Moved
from segmentry.segmentation import Segmentation
from segmentry.workbench.state import State


@dataclass(frozen=True)
class Settled:
    """A state with the segments of its whole run."""

    turn: int
    state: State
    result: Segmentation

    def shown(self) -> dict[str, Any]:
        """Return what the page says of it."""
        result = self.result
        evidence = result.evidence
        stability = None if evidence is None else evidence.stability
        choices = None if evidence is None else evidence.choices
        return {
            "what": self.state.what,
            "verdict": str(result.verdict),
            "found_again": None if stability is None else stability.lowest,
            "redrawn": None if stability is None else stability.moved,
            "steady": None if choices is None else choices.steady,
            "explained": explained_by(result),
            "segments": [{"id": s.id, "name": s.name, "share": s.share} for s in result.segments],
        }


def explained_by(result: Segmentation) -> float | None:
    """Return the share of the outcomes' variation that the segments explain among customers held out; None where it is not known."""
    facts = insight_facts(result)
    return None if facts is None else next((c.explained for c in facts.cuts if c.label == "segments"), None)


def moved_shown(found: Moved) -> dict[str, Any]:
    """Return what the page says of customers who move."""
    return {
        "overlap": found.overlap.tolist(),
        "partner": found.partner,
        "share": found.share,
        "by_chance": found.share_by_chance,
        "n_customers": found.n_customers,
        "n_apart": found.n_apart,
    }


def curve_shown(result: Segmentation) -> dict[str, Any]:
    """Return the criterion of each number of segments that was tried, as the page draws it."""
    table = result.selection
    is_bic = "bic" in table and table["bic"].notna().any()
    values = table["bic" if is_bic else "cost"] if is_bic or "cost" in table else table["k"] * math.nan
    pairs = [(int(k), float(v)) for k, v in zip(table["k"], values, strict=True) if math.isfinite(v)]
    return {
        "label": "BIC" if is_bic else "Cost",
        "is_bic": is_bic,
        "k": [k for k, _ in pairs],
        "values": [v for _, v in pairs],
        "chosen": result.choice.k,
        "best": result.choice.recommended,
    }
