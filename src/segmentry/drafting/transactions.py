"""Tables with many rows per customer: one row each, by recency, frequency and spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.drafting.columns import is_category
from segmentry.drafting.words import means, shortened_value, words_of
from segmentry.sql.table import column, unique_name

ROWS_PER_CUSTOMER = 1.5
"""From this mean number of rows per customer on, a table is one of transactions."""
_CARRIED = ("place", "gender", "marital", "education", "relation")
_MOST_CARRIED = 3


@dataclass(frozen=True)
class Transactions:
    """What a table of transactions has, and the query that makes customers of it.

    Attributes
    ----------
    customer
        The column that says whose row it is.
    sql
        One row per customer, in DuckDB's SQL over ``data``.
    made
        What each new column of the query means: ``recency``, ``orders``, ``spend``, ``items``, ``returns``,
        ``products`` to the column's name.
    why
        Comment lines.
    """

    customer: str
    sql: str
    made: Mapping[str, str]
    why: tuple[str, ...]


def transactions(columns: Sequence[ColumnFacts]) -> Transactions | None:
    """Find out whether rows are transactions, and how customers are made of them."""
    customer = _customer(columns)
    date = next(
        (f for f in columns if f.kind == "date" and not means(f.name, "birth") and not f.is_constant), None
    )
    order = _order(columns, customer)
    if customer is None or (date is None and order is None):
        return None
    return _built(customer, date, order, columns)


def _customer(columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """The column that repeats for the rows of one customer."""
    keys = [f for f in columns if f.kind == "text" or (f.kind == "number" and f.is_whole)]
    named = [f for f in keys if means(f.name, "customer") and (means(f.name, "id") or _only_customer(f.name))]
    named = named or [f for f in keys if words_of(f.name) == ("id",)]
    for facts in named:
        present = facts.n_rows - facts.n_missing
        if facts.n_distinct >= 5 and present >= ROWS_PER_CUSTOMER * facts.n_distinct:
            return facts
    return None


def _only_customer(name: str) -> bool:
    return len(words_of(name)) == 1 and means(name, "customer")


def _order(columns: Sequence[ColumnFacts], customer: ColumnFacts | None) -> ColumnFacts | None:
    """The column that holds rows of one purchase together."""
    for f in columns:
        is_key = means(f.name, "id") or means(f.name, "count") or len(words_of(f.name)) == 1
        if f is not customer and f.kind in ("text", "number") and means(f.name, "order") and is_key:
            return f if f.n_distinct > 1 and not means(f.name, "money") else None
    return None


def _built(
    customer: ColumnFacts, date: ColumnFacts | None, order: ColumnFacts | None, columns: Sequence[ColumnFacts]
) -> Transactions:
    quantity, price, amount = _money(columns)
    value = _value(quantity, price, amount)
    taken = {customer.name.casefold()}
    made: dict[str, tuple[str, exp.Expr]] = {}

    def add(meaning: str, name: str, value: exp.Expr) -> None:
        made[meaning] = (unique_name(name, taken), value)

    why = [
        f"{_mean_rows(customer)} rows per {shortened_value(customer.name)}: one row per customer is made of them."
    ]
    if date is not None:
        add("recency", "days_since_purchase", _recency(date))
        why.append(
            f"days_since_purchase: from a customer's last {shortened_value(date.name)} to the last one in the table."
        )
    counted, text = _frequency(date, order)
    add("orders", "orders" if order is not None else "purchase_days", counted)
    why.append(text)
    if value is not None:
        add("spend", "spend", exp.Sum(this=value))
        why.append(f"spend: {_spend_reason(quantity, price, amount)}")
    if quantity is not None:
        add("items", "items", exp.Sum(this=column(quantity.name)))
    returned = next((f for f in (quantity, amount) if f is not None and f.n_negative), None)
    if returned is not None:
        add("returns", "returned_rows", _count_negative(returned))
        why.append(
            f"returned_rows: {returned.n_negative:,} rows with a negative {shortened_value(returned.name)}; they lower the spend."
        )
    product = next((f for f in columns if _is_product(f) and f not in (customer, order)), None)
    if product is not None:
        add("products", "products", exp.Count(this=exp.Distinct(expressions=[column(product.name)])))
    carried = [f for f in columns if _is_carried(f) and f is not customer][:_MOST_CARRIED]
    if carried:
        why.append(
            f"{', '.join(shortened_value(f.name) for f in carried)}: where a customer has several values, the last in the alphabet."
        )
    if customer.n_missing:
        why.append(
            f"{customer.n_missing:,} rows have no {shortened_value(customer.name)} and belong to nobody: they are left out."
        )
    parts = [exp.alias_(e, name, quoted=True) for name, e in made.values()]
    parts += [
        exp.alias_(exp.Max(this=column(f.name)), unique_name(f.name, taken), quoted=True) for f in carried
    ]
    query = exp.select(column(customer.name), *parts).from_("data")
    if customer.n_missing:
        query = query.where(exp.not_(column(customer.name).is_(exp.null())))
    query = query.group_by(column(customer.name))
    names = {meaning: name for meaning, (name, _) in made.items()}
    return Transactions(customer.name, query.sql("duckdb", pretty=True), names, tuple(why))


def _mean_rows(customer: ColumnFacts) -> str:
    return f"{(customer.n_rows - customer.n_missing) / customer.n_distinct:.1f}"


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


def _value(
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
    negative = exp.LT(this=column(facts.name), expression=exp.convert(0))
    case = exp.Case(ifs=[exp.If(this=negative, true=exp.convert(1))], default=exp.convert(0))
    return exp.Sum(this=case)


def _is_product(facts: ColumnFacts) -> bool:
    return bool({"product", "stock", "sku", "item", "article", "artikel", "produkt", "produit", "producto"}
                & set(words_of(facts.name))) and facts.kind in ("text", "number") and facts.n_distinct > 1  # fmt: skip


def _is_carried(facts: ColumnFacts) -> bool:
    return (
        facts.kind == "text" and facts.n_distinct > 1 and is_category(facts)
        and any(means(facts.name, m) for m in _CARRIED) and not means(facts.name, "order")
    )  # fmt: skip
