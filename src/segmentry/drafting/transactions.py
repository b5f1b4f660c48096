"""Tables with several rows per customer, and the query that makes one row per customer with recency, frequency and spend."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.session import Session
from segmentry.auditing.words import means, words_of
from segmentry.drafting.keys import is_numbering, is_row_number
from segmentry.drafting.repeats import (
    MOST_KEPT,
    CarriedColumn,
    count_varying,
    kept_columns,
    last_columns,
    summed_columns,
)
from segmentry.drafting.values import (
    date_sql,
    is_category,
    is_date_number,
    is_gender,
    is_yes_no,
    number_of,
    number_sql,
)
from segmentry.drafting.words import shortened_value
from segmentry.sql.aggregates import one_where
from segmentry.sql.expressions import expression
from segmentry.sql.table import column, unique_name
from segmentry.text.words import counted, listed

ROWS_PER_CUSTOMER, ROWS_WITH_DATES = 1.5, 1.2
"""Mean number of rows per customer from which a table holds transactions; with a date and an id of its own in every row."""
_CARRIED = ("place", "gender", "marital", "education", "relation")
_MOST_CARRIED = 3
_MOST_CHANGED = 0.1
"""Share of ids with women and men among their rows from which on an id is that of several people."""
_FEWEST_PEOPLE, _TRIED, _FEW = 20, 2, 12
"""Fewest people; how many columns are tried, and of how few values those are that may say who somebody is."""
_PLAIN_IDS = (("id",), ("pid",), ("uid",), ("idno",), ("ids",))
"""Names of ids that do not say whose they are."""
_NONE = exp.convert(0)


@dataclass(frozen=True)
class Transactions:
    """A table of transactions, and the query that makes customers of it.

    Attributes
    ----------
    customer
        Column that identifies the customer.
    sql
        Query that makes one row per customer, in DuckDB's SQL over ``data``.
    made
        Names of the query's new columns by their meaning: ``recency``, ``orders``, ``spend``, ``items``,
        ``returns``, ``products``.
    why
        Comment lines of the recipe.
    """

    customer: str
    sql: str
    made: Mapping[str, str]
    why: tuple[str, ...]

    @property
    def is_purchases(self) -> bool:
        """Whether the rows are purchases; else they are answers or occasions."""
        return "orders" in self.made


def find_transactions(
    session: Session, columns: Sequence[ColumnFacts], as_of: datetime.date | None = None
) -> Transactions | None:
    """Find out whether customers have several rows, and how one row of each is made; None where they have one.

    Rows with a date or an order are purchases: how recently, how often and how much is made of them. Other rows are
    answers or occasions, which are summed up. What is constant per customer is kept in both.
    """
    customer = _customer(columns) or _person(session, columns)
    if customer is None:
        return None
    others = [f for f in columns if f is not customer]
    varying_in = count_varying(session, customer, others)
    if any(varying_in[f.name] > _MOST_CHANGED * customer.n_distinct for f in others if _says_sex(f)):
        return None
    dates = ((f, _day_of(f)) for f in others if not means(f.name, "birth") and not f.is_constant)
    dated = next(((f, day) for f, day in dates if day is not None), None)
    order = _order_column(columns, customer)
    constant = {name for name, n in varying_in.items() if not n}
    kept = kept_columns([f for f in others if f.name in constant and not f.is_constant])
    if dated is None and order is None:
        if any(f.is_unique and means(f.name, "id") for f in others):
            return None
        varying = [
            f for f in others if f.name not in constant and not is_row_number(f) and not is_numbering(f)
        ]
        varying.sort(key=lambda f: f.kind == "number")  # what customers answered, before what was measured
        rows = _Made("rows", "rows", exp.Count(this=exp.Star()), "rows: the number of rows of a customer.")
        return _transactions(columns, customer, [rows], [*kept, *summed_columns(varying)])
    day = dated[1] if dated is not None else None
    money = _money(others)
    made = _when_and_how_often(dated, order, as_of, money.returned) + _how_much(money, order)
    product = next((f for f in others if _is_product(f) and f is not order), None)
    if product is not None:
        made.append(_Made("products", "products", _different(column(product.name), money.returned)))
    carried = [f for f in others if _is_carried(f) and f.name not in constant][:_MOST_CARRIED]
    if day is not None:
        kept += last_columns(carried, day)
    happened = [f for f in others if is_yes_no(f) and f.name not in constant and _happens(f)]
    kept += summed_columns(happened)
    used = {f.name for f in (order, dated[0] if dated else None) if f is not None}
    return _transactions(columns, customer, made, [c for c in kept if c.name not in used])


def _day_of(facts: ColumnFacts) -> exp.Expr | None:
    """The day of a column of dates, however they are written; None where it holds no dates."""
    if facts.kind == "date":
        return exp.cast(column(facts.name), exp.DataType.Type.DATE)
    if is_date_number(facts):
        digits = exp.cast(exp.cast(column(facts.name), exp.DataType.Type.BIGINT), exp.DataType.Type.VARCHAR)
        read = exp.Anonymous(this="TRY_STRPTIME", expressions=[digits, exp.convert("%Y%m%d")])
        return exp.cast(read, exp.DataType.Type.DATE)
    sql = date_sql(facts)
    return exp.cast(expression(sql, (facts.name,)), exp.DataType.Type.DATE) if sql is not None else None


def _customer(columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """The column that identifies the customer of each row."""
    keys = [f for f in columns if f.kind == "text" or (f.kind == "number" and f.is_whole)]
    named = [f for f in keys if means(f.name, "customer") and (means(f.name, "id") or _only_customer(f.name))]
    named = named or [f for f in keys if words_of(f.name) in _PLAIN_IDS]
    is_dated = any(_day_of(f) is not None and not means(f.name, "birth") for f in columns)
    are_numbered = any(f.is_unique and (means(f.name, "id") or is_row_number(f)) for f in columns)
    fewest = ROWS_WITH_DATES if is_dated and are_numbered else ROWS_PER_CUSTOMER
    return next((f for f in named if f.n_distinct >= 5 and f.n_present >= fewest * f.n_distinct), None)


def _person(session: Session, columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """A first column of any name that has several rows per value, for which sex and most of what has few values is the same."""
    said = [f for f in columns if _says_sex(f) or 2 <= f.n_distinct <= _FEW]
    if not any(_says_sex(f) for f in said) or len(said) < 2:
        return None
    inner = [f for f in columns if not f.is_unique and not f.is_constant][:_TRIED]
    for f in inner:
        is_key = f not in said and (f.kind == "text" or (f.kind == "number" and f.is_whole))
        is_key = is_key and not (means(f.name, "name") or means(f.name, "personal"))
        if is_key and f.n_distinct >= _FEWEST_PEOPLE and f.n_present >= ROWS_PER_CUSTOMER * f.n_distinct:
            varying_in = count_varying(session, f, said)
            same = [g for g in said if not varying_in[g.name]]
            if 2 * len(same) >= len(said) and any(_says_sex(g) for g in same):
                return f
    return None


def _says_sex(facts: ColumnFacts) -> bool:
    is_number = facts.kind in ("number", "boolean") and facts.n_distinct == 2
    return is_gender(facts) or (is_number and (means(facts.name, "gender") or means(facts.name, "female")))


def _happens(facts: ColumnFacts) -> bool:
    return any(means(facts.name, meaning) for meaning in ("happened", "response", "unwanted"))


def _only_customer(name: str) -> bool:
    """Whether a name says customer and nothing else, as "Kunde" does and "Haushaltseinkommen" does not."""
    others = ("income", "money", "count", "usage", "household")
    return len(words_of(name)) == 1 and means(name, "customer") and not any(means(name, m) for m in others)


def _order_column(columns: Sequence[ColumnFacts], customer: ColumnFacts | None) -> ColumnFacts | None:
    """The column that identifies the purchase of each row."""
    for f in columns:
        is_key = means(f.name, "id") or means(f.name, "count") or len(words_of(f.name)) == 1
        if f is not customer and f.kind in ("text", "number") and means(f.name, "order") and is_key:
            return f if f.n_distinct > 1 and not means(f.name, "money") else None
    return None


@dataclass(frozen=True)
class _Made:
    """A column that the query makes: its meaning, its name, its value, and the comment on it, if any."""

    meaning: str
    name: str
    value: exp.Expr
    why: str = ""


@dataclass(frozen=True)
class _Money:
    """Quantity, price and amount of a row, where the table has them."""

    quantity: ColumnFacts | None
    price: ColumnFacts | None
    amount: ColumnFacts | None

    @property
    def returned(self) -> ColumnFacts | None:
        """Column that is negative where a row is a return; None where no row is."""
        return next((f for f in (self.quantity, self.amount) if f is not None and f.n_negative), None)

    @property
    def value(self) -> exp.Expr | None:
        """What a row is worth."""
        if self.quantity is not None and self.price is not None:
            return exp.Mul(this=number_of(self.quantity), expression=number_of(self.price))
        one = self.amount or self.price
        return number_of(one) if one is not None else None

    @property
    def made_of(self) -> str:
        """Columns that a row's worth is made of, for people."""
        if self.quantity is not None and self.price is not None:
            return f"{shortened_value(self.quantity.name)} times {shortened_value(self.price.name)}"
        one = self.amount or self.price
        return shortened_value(one.name) if one is not None else ""


