"""Segments that were pinned as A beside those that came after them, and the curve by which their number is chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from segmentry.report.facts.insights import insight_facts
from segmentry.report.facts.outcomes import target_facts
from segmentry.runs.fitting import KeptFit
from segmentry.runs.moved import Moved
from segmentry.segmentation import Segmentation
from segmentry.workbench.state import State


@dataclass(frozen=True)
class Settled:
    """A state with the segments of its whole run, and what spares another run to fit them."""

    turn: int
    state: State
    result: Segmentation
    fit: KeptFit | None = None

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
            "targets": _targets(result),
        }


def _targets(result: Segmentation) -> list[dict[str, Any]]:
    """Return for each campaign with a cost which segments to contact, and which to try it on a part of."""
    by_outcome: dict[str, dict[str, Any]] = {}
    for segment in result.segments:
        for target in target_facts(result, segment.id):
            made = by_outcome.setdefault(target.outcome, {"label": target.label, "contact": [], "try": []})
            if target.answer in ("contact", "try"):
                made[target.answer].append(segment.id)
    return [{"outcome": outcome, **made} for outcome, made in by_outcome.items()]


class Comparison:
    """The segments that are pinned as A, and what the pages are told of them; a pin may wait for its segments."""

    def __init__(self) -> None:
        self.pinned: Settled | None = None
        self._waits = 0
        self._told: dict[str, Any] = {}

    def pin(self, turn: int, shown: Settled | None) -> None:
        """Pin what is shown; where it is not worked out yet, once it is."""
        self._waits = turn if shown is None else 0
        if shown is not None:
            self.pinned, self._told = shown, {"turn": turn, "a": shown.shown()}

    def unpin(self) -> None:
        """Take the pin out, and pin nothing later."""
        self.pinned, self._waits, self._told = None, 0, {}

    def settle(self, settled: Settled) -> bool:
        """Pin segments that were just worked out, if a pin waits for them; return whether one did."""
        if self._waits != settled.turn:
            return False
        self.pin(settled.turn, settled)
        return True

    def give_up(self) -> bool:
        """Wait no longer; return whether a pin waited."""
        waited, self._waits = self._waits > 0, 0
        return waited

    def compare(self, settled: Settled, found: Moved | str) -> None:
        """Take in who moved since, or why that is not known."""
        if self.pinned is None or self.pinned is settled:
            return
        self._told = {
            "turn": settled.turn,
            "a": self.pinned.shown(),
            "b": settled.shown(),
            "moved": None if isinstance(found, str) else moved_shown(found),
            "problem": found if isinstance(found, str) else "",
        }

    def shown(self) -> dict[str, Any] | None:
        """Return what the pages are told; None where nothing is pinned."""
        return {**self._told, **({"waits": self._waits} if self._waits else {})} or None


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
