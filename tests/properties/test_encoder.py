"""The compiled SQL encodes every row as a plain Python reading of the recipe does."""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segmentry.collecting.collection import collect_patterns
from segmentry.collecting.matching import match_table
from segmentry.engine import open_engine
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.sql import Query
from segmentry.sql.encode import encode_rows

MISSING, DROP = -1, None
WORDS = [
    "a",
    "A",
    "",
    " a",
    "it's",
    'say "x"',
    "x; DROP TABLE data; --",
    "' OR 1=1 --",
    "é",
    "日本",
    "$1",
    "%s",
    "\\",
]
NAMES = ["plain", "two words", 'quo"ted', "select", "ünï", "semi;colon", "a.b", "it's", "code_1"]
COLUMN = {
    "integer": (pa.int64(), st.integers(-60, 60)),
    "float": (pa.float64(), st.sampled_from([-1.5, -0.0, 0.0, 0.1, 0.3, 1.0, 7.25, 1e300, math.nan])),
    "text": (pa.string(), st.sampled_from(WORDS)),
    "boolean": (pa.bool_(), st.booleans()),
    "answer": (pa.string(), st.sampled_from(["yes", " No ", "Y", "f", "1", "0", "TRUE"])),
}


# The independent reading ----------------------------------------------------------------------------


def is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def python_clean(recipe: Recipe, row: dict[str, Any]) -> tuple[dict[str, Any], str | None, list[str]]:
    """The cleaned row, the first step that drops it, and the steps that change it."""
    row, dropped, changed = dict(row), None, []
    for step in recipe.clean:
        if step.replace:
            old = row[step.replace.column]
            pairs = dict(step.replace.values)
            if not is_missing(old) and old in pairs:
                row[step.replace.column] = pairs[old]
                changed.append(step.step)
            continue
        if step.keep is not None:
            value = row["number"]
            fails = is_missing(value) or not value > -40
        else:
            fails = any(is_missing(row[c]) for c in step.drop_missing)
        dropped = dropped or (step.step if fails else None)
    for feature in recipe.features:
        if feature.missing == "drop" and is_missing(row[feature.column]):
            dropped = dropped or f"{feature.name}_missing"
    return row, dropped, changed


def python_code(feature: Any, value: Any) -> int:
    if is_missing(value):
        return python_levels(feature) if feature.missing == "level" else MISSING
    if feature.edges is not None:
        side = bisect.bisect_right if feature.closed == "left" else bisect.bisect_left
        return side(feature.edges, value)
    if feature.yes_no:
        if isinstance(value, str):
            return {"y": 1, "t": 1, "1": 1, "n": 0, "f": 0, "0": 0}[value.strip().lower()[0]]
        return int(value != 0)
    groups = list(feature.groups.values()) if feature.groups else [(v,) for v in feature.levels]
    for code, values in enumerate(groups):
        if value in values:
            return code
    return len(groups) if feature.rest is not None else MISSING


def python_levels(feature: Any) -> int:
    if feature.edges is not None:
        return len(feature.edges) + 1
    if feature.yes_no:
        return 2
    return len(feature.groups or feature.levels) + (feature.rest is not None)


# Random tables and recipes --------------------------------------------------------------------------


@st.composite
def features(draw: Any, name: str, column: str, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "column": column, "unseen": "missing"}
    made["missing"] = draw(st.sampled_from(["keep", "drop", "level"]))
    values = COLUMN[kind][1].filter(lambda v: not is_missing(v))
    ways = {"text": ["groups", "levels"], "boolean": ["yes_no", "levels"], "answer": ["yes_no"]}
    way = draw(st.sampled_from(ways.get(kind, ["edges", "groups", "levels", "yes_no"])))
    if way == "edges":
        edges = draw(st.lists(values | st.sampled_from([0, 0.3, 5]), min_size=1, max_size=4, unique=True))
        return made | {"edges": sorted(edges), "closed": draw(st.sampled_from(["left", "right"]))}
    if way == "yes_no":
        return made | {"yes_no": draw(st.sampled_from([True, ["none", "some"]]))}
    chosen = draw(st.lists(values, min_size=1, max_size=5, unique=True))
    made["rest"] = draw(st.sampled_from([None, "the rest"]))
    if way == "levels":
        return made | {"levels": chosen}
    cut = draw(st.integers(1, len(chosen)))
    groups = {'first "group"': chosen[:cut], "second; group": chosen[cut:]}
    return made | {"groups": {k: v for k, v in groups.items() if v}}


CLEANING = [
    {"step": "replaced", "replace": {"column": "number", "values": [[1, 2], [2, -50], [-50, 1]]}},
    {
        "step": "reworded",
        "replace": {"column": "word", "values": [["a", "it's"], ["é", "x; DROP TABLE data; --"]]},
    },
    {"step": "known", "drop_missing": ["number", "word"]},
    {"step": "kept", "keep": "number > -40"},
    {"step": "numbered", "drop_missing": ["amount"]},
]