def _when_and_how_often(
    dated: tuple[ColumnFacts, exp.Expr] | None,
    order: ColumnFacts | None,
    as_of: datetime.date | None,
    returned: ColumnFacts | None,
) -> list[_Made]:
    made = []
    if dated is not None:
        until = "the last one in the table" if as_of is None else f"{as_of}"
        why = f"days_since_purchase: from a customer's last {shortened_value(dated[0].name)} to {until}."
        made.append(_Made("recency", "days_since_purchase", _recency(dated[1], as_of, returned), why))
    if order is not None:
        why = f"orders: different values of {shortened_value(order.name)}."
        made.append(_Made("orders", "orders", _different(column(order.name), returned), why))
    elif dated is not None:
        why = "purchase_days: different days with a row, as no column names the order."
        made.append(_Made("orders", "purchase_days", _different(dated[1].copy(), returned), why))
    return made


def _how_much(money: _Money, order: ColumnFacts | None) -> list[_Made]:
    value, returned = money.value, money.returned
    made = []
    if value is not None:
        why = f"spend: the sum of {money.made_of}."
        made.append(_Made("spend", "spend", exp.Sum(this=_bought(value, returned, _NONE)), why))
    if money.quantity is not None:
        made.append(
            _Made("items", "items", exp.Sum(this=_bought(column(money.quantity.name), returned, _NONE)))
        )
    if returned is not None:
        n = counted(returned.n_negative, "row")
        what = f"{n} with a negative {shortened_value(returned.name)}, which are no purchases: apart from all of the above"
        if order is None:
            made.append(
                _Made("returns", "returned_rows", _count_negative(returned), f"returned_rows: {what}.")
            )
        else:
            is_return = exp.If(this=column(returned.name) < 0, true=column(order.name))
            count = exp.Count(this=exp.Distinct(expressions=[exp.Case(ifs=[is_return])]))
            why = f"returns: different values of {shortened_value(order.name)} among {what}."
            made.append(_Made("returns", "returns", count, why))
    return made


