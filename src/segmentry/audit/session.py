"""The questions that were asked of a table: each runs once, and stands in the script as it ran."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from segmentry.engine import Engine
from segmentry.sql import Query
from segmentry.sql.audit.columns import DATA


@dataclass(frozen=True)
class Step:
    """A question with its query over ``data``; `keeps` is the name under which later ones read its result."""

    question: str
    expression: exp.Query
    keeps: str | None = None


@dataclass
class Session:
    """An engine's table under audit, and the steps so far."""

    engine: Engine
    steps: list[Step] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        """The dialect of the engine."""
        return self.engine.dialect

    def ask(self, question: str, expression: exp.Query, keeps: str | None = None) -> Any:
        """Run a query over the table called ``data``, and return a pyarrow.Table."""
        self.steps.append(Step(question, expression, keeps))
        found = self.engine.query(Query(question, self._bound(expression)))
        if keeps is not None:
            self.engine.hold(keeps, found)
        return found

    def schema(self) -> Any:
        """The Arrow schema of the table; no row is read."""
        nothing = exp.select("*").from_(DATA).limit(0)
        return self.engine.query(Query("Columns and their types", self._bound(nothing))).schema

    def _bound(self, expression: exp.Query) -> exp.Query:
        """The query with the engine's own table where it says ``data``."""
        origin = self.engine.tables[DATA]

        def replaced(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Table) and node.name == DATA and not node.args.get("db"):
                return exp.alias_(origin.copy(), DATA, table=True)
            return node

        bound: exp.Query = expression.transform(replaced)  # type: ignore[assignment]
        return bound