@st.composite
def cases(draw: Any) -> tuple[Recipe, pa.Table]:
    n_rows = draw(st.integers(1, 25))
    names = draw(st.permutations(NAMES))
    kinds = draw(st.lists(st.sampled_from(list(COLUMN)), min_size=1, max_size=4))
    columns = {"number": "integer", "word": "text", "amount": "float", "flag": "boolean"}
    columns |= dict(zip(names, kinds, strict=False))
    data = {}
    for name, kind in columns.items():
        type_, values = COLUMN[kind]
        if name == "amount":
            values = st.integers(-400, 400).map(lambda v: v / 4) | st.just(math.nan)
        rows = draw(st.lists(values | st.none(), min_size=n_rows, max_size=n_rows))
        data[name] = pa.array(rows, type_)
    made = [draw(features(f"feature {i}", c, columns[c])) for i, c in enumerate(names[: len(kinds)])]
    made += [
        draw(features("again", name, columns[name])) for name in draw(st.sampled_from([["number"], ["word"]]))
    ]
    steps = draw(st.lists(st.sampled_from(CLEANING), unique_by=lambda s: s["step"], max_size=4))
    outcomes = [
        {"name": "money", "role": "amounts", "columns": ["amount"]},
        {"name": "accepted", "role": "flags", "columns": ["flag"]},
    ]
    recipe = Recipe.from_dict({"features": made, "clean": steps, "outcomes": outcomes})
    return recipe, pa.table(data)


def counter_example() -> tuple[Recipe, pa.Table]:
    """A value just on an edge, one that is not a number, and an edge that binary fractions cannot hold."""
    feature = {"name": "f", "column": "score", "edges": [0.1, 0.3], "closed": "right"}
    outcomes = [
        {"name": "money", "role": "amounts", "columns": ["amount"]},
        {"name": "accepted", "role": "flags", "columns": ["flag"]},
    ]
    table = pa.table(
        {
            "number": [1, 1, 1, 1],
            "word": ["a"] * 4,
            "amount": [0.5, 0.25, math.nan, 2.0],
            "score": [0.1, 0.3, math.nan, 0.1 + 0.2],
            "flag": [True, False, None, True],
        }
    )
    return Recipe.from_dict({"features": [feature], "outcomes": outcomes}), table


SETTINGS = settings(max_examples=100, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(cases())
@example(counter_example())
def test_rows_have_the_codes_of_the_python_encoder(case):
    recipe, table = case
    table = table.append_column("row", pa.array(range(len(table))))
    engine = open_engine(table)
    matched = match_table(engine, recipe)
    encoded = encode_rows(matched, carry=("row",), unseen=MISSING)
    query = matched.table.relation.query(_select_all(encoded))
    rows = engine.query(Query("rows", query)).sort_by("row")
    engine.close()
    assert rows.num_rows == table.num_rows
    steps = (None, *encoded.dropped_steps)
    for i, given_row in enumerate(table.to_pylist()):
        clean, dropped, _ = python_clean(recipe, given_row)
        assert steps[rows[encoded.dropped][i].as_py()] == dropped
        codes = [rows[name][i].as_py() for name in encoded.levels]
        assert codes == [python_code(f, clean[f.column]) for f in recipe.features], given_row


def _select_all(encoded: Any) -> Any:
    from sqlglot import exp

    query = exp.select("*").from_(exp.to_identifier(encoded.name, quoted=True))
    for name, cte in encoded.ctes:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
    return query


@SETTINGS
@given(cases())
@example(counter_example())
def test_pattern_table_is_the_python_encoders_count(case):
    recipe, table = case
    counts: dict[tuple[int, ...], int] = defaultdict(int)
    sums: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    known: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0])
    drops: dict[str, int] = defaultdict(int)
    changes: dict[str, int] = defaultdict(int)
    for row in table.to_pylist():
        clean, dropped, changed = python_clean(recipe, row)
        if dropped is not None:
            drops[dropped] += 1
            continue
        pattern = tuple(python_code(f, clean[f.column]) for f in recipe.features)
        counts[pattern] += 1
        for step in changed:
            changes[step] += 1
        for j, value in enumerate((clean["amount"], clean["flag"])):
            if not is_missing(value):
                sums[pattern][j] += float(value)
                known[pattern][j] += 1
    engine = open_engine(table)
    if not counts:
        with pytest.raises(DataError, match="no customer is left"):
            collect_patterns(engine, recipe)
        engine.close()
        return
    patterns = collect_patterns(engine, recipe).patterns
    engine.close()
    order = sorted(counts)
    assert [tuple(c) for c in patterns.codes.tolist()] == order
    assert patterns.counts.tolist() == [counts[p] for p in order]
    assert patterns.sums.tolist() == [sums[p] for p in order]
    assert patterns.n_values.tolist() == [known[p] for p in order]
    found = {(s.step, s.what): s.n_rows for s in patterns.cleaning.steps if s.n_rows}
    assert {k: v for (k, what), v in found.items() if what == "dropped"} == drops
    assert {k: v for (k, what), v in found.items() if what == "changed"} == changes
    assert np.isfinite(patterns.squares).all()
