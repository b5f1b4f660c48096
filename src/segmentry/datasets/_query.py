"""The SQL that generates households, built from `PLANTED` and `DIRT` as sqlglot expressions for DuckDB."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import accumulate

from sqlglot import exp

from segmentry.datasets._draws import (
    Stage,
    below,
    draw_stages,
    exponential,
    number_literal,
    scaled,
    threshold,
)
from segmentry.datasets.dirt import DIRT, TWIN_SHARE, Fault
from segmentry.datasets.planted import PLANTED, Between, PlantedCell, PlantedFeature, Quantity

SAMPLE_COLUMNS = (
    "ID", "Year_Birth", "Education", "Marital_Status", "Income", "Kidhome", "Teenhome", "Dt_Customer", "Recency",
    "MntWines", "MntFruits", "MntMeatProducts", "MntFishProducts", "MntSweetProducts", "MntGoldProds",
    "NumDealsPurchases", "NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases", "NumWebVisitsMonth",
    "AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "AcceptedCmp1", "AcceptedCmp2",
    "Complain", "Z_CostContact", "Z_Revenue", "Response",
)  # fmt: skip
"""The columns of the customer personality file, in its order."""

ROWS_TABLE = "household_rows"
_FIRST_DAY, _DAYS = "2012-07-30", 700  # to 2014-06-29
_SEGMENT = "true_segment"


@lru_cache(maxsize=32)
def household_query(seed: int, *, truth: bool, dirt: bool) -> str:
    """Return the query over `ROWS_TABLE`, whose row ids from 0 are the rows to generate."""
    streams = _streams(dirt=dirt)
    stages = _row_stages(seed, dirt=dirt)
    stages += draw_stages("row", stages[-1][0], "origin", ["i"], streams, seed=seed, family=0)
    shares = [number_literal(limit) for limit in _upper_limits(s.share for s in PLANTED.segments)]
    segment = exp.alias_(_by_threshold("segment", shares, _numbers()), _SEGMENT)
    passed = [exp.column(s) for s in ["i", *streams] if s != "segment"]
    stages.append(("segmented", exp.select(*passed, segment).from_("row_draws")))
    cells = _column_cells()
    if dirt:
        cells = {c: _with_faults(c, e) for c, e in cells.items()}
    shown = [*SAMPLE_COLUMNS, *([_SEGMENT] if truth else [])]
    query = exp.select(*(exp.alias_(cells[c], c) for c in shown)).from_("segmented")
    for name, stage in stages:
        query = query.with_(name, as_=stage, copy=False)
    return query.sql(dialect="duckdb")


def _streams(*, dirt: bool) -> list[str]:
    """Name the draws of a row; new ones go to the end, so that samples stay the same."""
    quantities = [q.column for q in (*PLANTED.products, *PLANTED.purchases)]
    features = [f.name for f in PLANTED.features]
    within = ["within_income", "within_birth_year", "customer_since", "Recency", "Complain"]
    return ["segment", *features, *within, *quantities, *PLANTED.campaigns, *(["fault"] if dirt else [])]


def _numbers() -> list[exp.Expression]:
    return [_big(exp.Literal.number(i + 1)) for i in range(len(PLANTED.segments))]


def _row_stages(seed: int, *, dirt: bool) -> list[Stage]:
    """Give each row its number and the row whose draws it is made from: itself or its twin."""
    row = exp.alias_(exp.column("rowid"), "i")
    origin = exp.alias_(exp.column("rowid"), "origin")
    if not dirt:
        return [("household_row", exp.select(row, origin).from_(ROWS_TABLE))]
    stages: list[Stage] = [("numbered", exp.select(row).from_(ROWS_TABLE))]
    stages += draw_stages("twin", "numbered", "i", ["i"], ["is_twin", "twin_of"], seed=seed, family=1)
    i = exp.column("i")
    # Only odd rows are twins and only even rows have twins, so a twin's origin is never a twin itself.
    one, two = exp.Literal.number(1), exp.Literal.number(2)
    even_rows_before = exp.BitwiseRightShift(this=exp.Paren(this=i + 1), expression=one)
    last_bit = exp.Paren(this=exp.BitwiseAnd(this=i, expression=one.copy()))
    is_odd = exp.EQ(this=last_bit, expression=one.copy())
    is_twin = exp.and_(is_odd, exp.column("is_twin") < number_literal(threshold(2 * TWIN_SHARE)))
    place = exp.Mul(this=scaled("twin_of", even_rows_before), expression=two)
    source = exp.alias_(exp.case().when(is_twin, place).else_(i), "origin")
    return [*stages, ("household_row", exp.select("i", source).from_("twin_draws"))]


def _column_cells() -> dict[str, exp.Expression]:
    """Return an expression for each column of the output."""
    first_day = exp.cast(exp.Literal.string(_FIRST_DAY), "DATE")
    days = exp.cast(below("customer_since", _DAYS), "INTEGER", dialect="duckdb")
    cells: dict[str, exp.Expression] = {
        "ID": exp.column("i") + 1,
        "Dt_Customer": exp.Add(this=first_day, expression=days),
        "Recency": below("Recency", 100),
        "Complain": _flag_cell("Complain", [PLANTED.complain]),
        "Z_CostContact": _big(exp.Literal.number(PLANTED.cost_per_contact)),
        "Z_Revenue": _big(exp.Literal.number(PLANTED.revenue_per_acceptance)),
        _SEGMENT: exp.column(_SEGMENT),
    }
    for feature in PLANTED.features:
        for place, column in enumerate(feature.columns):
            cells[column] = _feature_cell(feature, place)
    for quantity in (*PLANTED.products, *PLANTED.purchases):
        means = [{**s.spend, **s.purchases}[quantity.column] for s in PLANTED.segments]
        cells[quantity.column] = _quantity_cell(quantity, means)
    for campaign in PLANTED.campaigns:
        cells[campaign] = _flag_cell(campaign, [s.acceptance[campaign] for s in PLANTED.segments])
    return cells


def _feature_cell(feature: PlantedFeature, place: int) -> exp.Expression:
    """Choose the cell of one column of a feature from the feature's draw and the segment."""
    values = [value for level in feature.levels for value in level.values]
    weights = [
        [
            p * v.share
            for p, level in zip(s.levels[feature.name], feature.levels, strict=True)
            for v in level.values
        ]
        for s in PLANTED.segments
    ]
    limits = [_in_segment(per_value) for per_value in zip(*(_upper_limits(w) for w in weights), strict=True)]
    return _by_threshold(feature.name, limits, [_value_cell(v.cells[place], feature.name) for v in values])


