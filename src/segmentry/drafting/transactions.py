"""Tables of transactions, and the query that makes one row per customer with recency, frequency and spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means, words_of
from segmentry.drafting.values import is_category
from segmentry.drafting.words import shortened_value
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column, unique_name

ROWS_PER_CUSTOMER = 1.5
"""Mean number of rows per customer from which a table holds transactions."""
_CARRIED = ("place", "gender", "marital", "education", "relation")
_MOST_CARRIED = 3


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


def find_transactions(columns: Sequence[ColumnFacts]) -> Transactions | None:
    """Find out whether rows are transactions, and how customers are made of them; None where they are not."""
    customer = _customer(columns)
    date = next(
        (f for f in columns if f.kind == "date" and not means(f.name, "birth") and not f.is_constant), None
    )
    order = _order_column(columns, customer)
    if customer is None or (date is None and order is None):
        return None
    made = _when_and_how_often(date, order) + _how_much(columns)
    product = next((f for f in columns if _is_product(f) and f not in (customer, order)), None)
    if product is not None:
        count = exp.Count(this=exp.Distinct(expressions=[column(product.name)]))
        made.append(_Made("products", "products", count))
    carried = [f for f in columns if _is_carried(f) and f is not customer][:_MOST_CARRIED]
    return _transactions(customer, made, carried)


def _customer(columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """The column that identifies the customer of each row."""
    keys = [f for f in columns if f.kind == "text" or (f.kind == "number" and f.is_whole)]
    named = [f for f in keys if means(f.name, "customer") and (means(f.name, "id") or _only_customer(f.name))]
    named = named or [f for f in keys if words_of(f.name) == ("id",)]
    for facts in named:
        present = facts.n_present
        if facts.n_distinct >= 5 and present >= ROWS_PER_CUSTOMER * facts.n_distinct:
            return facts
    return None


def _only_customer(name: str) -> bool:
    return len(words_of(name)) == 1 and means(name, "customer")


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


def _when_and_how_often(date: ColumnFacts | None, order: ColumnFacts | None) -> list[_Made]:
    made = []
    if date is not None:
        why = f"days_since_purchase: from a customer's last {shortened_value(date.name)} to the last one in the table."
        made.append(_Made("recency", "days_since_purchase", _recency(date), why))
    counted, why = _frequency(date, order)
    made.append(_Made("orders", "orders" if order is not None else "purchase_days", counted, why))
    return made


def _how_much(columns: Sequence[ColumnFacts]) -> list[_Made]:
    quantity, price, amount = _money(columns)
    value = _spent(quantity, price, amount)
    made = []
    if value is not None:
        why = f"spend: {_spend_reason(quantity, price, amount)}"
        made.append(_Made("spend", "spend", exp.Sum(this=value), why))
    if quantity is not None:
        made.append(_Made("items", "items", exp.Sum(this=column(quantity.name))))
    returned = next((f for f in (quantity, amount) if f is not None and f.n_negative), None)
    if returned is not None:
        why = f"returned_rows: {returned.n_negative:,} rows with a negative {shortened_value(returned.name)}; they lower the spend."
        made.append(_Made("returns", "returned_rows", _count_negative(returned), why))
    return made


def _transactions(
    customer: ColumnFacts, made: Sequence[_Made], carried: Sequence[ColumnFacts]
) -> Transactions:
    """Put the query together, and the comments on it."""
    name = shortened_value(customer.name)
    why = [f"{_mean_rows(customer)} rows per {name}: one row per customer is made of them."]
    why += [m.why for m in made if m.why]
    if carried:
        names = ", ".join(shortened_value(f.name) for f in carried)
        why.append(f"{names}: where a customer has several values, the last in the alphabet.")
    if customer.n_missing:
        why.append(f"{customer.n_missing:,} rows have no {name} and belong to nobody: they are left out.")
    taken = {customer.name.casefold()}
    names_made = {m.meaning: unique_name(m.name, taken) for m in made}
    parts = [exp.alias_(m.value, names_made[m.meaning], quoted=True) for m in made]
    parts += [
        exp.alias_(exp.Max(this=column(f.name)), unique_name(f.name, taken), quoted=True) for f in carried
    ]
    query = exp.select(column(customer.name), *parts).from_("data")
    if customer.n_missing:
        query = query.where(exp.not_(column(customer.name).is_(exp.null())))
    query = query.group_by(column(customer.name))
    return Transactions(customer.name, query.sql("duckdb", pretty=True), names_made, tuple(why))


def _mean_rows(customer: ColumnFacts) -> str:
    return f"{customer.n_present / customer.n_distinct:.1f}"


def _money(
    columns: Sequence[ColumnFacts],
) -> tuple[ColumnFacts | None, ColumnFacts | None, ColumnFacts | None]:
    """Quantity, price and amount, where the table has them."""
    numbers = [f for f in columns if f.kind == "number" and not f.is_constant]
    quantity = next((f for f in numbers if means(f.name, "quantity") and f.is_whole), None)
    price = next((f for f in numbers if means(f.name, "price")), None)
    amount = next(
        (f for f in numbers if (means(f.name, "money") and not means(f.name, "order")) or _is_order_value(f)),
        None,
    )
    return quantity, price, amount if amount is not price else None


def _is_order_value(facts: ColumnFacts) -> bool:
    words = set(words_of(facts.name))
    return facts.kind == "number" and bool(words & {"value", "total", "amount", "betrag", "summe", "wert"})


def _spent(
    quantity: ColumnFacts | None, price: ColumnFacts | None, amount: ColumnFacts | None
) -> exp.Expr | None:
    if quantity is not None and price is not None:
        return exp.Mul(this=column(quantity.name), expression=column(price.name))
    one = amount or price
    return column(one.name) if one is not None else None


def _spend_reason(quantity: ColumnFacts | None, price: ColumnFacts | None, amount: ColumnFacts | None) -> str:
    if quantity is not None and price is not None:
        return f"the sum of {shortened_value(quantity.name)} times {shortened_value(price.name)}."
    one = amount or price
    return f"the sum of {shortened_value(one.name)}." if one is not None else ""


def _recency(date: ColumnFacts) -> exp.Expr:
    day = exp.DataType.Type.DATE
    last = exp.cast(exp.Max(this=column(date.name)), day)
    reference = exp.select(exp.cast(exp.Max(this=column(date.name)), day)).from_("data").subquery()
    return exp.DateDiff(this=reference, expression=last, unit=exp.var("DAY"))


def _frequency(date: ColumnFacts | None, order: ColumnFacts | None) -> tuple[exp.Expr, str]:
    if order is not None:
        counted: exp.Expr = column(order.name)
        text = f"orders: different values of {shortened_value(order.name)}."
    else:
        assert date is not None  # noqa: S101 - for the type checker; one of the two is there
        counted = exp.cast(column(date.name), exp.DataType.Type.DATE)
        text = "purchase_days: different days with a row, as no column names the order."
    return exp.Count(this=exp.Distinct(expressions=[counted])), text


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
