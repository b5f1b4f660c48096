"""Cleaning steps and further tables may be called as any query is that segmentry names itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp, parse_one

from segmentry.collecting.collection import collect_patterns
from segmentry.collecting.histograms import count_raw_values
from segmentry.collecting.pattern_segments import assignments_query, register_segments
from segmentry.collecting.sampling import Sample
from segmentry.collecting.value_counts import segment_value_counts
from segmentry.engine import open_engine
from segmentry.recipe import Recipe
from segmentry.recipe.models import RESERVED
from segmentry.sql.table import LOOKUP

ROWS = pa.table(
    {"id": list(range(40)), "a": [float(i % 9) for i in range(40)], "spent": [1.5 * i for i in range(40)]}
)


def recipe_of(step: str, table: str) -> Recipe:
    read = f"WITH joined AS (SELECT d.*, o.more FROM data AS d LEFT JOIN {table} AS o ON d.id = o.id) SELECT * FROM joined"  # noqa: S608
    return Recipe.from_dict(
        {
            "source": {"id": "id", "sql": read, "tables": {table: ""}},
            "clean": [{"step": step, "drop_missing": ["spent"]}],
            "features": [{"name": "a", "column": "a", "edges": [3, 6]}],
            "outcomes": {"o": {"role": "amounts", "columns": ["spent", "more"]}},
        }
    )


def everything(step: str, table: str, file: Any) -> tuple[list[Any], set[str]]:
    """What all queries of a run and of scoring find, and the names of the queries in them."""
    recipe = recipe_of(step, table)
    engine = open_engine(ROWS, tables={table: str(file)})
    collected = collect_patterns(engine, recipe)
    n = collected.patterns.n_patterns
    register_segments(engine, collected, np.arange(n) % 2, np.ones(n))
    found = [
        collected.patterns.sums.tolist(),
        engine.query(assignments_query(collected)).to_pylist(),
        [sorted(map(str, one.values)) for one in segment_value_counts(engine, collected, Sample(collected.matched), np.arange(n) % 2)],
        count_raw_values(engine, collected.matched).to_string(),
    ]  # fmt: skip
    queries = [parse_one(query.sql, dialect="duckdb") for query in engine.log]
    engine.close()
    return found, {cte.alias for query in queries for cte in query.find_all(exp.CTE)}


def test_steps_and_tables_are_called_as_anything(tmp_path: Any) -> None:
    file = tmp_path / "others.parquet"
    pq.write_table(pa.table({"id": list(range(40)), "more": [i % 5 for i in range(40)]}), file)
    expected, inner = everything("plain", "others", file)
    assert LOOKUP in RESERVED
    names = sorted({*inner, LOOKUP} - {"plain", "others", "data", "joined"})
    assert {"source", "source_rows", "encoded", "segment_rows", "binned", "first_rows"} <= {*names}
    for name in names:
        assert everything(name, "others", file)[0] == expected, name
        if name not in RESERVED:
            assert everything("plain", name, file)[0] == expected, name


def test_a_step_and_a_table_may_have_one_name(tmp_path: Any) -> None:
    file = tmp_path / "others.parquet"
    pq.write_table(pa.table({"id": list(range(40)), "more": [i % 5 for i in range(40)]}), file)
    assert everything("encoded", "encoded", file)[0] == everything("plain", "others", file)[0]