def _bought(value: exp.Expr, returned: ColumnFacts | None, otherwise: exp.Expr | None = None) -> exp.Expr:
    """The value of a purchase; of a row that is a return another one, missing where none is given."""
    if returned is None:
        return value
    is_return = column(returned.name) < 0
    return exp.Case(ifs=[exp.If(this=is_return, true=(otherwise or exp.null()).copy())], default=value)


def _different(value: exp.Expr, returned: ColumnFacts | None) -> exp.Expr:
    """The number of different values among purchases."""
    return exp.Count(this=exp.Distinct(expressions=[_bought(value, returned)]))


def _transactions(
    columns: Sequence[ColumnFacts],
    customer: ColumnFacts,
    made: Sequence[_Made],
    carried: Sequence[CarriedColumn],
) -> Transactions:
    """Put the query together, and the comments on it."""
    name = shortened_value(customer.name)
    why = [f"{_mean_rows(customer)} rows per {name}: one row per customer is made of them."]
    why += [m.why for m in made if m.why]
    for how in dict.fromkeys(c.how for c in carried):
        names = dict.fromkeys(shortened_value(c.of) for c in carried if c.how == how)
        why.append(f"{', '.join(names)}: {how}.")
    if customer.n_missing:
        why.append(f"{customer.n_missing:,} rows have no {name} and belong to nobody: they are left out.")
    taken = {customer.name.casefold()}
    names_made = {m.meaning: unique_name(m.name, taken) for m in made}
    parts = [exp.alias_(m.value, names_made[m.meaning], quoted=True) for m in made]
    parts += [exp.alias_(c.value, unique_name(c.name, taken), quoted=True) for c in carried]
    query = exp.select(column(customer.name), *parts).from_("data")
    if customer.n_missing:
        query = query.where(exp.not_(column(customer.name).is_(exp.null())))
    query = query.group_by(column(customer.name))
    used = {c.name for c in query.find_all(exp.Column)}
    left = [shortened_value(f.name) for f in columns if f.name not in used]
    if left:
        why.append(f"Not in the query: {listed(left, MOST_KEPT)}.")
    return Transactions(customer.name, query.sql("duckdb", pretty=True), names_made, tuple(why))


