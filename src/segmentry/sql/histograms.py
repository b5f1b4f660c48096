"""Histograms: the raw values behind the numeric features, counted per segment in one grouped query."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sqlglot import exp

from segmentry.recipe import Feature
from segmentry.sql.assign import lookup_columns, same_pattern
from segmentry.sql.encode import encode_rows, feature_number, feature_value
from segmentry.sql.expressions import columns_of
from segmentry.sql.formula import MISSING
from segmentry.sql.table import LOOKUP, NUMERIC, MatchedTable, Query, column, unique_name

_BINNED = "binned"
_BINS_IN_EDGES = 10
"""About so many bins lie between the lowest and the highest edge of a feature; more lie outside."""
_BEYOND = 0.6
"""Bins reach so far beyond the edges, as a share of the distance between them; the rest is open."""


@dataclass(frozen=True)
class Bins:
    """Equal bins of a feature's values; bin 0 is all below `low`, bin `n` + 1 all from the top on."""

    feature: str
    low: float
    width: float
    n: int

    def ends(self, number: int) -> tuple[float, float]:
        """Where a bin begins and ends; not a number where it is open."""
        start = self.low + (number - 1) * self.width
        return (math.nan if number == 0 else start), (math.nan if number > self.n else start + self.width)


def bins_of(matched: MatchedTable) -> tuple[Bins, ...]:
    """Bins for each feature that has edges: round widths, around the edges."""
    found = [(feature, matched.kind_of(feature)) for feature in matched.recipe.features]
    return tuple(_bins(f, is_whole=kind == "integer") for f, kind in found if f.edges and kind in NUMERIC)


def _bins(feature: Feature, *, is_whole: bool) -> Bins:
    edges = [float(edge) for edge in feature.edges or ()]
    span = edges[-1] - edges[0] or abs(edges[0]) or 1.0
    width = _round(span / _BINS_IN_EDGES)
    width = max(1.0, float(round(width))) if is_whole else width
    low = math.floor((edges[0] - _BEYOND * span) / width) * width
    low = max(low, 0.0) if edges[0] >= 0 else low
    return Bins(feature.name, low, width, math.ceil((edges[-1] + _BEYOND * span - low) / width))


def _round(width: float) -> float:
    """One, two or five times a power of ten, the first that is at least nine tenths of the width.

    Examples
    --------
    >>> _round(5500.0), _round(4.4), _round(0.0012)
    (5000.0, 5.0, 0.002)
    """
    power = 10.0 ** math.floor(math.log10(width))
    return next(round(m * power, 12) for m in (1, 2, 5, 10) if m * power >= 0.9 * width)


@dataclass(frozen=True)
class HistogramsQuery:
    """The query for histograms, and the positions of its columns.

    Attributes
    ----------
    segment, customers
        The segment, from 1, and its customers in the bin.
    bins
        Number of the bin, a column per feature: missing in the rows of other features, -1 where the value is missing.
    """

    query: Query
    segment: int
    bins: tuple[int, ...]
    customers: int


def histograms_query(matched: MatchedTable, bins: tuple[Bins, ...]) -> HistogramsQuery:
    """Build the query for the customers per segment and bin, one grouping set per feature of `bins`.

    It joins the table `LOOKUP`, as `assign` does.
    """
    features = {f.name: f for f in matched.recipe.features}
    mine = [features[b.feature] for b in bins]
    carry = tuple(dict.fromkeys(c for f in mine for c in columns_of(feature_value(f))))
    encoded = encode_rows(matched, carry=carry, unseen=MISSING)
    taken = {
        name.casefold() for name in (*encoded.levels, *lookup_columns(matched.recipe), "segment", "certainty")
    }
    names = [unique_name(f"{b.feature}_bin", taken) for b in bins]
    values = [
        exp.alias_(_bin(b, feature_number(f, matched.kind_of(f))), name, quoted=True)
        for b, f, name in zip(bins, mine, names, strict=True)
    ]
    binned = exp.select(*(column(level) for level in encoded.levels), *values)
    binned = binned.from_(encoded.rows).where(encoded.is_kept)
    name = encoded.unused(_BINNED)
    sets = [exp.Tuple(expressions=[column("segment"), column(n)]) for n in names]
    customers = exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True)
    body = exp.select(column("segment"), *(column(n) for n in names), customers)
    body = body.from_(exp.to_identifier(name, quoted=True)).join(
        exp.to_table(LOOKUP), on=same_pattern(encoded, name), join_type="inner"
    )
    body.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
    chain = replace(encoded, ctes=(*encoded.ctes, (name, binned)))
    purpose = "Count the raw values behind the numeric features per segment, for the report's histograms"
    positions = tuple(range(1, len(names) + 1))
    return HistogramsQuery(Query(purpose, chain.query(body)), 0, positions, len(names) + 1)


def _bin(bins: Bins, value: exp.Expr) -> exp.Expr:
    """The number of the bin that a value falls in, -1 where there is none."""
    top = bins.low + bins.n * bins.width
    distance = exp.paren(exp.cast(value.copy(), exp.DataType.Type.DOUBLE) - exp.convert(bins.low))
    number = exp.cast(exp.Floor(this=exp.Div(this=distance, expression=exp.convert(bins.width))), "INT")
    cases = [
        exp.If(this=value.copy().is_(exp.null()), true=exp.convert(MISSING)),
        exp.If(this=exp.LT(this=value.copy(), expression=exp.convert(bins.low)), true=exp.convert(0)),
        exp.If(this=exp.GTE(this=value.copy(), expression=exp.convert(top)), true=exp.convert(bins.n + 1)),
    ]
    return exp.Case(ifs=cases, default=number + exp.convert(1))