def _upper_limits(weights: Iterable[float]) -> list[int]:
    """Return the upper limits of all values but the last."""
    return [threshold(p) for p in accumulate(weights)][:-1]


def _value_cell(cell: PlantedCell, feature: str) -> exp.Expression:
    if isinstance(cell, Between):
        return _big(exp.Literal.number(cell.low)) + below(f"within_{feature}", cell.high - cell.low + 1)
    return exp.Literal.string(cell) if isinstance(cell, str) else _big(exp.Literal.number(cell))


def _by_threshold(draw: str, limits: list[exp.Expression], values: list[exp.Expression]) -> exp.Expression:
    """``CASE WHEN draw < limit THEN value ... ELSE last value END``."""
    case = exp.case()
    for limit, value in zip(limits, values[:-1], strict=True):
        case = case.when(exp.column(draw) < limit, value)
    return case.else_(values[-1])


def _quantity_cell(quantity: Quantity, means: list[float]) -> exp.Expression:
    scales = [exp.Literal.number(f"{scale_of(mean, quantity.power)!r}e0") for mean in means]
    e = exponential(quantity.column)
    shapes: dict[float, Callable[[], exp.Expression]] = {
        0.5: lambda: exp.Sqrt(this=e),
        1.0: lambda: exp.Paren(this=e),
        1.5: lambda: exp.Mul(this=exp.Paren(this=e), expression=exp.Sqrt(this=e.copy())),
    }
    amount = exp.Mul(this=_pick(scales, "DOUBLE"), expression=shapes[quantity.power]())
    return _big(exp.Floor(this=exp.Add(this=amount, expression=exp.Literal.number("0.5e0"))))


def _flag_cell(draw: str, rates: list[float]) -> exp.Expression:
    limits = [threshold(rate) for rate in rates]
    limit = number_literal(limits[0]) if len(set(limits)) == 1 else _in_segment(limits)
    return _big(exp.Paren(this=exp.column(draw) < limit))


def _in_segment(limits: Iterable[int]) -> exp.Expression:
    return _pick([exp.Literal.number(limit) for limit in limits], "UBIGINT")


def _pick(values: Sequence[exp.Expression], kind: str) -> exp.Expression:
    """Pick the segment's element of a list of constants (faster than CASE, and keeps the order of rows)."""
    constants = exp.cast(exp.Array(expressions=values), f"{kind}[]", dialect="duckdb")
    return exp.Anonymous(this="list_extract", expressions=[constants, exp.column(_SEGMENT)])


def _big(expression: exp.Expression) -> exp.Expression:
    return exp.cast(expression, "BIGINT", dialect="duckdb")


def _with_faults(column: str, clean: exp.Expression) -> exp.Expression:
    """Replace the cell in rows whose fault is one of this column."""
    case, start = exp.case(), 0.0
    for fault in DIRT:
        low, high = threshold(start), threshold(start + fault.share)
        start += fault.share
        if fault.column == column:
            draw = exp.column("fault")
            case = case.when(
                exp.and_(draw >= number_literal(low), draw < number_literal(high)), _faulty(fault, clean)
            )
    return case.else_(clean) if case.args["ifs"] else clean


def _faulty(fault: Fault, clean: exp.Expression) -> exp.Expression:
    if fault.change == "lower":
        return exp.Lower(this=clean.copy())
    if fault.change == "trailing space":
        return exp.Concat(expressions=[clean.copy(), exp.Literal.string(" ")], safe=False, coalesce=False)
    if fault.value is None:
        return exp.null()
    return (
        exp.Literal.string(fault.value)
        if isinstance(fault.value, str)
        else _big(exp.Literal.number(fault.value))
    )


@cache
def scale_of(mean: float, power: float) -> float:
    """Solve for the scale at which ``round(scale * E**power)`` has the mean.

    Examples
    --------
    >>> round(scale_of(100.0, 1.0), 4)
    100.0004
    """
    scale = mean / math.gamma(1 + power)
    for _ in range(20):
        scale *= mean / mean_of_rounded(scale, power)
    return scale


def mean_of_rounded(scale: float, power: float) -> float:
    """Return the mean of ``round(scale * E**power)``: the sum of its probabilities to reach 1, 2, 3, ..."""
    import numpy as np

    steps = np.arange(0.5, scale * 40.0**power + 1.0)
    return float(np.exp(-((steps / scale) ** (1.0 / power))).sum())
