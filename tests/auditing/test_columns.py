"""Facts of columns: the same as pandas', whether their values are counted or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import segmentry as sg
from segmentry.auditing import columns
from segmentry.auditing.columns import describe_columns
from segmentry.auditing.session import Session
from segmentry.engine import open_engine


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 500
    return pd.DataFrame(
        {
            "id": np.arange(n) + 10_000,
            "age": rng.integers(-3, 80, n),
            "spend": np.where(rng.random(n) < 0.1, np.nan, rng.gamma(2, 50, n).round(2)),
            "city": rng.choice(["Aarhus", "Łódź", "x'; DROP", ""], n),
            "member": rng.random(n) < 0.3,
            "since": pd.Timestamp("2020-01-15") + pd.to_timedelta(rng.integers(0, 500, n), unit="D"),
            "nothing": pd.Series([None] * n, dtype="float64"),
            "tags": [["a", "b"]] * n,
        }
    )


@pytest.mark.parametrize("limit", [200_000, 0])
def test_facts_are_those_of_pandas(table: pd.DataFrame, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_COUNTED_VALUES", limit)
    found = {f.name: f for f in describe_columns(Session(open_engine(table)))}
    assert list(found) == list(table.columns)
    assert [f.kind for f in found.values()] == [
        "number", "number", "number", "text", "boolean", "date", "number", "other"
    ]  # fmt: skip
    for name in ("id", "age", "spend"):
        facts, values = found[name], table[name].dropna()
        assert (facts.n_missing, facts.n_distinct) == (table[name].isna().sum(), values.nunique())
        assert (facts.minimum, facts.maximum) == (values.min(), values.max())
        assert facts.mean == pytest.approx(values.mean())
        assert (facts.n_zero, facts.n_negative) == ((values == 0).sum(), (values < 0).sum())
        assert facts.is_whole == (name != "spend")
        assert sum(b.n for b in facts.histogram) == len(values)
        exact = values.quantile([0.25, 0.5, 0.75], interpolation="lower")
        assert facts.quartiles == pytest.approx(tuple(exact), rel=0.02)
        assert facts.is_counted == (limit > 0)
        assert facts.is_exact
    assert found["id"].is_unique
    assert found["since"].minimum == str(table["since"].min())[: len(str(found["since"].minimum))]
    assert sum(b.n for b in found["since"].histogram) == 500
    assert found["member"].mean == pytest.approx(table["member"].mean())
    assert (found["nothing"].n_missing, found["nothing"].n_distinct) == (500, 0)
    assert found["nothing"].quartiles is None
    if limit:
        counts = table["city"].value_counts()
        assert dict(found["city"].top_values) == counts.to_dict()
        assert found["member"].top_values[0] == (False, (~table["member"]).sum())


def test_two_audits_of_one_table_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of the database add in another order each time, and gave other quantiles."""
    monkeypatch.setattr(columns, "MAX_COUNTED_VALUES", 1_000)
    monkeypatch.setattr(columns, "_MAX_SORTED", 30_000)
    rng, n = np.random.default_rng(7), 40_000
    spent = np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(3, 1, n))
    whole = pa.table({"spent": spent, "rate": rng.random(n), "visits": rng.poisson(3, n) * 0.1})
    parquet.write_table(whole, tmp_path / "rows.parquet", row_group_size=2_048)
    first, *others = (sg.audit(tmp_path / "rows.parquet") for _ in range(3))
    assert [again.to_json() for again in others] == [first.to_json()] * 2
    assert not first.column("spent").is_exact
    assert first.column("spent").quartiles == pytest.approx(
        np.nanquantile(spent, [0.25, 0.5, 0.75]), rel=0.05
    )