def _mean_rows(customer: ColumnFacts) -> str:
    return f"{customer.n_present / customer.n_distinct:.1f}"


def _money(columns: Sequence[ColumnFacts]) -> _Money:
    numbers = [f for f in columns if not f.is_constant and (f.kind == "number" or number_sql(f) is not None)]
    quantity = next((f for f in numbers if means(f.name, "quantity") and f.is_whole), None)
    price = next((f for f in numbers if means(f.name, "price")), None)
    amount = next(
        (f for f in numbers if (means(f.name, "money") and not means(f.name, "order")) or _is_order_value(f)),
        None,
    )
    return _Money(quantity, price, amount if amount is not price else None)


def _is_order_value(facts: ColumnFacts) -> bool:
    words = set(words_of(facts.name))
    return bool(words & {"value", "total", "amount", "betrag", "summe", "wert"})


def _recency(day: exp.Expr, as_of: datetime.date | None, returned: ColumnFacts | None) -> exp.Expr:
    last = exp.Max(this=_bought(day.copy(), returned))
    reference: exp.Expr = exp.select(exp.Max(this=day.copy())).from_("data").subquery()
    if as_of is not None:
        reference = exp.cast(exp.convert(as_of.isoformat()), exp.DataType.Type.DATE)
    return exp.DateDiff(this=reference, expression=last, unit=exp.var("DAY"))


def _count_negative(facts: ColumnFacts) -> exp.Expr:
    return exp.Sum(this=one_where(column(facts.name) < 0))


def _is_product(facts: ColumnFacts) -> bool:
    return bool({"product", "stock", "sku", "item", "article", "artikel", "produkt", "produit", "producto"}
                & set(words_of(facts.name))) and facts.kind in ("text", "number") and facts.n_distinct > 1  # fmt: skip


def _is_carried(facts: ColumnFacts) -> bool:
    return (
        facts.kind == "text" and facts.n_distinct > 1 and is_category(facts)
        and any(means(facts.name, m) for m in _CARRIED) and not means(facts.name, "order")
    )  # fmt: skip
