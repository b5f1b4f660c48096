"""The keys of a GROUP BY as one number, for a planner that would expect a group for almost every row.

PostgreSQL estimates the groups of an expression by the different values of all columns in it, multiplies, and then sorts all
rows on disk. Of a column of a subquery that it may not dissolve it assumes 200 values: it groups by hash, and in parallel.
``LIMIT ALL`` keeps it from dissolving the subquery; ``OFFSET 0`` would keep it from reading the table in parallel, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from sqlglot import exp

Ranges: TypeAlias = "dict[str, tuple[int, int]]"
"""Smallest and largest value of a key, by its name."""
_MOST_KEYS = 2**62
"""A number for each fits into 64 bits."""
_NOT_PLAIN = ("joins", "where", "having", "order", "limit", "distinct", "laterals")


def with_packed_keys(tree: exp.Expr) -> None:
    """Group by one number in place of those keys that are small whole numbers by what is written; the result stays the same."""
    if isinstance(tree, exp.Select) and len(ranges := _packable(tree)) > 1:
        _pack(tree, ranges)


def _pack(tree: exp.Select, ranges: Ranges) -> None:
    names = [item.alias_or_name for item in tree.selects]
    taken = {name.casefold() for name in names}
    taken |= {node.name.casefold() for node in tree.find_all(exp.Table, exp.TableAlias)}
    key, rows, groups = (_unused(name, taken) for name in ("pattern_key", "packed", "grouped"))
    source = _source(tree)
    packed = exp.select(exp.Star(), exp.alias_(_key(ranges), key, quoted=True)).from_(source.copy())
    packed.set("limit", exp.Limit(expression=exp.var("ALL")))
    keys = [_column(key), *(k for k in tree.args["group"].expressions if k.name not in ranges)]
    measures = [item for item in tree.selects if item.alias_or_name not in ranges and item not in keys]
    grouped = exp.select(*(item.copy() for item in (*keys, *measures)))
    grouped = grouped.from_(exp.to_identifier(rows, quoted=True)).group_by(*(k.copy() for k in keys))
    parts = _parts(key, ranges)
    tree.set("expressions", [parts.get(name, _column(name)) for name in names])
    tree.set("group", None)
    source.replace(exp.table_(groups, quoted=True))
    for name, query in ((rows, packed), (groups, grouped)):
        tree.with_(exp.to_identifier(name, quoted=True), as_=query, copy=False)


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _column(name: str) -> exp.Expr:
    return exp.column(name, quoted=True)


def _source(tree: exp.Expr) -> exp.Expr:
    found: exp.Expr = tree.args.get("from_") or tree.args["from"]
    return found.this


def _packable(tree: exp.Select) -> Ranges:
    """The ranges of the keys of a query that is nothing but a GROUP BY of a named query's columns."""
    group = tree.args.get("group")
    if group is None or any(tree.args.get(part) for part in _NOT_PLAIN):
        return {}
    named = {cte.alias: cte.this for cte in tree.ctes}.get(_source(tree).name)
    if named is None or not all(isinstance(key, exp.Column) for key in group.expressions):
        return {}
    written = {item.alias_or_name: item.unalias() for item in named.selects}
    ranges: Ranges = {}
    n_keys = 1
    for key in group.expressions:
        found = _range(written.get(key.name))
        if found is not None and n_keys * (found[1] - found[0] + 1) <= _MOST_KEYS:
            ranges[key.name] = found
            n_keys *= found[1] - found[0] + 1
    return ranges


def _range(value: exp.Expr | None) -> tuple[int, int] | None:
    """The smallest and the largest whole number that an expression can be; None where that is not written in it, or it can be missing."""
    if isinstance(value, exp.Paren):
        return _range(value.this)
    if isinstance(value, exp.Literal) and value.is_int:
        return int(value.name), int(value.name)
    if isinstance(value, exp.Neg):
        found = _range(value.this)
        return found and (-found[1], -found[0])
    if isinstance(value, exp.Case):
        return _united([*(if_.args["true"] for if_ in value.args["ifs"]), value.args.get("default")])
    if isinstance(value, exp.Coalesce) and len(value.expressions) == 1:
        return _united([_remainder(value.this), value.expressions[0]])
    return None


def _remainder(value: exp.Expr) -> exp.Expr | None:
    """The largest remainder that a value can be, where it is one; that it may be missing is up to the caller."""
    inner = value.this.unnest() if isinstance(value, exp.Abs) else None
    divisor = inner.expression if isinstance(inner, exp.Mod) else None
    if isinstance(divisor, exp.Literal) and divisor.is_int and int(divisor.name) > 0:
        return exp.convert(int(divisor.name) - 1)
    return None


def _united(values: Sequence[exp.Expr | None]) -> tuple[int, int] | None:
    """The range that holds those of all values; 0 is in it."""
    ranges = [_range(value) for value in values]
    known = [found for found in ranges if found is not None]
    if len(known) < len(ranges):
        return None
    return min(0, *(low for low, _ in known)), max(0, *(high for _, high in known))


def _key(ranges: Ranges) -> exp.Expr:
    """The number of a combination: the last key counts ones."""
    total: exp.Expr | None = None
    for name, (low, high) in ranges.items():
        place: exp.Expr = exp.cast(_column(name), exp.DataType.Type.BIGINT)
        if low:
            place = exp.paren(exp.Add(this=place, expression=exp.convert(-low)))
        if total is None:
            total = place
            continue
        higher = exp.Mul(this=exp.paren(total), expression=exp.convert(high - low + 1))
        total = exp.Add(this=higher, expression=place)
    assert total is not None  # noqa: S101 - for the type checker; the caller looked
    return total


def _parts(key: str, ranges: Ranges) -> dict[str, exp.Expr]:
    """The value of each key, under its name."""
    parts: dict[str, exp.Expr] = {}
    step = 1
    for name, (low, high) in reversed(ranges.items()):
        higher = exp.Div(this=_column(key), expression=exp.convert(step), typed=True, safe=False)
        value: exp.Expr = exp.Mod(
            this=higher if step > 1 else _column(key), expression=exp.convert(high - low + 1)
        )
        if low:
            value = exp.Sub(this=value, expression=exp.convert(-low))
        parts[name] = exp.alias_(exp.cast(value, exp.DataType.Type.INT), name, quoted=True)
        step *= high - low + 1
    return parts
