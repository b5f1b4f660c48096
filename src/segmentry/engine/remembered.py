"""What the queries of an engine have found, so that none of them is run twice over the same data."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from segmentry.engine.base import LoggedQuery

MOST_BYTES = 1_000_000
"""Largest result that is kept."""
MOST_RESULTS = 300
"""So many results are kept; earlier ones are forgotten."""


class Remembered:
    """Results of queries by their texts, and the tables that were made of queries.

    A query reads a table that was made earlier by its name. So once another table gets the name, whatever has the name in its
    text is forgotten.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[str, tuple[Any, LoggedQuery]] = OrderedDict()
        self._tables: dict[str, tuple[str, LoggedQuery]] = {}

    def result(self, text: str) -> tuple[Any, LoggedQuery] | None:
        """Return the result of a query, and how it was run; None where it is not kept."""
        return self._results.get(text)

    def keep(self, text: str, table: Any, query: LoggedQuery) -> None:
        """Keep the result of a query, unless it is large."""
        if table.nbytes > MOST_BYTES:
            return
        self._results[text] = table, query
        if len(self._results) > MOST_RESULTS:
            self._results.popitem(last=False)

    def made(self, name: str, text: str) -> LoggedQuery | None:
        """Return how the table of a name was made, if it was by this statement."""
        found = self._tables.get(name)
        return found[1] if found is not None and found[0] == text else None

    def keep_made(self, name: str, text: str, query: LoggedQuery) -> None:
        """Note how a table was made that a name stands for from now on."""
        self.forget(name)
        self._tables[name] = text, query

    def forget(self, name: str) -> None:
        """Forget what was read from the table of a name: it is another one from now on."""
        self._tables.pop(name, None)
        self._results = OrderedDict((text, one) for text, one in self._results.items() if name not in text)
        of_it = [made for made, (text, _) in self._tables.items() if name in text]
        for made in of_it:
            self.forget(made)
