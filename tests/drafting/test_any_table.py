"""Whatever a table holds, the draft collects on it unchanged, or one sentence says why there is none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import segmentry as sg
from segmentry.recipe import Recipe
from segmentry.runs.check import check

pytestmark = pytest.mark.usefixtures("few_null_tables")

NAMES = st.sampled_from(
    ["Income", "age", "Year_Birth", 'a"b', "it's", "select", "order", "🙂", "x y", "Kidhome", "Teenhome", "spend", "n_orders",
     "y", "id", "Customer ID", "Date", "gender", "a;b", "line\nbreak", "group", "größe", "''' x", "name", "zip", "cost",
     "revenue", "Response", "A", "a_", "data", "source", "encoded", "level", "customers", "back\\slash", "%s", "{x}", "-1"]
)  # fmt: skip

WAYS = st.sampled_from(
    [
        st.integers(0, 1), st.integers(-1, 3), st.integers(1_900, 2_010), st.integers(-(10**12), 10**12), st.just(7),
        st.floats(allow_nan=True, allow_infinity=True, width=32), st.floats(0, 1e-300), st.booleans(), st.none(),
        st.sampled_from(["a", "b ", "B", "c"]), st.sampled_from(["yes", "no"]), st.sampled_from(["ja", "nein"]),
        st.sampled_from(["low", "high", "medium", "unknown", None]), st.text(max_size=3).filter(lambda t: "\0" not in t),
        st.dates(dt.date(1_950, 1, 1), dt.date(2_020, 1, 1)), st.sampled_from([0.0, 0.0, 0.0, 1.5, 99.25]),
        st.sampled_from([1, 2, 3, 5, 8, 99_999]), st.decimals(-100, 100, places=2, allow_nan=False),
        st.lists(st.integers(0, 9), max_size=2),
    ]
)  # fmt: skip


@st.composite
def tables(draw: Any) -> pd.DataFrame:
    """A table of up to six columns, its rows repeated so that some values are frequent."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique_by=str.casefold))
    n = draw(st.integers(1, 12))
    repeats = draw(st.sampled_from([1, 1, 9, 80]))
    columns = {}
    for name in names:
        way = draw(WAYS)
        is_unique = draw(st.booleans()) and draw(st.booleans())
        values = draw(st.lists(way, min_size=n, max_size=n)) * repeats
        columns[name] = list(range(len(values))) if is_unique else values
    return pd.DataFrame(columns)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
@example(pd.DataFrame({"a;b": [7]}))
def test_the_draft_of_any_table_collects_unchanged(data: pd.DataFrame) -> None:
    try:
        draft = sg.draft(data)
    except sg.DataError as error:
        assert "no column can form segments" in str(error)  # noqa: PT017 - most tables raise nothing
        return
    found = check(data, Recipe.from_toml(draft.text))
    assert found.n_customers >= 1
    assert all(sum(n > 0 for _, n in feature.levels) >= 1 for feature in found.features)


def a_table(**columns: list[Any]) -> Any:
    return pytest.param(pd.DataFrame(columns), id=" ".join(columns))


ONES = list(range(60))


@pytest.mark.parametrize(
    "data",
    [
        a_table(colour=["red", "green", "blue"] * 40, shape=["round", "flat"] * 60),
        a_table(weight=[x * 1.5 for x in ONES], height=[x % 7 for x in ONES]),
        a_table(only=["a", "b", "b"] * 20),
        a_table(nothing=[None] * 90, empty=[float("nan")] * 90, size=["S", "M", "L"] * 30),
        a_table(spend=[x**2 for x in ONES]),
        a_table(flag=[0, 1, 1] * 20),
        a_table(mostly_missing=[None] * 50 + ["x", "y"] * 5),
        a_table(since=pd.to_datetime(["2001-05-01", "2009-12-31"] * 30).tolist()),
        a_table(
            **{'"; DROP TABLE data; --': ["x", "y"] * 30, "select": [1, 2, 3] * 20, "🙂\n": [0.5, 1.5] * 30}
        ),
    ],
)
def test_tables_of_one_kind_run(data: pd.DataFrame) -> None:
    result = sg.run(data, sg.draft(data).with_(model={"range": [1, 2]}))
    assert result.n_customers == len(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pd.DataFrame({"a": []}), "the table has no rows"),
        (
            pd.DataFrame({"a": [1, 1], "b": [None, None]}),
            "a: every row has the same value; b: no row has a value",
        ),
        (pd.DataFrame({"id": range(99)}), "no column can form segments (id: every row has its own value)"),
        (
            pd.DataFrame({"mail": [f"a{i}@example.org" for i in range(9)]}),
            "mail: e-mail addresses: personal data",
        ),
    ],
)
def test_where_nothing_can_form_segments_the_reasons_are_named(data: pd.DataFrame, message: str) -> None:
    with pytest.raises(sg.DataError) as caught:
        sg.draft(data)
    assert message in str(caught.value)


def test_a_file_of_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("a,b\n")
    with pytest.raises(sg.DataError, match=r"empty\.csv: the table has no rows"):
        sg.draft(path)
