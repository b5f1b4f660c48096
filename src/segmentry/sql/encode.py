"""Encoding: each feature becomes one expression that gives the code of the customer's level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.recipe import Feature, OutcomeColumn, OutcomeGroup, Recipe
from segmentry.recipe.levels import coded_edges, coded_groups, is_resolved, level_labels
from segmentry.recipe.values import Number
from segmentry.sql.chosen_texts import OF_TEXTS
from segmentry.sql.clean import Cleaned, clean, step_columns, without_nan
from segmentry.sql.expressions import columns_of, expression
from segmentry.sql.formula import MISSING, UNSEEN
from segmentry.sql.table import LOOKUP, NUMERIC, ColumnKind, MatchedTable, SourceTable, column, unique_name

YES_WORDS = ("yes", "y", "true", "t", "1")
_MANY_EDGES, _RUN = 16, 8
NO_WORDS = ("no", "n", "false", "f", "0")


@dataclass(frozen=True)
class EncodedRows:
    """The CTE ``encoded`` with all before it, and the names of its columns: a row per customer, dropped ones included."""

    matched: MatchedTable
    ctes: tuple[tuple[str, exp.Query], ...]
    name: str
    levels: tuple[str, ...]
    dropped: str
    dropped_steps: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[str, str | None], ...]
    """(value, the value's difference from the origin, where there is one) per outcome"""
    weight: str
    """the survey weight; there is one only where the recipe names it and outcomes are included"""
    fold: str
    """the fold; there is one only where it was asked for"""

    @property
    def rows(self) -> exp.Expr:
        """What stands after FROM."""
        return exp.to_identifier(self.name, quoted=True)

    @property
    def is_kept(self) -> exp.Expr:
        """The condition that no step of the cleaning drops the row."""
        return column(self.dropped).eq(0)

    def most_frequent(self, value: exp.Expr, name: str, condition: exp.Expr) -> exp.Query:
        """Return the five most frequent values of the rows for which a condition holds, with their customers."""
        count = exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True)
        return self.query(
            exp.select(exp.alias_(value, name, quoted=True), count)
            .from_(self.rows)
            .where(condition)
            .group_by(exp.convert(1))
            .order_by(exp.Ordered(this=exp.convert(2), desc=True), exp.convert(1))
            .limit(5)
        )

    def unused(self, name: str) -> str:
        """Return the name, or a longer one, that no query before it has."""
        queries = (*self.matched.table.relation.before, *self.ctes)
        return unique_name(name, {LOOKUP, *(own.casefold() for own, _ in queries)})

    def query(self, body: exp.Select) -> exp.Query:
        """Put the named queries of the source and of the encoding before a query."""
        query = self.matched.table.relation.query(body)
        for name, cte in self.ctes:
            query = query.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
        return query


def feature_value(feature: Feature) -> exp.Expr:
    """The column or expression whose values are made into levels."""
    if feature.column is not None:
        return column(feature.column)
    return exp.paren(expression(str(feature.sql), ("features", feature.name, "sql")))


def feature_number(feature: Feature, kind: ColumnKind) -> exp.Expr:
    """The feature's value, missing where its expression is not a number (columns were cleaned of it)."""
    value = feature_value(feature)
    return without_nan(value) if kind == "float" and feature.sql is not None else value


def outcome_value(outcome: OutcomeColumn, group: OutcomeGroup) -> exp.Expr:
    """The column or expression on which segments are compared."""
    if outcome.sql is None:
        return column(outcome.name)
    return exp.paren(expression(outcome.sql, ("outcomes", group.name, "columns", outcome.name, "sql")))


