"""`--min-cell` is never laxer than the default: no file of a run counts fewer customers than N, nor from 1 to 4."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.disclosure import MODEL_FILE, Policy, disclosed
from segmentry.errors import DataError, IdWarning
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
[source]
id = "id"
[[clean]]
step = "with_age"
drop_missing = ["age"]
why = "An age is needed."
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
levels = ["a", "b", "c"]
unseen = "missing"
[features.kin]
column = "kin"
levels = ["m", "n", "o"]
[outcomes.money]
role = "amounts"
columns = ["wine", "yacht"]
[outcomes.visits]
role = "counts"
columns = ["calls"]
[outcomes.campaign]
role = "flags"
columns = ["first", "second"]
cost_per_contact = 3
revenue_per_acceptance = 11
"""
COUNTS = {"count", "n", "n_rows", "n_dropped", "size", "customers", "n_between", "exchanged", "n_customers"}
"""What figures that count customers are called in reports and model files."""


def customers_like(seed: int, n: int = 600) -> pd.DataFrame:
    """Customers in three groups, with small counts of every kind: dropped, unseen, repeated, buying, accepting."""
    random = np.random.default_rng(seed)
    group = random.choice(["p", "q", "r"], n, p=[0.5, 0.3, 0.2])
    mostly = {"p": "a", "q": "b", "r": "c"}
    town = np.where(random.random(n) < 0.9, pd.Series(group).map(mostly), random.choice(["a", "b", "c"], n))
    kin = pd.Series(group).map({"p": "m", "q": "n", "r": "o"})
    frame = pd.DataFrame(
        {
            "id": np.arange(n),
            "group": group,
            "age": np.where(group == "p", 20, 40) + random.integers(0, 25, n) * 1.0,
            "town": town,
            "kin": np.where(random.random(n) < 0.85, kin, random.choice(["m", "n", "o"], n)),
            "wine": random.gamma(2, 20, n).round(2),
            "yacht": np.where(random.random(n) < 0.02, 9_000.0, 0.0),
            "calls": np.where(random.random(n) < 0.03, 2, 0),
            "first": random.random(n) < np.where(group == "r", 0.03, 0.4),
            "second": random.random(n) < 0.02,
        }
    )
    frame.loc[: 1 + seed % 3, "age"] = np.nan
    frame.loc[10 : 11 + seed % 3, "town"] = "elsewhere"
    frame.loc[20:22, "id"] = 30
    return frame


def counts_of_tables(tables: dict[str, Any], sizes: dict[int, float]) -> Iterator[tuple[str, Any]]:
    """Every count of customers in the tables of a run, rates times their denominators included."""
    n = sum(sizes.values())
    features, outcomes, targeting = (pd.DataFrame(tables[t]) for t in ("features", "outcomes", "targeting"))
    yield from (("features", c) for c in features["count"])
    yield from (("share", c) for c in features["share"] * features["segment"].map(sizes))
    yield from (("base_share", c) for c in features["base_share"] * n)
    yield from (("outcomes", c) for c in outcomes["n"])
    flags = outcomes[outcomes["role"] == "flags"]
    for table, rate in ((flags, "value"), (outcomes, "any_share"), (targeting, "rate")):
        yield from ((rate, c) for c in table[rate] * table["n"])
        yield from ((f"no {rate}", c) for c in (1 - table[rate]) * table["n"])
    yield from (("base_value", c) for c in flags["base_value"] * n)
    yield from (("total", c) for c in flags["total"])
    yield from (("smallest", c) for c in pd.DataFrame(tables["selection"]).get("smallest", pd.Series()) * n)
    yield from (("migration", c) for c in pd.DataFrame(tables["migration"]).get("customers", ()))


