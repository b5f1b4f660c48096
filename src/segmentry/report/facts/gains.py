"""Whom to contact first: what each further segment brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from segmentry.profiling import rows_of
from segmentry.report.facts.outcomes import outcome_labels
from segmentry.segmentation import Segmentation


@dataclass(frozen=True)
class GainStep:
    """The gain when all segments up to this one are contacted: shares of customers and acceptances, and the profit.

    `is_best` is the last segment of the set that is named; `held_out_contacted` and `held_out_won` are shares of one half of the customers, in an order chosen on the other half.
    """

    segment: int
    is_best: bool
    contacted: float
    won: float
    profit: float
    profit_low: float
    profit_high: float
    held_out_contacted: float
    held_out_won: float


@dataclass(frozen=True)
class GainFact:
    """The gain curve of a campaign with a cost and a revenue; `pays` says whether any segment is to be contacted."""

    outcome: str
    label: str
    break_even: float
    n: int
    steps: tuple[GainStep, ...]
    pays: bool

    @property
    def best(self) -> GainStep | None:
        """The last step of the set that is named, or None where none pays beyond chance."""
        return next((step for step in self.steps if step.is_best), None)

    @property
    def has_held_out(self) -> bool:
        """Whether the curve of held-out customers is known."""
        return all(math.isfinite(s.held_out_won) for s in self.steps)


def gain_facts(result: Segmentation) -> tuple[GainFact, ...]:
    """Make a gain curve for each campaign with a cost and a revenue."""
    if result.insights is None or not len(result.targeting) or not len(result.insights.gains):
        return ()
    paying = set(result.targeting.loc[result.targeting["decision"] == "contact", "outcome"])
    break_even = dict(zip(result.targeting["outcome"], result.targeting["break_even"], strict=True))
    labels, made = outcome_labels(result), []
    for outcome, rows in result.insights.gains.groupby("outcome", sort=False):
        if outcome not in break_even or len(rows) < 2 or not rows["acceptances"].max() > 0:
            continue
        steps = tuple(_step(row) for row in rows_of(rows.sort_values("step")))
        name, n = str(outcome), int(rows["n"].max())
        pays = name in paying or any(step.is_best for step in steps)
        made.append(GainFact(name, labels[name], float(break_even[outcome]), n, steps, pays))
    return tuple(made)


def _step(row: dict[Any, Any]) -> GainStep:
    names = (
        "share", "share_of_acceptances", "profit", "profit_low", "profit_high",
        "held_out_share", "held_out_share_of_acceptances",
    )  # fmt: skip
    values = (math.nan if row[name] is None else float(row[name]) for name in names)
    return GainStep(int(row["segment"]), bool(row["is_best"]), *values)
