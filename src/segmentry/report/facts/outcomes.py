"""What customers of a segment do: rates and means with intervals, and whom it pays to contact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from segmentry.profiling import ALPHA, FEATURES_TOGETHER, rows_of
from segmentry.report import wording
from segmentry.segmentation import Segmentation
from segmentry.text.numbers import number, percent


@dataclass(frozen=True)
class IntervalFact:
    """A value with its 95 % interval; not a number where it is not known."""

    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)


@dataclass(frozen=True)
class QuartileFact:
    """Lower quartile, median and upper quartile; `how` says whether they are exact, approximate or of a sample."""

    lower: float
    median: float
    upper: float
    how: str


@dataclass(frozen=True)
class OutcomeFact:
    """An outcome in a segment.

    `leads` is the figure that comes first; `is_skewed` says whether the mean is far from most customers, so that the median, or the share
    with any, `any_share`, stands beside it; `scale` is what a bar of full length stands for. `determined_by` is the label of the
    feature, or words for all of them, that determines the outcome; empty where none does.
    """

    name: str
    label: str
    role: str
    n: int
    value: float
    low: float
    high: float
    base_value: float
    lift: float
    total: float
    share_of_total: float
    mix: float
    base_mix: float
    difference: IntervalFact
    ratio_to_rest: IntervalFact
    corrected: IntervalFact
    leads: str
    p_adjusted: float
    quartiles: QuartileFact | None
    is_different: bool
    is_small: bool
    is_skewed: bool
    any_share: float
    scale: float
    determined_by: str = ""

    @property
    def first(self) -> IntervalFact:
        """The figure that comes first, with its interval."""
        if self.is_corrected:
            return self.corrected
        return IntervalFact(*(math.nan if v is None else v for v in (self.value, self.low, self.high)))

    @property
    def is_rare(self) -> bool:
        """Whether most customers have none of it, so that the share with any says more than the median."""
        return self.is_skewed and self.any_share < 0.5

    @property
    def is_rate(self) -> bool:
        """Whether the value is a rate, not a mean per customer."""
        return self.role == "flags"

    @property
    def is_corrected(self) -> bool:
        """Whether the value corrected for misclassification comes first."""
        return self.leads == "corrected"

    @property
    def has_interval(self) -> bool:
        """Whether the value can be bounded."""
        return self.low is None or math.isfinite(self.low)

    @property
    def is_known(self) -> bool:
        """Whether there is a value, which is not withheld."""
        return self.value is not None and math.isfinite(self.value)

    @property
    def is_below_all(self) -> bool:
        """Whether the whole interval lies below the value of all customers."""
        return self.high < self.base_value


@dataclass(frozen=True)
class GroupFact:
    """Outcomes that belong together, in a segment; `value` is the sum per customer of amounts or counts."""

    name: str
    label: str
    role: str
    outcomes: tuple[OutcomeFact, ...]
    value: float | None
    base_value: float | None

    @property
    def lift(self) -> float:
        """Sum per customer, divided by that of all customers."""
        return self.value / self.base_value if self.value is not None and self.base_value else math.nan

    @property
    def is_rates(self) -> bool:
        """Whether the outcomes are rates."""
        return self.role == "flags"


@dataclass(frozen=True)
class TargetFact:
    """Whether contacting the segment pays. `scale` is what a bar of full length stands for.

    `is_exposed` says whether the rate is that of customers who are known to have been contacted. `low` to `high` is the interval that
    decides; `shrunken_rate` allows for luck, `expected_profit` follows from it. `origin` says where the break-even comes from.
    """

    outcome: str
    label: str
    is_exposed: bool
    n: int
    rate: float
    low: float
    high: float
    break_even: float
    profit_per_contact: float
    profit: float
    decision: str
    shrunken_rate: float
    expected_profit: float
    scale: float
    origin: str

    @property
    def leading_rate(self) -> float:
        """The rate that allows for luck; the observed one where that is withheld."""
        return self.rate if math.isnan(self.shrunken_rate) else self.shrunken_rate

    @property
    def answer(self) -> str:
        """What to do: ``contact``, ``try`` it on a part, ``doubt`` (leave out unless a trial says otherwise), ``leave out``, or ``withheld``."""
        if self.decision != "unclear":
            return self.decision
        return "try" if self.leading_rate >= self.break_even else "doubt"


def outcome_labels(result: Segmentation) -> dict[str, str]:
    """Return the labels of outcomes by name."""
    return {c.name: c.label for g in result.recipe.outcomes for c in g.columns}


def group_facts(result: Segmentation) -> dict[int, tuple[GroupFact, ...]]:
    """Gather the outcomes of each segment, by its number, in their groups: those with a value, or with withheld figures."""
    table = result.outcomes
    titles = {g.name: g.title for g in result.recipe.outcomes}
    table = table[table["outcome"].isin(_with_values(table))]
    scales = table.groupby("group")[["high", "value"]].max().max(axis=1).to_dict()
    skewed, labels = _skewed(table), outcome_labels(result)
    features = {f.name: f.title for f in result.recipe.features}
    rows: dict[int, dict[str, list[OutcomeFact]]] = {s.id: {} for s in result.segments}
    for row in rows_of(table):
        determining = row.get("determined_by") or ""
        row["determined_by"] = features.get(determining, FEATURES_TOGETHER) if determining else ""
        group = str(row["group"])
        made = _outcome(row, labels, float(scales[group]), is_skewed=row["outcome"] in skewed)
        rows[int(row["segment"])].setdefault(group, []).append(made)
    return {
        segment: tuple(_group(name, titles[name], tuple(outcomes)) for name, outcomes in groups.items())
        for segment, groups in rows.items()
    }


def _group(name: str, title: str, outcomes: tuple[OutcomeFact, ...]) -> GroupFact:
    adds_up = outcomes[0].role != "flags" and len(outcomes) > 1
    value = sum(o.value for o in outcomes) if adds_up else None
    base = sum(o.base_value for o in outcomes) if adds_up else None
    return GroupFact(name, title, outcomes[0].role, outcomes, value, base)


def _with_values(table: Any) -> list[str]:
    """Find the outcomes that have a value in the segment, or whose figures are withheld."""
    customers = table.groupby("outcome")["n"].sum(min_count=1)
    return [str(name) for name in customers.index[~(customers == 0)]]


def _skewed(table: Any) -> set[str]:
    """Find the outcomes whose median is below half of their mean in most segments."""
    known = table[(table["role"] != "flags") & table["median"].notna() & table["value"].notna()]
    is_far = known["median"] < known["value"] / 2
    return {str(name) for name, part in is_far.groupby(known["outcome"]) if part.mean() > 1 / 2}


def _outcome(row: dict[Any, Any], labels: dict[str, str], scale: float, *, is_skewed: bool) -> OutcomeFact:
    names = (
        "n", "value", "low", "high", "base_value", "lift", "total", "share_of_total", "mix", "base_mix", "role",
    )  # fmt: skip
    p_adjusted = float(row["p_adjusted"]) if row["p_adjusted"] is not None else math.nan
    return OutcomeFact(
        name=str(row["outcome"]),
        label=labels[str(row["outcome"])],
        difference=_interval(row, "difference", "difference"),
        ratio_to_rest=_interval(row, "ratio_to_rest", "ratio"),
        corrected=_interval(row, "corrected", "corrected"),
        leads=str(row.get("leads") or "value"),
        p_adjusted=p_adjusted,
        quartiles=_quartiles(row),
        is_different=p_adjusted < ALPHA,
        is_small=bool(row.get("is_small", False)),
        is_skewed=is_skewed,
        any_share=_number(row, "any_share"),
        determined_by=row["determined_by"],
        scale=scale if scale > 0 else 1.0,
        **{name: row[name] for name in names},
    )


def _number(row: dict[Any, Any], name: str) -> float:
    value = row.get(name)
    return math.nan if value is None else float(value)


def _interval(row: dict[Any, Any], name: str, stem: str) -> IntervalFact:
    return IntervalFact(*(_number(row, column) for column in (name, f"{stem}_low", f"{stem}_high")))


def _quartiles(row: dict[Any, Any]) -> QuartileFact | None:
    lower, median, upper = (_number(row, name) for name in ("lower_quartile", "median", "upper_quartile"))
    return QuartileFact(lower, median, upper, str(row.get("quartiles"))) if math.isfinite(median) else None


def target_facts(result: Segmentation, segment: int) -> tuple[TargetFact, ...]:
    """Gather what contacting the segment would earn, for each campaign with a cost and a revenue."""
    table = result.targeting
    if not len(table):
        return ()
    names = (
        "outcome", "n", "rate", "low", "high", "break_even", "profit_per_contact", "profit", "decision", "shrunken_rate",
        "expected_profit",
    )  # fmt: skip
    labels, origins = outcome_labels(result), _origins(result)
    exposed = {c.name for g in result.recipe.outcomes if g.exposure is not None for c in g.columns}
    table = table[table["outcome"].isin(_with_values(table))]
    scales = table.groupby("outcome")[["high", "break_even"]].max().max(axis=1)
    return tuple(
        TargetFact(
            label=labels[row["outcome"]],
            is_exposed=row["outcome"] in exposed,
            scale=float(scales[row["outcome"]]),
            origin=origins[row["outcome"]],
            **{name: row[name] for name in names},
        )
        for row in rows_of(table[table["segment"] == segment])
    )


def _origins(result: Segmentation) -> dict[str, str]:
    """Write for each campaign with a cost where its break-even comes from: two keys of the recipe, with their values."""
    made: dict[str, str] = {}
    for group in result.recipe.outcomes:
        cost, revenue = group.cost_per_contact, group.revenue_per_acceptance
        if cost is not None and revenue is not None:
            text = wording.BREAK_EVEN.format(
                break_even=percent(cost / revenue),
                cost=number(cost),
                revenue=number(revenue),
                group=group.name,
            )
            made |= {column.name: text for column in group.columns}
    return made
