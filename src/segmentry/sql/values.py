"""How often each value of an amount occurs in each segment: one grouped query, for quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp as power
from math import log

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.assign import LOOKUP, lookup_columns
from segmentry.sql.collect import with_ctes
from segmentry.sql.encode import EncodedCode, encode_feature
from segmentry.sql.formula import MISSING
from segmentry.sql.table import ColumnKind, Query, SourceTable, column

ACCURACY = 0.005
"""Values that are put into buckets are at most this far, relatively, from their bucket's."""
_STEP = log((1 + ACCURACY) / (1 - ACCURACY))
_OFFSET = 2**20
_COUNTS_DISTINCT = frozenset({"postgres", "sqlite"})  # dialects without an approximate count


@dataclass(frozen=True)
class ValuesQuery:
    """The query for value counts.

    Its columns by position: the segment, the number of customers, with a survey weight the sum of weights,
    and then one column per measured outcome. A row is about the one outcome that is not missing in it; rows
    in which all are missing count the customers without a value.
    """

    query: Query
    outcomes: tuple[int, ...]
    is_weighted: bool


def measured(recipe: Recipe) -> tuple[int, ...]:
    """Positions of the outcomes that have quartiles: all but flags."""
    roles = [group.role for group in recipe.outcomes for _ in group.columns]
    return tuple(i for i, role in enumerate(roles) if role != "flags")


def count_values(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind], dialect: str) -> Query:
    """Build the query for roughly how many different values each measured outcome has."""
    encoded = _encoded(recipe, table, kinds)
    counts = [_distinct(_value(encoded, i), dialect) for i in measured(recipe)]
    named = [exp.alias_(count, f"values_{i}", quoted=True) for i, count in enumerate(counts, 1)]
    body = exp.select(*named).from_(exp.to_identifier(encoded.name, quoted=True)).where(_is_kept(encoded))
    return Query("How many different values amounts and counts have", with_ctes(table, encoded, body))


def segment_values(
    recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind], in_buckets: Sequence[bool]
) -> ValuesQuery:
    """Build the query that counts the customers of every segment by value.

    It joins the table `LOOKUP`, as assigning does. `in_buckets` says for each measured outcome whether its
    values are put into buckets whose ends differ by 1 %, so that the result stays small (as the sketch of
    Masson, Rim & Lee 2019 does): `from_buckets` gives their values.
    """
    encoded = _encoded(recipe, table, kinds)
    outcomes = measured(recipe)
    names = [f"value_{i}" for i in range(1, len(outcomes) + 1)]
    values = [
        _bucket(_value(encoded, i)) if rough else _value(encoded, i)
        for i, rough in zip(outcomes, in_buckets, strict=True)
    ]
    weight = [column(encoded.weight)] if recipe.source.weight else []
    rows = (
        exp.select(exp.column("segment", table=LOOKUP, quoted=True), *weight)
        .select(*(exp.alias_(v, n, quoted=True) for v, n in zip(values, names, strict=True)))
        .from_(exp.to_identifier(encoded.name, quoted=True))
        .join(exp.to_table(LOOKUP), on=_same_pattern(recipe, encoded))
        .where(_is_kept(encoded))
    )
    measures = [exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True)]
    measures += [exp.alias_(exp.Sum(this=w.copy()), "weight_sum", quoted=True) for w in weight]
    sets = [exp.Tuple(expressions=[column("segment"), column(n)]) for n in names]
    body = exp.select(column("segment"), *measures, *(column(n) for n in names)).from_("segment_rows")
    body.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=sets)]))
    query = with_ctes(table, encoded, body)
    query = query.with_("segment_rows", as_=rows, copy=False)
    purpose = "Count the customers of every segment by the values of amounts and counts"
    return ValuesQuery(Query(purpose, query), outcomes, bool(weight))


def from_buckets(keys: Sequence[float]) -> list[float]:
    """Return the values that buckets stand for: in the middle, by ratio, of what they hold."""
    middle = 2 / (1 + (1 + ACCURACY) / (1 - ACCURACY))
    return [
        0.0 if key == 0 else (1 if key > 0 else -1) * middle * power((abs(key) - _OFFSET) * _STEP)
        for key in keys
    ]


def _encoded(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind]) -> EncodedCode:
    return encode_feature(recipe, table, kinds, outcomes=True, unseen=MISSING)


def _value(encoded: EncodedCode, position: int) -> exp.Expr:
    return column(encoded.outcomes[position][0])


def _is_kept(encoded: EncodedCode) -> exp.Expr:
    return column(encoded.dropped).eq(exp.convert(0))


def _same_pattern(recipe: Recipe, encoded: EncodedCode) -> exp.Expr:
    pairs = zip(encoded.levels, lookup_columns(recipe), strict=True)
    return exp.and_(
        *(
            exp.column(level, table=encoded.name, quoted=True).eq(exp.column(name, table=LOOKUP, quoted=True))
            for level, name in pairs
        )
    )


def _distinct(value: exp.Expr, dialect: str) -> exp.Expr:
    if dialect in _COUNTS_DISTINCT:
        return exp.Count(this=exp.Distinct(expressions=[value]))
    return exp.ApproxDistinct(this=value)


def _bucket(value: exp.Expr) -> exp.Expr:
    """The number of the bucket: 0 for 0, else by the logarithm, negative for negative values."""
    number = exp.cast(value, exp.DataType.Type.DOUBLE)
    size = exp.Div(
        this=exp.Ln(this=exp.Abs(this=number)), expression=exp.convert(_STEP), typed=False, safe=False
    )
    place = exp.paren(exp.Add(this=exp.Ceil(this=size), expression=exp.convert(_OFFSET)))
    return exp.Case(
        ifs=[
            exp.If(this=value.copy().eq(exp.convert(0)), true=exp.convert(0)),
            exp.If(this=exp.GT(this=value.copy(), expression=exp.convert(0)), true=place),
            exp.If(
                this=exp.LT(this=value.copy(), expression=exp.convert(0)), true=exp.Neg(this=place.copy())
            ),
        ]
    )
