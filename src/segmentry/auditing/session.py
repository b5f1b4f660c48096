"""The questions that were asked of a table: each runs once, and stands in the script as it ran."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from segmentry.engine import Engine, KeepsResults
from segmentry.sql import Query
from segmentry.sql.audit.columns import DATA_TABLE
from segmentry.sql.portable import render_sql


@dataclass(frozen=True)
class Step:
    """A question with its query over ``data``; `keeps` is the name under which later ones read its result."""

    question: str
    expression: exp.Query
    keeps: str | None = None


@dataclass
class Session:
    """An engine's table under audit, and the steps so far.

    Queries are written over a table called ``data``. That is the engine's own, or the rows of `relation`.
    `source` is what stands for it in texts that people read, where that is another place: the text file that
    the engine's table was read from.
    """

    engine: Engine
    relation: exp.Query | None = None
    source: exp.Query | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        """The dialect of the engine."""
        return self.engine.dialect

    def ask(self, question: str, expression: exp.Query) -> list[dict[str, Any]]:
        """Run a query, and return its rows."""
        self.steps.append(Step(question, expression))
        rows: list[dict[str, Any]] = self.engine.query(Query(question, self._bound(expression))).to_pylist()
        return rows

    def keep(self, name: str, question: str, expression: exp.Query) -> None:
        """Run a query, and make its result readable under a name."""
        self.steps.append(Step(question, expression, name))
        query = Query(question, self._bound(expression))
        if isinstance(self.engine, KeepsResults):
            self.engine.keep(name, query)
        else:
            self.engine.hold(name, self.engine.query(query))

    def schema(self) -> Any:
        """The Arrow schema of the table; no row is read."""
        nothing = exp.select("*").from_(DATA_TABLE).limit(0)
        return self.engine.query(Query("Columns and their types", self._bound(nothing))).schema

    def source_query(self) -> exp.Query:
        """The query that people read for the table called ``data``."""
        own = self.relation or exp.select("*").from_(self.engine.tables[DATA_TABLE].copy())
        return (self.source or own).copy()

    def shown(self, expression: exp.Query) -> str:
        """A query as a text that runs by itself on the table or file that was given."""
        rows = exp.Subquery(
            this=self.source_query(), alias=exp.TableAlias(this=exp.to_identifier(DATA_TABLE))
        )
        return render_sql(_replaced(expression, rows), self.dialect)

    def _bound(self, expression: exp.Query) -> exp.Query:
        """The query with the engine's own table, or the relation, where it says ``data``."""
        if self.relation is None:
            return _replaced(
                expression, exp.alias_(self.engine.tables[DATA_TABLE].copy(), DATA_TABLE, table=True)
            )
        alias = exp.TableAlias(this=exp.to_identifier(DATA_TABLE))
        return _replaced(expression, exp.Subquery(this=self.relation.copy(), alias=alias))


def _replaced(expression: exp.Query, item: exp.Expr) -> exp.Query:
    """The query with `item` wherever it reads the table called ``data``."""
    made = expression.copy()
    for table in list(made.find_all(exp.Table)):
        if table.name == DATA_TABLE and not table.args.get("db"):
            table.replace(item.copy())
    return made
