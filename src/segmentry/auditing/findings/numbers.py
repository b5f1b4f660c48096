"""Findings in numbers and dates: years, far outliers, codes for missing, constants, rare negatives."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.model import Suspicion
from segmentry.auditing.roles import Roles
from segmentry.auditing.session import Session
from segmentry.auditing.values import value_text
from segmentry.auditing.words import means
from segmentry.sql.audit.columns import VALUES, AuditColumn
from segmentry.sql.table import column
from segmentry.text.numbers import count, mark, number, percent

FIRST_BIRTH_YEAR = 1920
_FAR_FROM_MEDIAN = 5.0
_FAR_IN_LOGS = 3.5
_NORMAL = 1.645 / 1.349
"""Distance of the 95th percentile from the median of a normal distribution, in interquartile ranges."""
_CODES_FOR_MISSING = (
    -1, -2, -8, -9, -88, -98, -99, -999, -9999, 99, 999, 9999, 99999, 999999, 9999999, 99999999,
)  # fmt: skip
_BLOCK = frozenset(
    {*range(90, 100), *range(990, 1000), *range(9990, 10000), 66, 77, 88, 666, 777, 888, 7777, 8888}
)
"""Codes for the reasons why nothing is known, of which questionnaires have several: refused, not asked, do not know."""
DEFAULT_DATES = ("1900-01-01", "1899-12-31", "1970-01-01", "9999-12-31", "9999-01-01", "2099-12-31")


def suspect_numbers(facts: Sequence[ColumnFacts], roles: Roles) -> Iterator[Suspicion]:
    """Suspect values by the figures of their column alone."""
    year = datetime.datetime.now(tz=datetime.UTC).year
    for f in facts:
        if not f.n_present:
            continue
        if f.name in roles.births:
            yield from _suspect_births(f, year)
        elif f.name in roles.years:
            yield from _suspect_years(f, year)
        elif f.kind == "number" and f.name != roles.id:
            yield from suspect_outliers(f)
            yield from _suspect_negatives(f)
            yield from _suspect_infinite(f)
        elif f.kind == "date":
            yield from _suspect_dates(f, year)


def _suspect_births(f: ColumnFacts, year: int) -> Iterator[Suspicion]:
    value = column(f.name)
    if f.lowest < FIRST_BIRTH_YEAR:
        yield Suspicion(
            "implausible_year",
            (f.name,),
            exp.LT(this=value, expression=exp.convert(FIRST_BIRTH_YEAR)),
            f"{f.name}: {{rows}} with a birth year before {FIRST_BIRTH_YEAR}",
            "Nobody knows what they should have been, so do not guess: let them fall into the oldest level, or "
            "drop them in a cleaning step, which counts them.",
            detail=f", the earliest {f.minimum}",
        )
    if f.highest > year:
        yield _suspect_future(f, year)


def _suspect_years(f: ColumnFacts, year: int) -> Iterator[Suspicion]:
    if f.highest > year + 10:
        yield _suspect_future(f, year)


def _suspect_future(f: ColumnFacts, year: int) -> Suspicion:
    return Suspicion(
        "implausible_year",
        (f.name,),
        column(f.name) > year,
        f"{f.name}: {{rows}} with a year after {year}",
        "Find out what these years stand for; drop them in a cleaning step if nobody knows.",
        detail=f", the latest {f.maximum}",
    )


def suspect_outliers(f: ColumnFacts) -> Iterator[Suspicion]:
    """Suspect values far from the median, measured in the distance of the 95th (or 5th) percentile from it.

    That distance is at least the one of a normal distribution with the same quartiles. A value has
    to be far on the scale of the values and, where these are positive, on that of their logarithms (for counts of
    which most are 0, on that of the logarithms of one more): amounts are skewed, and a long tail is not an error.
    """
    lower, upper = outlier_limits(f)
    low, median, high = (f.quantile(share) for share in (0.05, 0.5, 0.95))
    sides = (
        (exp.GT, upper, f.maximum, high, ("above", "up to", "95th")),
        (exp.LT, lower, f.minimum, low, ("below", "down to", "5th")),
    )
    for comparison, limit, end, cut, (where, reach, percentile) in sides:
        farthest = float(end or 0)
        if limit is None or not math.isfinite(farthest):
            continue
        if not (farthest > limit if comparison is exp.GT else farthest < limit):
            continue
        times = (farthest - median) / (cut - median)
        yield Suspicion(
            "far_outlier",
            (f.name,),
            comparison(this=column(f.name), expression=exp.convert(limit)),
            f"{f.name}: {{rows}} far {where} the others",
            "Look at the rows. If the value cannot be true, make it missing or drop it in a cleaning step; in a "
            "feature with edges it falls into the last level and does no harm, in a mean it does.",
            detail=f", {reach} {number(farthest)}: {count(times)} times as far from the median ({number(median)}) as the "
            f"{percentile} percentile ({number(cut)})",
        )


def outlier_limits(f: ColumnFacts) -> tuple[float | None, float | None]:
    """Limits below and above which values are far from all others; None where nothing is."""
    low, median, high = (f.quantile(share) for share in (0.05, 0.5, 0.95))
    if not all(math.isfinite(v) for v in (low, median, high)):
        return None, None
    least = _NORMAL * (f.quantile(0.75) - f.quantile(0.25))
    limits = (_lower_limit(f, median, low, least), _upper_limit(f, median, high, least))
    lower, upper = (None if v is None else _rounded_bound(v) for v in limits)
    return lower, upper


def _lower_limit(f: ColumnFacts, median: float, low: float, least: float) -> float | None:
    """Limit below which values are far; numbers that are not negative are never far below."""
    if low >= median or f.lowest >= 0:
        return None
    return median - _FAR_FROM_MEDIAN * max(median - low, least)


def _upper_limit(f: ColumnFacts, median: float, high: float, least: float) -> float | None:
    if high <= median:
        return None
    limit = median + _FAR_FROM_MEDIAN * max(high - median, least)
    if median > 0:
        in_logs = _FAR_IN_LOGS * math.log(high / median)
        limit = max(limit, median * math.exp(min(in_logs, 500)))
    elif median == 0 and f.is_whole:
        limit = max(limit, math.expm1(min(_FAR_IN_LOGS * math.log1p(high), 500)))
    return limit


def _suspect_negatives(f: ColumnFacts) -> Iterator[Suspicion]:
    is_rare = 0 < f.n_negative <= 0.05 * f.n_present
    if is_rare and math.isfinite(f.lowest) and f.lowest not in _CODES_FOR_MISSING:
        yield Suspicion(
            "rare_negatives",
            (f.name,),
            column(f.name) < 0,
            f"{f.name}: {{rows}} below zero, where the others are not",
            "Refunds, corrections or errors: find out which, and decide whether they belong into sums.",
            detail=f"; the smallest {number(f.lowest)}",
        )


def _suspect_infinite(f: ColumnFacts) -> Iterator[Suspicion]:
    ends = [v for v in (f.minimum, f.maximum) if isinstance(v, float) and math.isinf(v)]
    if ends:
        infinities = [
            exp.cast(exp.Literal.string(t), exp.DataType.Type.DOUBLE) for t in ("Infinity", "-Infinity")
        ]
        yield Suspicion(
            "infinite",
            (f.name,),
            column(f.name).isin(*infinities),
            f"{f.name}: {{rows}} with an infinite value",
            "Make them missing, or drop them in a cleaning step: no mean exists with them.",
        )


def _suspect_dates(f: ColumnFacts, year: int) -> Iterator[Suspicion]:
    found = [v for v in (f.minimum, f.maximum) if str(v)[:10] in DEFAULT_DATES]
    day = exp.cast(column(f.name), exp.DataType.Type.DATE)
    if found:
        texts = sorted({str(v)[:10] for v in found})
        yield Suspicion(
            "missing_code",
            (f.name,),
            day.copy().isin(*(exp.cast(exp.Literal.string(t), exp.DataType.Type.DATE) for t in texts)),
            f"{f.name}: {{rows}} at {' or '.join(texts)}, which systems write where a date is not known",
            "Make it missing in a cleaning step.",
        )
        return
    tomorrow = f"{year + 1}-01-01"
    if str(f.maximum)[:10] >= tomorrow:
        limit = exp.cast(exp.Literal.string(tomorrow), exp.DataType.Type.DATE)
        yield Suspicion(
            "implausible_date",
            (f.name,),
            exp.GTE(this=day, expression=limit),
            f"{f.name}: {{rows}} after {year}",
            "Find out what these dates stand for before anything is computed from them.",
            detail=f", the latest {str(f.maximum)[:10]}",
        )


def suspect_missing_codes(
    session: Session, columns: Sequence[AuditColumn], facts: Sequence[ColumnFacts], roles: Roles
) -> Iterator[Suspicion]:
    """Suspect numbers such as -1 and 999 that stand apart from all other values of their column."""
    by_id = {c.id: f for c, f in zip(columns, facts, strict=True)}
    skipped = {*roles.births, roles.id}
    numbers = [
        c for c in columns if by_id[c.id].kind == "number" and by_id[c.id].name not in skipped
        and by_id[c.id].is_counted and by_id[c.id].n_distinct > 2
    ]  # fmt: skip
    if not numbers:
        return
    blocks = {f.name: codes for c in numbers if (codes := block_of_codes(f := by_id[c.id]))}
    yield from (_suspect_block(name, codes) for name, codes in blocks.items())
    question = "Which numbers look like codes for missing, and what stands next to them?"
    for row in session.ask(question, _code_query(numbers)):
        f = by_id[row["column_id"]]
        if f.name not in blocks and _stands_apart(row, f):
            code = int(row["number"])
            yield Suspicion(
                "missing_code",
                (f.name,),
                column(f.name).eq(code),
                f"{f.name}: {{rows}} with {code}, which stands apart from all other values: probably a code for missing",
                "Make it missing in a cleaning step: as a number it distorts means and levels.",
                values=((str(code), int(row["n"])),),
            )


def block_of_codes(f: ColumnFacts) -> dict[int, int]:
    """Find several codes beyond a gap, such as 97, 98 and 99 on a scale of 1 to 5, with their rows.

    Examples
    --------
    >>> scale = ((1, 40), (2, 60), (3, 50), (97, 3), (98, 2), (99, 4))
    >>> block_of_codes(ColumnFacts("q1", "BIGINT", "number", 159, 0, 6, top_values=scale, is_whole=True))
    {97: 3, 98: 2, 99: 4}
    """
    if not f.is_whole or f.n_distinct != len(f.top_values):
        return {}
    values = sorted((int(v), n) for v, n in f.top_values)
    first = next((i for i in range(len(values)) if all(v in _BLOCK for v, _ in values[i:])), len(values))
    block, rest = values[first:], values[:first]
    is_apart = len(block) > 1 and len(rest) > 1 and block[0][0] >= 2 * max(rest[-1][0], 5)
    return dict(block) if is_apart else {}


def _suspect_block(name: str, codes: Mapping[int, int]) -> Suspicion:
    shown = ", ".join(map(str, codes))
    return Suspicion(
        "missing_code",
        (name,),
        column(name).isin(*codes),
        f"{name}: {{rows}} with {shown}, which stand apart from all other values: probably codes for missing",
        "Make them missing in a cleaning step: as numbers they distort means and levels.",
        values=tuple((str(code), n) for code, n in codes.items()),
    )


def _code_query(numbers: Sequence[AuditColumn]) -> exp.Select:
    """Query for the values that may be codes, with the values before and after them."""

    def beside(kind: type[exp.Expr]) -> exp.Expr:
        order = exp.Order(expressions=[exp.Ordered(this=exp.column("number"))])
        return exp.Window(
            this=kind(this=exp.column("number")), partition_by=[exp.column("column_id")], order=order
        )

    inner = (
        exp.select(
            "column_id",
            "number",
            "n",
            exp.alias_(beside(exp.Lag), "before"),
            exp.alias_(beside(exp.Lead), "after"),
        )
        .from_(VALUES)
        .where(exp.column("column_id").isin(*(exp.convert(c.id) for c in numbers)))
        .where(exp.column("number").is_(exp.null()).not_())
    )
    codes = exp.column("number").isin(*_CODES_FOR_MISSING)
    return (
        exp.select("column_id", "number", "n", exp.column("before"), exp.column("after"))
        .from_(inner.subquery("placed"))
        .where(codes)
        .order_by("column_id", "number")
    )


def _stands_apart(row: Mapping[str, Any], f: ColumnFacts) -> bool:
    code, before, after = row["number"], row["before"], row["after"]
    if code < 0:
        return before is None and after is not None and after >= 0
    return after is None and before is not None and code >= 2 * max(before, 1) and f.n_distinct > 3


def suspect_constants(facts: Sequence[ColumnFacts]) -> Iterator[Suspicion]:
    """Suspect constant columns, and two of them that look like a cost and a revenue."""
    for f in facts:
        if f.n_rows and not f.n_present:
            yield Suspicion(
                "empty_column",
                (f.name,),
                column(f.name).is_(exp.null()),
                f"{f.name} has no value in any row",
                "Leave it out.",
            )
    single = [f for f in facts if f.is_constant and f.n_rows > 1 and f.kind != "other"]
    for f in single:
        gaps = ", or none" if f.n_missing else ""
        yield Suspicion(
            "constant",
            (f.name,),
            column(f.name).is_(exp.null()).not_(),
            f"{f.name} is {_value_text(f)} in every row{gaps}",
            "It cannot tell customers apart: leave it out of features and outcomes.",
        )
    yield from _cost_and_revenue([f for f in single if f.kind == "number"])


def _cost_and_revenue(single: Sequence[ColumnFacts]) -> Iterator[Suspicion]:
    costs = [f for f in single if means(f.name, "cost")]
    revenues = [f for f in single if means(f.name, "revenue")]
    if len(costs) != 1 or len(revenues) != 1:
        return
    cost, revenue = costs[0], revenues[0]
    c, r = cost.highest, revenue.highest
    if not 0 < c < r:
        return
    yield Suspicion(
        "cost_and_revenue",
        (cost.name, revenue.name),
        column(cost.name).is_(exp.null()).not_(),
        f"{cost.name} = {mark(c)} and {revenue.name} = {mark(r)} look like the cost of a contact and the revenue of "
        f"an acceptance: contacting pays above {percent(c / r)}",
        f"If that is what they are, say cost_per_contact = {c:g} and revenue_per_acceptance = {r:g} in the "
        "recipe's group of campaigns.",
    )


def _value_text(f: ColumnFacts) -> str:
    value = f.minimum if f.kind != "boolean" else f.top_values[0][0] if f.top_values else ""
    return mark(float(value)) if f.kind == "number" and value is not None else repr(value_text(value))


def _rounded_bound(value: float) -> float:
    return round(value) if 100 <= abs(value) < math.inf else float(f"{value:.4g}")
