"""Facts of columns: the same as pandas', whether their values are counted or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import segmentry as sg
from segmentry.auditing import columns, pairs
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


def test_rows_that_alternate_are_all_in_the_quantiles_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows at equal distances were all debits, or all empty."""
    monkeypatch.setattr(columns, "MAX_COUNTED_VALUES", 0)
    monkeypatch.setattr(columns, "_MAX_SORTED", 24_000)
    rng, n = np.random.default_rng(3), 20_000
    amount = np.where(np.arange(n) % 2, rng.uniform(100, 200, n), rng.random(n))
    filled = np.where(np.arange(n) % 2, rng.random(n), np.nan)
    few = np.full(n, np.nan)
    few[7] = 1.5
    whole = pa.table({"amount": amount, "filled": filled, "few": pa.array(few, from_pandas=True)})
    found = {f.name: f for f in describe_columns(Session(open_engine(whole)))}
    lower, _, upper = found["amount"].quartiles or (0, 0, 0)
    assert (lower, upper) == pytest.approx((0.5, 150), abs=2)
    assert found["filled"].quartiles == pytest.approx((0.25, 0.5, 0.75), abs=0.03)
    assert found["few"].quartiles == (1.5, 1.5, 1.5)
    assert {name: f.is_exact for name, f in found.items()} == {"amount": False, "filled": False, "few": True}


def test_pairs_of_a_part_hold_rows_that_alternate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "PAIR_SAMPLE_ROWS", 2_000)
    side = np.arange(8_000) % 2
    found = sg.audit(pa.table({"side": side, "other": (side + (np.arange(8_000) % 10 == 0)) % 2})).pairs
    assert found.n_rows == pytest.approx(2_000, rel=0.1)
    assert found.pairs[0].n == found.n_rows
    assert found.pairs[0].cramers_v == pytest.approx(0.82, abs=0.05)
