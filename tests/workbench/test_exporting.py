"""What the studio writes: the files of a run without a second fit, and lists of the customers of some segments."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError
from segmentry.runs import fitting
from visitors import OpenDesk, Visitor

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
[source]
id = "id"
[features.town]
column = "town"
[features.size]
column = "size"
[outcomes.bought]
role = "flags"
columns = ["bought"]
cost_per_contact = 1
revenue_per_acceptance = 10
[model]
segments = 2
"""


def written(folder: Path) -> dict[str, Any]:
    """The content of every file; of a model without how long its queries took."""
    found: dict[str, Any] = {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    model = json.loads(found["segmentation.json"])
    del model["fingerprint"]
    for query in model["queries"]:
        del query["seconds"]
    return {**found, "segmentation.json": model}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refuse(*_: Any) -> None:
    raise AssertionError("segments are fitted again")


def done(visitor: Visitor, begin: str) -> str:
    """Wait for what is written, and return what is said of it."""
    told = visitor.wait_for(
        "notice", lambda notice: notice["text"].startswith((begin, "Nothing was written"))
    )
    return str(told["text"])


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    """Customers with ids that a spreadsheet would take for formulas."""
    n = 400
    table = pd.DataFrame({
        "id": [f"=1+{i}" if i % 3 == 0 else f"c{i}" for i in range(n)],
        "town": ["north" if i % 2 else "south" for i in range(n)],
        "size": ["large" if (i % 2) ^ (i % 11 == 0) else "small" for i in range(n)],
        "bought": [int(i % 2 == 1 and i % 4 == 1) for i in range(n)],
    })  # fmt: skip
    table.to_csv(tmp_path / "towns.csv", index=False)
    (tmp_path / "towns.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["shop", "towns"])
def test_what_is_shown_is_exported_without_a_second_fit_byte_for_byte_as_run_writes_it(
    request: pytest.FixtureRequest, desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder: Path = request.getfixturevalue(name)
    data, recipe = folder / f"{name}.csv", folder / f"{name}.toml"
    visitor = Visitor(desk_of(data, recipe))
    visitor.wait()
    visitor.wait(visitor.move(kind="segments", segments=3))
    visitor.wait(visitor.move(kind="undo"))  # shown again, of what was kept
    monkeypatch.setattr(fitting, "fit_segments", refuse)
    exported = Path(visitor.desk.export("", csv=True))
    assert "assignments.csv has every customer" in done(visitor, "Report, model")
    sg.run(data, recipe, out=folder / "cold", csv=True)
    mine, theirs = written(exported), written(folder / "cold")
    assert {"report.html", "assignments.csv", "queries.sql"} < set(mine)
    assert mine == theirs


def test_a_table_that_has_changed_is_fitted_anew(towns: Path, desk_of: OpenDesk) -> None:
    visitor = Visitor(desk_of(towns / "towns.csv", towns / "towns.toml"))
    visitor.wait()
    settled = visitor.desk._settled
    assert settled is not None
    table = pd.read_csv(towns / "towns.csv")
    pd.concat([table, table.assign(id=table["id"] + "b").head(90)]).to_csv(towns / "towns.csv", index=False)
    visitor.desk._exports.write_files(settled.state.recipe, settled.fit, towns / "out", csv=False)
    assert done(visitor, "Report, model").startswith("Report")
    assert sg.load(towns / "out" / "segmentation.json").n_customers == 490
    with pytest.raises(DataError, match="no such segments"):
        visitor.desk._exports.write_list(settled, [3], towns / "out")
    visitor.desk._exports.write_list(settled, [1], towns / "out")
    assert "the data have changed" in done(visitor, "List")


def test_the_customers_of_a_segment_are_those_of_a_run_and_no_id_is_a_formula(
    towns: Path, desk_of: OpenDesk
) -> None:
    visitor = Visitor(desk_of(towns / "towns.csv", towns / "towns.toml"))
    visitor.wait()
    sg.run(towns / "towns.csv", towns / "towns.toml", out=towns / "cold", csv=True)
    assigned = rows_of(towns / "cold" / "assignments.csv")
    result = sg.load(towns / "cold" / "segmentation.json")
    names = {str(s.id): s.name for s in result.segments}
    for segments in ([1], [2], [2, 1]):
        path = Path(visitor.desk.list_customers(segments))
        said = done(
            visitor, f"List of the {sum(int(a['segment']) in segments for a in assigned)} customers of"
        )
        assert str(path) in said
        rows = rows_of(path)
        wanted = [a for a in assigned if int(a["segment"]) in segments]
        assert [r["id"].removeprefix("'") for r in rows] == [a["id"] for a in wanted]
        assert {r["id"][:2] for r in rows if "=" in r["id"]} == {"'="}
        assert [(r["segment"], r["certainty"]) for r in rows] == [
            (a["segment"], a["certainty"]) for a in wanted
        ]
        assert all(r["name"] == names[r["segment"]] for r in rows)
    assert [target["contact"] for target in visitor.desk._settled.shown()["targets"]] != [[]]


def test_a_list_that_cannot_be_written_is_a_sentence(towns: Path, desk_of: OpenDesk) -> None:
    desk = desk_of(towns / "towns.csv", towns / "towns.toml")
    visitor = Visitor(desk)
    visitor.wait()
    for segments in ("1", [True], [1.5], None):
        with pytest.raises(DataError, match="numbers of segments"):
            desk.list_customers(segments)
    with pytest.raises(DataError, match="no such segments"):
        desk.list_customers([])
    visitor.move(kind="segments", segments=3)
    with pytest.raises(DataError, match="not worked out yet"):
        desk.list_customers([1])
    visitor.wait(visitor.move(kind="undo"))
    path = towns / "towns-segment-1.csv"
    path.write_text("mine", encoding="utf-8")
    desk.list_customers([1])
    assert "the file is there already" in done(visitor, "List")
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_file_of_patterns_has_no_customers_to_list(towns: Path, desk_of: OpenDesk) -> None:
    sg.collect(towns / "towns.csv", towns / "towns.toml").save(towns / "patterns.parquet")
    visitor = Visitor(desk_of(towns / "patterns.parquet", towns / "towns.toml"))
    visitor.wait()
    assert "no customers to list" in visitor.told("state")["no_lists"]
    with pytest.raises(DataError, match="no customers to list"):
        visitor.desk.list_customers([1])
