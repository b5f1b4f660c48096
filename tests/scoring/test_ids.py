"""An id may be called as anything is that the assigning queries name themselves."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from sqlglot import exp

import segmentry as sg
from segmentry.collecting.collection import Collected, collect_patterns
from segmentry.collecting.pattern_segments import register_results
from segmentry.datasets import sample_households
from segmentry.engine import Engine, open_engine
from segmentry.sql import MatchedTable
from segmentry.sql.assign import assigning_query, repeated_ids_query
from segmentry.sql.table import LOOKUP, SourceTable

ROWS = sample_households(rows=60, seed=3)
RESULTS = ("segment", "certainty")


def collected_of(data: object, result: sg.Segmentation) -> tuple[Engine, Collected]:
    engine = open_engine(data)
    return engine, collect_patterns(engine, result.recipe, outcomes=False)


def inner_names(matched: MatchedTable) -> list[str]:
    """Every name in the queries that assign, the columns of the table and of the result apart."""
    queries = [assigning_query(matched, results=RESULTS), repeated_ids_query(matched)]
    found = {name.name for q in queries for name in q.expression.find_all(exp.Identifier)}
    return sorted({*found, "data"} - {*ROWS.columns, *RESULTS})


def called(matched: MatchedTable, name: str) -> MatchedTable:
    """The table as if its id had the name, and no other column had it."""
    source = matched.recipe.source.model_copy(update={"id": name})
    columns = {name if c == "ID" else c: matched.table.columns[c] for c in ROWS.columns}
    return replace(matched.with_recipe(source=source), table=SourceTable(matched.table.relation, columns))


@pytest.mark.parametrize("where", ["duckdb", "postgres"])
def test_an_id_is_called_as_anything_in_the_queries(
    request: pytest.FixtureRequest, where: str, households: dict[str, sg.Segmentation]
) -> None:
    result = households["k-modes"]
    engine, collected = collected_of(ROWS, result)
    engine.close()
    names = inner_names(collected.matched)
    assert {"code_1", "encoded", "source", "dropped_by", "rows", LOOKUP} <= {*names}
    rows = pa.Table.from_pandas(ROWS.assign(**dict.fromkeys(names, ROWS["ID"])), preserve_index=False)
    if where == "postgres":
        from adbc_driver_postgresql import dbapi

        url = request.getfixturevalue("postgres_url")
        with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("of_any_id", rows, mode="replace")
    engine, collected = collected_of(rows if where == "duckdb" else f"{url}?table=of_any_id", result)
    n = collected.patterns.n_patterns
    register_results(engine, collected, {"segment": [*range(n)], "certainty": [0.5] * n})
    expected = engine.query(assigning_query(collected.matched, results=RESULTS)).to_pydict()
    assert len(expected["ID"]) == len(ROWS)
    for name in names:
        matched = called(collected.matched, name)
        found = engine.query(assigning_query(matched, results=RESULTS)).to_pydict()
        assert list(found.values()) == list(expected.values()), name
        assert engine.query(repeated_ids_query(matched)).num_rows == 0, name
    engine.close()
