"""One meaning in every dialect: what of the recipe's SQL is written for which engine, and how.

sqlglot spells a query in another dialect, but does not always keep its meaning: a division of integers is another
number in PostgreSQL, ``TRY_CAST`` becomes a plain ``CAST`` there, functions that it does not know pass through. So only
the expressions listed here, each tested against DuckDB on the same rows, are written for an engine other than DuckDB;
anything else is an error that names the dialect and the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from sqlglot import exp

from segmentry.errors import RecipeError
from segmentry.sql import clickhouse
from segmentry.sql.calls import is_relative
from segmentry.sql.chosen_texts import computed_once, looked_up_once
from segmentry.sql.packed_keys import with_packed_keys
from segmentry.sql.scoring_dialects import SCORING_DIALECTS, check_further
from segmentry.sql.text_dates import date_of_format, date_of_text, is_tested_format
from segmentry.sql.trees import nodes_of

DIALECTS = ("duckdb", "postgres", "spark", "clickhouse")
"""Dialects whose SQL is executed in the tests."""
PLACE = "place"
"""Key of the note on a parsed expression that says where in the recipe it stands."""
NUMBER_PATTERN = "^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})? *$"
"""What text is a number: ``TRY_CAST(... AS DOUBLE)`` gives a missing value for any other, in every dialect."""
_FOLDING = ("snowflake",)
"""Dialects that would return names without quotes in capitals."""
_FEW = 8
_LONGEST_NAME = 63
"""PostgreSQL cuts longer names off without an error."""

_SCALARS: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren,
    exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between,
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Like,
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Div, exp.Mod, exp.Abs, exp.Floor, exp.Ceil,
    exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least,
    exp.Cast, exp.TryCast, exp.DataType, exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.DPipe,
    exp.Replace,
    exp.Year, exp.Month, exp.Day, exp.Extract, exp.DateDiff, exp.Var,
)  # fmt: skip
_QUERIES: tuple[type[exp.Expr], ...] = (
    exp.Select, exp.Subquery, exp.With, exp.CTE, exp.TableAlias, exp.Alias, exp.Star, exp.From, exp.Table, exp.Join,
    exp.Where, exp.Group, exp.Having, exp.Distinct, exp.Union, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max,
)  # fmt: skip
_OWN: tuple[type[exp.Expr], ...] = (
    exp.Order, exp.Ordered, exp.Limit, exp.Anonymous, exp.Values, exp.Tuple, exp.GroupingSets, exp.ApproxDistinct,
    exp.SplitPart, exp.Exp, exp.Ln, exp.Sqrt, exp.Concat, exp.Ascii,
    exp.Window, exp.WindowSpec, exp.RowNumber, exp.Lag, exp.Lead, exp.RegexpLike,
    exp.WithinGroup, exp.PercentileDisc, exp.ApproxQuantile, exp.Array, exp.Corr,
)  # fmt: skip
_KNOWN = (*_SCALARS, *_QUERIES, *_OWN)
_PREDICATES = (exp.Predicate, exp.And, exp.Or, exp.Not)
_INTEGERS = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT)


def render_sql(query: exp.Query, dialect: str, *, pretty: bool = True) -> str:
    """Write a query in a dialect, with the meaning that it has in DuckDB.

    Raises
    ------
    RecipeError
        The dialect is not one of `DIALECTS`, or the query holds an expression without a tested form in it.
    """
    if dialect not in (*DIALECTS, *SCORING_DIALECTS):
        raise RecipeError(f"queries are tested on {', '.join(DIALECTS)} alone", source=f"dialect {dialect!r}")
    tree = query.copy()
    nodes = nodes_of(tree)
    parts = [node for node in nodes if _has_place(node)]
    if dialect != "duckdb":
        _check(nodes, parts, dialect)
    if dialect in SCORING_DIALECTS:
        check_further(nodes, parts, lambda node: _refuse(node, dialect))
    for part in parts:
        _rewrite(part, _OF_RECIPES)
    if rewrites := _REWRITES.get(dialect):
        _rewrite(tree, rewrites)
    for change in (*SCORING_DIALECTS.get(dialect, ()), *_FURTHER.get(dialect, ())):
        change(tree)
    return tree.sql(dialect=dialect, pretty=pretty, copy=False, identify=dialect in _FOLDING)


def _has_place(node: exp.Expr) -> bool:
    """Whether the note says where in the recipe the node stands; asked for, a note would be made for each that has none."""
    return node._meta is not None and bool(node._meta.get(PLACE))


def _check(nodes: Iterable[exp.Expr], parts: Iterable[exp.Expr], dialect: str) -> None:
    for node in nodes:
        if not isinstance(node, _KNOWN) or (isinstance(node, exp.Anonymous) and not _is_tested(node)):
            _refuse(node, dialect)
    for part in parts:
        for node in nodes_of(part):
            if (isinstance(node, _OWN) and not is_tested_format(node)) or not _is_tested(node):
                _refuse(node, dialect)


def _is_tested(node: exp.Expr) -> bool:
    """Whether the node, of an allowed kind, is used in one of the tested ways."""
    test = _TESTED.get(type(node))
    return test is None or test(node)


def _is_tested_cast(node: exp.Expr) -> bool:
    """To a date or a floating-point number; to an integer only what is true or false: rounding differs.

    Texts that are put together are no dates: PostgreSQL would read ``'n' || 'ow'`` as the day of the run.
    """
    to = node.args["to"].this
    if to == exp.DataType.Type.DATE and (
        node.find(exp.DPipe, exp.Concat, exp.Replace)
        or any(isinstance(part.this, exp.Literal) for part in node.find_all(exp.Substring))
    ):
        return False
    return to in (exp.DataType.Type.DOUBLE, exp.DataType.Type.DATE) or (
        to in _INTEGERS and isinstance(node.this.unnest(), _PREDICATES)
    )


def _is_from_the_start(node: exp.Expr) -> bool:
    bounds = (node.args.get("start"), node.args.get("length"))
    return all(isinstance(n, exp.Literal) and n.is_int and n.name != "0" for n in bounds if n is not None)


def _is_of_fixed_texts(node: exp.Expr) -> bool:
    """What is replaced, and by what, is written out; an empty text means something else in some databases."""
    old, new = node.args.get("expression"), node.args.get("replacement")
    return old is not None and old.is_string and old.name != "" and new is not None and new.is_string


def _has_one_argument(node: exp.Expr) -> bool:
    return all(not value or key == "this" for key, value in node.args.items())


_TESTED: dict[type[exp.Expr], Callable[[exp.Expr], bool]] = {
    exp.Cast: _is_tested_cast,
    exp.Replace: _is_of_fixed_texts,
    exp.TryCast: lambda node: node.args["to"].this in (exp.DataType.Type.DOUBLE, exp.DataType.Type.DATE),
    exp.Trim: _has_one_argument,
    exp.Avg: lambda node: not isinstance(node.this, exp.Distinct),
    exp.Star: _has_one_argument,
    exp.DateDiff: lambda node: node.text("unit").upper() == "DAY",
    exp.Extract: lambda node: node.name.upper() in ("YEAR", "MONTH", "DAY"),
    exp.Like: lambda node: node.expression.is_string and "\\" not in node.expression.name,
    exp.Substring: _is_from_the_start,
    exp.Anonymous: lambda node: (
        node.name
        in ("quantile_disc", "TRANSLATE", "XXHASH64", "VERSION", "CURRENT_VERSION", *clickhouse.OF_COLUMNS)
        or is_tested_format(node)
    ),
}


def _refuse(node: exp.Expr, dialect: str) -> None:
    """Raise the error that names the dialect, the expression and its place in the recipe."""
    raise RecipeError(
        f"{node.sql('duckdb')!r} has no tested form in the dialect {dialect!r}",
        place=next((n.meta[PLACE] for n in (node, *_above(node)) if _has_place(n)), ()),
        hint="write it otherwise (numbers in text: TRY_CAST(... AS DOUBLE); dates: TRY_STRPTIME(..., '%d/%m/%Y')), or let a view of "
        "the database hold it",
    )


def _above(node: exp.Expr) -> list[exp.Expr]:
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


_Rewrites: TypeAlias = "dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]"  # no exp.Expr before sqlglot 30


def _rewrite(tree: exp.Expr, rewrites: _Rewrites) -> None:
    """Replace the nodes of some kinds, the innermost first."""
    kinds = tuple(rewrites)
    for node in reversed([node for node in nodes_of(tree) if isinstance(node, kinds)]):
        new = rewrites[type(node)](node)
        if new is not node:
            if node._meta:
                new.meta.update(node.meta)
            node.replace(new)


def _double(value: exp.Expr) -> exp.Expr:
    return exp.cast(value.copy(), exp.DataType.Type.DOUBLE)


def _division(node: exp.Expr) -> exp.Expr:
    """A quotient of floating-point numbers; missing where the divisor is 0."""
    divisor = exp.Nullif(this=_double(node.args["expression"]), expression=exp.convert(0))
    return exp.Div(this=_double(node.this), expression=divisor, typed=True, safe=False)


def _remainder(node: exp.Expr) -> exp.Expr:
    """A remainder; missing where the divisor is 0."""
    divisor = exp.Nullif(this=node.args["expression"].copy(), expression=exp.convert(0))
    return exp.Mod(this=node.this.copy(), expression=divisor)


def _number_of_text(node: exp.Expr) -> exp.Expr:
    """A number where the text looks like one, else missing."""
    if node.args["to"].this != exp.DataType.Type.DOUBLE:
        return date_of_text(node)
    text = exp.cast(node.this.copy(), exp.DataType.Type.VARCHAR)
    is_number = exp.RegexpLike(this=text, expression=exp.Literal.string(NUMBER_PATTERN))
    return exp.paren(exp.Case(ifs=[exp.If(this=is_number, true=_double(node.this))]), copy=False)


def _as_double(node: exp.Expr) -> exp.Expr:
    """FLOOR and CEIL keep no type that engines agree on."""
    return exp.cast(node.copy(), exp.DataType.Type.DOUBLE)


def _whole_in_spark(node: exp.Expr) -> exp.Expr:
    """Spark's FLOOR and CEIL give 64-bit integers, which end where floating-point numbers are whole anyway."""
    is_small = exp.LT(this=exp.Abs(this=node.this.copy()), expression=exp.convert(2**53))
    cases = [exp.If(this=is_small, true=_as_double(node))]
    return exp.Case(ifs=cases, default=_double(node.this))


