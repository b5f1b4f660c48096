"""Sessions: the queries that an audit asks of a table, each run once and recorded for the script."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from segmentry.engine import Engine, Materializes
from segmentry.sql import Query
from segmentry.sql.audit.columns import DATA_TABLE
from segmentry.sql.portable import render_sql


def added_up(value: float) -> float:
    """A sum or mean to ten digits, unless it is whole: further ones hang on the order in which a database adds."""
    number = float(value)
    if not math.isfinite(number) or (number.is_integer() and abs(number) < 2**53):
        return number
    return round(number, 9 - math.floor(math.log10(abs(number))))


@dataclass(frozen=True)
class AskedQuery:
    """A question with its query over ``data``; `keeps` is the name under which later queries read its result."""

    question: str
    expression: exp.Query
    keeps: str | None = None


@dataclass
class Session:
    """A table under audit, and the queries asked so far.

    Queries read a table called ``data``.

    Attributes
    ----------
    engine
        Engine that runs the queries.
    relation
        Query whose rows are ``data``; by default the engine's table.
    source
        Query for the rows of ``data`` in texts for people, where the engine read these from a text file.
    steps
        Queries asked so far.
    """

    engine: Engine
    relation: exp.Query | None = None
    source: exp.Query | None = None
    steps: list[AskedQuery] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        """Dialect of the engine."""
        return self.engine.dialect

    def ask(self, question: str, expression: exp.Query) -> list[dict[str, Any]]:
        """Run a query and return its rows."""
        self.steps.append(AskedQuery(question, expression))
        rows: list[dict[str, Any]] = self.engine.query(Query(question, self._bound(expression))).to_pylist()
        return rows

    def keep(self, name: str, question: str, expression: exp.Query) -> None:
        """Run a query, and keep its result under a name that later queries read."""
        self.steps.append(AskedQuery(question, expression, name))
        query = Query(question, self._bound(expression))
        if isinstance(self.engine, Materializes):
            self.engine.materialize(name, query)
        else:
            self.engine.register(name, self.engine.query(query))

    def schema(self) -> Any:
        """Return the Arrow schema of the table; no row is read."""
        nothing = exp.select("*").from_(DATA_TABLE).limit(0)
        return self.engine.query(Query("Columns and their types", self._bound(nothing))).schema

    def source_query(self) -> exp.Query:
        """Return the query for the rows of ``data`` in texts for people."""
        own = self.relation or exp.select("*").from_(self.engine.tables[DATA_TABLE].copy())
        return (self.source or own).copy()

    def standalone_sql(self, expression: exp.Query) -> str:
        """Write a query so that it runs alone, on the table or file that was given."""
        rows = exp.Subquery(
            this=self.source_query(), alias=exp.TableAlias(this=exp.to_identifier(DATA_TABLE))
        )
        return render_sql(_with_table_as(expression, rows), self.dialect)

    def _bound(self, expression: exp.Query) -> exp.Query:
        """The query with the engine's table, or the relation, in place of ``data``."""
        if self.relation is None:
            return _with_table_as(
                expression, exp.alias_(self.engine.tables[DATA_TABLE].copy(), DATA_TABLE, table=True)
            )
        alias = exp.TableAlias(this=exp.to_identifier(DATA_TABLE))
        return _with_table_as(expression, exp.Subquery(this=self.relation.copy(), alias=alias))


def _with_table_as(expression: exp.Query, item: exp.Expr) -> exp.Query:
    """The query with `item` in place of the table called ``data``."""
    made = expression.copy()
    for table in list(made.find_all(exp.Table)):
        if table.name == DATA_TABLE and not table.args.get("db"):
            table.replace(item.copy())
    return made