def counts_of_json(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every count of customers in plain values, by what it is called."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in COUNTS and not isinstance(part, (dict, list)):
                yield f"{place}.{name}", part
            yield from counts_of_json(part, f"{place}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from counts_of_json(part, place)


def counts_of_files(out: Path) -> Iterator[tuple[str, Any]]:
    """Every count of customers in every file of a run."""
    found = {path.stem: pd.read_csv(path) for path in out.glob("*.csv")}
    sizes = dict(zip(found["segments"]["segment"], found["segments"]["size"], strict=True))
    known = {"migration": {}, "selection": {}, **found}
    yield from ((f"{what} in CSV", c) for what, c in counts_of_tables(known, sizes))
    saved = json.loads((out / "segmentation.json").read_text("utf-8"))
    yield from ((f"{what} in JSON", c) for what, c in counts_of_tables(saved["tables"], sizes))
    for part in ("cleaning", "segments", "evidence", "patterns", "population"):
        yield from counts_of_json(saved[part], f"segmentation.json {part}")
    yield from (("rows of a query", query["rows"]) for query in saved["queries"])
    report = json.loads((out / "report.json").read_text("utf-8"))
    yield from counts_of_json(report, "report.json")
    steps = re.search(r'data-name="cleaning".*?</table>', (out / "report.html").read_text("utf-8"), re.DOTALL)
    assert steps
    queries = (out / "queries.sql").read_text("utf-8")
    yield from (("rows of a query in SQL", float(n)) for n in re.findall(r"\(([\d,]+) rows?\)$", queries))
    yield from (("report.html cleaning", float(v)) for v in re.findall(r'data-v="(\d+)"', steps[0]))


def small(counts: Iterator[tuple[str, Any]], floor: int) -> list[tuple[str, Any]]:
    """The counts that are shown and are of fewer customers than the floor."""
    known = [(what, float(c)) for what, c in counts if c is not None]
    return [(what, c) for what, c in known if 0.5 < c < floor - 0.5]


@pytest.mark.parametrize(("min_cell", "seed"), [(2, 0), (4, 1), (7, 2), (12, 3)])
def test_no_file_of_a_profile_counts_few_customers(tmp_path: Path, min_cell: int, seed: int) -> None:
    with pytest.warns(IdWarning):
        profile(customers_like(seed), sg.Recipe.from_toml(RECIPE), "group", min_cell=min_cell, out=tmp_path)
    floor = max(min_cell, 5)
    assert small(counts_of_files(tmp_path), floor) == []
    steps = json.loads((tmp_path / "segmentation.json").read_text("utf-8"))["cleaning"]["steps"]
    hidden = {
        s["step"] for s in steps if s["why"].startswith(f"fewer than {floor} customers; how many is withheld")
    }
    assert hidden >= {"with_age", "town", "id"}


@pytest.mark.parametrize(("min_cell", "method"), [(3, "latent-class"), (12, "k-modes")])
def test_no_file_of_a_run_counts_few_customers(tmp_path: Path, min_cell: int, method: str) -> None:
    recipe = sg.Recipe.from_toml(
        RECIPE + '[model]\nrange = [1, 4]\nsegments = 3\nmethod = "' + method + '"\n'
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdWarning)
        previous = sg.run(customers_like(7), recipe)
        sg.run(customers_like(8), recipe, previous=previous, min_cell=min_cell, out=tmp_path, audit=True)
    assert (tmp_path / "migration.csv").is_file()
    assert small(counts_of_files(tmp_path), max(min_cell, 5)) == []


def test_the_default_hides_counts_that_its_reports_show(tmp_path: Path) -> None:
    """The comparison is no empty one: without `min_cell` the same files count few customers in many places."""
    with pytest.warns(IdWarning):
        profile(customers_like(0), sg.Recipe.from_toml(RECIPE), "group", out=tmp_path)
    found = {what.split(" in ")[0] for what, _ in small(counts_of_files(tmp_path), 5)}
    assert {"features", "value", "any_share", "report.html cleaning", "rows of a query"} <= found
    assert "report.json.method.cleaning.n_rows" in found


@pytest.fixture(scope="module", params=range(6))
def complete(request: pytest.FixtureRequest) -> sg.Segmentation:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdWarning)
        recipe, frame = sg.Recipe.from_toml(RECIPE), customers_like(request.param, 150 + 100 * request.param)
        return profile(frame, recipe, "group")


@pytest.mark.parametrize("min_cell", [2, 3, 5, 6, 10, 25])
def test_what_the_default_hides_stays_hidden(complete: sg.Segmentation, min_cell: int) -> None:
    """Every small count; a larger one that is hidden to protect it, where the same floor makes the same choice."""
    default, strict = disclosed(complete, MODEL_FILE), disclosed(complete, Policy.for_files(min_cell))
    for name in (f.name for f in fields(sg.Segmentation)):
        left = getattr(default, name)
        is_empty = left is None or (isinstance(left, (tuple, pd.DataFrame)) and not len(left))
        if is_empty and name not in ("min_cell", "withheld"):
            assert getattr(strict, name) is None or not len(getattr(strict, name))
    for before, after in zip(default.cleaning.steps, strict.cleaning.steps, strict=True):
        assert after.n_rows in (0, before.n_rows)
    assert strict.cleaning.n_rows <= default.cleaning.n_rows
    sizes = {s.id: float(s.size) for s in strict.segments}
    tables = {n: getattr(strict, n) for n in ("features", "outcomes", "targeting", "selection", "migration")}
    assert small(counts_of_tables(tables, sizes), max(min_cell, 5)) == []
    few = complete.features["count"].between(1, 4)
    assert default.features.loc[few, "count"].isna().all()
    assert strict.features.loc[few, "count"].isna().all()
    if min_cell <= 5:
        for name in ("features", "outcomes", "targeting", "strata"):
            pd.testing.assert_frame_equal(getattr(strict, name), getattr(default, name))


def test_segments_and_levels_of_few_customers_are_refused_below_five_too() -> None:
    frame, recipe = customers_like(1), sg.Recipe.from_toml(RECIPE)
    tiny = frame.assign(group=np.where(frame["id"] == 30, "s", frame["group"]))
    with (
        pytest.warns(IdWarning),
        pytest.raises(DataError, match=r"^min_cell 5: segment 4 \(.\) has 4 customers"),
    ):
        profile(tiny, recipe, "group", min_cell=3)
