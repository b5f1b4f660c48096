"""The design of a sample: the sums of every sampled unit by segment, in one grouped query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.sql.assign import same_pattern
from segmentry.sql.encode import EncodedRows, as_text, encode_rows
from segmentry.sql.formula import MISSING
from segmentry.sql.table import LOOKUP, MatchedTable, Query, column


@dataclass(frozen=True)
class DesignQuery:
    """The query, and how many of its columns hold what: keys, the segment, customers, sums, squares."""

    query: Query
    n_keys: int
    n_sums: int
    n_squares: int


def design_query(matched: MatchedTable, origins: Sequence[float]) -> DesignQuery:
    """Build the query for the sums of each stratum, cluster and segment, of the customers whose weight is above 0.

    It joins the table `LOOKUP`, as assigning does. Where the recipe names no cluster, every customer is a unit, and sums of squares stand
    behind the sums.
    """
    keys = tuple(matched.recipe.source.design.values())
    encoded = encode_rows(matched, outcomes=True, origins=origins, carry=keys, unseen=MISSING)
    segment = exp.column("segment", table=LOOKUP, quoted=True)
    weight = _weight(matched, encoded)
    sums, squares = [weight], [_times(weight, weight)]
    for value, centred in encoded.outcomes:
        number = exp.cast(column(centred or value), exp.DataType.Type.DOUBLE)
        has_value = exp.Case(ifs=[exp.If(this=exp.not_(column(value).is_(exp.null())), true=weight.copy())])
        product, twice = _times(weight, number), _times(weight, has_value)
        sums += [has_value, product]
        squares += [twice, _times(product, weight), _times(product, product)]
    measures = [*sums, *(squares if matched.recipe.source.cluster is None else ())]
    units = [_key(matched, encoded, name) for name in keys]
    aggregates = [exp.Count(this=exp.Star()), *(exp.Sum(this=m.copy()) for m in measures)]
    body = (
        exp.select(*(exp.alias_(unit, f"unit_{i}", quoted=True) for i, unit in enumerate(units)))
        .select(exp.alias_(segment, "unit_segment", quoted=True))
        .select(*(exp.alias_(a, f"sum_{i}", quoted=True) for i, a in enumerate(aggregates)))
        .from_(encoded.rows)
        .join(exp.to_table(LOOKUP), on=same_pattern(encoded))
        .where(encoded.is_kept)
        .group_by(*(unit.copy() for unit in units), segment.copy())
        .order_by(*(unit.copy() for unit in units), segment.copy())
    )
    if matched.recipe.source.weight:
        body = body.where(weight > 0)
    query = Query("Add up every cluster of the sample by segment", encoded.query(body))
    return DesignQuery(query, len(keys), len(sums), len(measures) - len(sums))


def design_values_query(matched: MatchedTable) -> Query:
    """Build the query for what the design needs of the customers whose weight is above 0.

    ``n_customers``, and for the i-th key ``n_i``, those who have a value, and whether there are two values, ``differs_i``.
    """
    recipe = matched.recipe
    dropping = matched.with_recipe(
        features=tuple(f for f in recipe.features if f.missing == "drop"), outcomes=()
    )
    keys = tuple(recipe.source.design.values())
    encoded = encode_rows(dropping, outcomes=True, carry=keys)
    body = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n_customers", quoted=True))
    for i, name in enumerate(keys):
        key = _key(matched, encoded, name)
        least, most = exp.Min(this=key.copy()), exp.Max(this=key.copy())
        differs = exp.Case(ifs=[exp.If(this=least.neq(most), true=exp.convert(1))], default=exp.convert(0))
        body = body.select(exp.alias_(exp.Count(this=key), f"n_{i}", quoted=True))
        body = body.select(exp.alias_(differs, f"differs_{i}", quoted=True))
    body = body.from_(encoded.rows).where(encoded.is_kept)
    if recipe.source.weight:
        body = body.where(_weight(matched, encoded) > 0)
    return Query("Which customers have a stratum and a cluster, and are there several", encoded.query(body))


def _key(matched: MatchedTable, encoded: EncodedRows, name: str) -> exp.Expr:
    """A stratum or cluster; as text where a database may be unable to compare its values, or to find the least."""
    value = exp.column(name, table=encoded.name, quoted=True)
    return as_text(value) if matched.table.columns[name] in ("boolean", "other") else value


def _weight(matched: MatchedTable, encoded: EncodedRows) -> exp.Expr:
    given: exp.Expr = column(encoded.weight) if matched.recipe.source.weight else exp.convert(1)
    return exp.cast(given, exp.DataType.Type.DOUBLE)


def _times(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Mul(this=exp.paren(one.copy()), expression=exp.paren(other.copy()))
