"""How often each value of an amount occurs in each segment: one grouped query, for quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp as power
from math import log

from sqlglot import exp

from segmentry.recipe import OutcomeColumn, OutcomeGroup, Recipe
from segmentry.sql.aggregates import distinct
from segmentry.sql.assign import same_pattern
from segmentry.sql.encode import EncodedRows, encode_rows, feature_value
from segmentry.sql.formula import MISSING
from segmentry.sql.table import LOOKUP, MatchedTable, Query, column, unique_name

ACCURACY = 0.005
"""Values that are put into buckets are at most this far, relatively, from their bucket's."""
_STEP = log((1 + ACCURACY) / (1 - ACCURACY))
_OFFSET = 2**20


@dataclass(frozen=True)
class ValuesQuery:
    """The query for value counts, and the names of its columns.

    A row is about the one outcome that is not missing in it; rows in which all are missing count the customers without a value.

    Attributes
    ----------
    values
        A column per measured outcome.
    segment, customers
        The segment, from 1, and its customers with the value.
    weights
        Sum of the survey weights; None where every customer counts once.
    """

    query: Query
    values: tuple[str, ...]
    segment: str
    customers: str
    weights: str | None


def measured_outcomes(recipe: Recipe) -> tuple[int, ...]:
    """Positions of the outcomes that have quartiles: all but flags."""
    return tuple(i for i, (_, group) in enumerate(recipe.outcome_columns) if group.role != "flags")


def with_numbers(matched: MatchedTable) -> tuple[MatchedTable, tuple[str, ...]]:
    """Return the table with its ordered numbers as amounts behind all outcomes, and the names of these features."""
    numbers = [f for f in matched.recipe.features if f.distribution == "ordered" and f.is_numeric]
    if not numbers:
        return matched, ()
    taken = {name.casefold() for name in (*matched.outcome_kinds, *(g.name for g in matched.recipe.outcomes))}
    names = {f.name: unique_name(f"number {i}", taken) for i, f in enumerate(numbers, 1)}
    columns = tuple(
        OutcomeColumn(name=names[f.name], label=f.title, sql=feature_value(f).sql("duckdb")) for f in numbers
    )
    group = OutcomeGroup(name=unique_name("ordered numbers", taken), role="amounts", columns=columns)
    kinds = {names[f.name]: matched.kind_of(f) for f in numbers}
    wider = matched.with_recipe(outcomes=(*matched.recipe.outcomes, group))
    return replace(wider, outcome_kinds={**matched.outcome_kinds, **kinds}), tuple(f.name for f in numbers)


def distinct_values_query(matched: MatchedTable, dialect: str) -> Query:
    """Build the query for roughly how many different values each measured outcome has, a column each."""
    encoded = _encoded(matched)
    counts = [distinct(_value(encoded, i), dialect) for i in measured_outcomes(matched.recipe)]
    named = [exp.alias_(count, f"values_{i}", quoted=True) for i, count in enumerate(counts, 1)]
    body = exp.select(*named).from_(encoded.rows).where(encoded.is_kept)
    return Query("How many different values amounts and counts have", encoded.query(body))


def value_counts_query(matched: MatchedTable, in_buckets: Sequence[bool]) -> ValuesQuery:
    """Build the query that counts the customers of every segment by value.

    It joins the table `LOOKUP`, as assigning does. `in_buckets` says for each measured outcome whether its
    values are put into buckets whose ends differ by 1 %, so that the result stays small (as the sketch of
    Masson, Rim & Lee 2019 does): `from_buckets` gives their values.
    """
    encoded = _encoded(matched)
    outcomes = measured_outcomes(matched.recipe)
    names = [f"value_{i}" for i in range(1, len(outcomes) + 1)]
    values = [
        _bucket(_value(encoded, i)) if rough else _value(encoded, i)
        for i, rough in zip(outcomes, in_buckets, strict=True)
    ]
    weight = [column(encoded.weight)] if matched.recipe.source.weight else []
    rows = (
        exp.select(exp.column("segment", table=LOOKUP, quoted=True), *weight)
        .select(*(exp.alias_(v, n, quoted=True) for v, n in zip(values, names, strict=True)))
        .from_(encoded.rows)
        .join(exp.to_table(LOOKUP), on=same_pattern(encoded))
        .where(encoded.is_kept)
    )
    measures = [exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True)]
    measures += [exp.alias_(exp.Sum(this=w.copy()), "weight_sum", quoted=True) for w in weight]
    sets = [exp.Tuple(expressions=[column("segment"), column(n)]) for n in names]
    name = encoded.unused("segment_rows")
    body = exp.select(column("segment"), *measures, *(column(n) for n in names)).from_(name)
    body.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=sets)]))
    query = encoded.query(body)
    query = query.with_(name, as_=rows, copy=False)
    purpose = "Count the customers of every segment by the values of amounts and counts"
    weights = "weight_sum" if weight else None
    return ValuesQuery(Query(purpose, query), tuple(names), "segment", "customers", weights)


def from_buckets(keys: Sequence[float]) -> list[float]:
    """Return the values that buckets stand for: in the middle, by ratio, of what they hold."""
    middle = 2 / (1 + (1 + ACCURACY) / (1 - ACCURACY))
    return [
        0.0 if key == 0 else (1 if key > 0 else -1) * middle * power((abs(key) - _OFFSET) * _STEP)
        for key in keys
    ]


def _encoded(matched: MatchedTable) -> EncodedRows:
    return encode_rows(matched, outcomes=True, unseen=MISSING)


def _value(encoded: EncodedRows, position: int) -> exp.Expr:
    return column(encoded.outcomes[position][0])


def _bucket(value: exp.Expr) -> exp.Expr:
    """The number of the bucket: 0 for 0, else by the logarithm, negative for negative values."""
    number = exp.cast(value, exp.DataType.Type.DOUBLE)
    size = exp.Div(
        this=exp.Ln(this=exp.Abs(this=number)), expression=exp.convert(_STEP), typed=False, safe=False
    )
    place = exp.paren(exp.Add(this=exp.Ceil(this=size), expression=exp.convert(_OFFSET)))
    return exp.Case(
        ifs=[
            exp.If(this=value.copy().eq(0), true=exp.convert(0)),
            exp.If(this=exp.GT(this=value.copy(), expression=exp.convert(0)), true=place),
            exp.If(
                this=exp.LT(this=value.copy(), expression=exp.convert(0)), true=exp.Neg(this=place.copy())
            ),
        ]
    )
