"""Cleaning as named queries: each step of the recipe is one CTE, and marks what it drops or changes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segmentry.recipe import CleanStep, Recipe
from segmentry.sql.expressions import columns_of, expression
from segmentry.sql.table import LOOKUP, NUMERIC, SourceTable, column, unique_name


@dataclass(frozen=True)
class Cleaned:
    """The cleaning CTEs in order, the last one's name, and the marks that they add."""

    ctes: tuple[tuple[str, exp.Query], ...]
    name: str
    dropped: tuple[tuple[str, str], ...]
    """(step, boolean column that is true where the step drops the row)"""
    changed: tuple[tuple[str, str], ...]
    """(step, boolean column that is true where the step changes a value)"""


def clean(recipe: Recipe, table: SourceTable, needed: tuple[str, ...]) -> Cleaned:
    """Turn the recipe's cleaning steps into CTEs over the `needed` columns of the table.

    No row is filtered away: a dropped row keeps a mark, so that one scan gives both the patterns and
    the count of everything that was left out.
    """
    taken = {name.casefold() for name in table.columns}
    names = {LOOKUP, *(name.casefold() for name, _ in table.relation.before)}
    previous = unique_name("source", names)
    ctes = [(previous, _source(table, needed))]
    dropped: list[tuple[str, str]] = []
    changed: list[tuple[str, str]] = []
    carried = list(needed)
    for step in recipe.clean:
        kind = changed if step.replace else dropped
        mark = unique_name(f"{step.step}_{'changed' if step.replace else 'dropped'}", taken)
        query = _replaced(step, carried, mark, table) if step.replace else _marked(step, mark)
        name = unique_name(step.step, names)
        ctes.append((name, _commented(query.from_(exp.to_identifier(previous, quoted=True)), step)))
        kind.append((step.step, mark))
        carried.append(mark)
        previous = name
    return Cleaned(tuple(ctes), previous, tuple(dropped), tuple(changed))


def step_columns(recipe: Recipe) -> tuple[str, ...]:
    """Columns that the cleaning steps read."""
    names: list[str] = []
    for step in recipe.clean:
        names += step.drop_missing
        if step.replace:
            names.append(step.replace.column)
        if step.keep:
            names += columns_of(expression(step.keep, ("clean", step.step, "keep")))
    return tuple(dict.fromkeys(names))


def without_nan(value: exp.Expr) -> exp.Expr:
    """The floating-point value, missing where it is not a number."""
    nan = exp.cast(exp.Literal.string("NaN"), exp.DataType.Type.DOUBLE)
    return exp.Nullif(this=value, expression=nan)


def _source(table: SourceTable, needed: tuple[str, ...]) -> exp.Query:
    """The needed columns, with the not-a-number of floating-point columns made missing."""
    parts: list[exp.Expr] = []
    for name in needed:
        if table.columns[name] == "float":
            parts.append(exp.alias_(without_nan(column(name)), name, quoted=True))
        else:
            parts.append(column(name))
    if not parts:
        parts = [exp.alias_(exp.Literal.number(1), "one")]
    return exp.select(*parts).from_(table.relation.origin.copy())


def _marked(step: CleanStep, mark: str) -> exp.Select:
    if step.keep is not None:
        kept = expression(step.keep, ("clean", step.step, "keep"))
        drop: exp.Expr = exp.not_(exp.func("COALESCE", exp.paren(kept), exp.false()))
    else:
        drop = exp.or_(*(column(c).is_(exp.null()) for c in step.drop_missing))
    return exp.select("*", exp.alias_(drop, mark, quoted=True))


def _replaced(step: CleanStep, carried: list[str], mark: str, table: SourceTable) -> exp.Select:
    assert step.replace is not None  # noqa: S101 - for the type checker; the caller looked
    target = step.replace.column
    numeric = table.columns[target] in NUMERIC
    pairs = [(_literal(a, numeric), _literal(b, numeric)) for a, b in step.replace.values]
    cases = [exp.If(this=column(target).eq(old), true=new) for old, new in pairs]
    swapped = exp.alias_(exp.Case(ifs=cases, default=column(target)), target, quoted=True)
    is_old = exp.func("COALESCE", column(target).isin(*(old.copy() for old, _ in pairs)), exp.false())
    kept = [swapped if name == target else column(name) for name in carried]
    return exp.select(*kept, exp.alias_(is_old, mark, quoted=True))


def _literal(value: object, numeric: bool) -> exp.Expr:
    if not numeric and not isinstance(value, bool):
        return exp.Literal.string(str(value))
    return exp.convert(value)


def _commented(query: exp.Select, step: CleanStep) -> exp.Select:
    if step.why:
        query.add_comments([f" {step.why} "])
    return query