def _of_doubles(node: exp.Expr) -> exp.Expr:
    """AVG of decimals has as many digits as an engine likes."""
    return exp.Avg(this=_double(node.this))


def _mean(node: exp.Expr) -> exp.Expr:
    """PostgreSQL's AVG sums up squares besides, which overflow where the mean does not."""
    value = _double(node.this)
    n = exp.Nullif(this=exp.Count(this=value.copy()), expression=exp.convert(0))
    return exp.paren(exp.Div(this=exp.Sum(this=value), expression=n, typed=True, safe=False), copy=False)


def _part_of_date(node: exp.Expr) -> exp.Expr:
    """Year, month and day as an integer; PostgreSQL's EXTRACT gives a decimal."""
    unit = node.name.upper() if isinstance(node, exp.Extract) else type(node).__name__.upper()
    date = node.args["expression"] if isinstance(node, exp.Extract) else node.this
    part = exp.cast(exp.Extract(this=exp.var(unit), expression=date.copy()), exp.DataType.Type.INT)
    return _where_finite(part, date)


def _days_between(node: exp.Expr) -> exp.Expr:
    """Days from one date to another."""
    return _where_finite(node.copy(), node.this, node.args["expression"])


def _where_finite(value: exp.Expr, *dates: exp.Expr) -> exp.Expr:
    """A value of dates; missing where one is infinite, as in DuckDB: PostgreSQL would end the query."""
    unknown = [date for date in dates if date.find(exp.Column)]
    if not unknown:
        return value
    finite = exp.and_(*(exp.Anonymous(this="ISFINITE", expressions=[date.copy()]) for date in unknown))
    return exp.paren(exp.Case(ifs=[exp.If(this=finite, true=value)]), copy=False)