def needed_columns(recipe: Recipe, *, outcomes: bool = True, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every column of the table that the recipe reads, each once."""
    names = [*also, *step_columns(recipe)]
    for feature in recipe.features:
        names += columns_of(feature_value(feature))
    if outcomes:
        names += [recipe.source.weight] if recipe.source.weight else []
        for group in recipe.outcomes:
            names += [group.exposure] if group.exposure else []
            for outcome in group.columns:
                names += columns_of(outcome_value(outcome, group))
    return tuple(dict.fromkeys(names))


def encode_rows(
    matched: MatchedTable,
    *,
    outcomes: bool = False,
    origins: Sequence[float] | None = None,
    carry: tuple[str, ...] = (),
    unseen: int = UNSEEN,
    fold: exp.Expr | None = None,
) -> EncodedRows:
    """Build the chain of CTEs from the table to ``encoded``: one row per customer, codes and outcomes.

    Parameters
    ----------
    matched
        The recipe and the table.
    outcomes
        Whether outcomes are included.
    origins
        Numbers about which squares are taken, one per outcome: with them the differences of amounts and counts from
        these are included.
    carry
        Columns that pass through unchanged, such as the id.
    unseen
        Code of the values that belong to no level.
    fold
        Expression of the customer's fold.
    """
    recipe, table = matched.recipe, matched.table
    hashed = columns_of(fold) if fold is not None else ()
    needed = needed_columns(recipe, outcomes=outcomes, also=(*carry, *hashed))
    cleaned = clean(recipe, table, needed)
    taken = {
        name.casefold() for name in (*table.columns, *(m for _, m in (*cleaned.dropped, *cleaned.changed)))
    }
    levels = tuple(unique_name(f"{f.name}_level", taken) for f in recipe.features)
    parts: list[exp.Expr] = [column(c) for c in carry]
    parts += [
        exp.alias_(level_expression(f, matched.kind_of(f), unseen), alias, quoted=True, copy=False)
        for f, alias in zip(recipe.features, levels, strict=True)
    ]
    dropped = unique_name("dropped_by", taken)
    mark, dropped_steps = _dropped_by(matched, cleaned)
    parts.append(exp.alias_(mark, dropped, quoted=True, copy=False))
    parts += [column(m) for _, m in cleaned.changed]
    values, outcome_names = _outcomes(matched, taken, origins) if outcomes else ([], ())
    weight = unique_name("survey_weight", taken)
    if recipe.source.weight and outcomes:
        values.append(exp.alias_(_weight(recipe.source.weight, table), weight, quoted=True))
    fold_name = unique_name("fold", taken)
    if fold is not None:
        values.append(exp.alias_(fold, fold_name, quoted=True))
    source = exp.to_identifier(cleaned.name, quoted=True)
    query = exp.select(*parts, *values, copy=False).from_(source, copy=False)
    name = unique_name("encoded", {n.casefold() for n, _ in (*table.relation.before, *cleaned.ctes)})
    ctes = (*cleaned.ctes, (name, query))
    return EncodedRows(
        matched, ctes, name, levels, dropped, dropped_steps, cleaned.changed, outcome_names, weight, fold_name
    )


def _weight(name: str, table: SourceTable) -> exp.Expr:
    """The survey weight; whole numbers as floating-point ones, because squares of narrow integers overflow."""
    is_whole = table.columns[name] == "integer"
    return exp.cast(column(name), exp.DataType.Type.DOUBLE) if is_whole else column(name)


def missing_step(feature: str) -> str:
    """Name of the step that drops the rows without a value of a feature."""
    return f"{feature}_missing"


def _dropped_by(matched: MatchedTable, cleaned: Cleaned) -> tuple[exp.Expr, tuple[str, ...]]:
    """The number of the first step that drops the row, 0 where none does."""
    conditions: list[tuple[str, exp.Expr]] = [(step, column(mark)) for step, mark in cleaned.dropped]
    conditions += [
        (missing_step(f.name), feature_number(f, matched.kind_of(f)).is_(exp.null()))
        for f in matched.recipe.features
        if f.missing == "drop"
    ]
    if not conditions:
        return exp.Literal.number(0), ()
    cases = [exp.If(this=c, true=exp.Literal.number(i)) for i, (_, c) in enumerate(conditions, 1)]
    return exp.Case(ifs=cases, default=exp.Literal.number(0)), tuple(step for step, _ in conditions)


def _outcomes(
    matched: MatchedTable, taken: set[str], origins: Sequence[float] | None
) -> tuple[list[exp.Expr], tuple[tuple[str, str | None], ...]]:
    """Outcome expressions under names that no other column of ``encoded`` has."""
    parts: list[exp.Expr] = []
    names: list[tuple[str, str | None]] = []
    for i, (outcome, group) in enumerate(matched.recipe.outcome_columns):
        name = unique_name(f"{outcome.name}_value", taken)
        value = outcome_expression(outcome, group, matched)
        parts.append(exp.alias_(value, name, quoted=True))
        if origins is None or group.role == "flags":
            names.append((name, None))
            continue
        centred = unique_name(f"{outcome.name}_centred", taken)
        number = exp.cast(value.copy(), exp.DataType.Type.DOUBLE)
        about = exp.Sub(this=number, expression=exp.convert(origins[i])) if origins[i] else number
        parts.append(exp.alias_(about, centred, quoted=True))
        names.append((name, centred))
    return parts, tuple(names)


def level_expression(feature: Feature, kind: ColumnKind, unseen: int = UNSEEN) -> exp.Expr:
    """Code of the level; the value itself where the levels are not known yet."""
    value = feature_number(feature, kind)
    if not is_resolved(feature):
        return value if kind in NUMERIC or kind in ("text", "boolean") else as_text(value)
    missing = len(level_labels(feature)) - 1 if feature.missing == "level" else MISSING
    first = exp.If(this=value.is_(exp.null()), true=exp.convert(missing))
    if feature.edges is not None:
        cases, rest = _edge_cases(feature, value)
    elif feature.yes_no:
        cases, rest = _yes_no_cases(value, kind, unseen)
    else:
        cases, rest = _group_cases(feature, value, kind, unseen)
    chosen = exp.Case(ifs=[first, *cases], default=exp.convert(rest))
    chosen.meta[OF_TEXTS] = kind == "text"
    return chosen


def _edge_cases(feature: Feature, value: exp.Expr) -> tuple[list[exp.If], int]:
    """One case per edge; many edges in runs, so that a row is compared with the last of each run, then within one."""
    edges = list(enumerate(coded_edges(feature)))
    below = exp.LT if feature.closed == "left" else exp.LTE

    def case(edge: Number, then: exp.Expr) -> exp.If:
        return exp.If(this=below(this=value.copy(), expression=exp.convert(edge)), true=then)

    if len(edges) <= _MANY_EDGES:
        return [case(edge, exp.convert(code)) for code, edge in edges], len(edges)
    cases = []
    for start in range(0, len(edges), _RUN):
        *inner, last = edges[start : start + _RUN]
        within = [case(edge, exp.convert(code)) for code, edge in inner]
        highest: exp.Expr = exp.convert(last[0])
        cases.append(case(last[1], exp.Case(ifs=within, default=highest) if within else highest))
    return cases, len(edges)


def _yes_no_cases(value: exp.Expr, kind: ColumnKind, unseen: int = UNSEEN) -> tuple[list[exp.If], int]:
    if kind == "boolean":
        return [exp.If(this=value.copy(), true=exp.convert(1))], 0
    if kind in NUMERIC:
        return [exp.If(this=value.copy().neq(0), true=exp.convert(1))], 0
    text = exp.Lower(this=exp.Trim(this=value.copy()))
    return [
        exp.If(this=text.isin(*YES_WORDS), true=exp.convert(1)),
        exp.If(this=text.copy().isin(*NO_WORDS), true=exp.convert(0)),
    ], unseen


def _group_cases(
    feature: Feature, value: exp.Expr, kind: ColumnKind, unseen: int
) -> tuple[list[exp.If], int]:
    groups = coded_groups(feature)
    compared = value if kind in NUMERIC or kind in ("text", "boolean") else as_text(value)
    cases = [
        exp.If(this=compared.copy().isin(*(_comparable(v, kind) for v in values)), true=exp.convert(i))
        for i, values in enumerate(groups)
    ]
    return cases, len(groups) if feature.rest is not None else unseen


def _comparable(value: object, kind: ColumnKind) -> exp.Expr:
    if kind in NUMERIC or kind == "boolean":
        return exp.convert(value)
    return exp.Literal.string(str(value))


def as_text(value: exp.Expr) -> exp.Expr:
    """The value cast to text."""
    return exp.cast(value.copy(), exp.DataType.Type.VARCHAR)


def outcome_expression(outcome: OutcomeColumn, group: OutcomeGroup, matched: MatchedTable) -> exp.Expr:
    """The outcome as a number; missing where the customer was not exposed."""
    value, kind = outcome_value(outcome, group), matched.kind_of(outcome)
    if kind == "float" and outcome.sql is not None:
        value = without_nan(value)
    value = flag_number(value, kind)
    if group.exposure is None:
        return value
    is_exposed = flag_number(column(group.exposure), matched.table.columns[group.exposure]).eq(1)
    return exp.Case(ifs=[exp.If(this=is_exposed, true=value)])


def flag_number(value: exp.Expr, kind: ColumnKind) -> exp.Expr:
    """True/false and yes/no as 1 and 0, other text as -1; numbers as they are."""
    if kind == "boolean":
        return exp.Case(
            ifs=[
                exp.If(this=value, true=exp.convert(1)),
                exp.If(this=exp.not_(value.copy()), true=exp.convert(0)),
            ]
        )
    if kind != "text":
        return value
    cases, _ = _yes_no_cases(value, kind)
    missing = exp.If(this=value.is_(exp.null()), true=exp.null())
    return exp.Case(ifs=[missing, *cases], default=exp.convert(-1))