def _place_of_a_row(node: exp.Expr) -> exp.Expr:
    """Spark numbers no rows without an order; its running ids, which no row has to move for, do as well."""
    if not isinstance(node.this, exp.RowNumber) or node.args.get("order"):
        return node
    return exp.Add(this=exp.Anonymous(this="MONOTONICALLY_INCREASING_ID"), expression=exp.convert(1))


def _quantile(node: exp.Expr) -> exp.Expr:
    """DuckDB's quantile_disc is the standard's PERCENTILE_DISC."""
    if node.name != "quantile_disc":
        return node
    value, at = node.expressions
    order = exp.Order(expressions=[exp.Ordered(this=value.copy(), desc=False, nulls_first=True)])
    return exp.WithinGroup(this=exp.PercentileDisc(this=at.copy()), expression=order)


def _short_name(node: exp.Expr) -> exp.Expr:
    """A name that PostgreSQL does not cut off; equal names stay equal, different ones different."""
    import hashlib

    name = node.name
    if len(name.encode()) <= _LONGEST_NAME:
        return node
    head = name.encode()[: _LONGEST_NAME - 9].decode(errors="ignore")
    short = f"{head}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return exp.to_identifier(short, quoted=True)


def _plain_text(node: exp.Expr) -> exp.Expr:
    """PostgreSQL reads ``now`` beside a date as the day of the run, unless it is said to be text."""
    is_read = node.is_string and is_relative(node.name)
    return exp.cast(node.copy(), exp.DataType.Type.TEXT) if is_read else node


def _literal(node: exp.Expr) -> exp.Expr:
    """Text in two pieces where Spark would take ``${...}`` for one of its variables."""
    if not node.is_string or "${" not in node.name:
        return node
    pieces = node.name.split("${")
    texts = [pieces[0] + "$", *("{" + p + "$" for p in pieces[1:-1]), "{" + pieces[-1]]
    return exp.Concat(expressions=[exp.Literal.string(t) for t in texts])


def _compared_one_by_one(node: exp.Expr) -> exp.Expr:
    """DuckDB compares a text with a list twice as long as with its few members one by one."""
    members = node.expressions
    if not 0 < len(members) <= _FEW or not all(m.is_string for m in members):
        return node
    return exp.paren(
        exp.or_(*(exp.EQ(this=node.this.copy(), expression=member.copy()) for member in members), copy=False),
        copy=False,
    )


def _code_point(node: exp.Expr) -> exp.Expr:
    """Snowflake's and BigQuery's ASCII knows no letter beyond its name."""
    return exp.Anonymous(this="UNICODE", expressions=[node.this.copy()])


def _no_quantile(node: exp.Expr) -> exp.Expr:
    """BigQuery has exact quantiles as a window function alone."""
    if node.name == "quantile_disc":
        _refuse(node, "bigquery")
    return node


_OF_RECIPES: _Rewrites = {
    exp.Div: _division, exp.Mod: _remainder, exp.TryCast: _number_of_text, exp.Anonymous: date_of_format,
}  # fmt: skip
"""What a recipe's own expressions mean, in every dialect."""
_REWRITES: dict[str, _Rewrites] = {
    "duckdb": {exp.In: _compared_one_by_one},
    "postgres": {
        exp.Floor: _as_double, exp.Ceil: _as_double, exp.Avg: _mean,
        exp.Year: _part_of_date, exp.Month: _part_of_date, exp.Day: _part_of_date, exp.Extract: _part_of_date,
        exp.DateDiff: _days_between, exp.Anonymous: _quantile, exp.Identifier: _short_name,
        exp.Literal: _plain_text, exp.Case: computed_once,
    },
    "spark": {
        exp.Floor: _whole_in_spark, exp.Ceil: _whole_in_spark, exp.Avg: _of_doubles,
        exp.Anonymous: _quantile, exp.Literal: _literal, exp.Window: _place_of_a_row,
    },
    "clickhouse": {
        exp.Floor: _as_double, exp.Ceil: _as_double, exp.Avg: _of_doubles, exp.Case: looked_up_once,
        **clickhouse.REWRITES,
    },
    "snowflake": {
        exp.Floor: _as_double, exp.Ceil: _as_double, exp.Avg: _of_doubles, exp.Ascii: _code_point, exp.Anonymous: _quantile,
    },
    "bigquery": {
        exp.Floor: _as_double, exp.Ceil: _as_double, exp.Avg: _of_doubles, exp.Ascii: _code_point, exp.Anonymous: _no_quantile,
    },
}  # fmt: skip
_FURTHER: dict[str, tuple[Callable[[exp.Expr], None], ...]] = {
    "postgres": (with_packed_keys,),
    "clickhouse": (
        clickhouse.without_missing_factors,
        clickhouse.without_spaces,
        clickhouse.with_truth_values,
    ),
}
"""What is changed last, in the whole of a query."""
