"""Names and values that formats read as something else: every output is opened by what reads it, and holds texts alone."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import numpy as np
import pandas as pd
import pytest
import tomlkit

import segmentry as sg
from commands import segmentry
from nasty import ARGUMENTS, CODE, FORMULAS, JINJA, MARKUP, NASTY
from segmentry.recipe import Recipe

pytestmark = pytest.mark.usefixtures("few_null_tables")

ID, FLAG, AMOUNT = '=id{{1}}"', "</script>" + "x" * 250, '=HYPERLINK("http://x","y")'
FEATURES = {"{%endraw%}{{ boom() }}": "sum", "math": "{{ boom() }}", 'len"x': "a'b\"c`d\x1b[31m"}
N = 1_500


def _customers() -> pd.DataFrame:
    """Customers of three groups; every text is a level of one of two features."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, N)
    texts = [np.array(NASTY[start::2], object) for start in (0, 1)]
    levels = [t[(rng.integers(0, len(t) // 3, N) * 3 + group) % len(t)] for t in texts]
    for levels_of, every in zip(levels, texts, strict=True):
        levels_of[: len(every)] = every
    columns = list(FEATURES.values())
    return pd.DataFrame(
        {
            ID: [f"{NASTY[i % len(NASTY)]}{i}" for i in range(N)],
            columns[0]: levels[0],
            columns[1]: levels[1],
            columns[2]: rng.integers(0, 100, N) + group * 40,
            FLAG: (rng.random(N) < 0.2 + 0.2 * group).astype(int),
            AMOUNT: rng.gamma(2, 10, N) * (group + 1),
        }
    )


def _recipe() -> dict[str, Any]:
    *texts, number = FEATURES.items()
    features: dict[str, Any] = {
        name: {"column": column, "levels": NASTY[i::2]} for i, (name, column) in enumerate(texts)
    }
    features[number[0]] = {"column": number[1], "edges": [40, 80]}
    flags = {"role": "flags", "label": "<g> {{x}}", "columns": {FLAG: MARKUP[2]}, "cost_per_contact": 1}
    amounts = {"role": "amounts", "label": FORMULAS[0], "columns": {AMOUNT: JINJA[0]}}
    return {
        "title": '=T {{ boom() }} <script>window.pwned=1</script>\x01"""',
        "source": {"id": ID},
        "features": features,
        "outcomes": {"a": {**flags, "revenue_per_acceptance": 5}, "b": amounts},
        "model": {"segments": 3},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table, the recipe, and everything that is made of them."""
    folder = tmp_path_factory.mktemp("nasty")
    _customers().to_parquet(folder / "t.parquet")
    (folder / "r.toml").write_text(tomlkit.dumps(_recipe()), encoding="utf-8")
    table, model = folder / "t.parquet", folder / "o" / "segmentation.json"
    segmentry(
        "run",
        table,
        "-r",
        folder / "r.toml",
        "--analyses",
        0,
        "--audit",
        "--csv",
        "--excel",
        "-o",
        folder / "o",
    )
    segmentry("score", model, table, "-o", folder / "s.csv")
    segmentry("audit", table, "-o", folder / "a")
    segmentry("drift", model, table, "-o", folder / "d")
    (folder / "dbt").mkdir()
    segmentry("sql", model, "--dbt", folder / "dbt", "--dialect", "duckdb", "--reason")
    return folder


@pytest.fixture(scope="module")
def model(made: Path) -> sg.Segmentation:
    return sg.load(made / "o" / "segmentation.json")


@pytest.fixture(scope="module")
def scored(made: Path) -> pd.DataFrame:
    with (made / "s.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return pd.DataFrame(rows, columns=head)


def test_ids_are_written_as_they_are(scored: pd.DataFrame) -> None:
    assert scored.columns[0] == ID
    assert sorted(scored[ID]) == sorted(_customers()[ID])


def test_drawings_are_xml_and_their_names_fit_into_a_file_system(made: Path) -> None:
    drawings = list((made / "o" / "charts").rglob("*.svg"))
    for path in drawings:
        ElementTree.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own file
        assert len(path.name.encode()) < 130
    names = [path.relative_to(made).as_posix().casefold() for path in drawings]
    assert len(set(names)) == len(names) > 6
    pictures = {path.stem for path in (made / "o" / "charts").glob("*.png")}
    assert pictures == {path.stem for path in drawings if path.parent.name == "charts"}


def test_tables_for_people_hold_no_formula(made: Path) -> None:
    files = [p for p in (made / "o").glob("*.csv") if p.name != "assignments.csv"]
    cells = 0
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                cells += len(row)
                bad = [
                    c
                    for c in row
                    if re.match("[=+\\-@\t\r\uff1d]", c) and not re.match(r"^-?[\d.]+(e-?\d+)?$|^-inf$", c)
                ]
                assert bad == [], path.name
    assert len(files) > 5
    features = pd.read_csv(made / "o" / "features.csv", keep_default_na=False)
    assert {f"'{text}" for text in FORMULAS[:5]} <= set(features["level"])


def test_the_workbook_holds_texts(made: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    calamine = pytest.importorskip("python_calamine")
    book = openpyxl.load_workbook(made / "o" / "report.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
    assert calamine.CalamineWorkbook.from_path(made / "o" / "report.xlsx").sheet_names == book.sheetnames


def test_slides_are_xml_and_the_tables_of_their_charts_hold_texts(
    model: sg.Segmentation, tmp_path: Path
) -> None:
    pytest.importorskip("pptx")
    openpyxl = pytest.importorskip("openpyxl")
    with zipfile.ZipFile(model.report(tmp_path / "deck.pptx")) as deck:
        parts = {name: deck.read(name) for name in deck.namelist()}
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            found = ElementTree.fromstring(content)  # noqa: S314 - our own file
            assert not [part for part in found.iter() if part.get("TargetMode") == "External"]
    books = [openpyxl.load_workbook(io.BytesIO(c)) for name, c in parts.items() if name.endswith(".xlsx")]
    kinds = {cell.data_type for book in books for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"s"} < kinds <= {"s", "n"}


def test_markdown_holds_no_markup(made: Path) -> None:
    text = (made / "o" / "report.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(script|img|svg|!--|/)", text)


class Rendering:
    """Jinja as dbt uses it: only `ref` may be called."""

    def __init__(self) -> None:
        import jinja2

        self.called: list[str] = []
        environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)  # noqa: S701 - as dbt
        environment.globals = {
            "ref": lambda name: f'"{name}"',
            "env_var": self.called.append,
            "boom": self.called.append,
        }
        self._environment = environment

    def __call__(self, text: str) -> str:
        return self._environment.from_string(text).render()


def test_dbt_renders_the_statement_and_calls_nothing(
    made: Path, model: sg.Segmentation, scored: pd.DataFrame
) -> None:
    rendering = Rendering()
    text = rendering((made / "dbt" / "customer_segments.sql").read_bytes().decode())
    assert rendering.called == []
    assert model.to_sql("duckdb", reason=True).rstrip(";\n").split("\n")[-1] in text
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE customers AS FROM read_parquet(?)", [str(made / "t.parquet")])
        rows = connection.execute(text).fetchall()
    _compare({row[0]: row[1] for row in rows}, scored)


def test_dbt_reads_the_description_and_calls_nothing(made: Path) -> None:
    yaml = pytest.importorskip("yaml")
    rendering = Rendering()
    plain = yaml.safe_load((made / "dbt" / "customer_segments.yml").read_text(encoding="utf-8"))
    columns = plain["models"][0]["columns"]
    for column in columns:
        assert rendering(column["description"]) == column["description"]
    assert [rendering(column["name"]) for column in columns][:2] == [ID, "segment"]
    assert rendering.called == []


def test_the_python_function_assigns_as_scoring_does(model: sg.Segmentation, scored: pd.DataFrame) -> None:
    namespace: dict[str, Any] = {}
    exec(compile(model.to_python(), "segments", "exec"), namespace)  # noqa: S102 - what a user does with it
    rows = _customers()
    values = rows[list(FEATURES.values())].itertuples(index=False)
    _compare(dict(zip(rows[ID], (namespace["assign"](*v)["segment"] for v in values), strict=True)), scored)


def test_features_may_have_the_names_of_what_the_function_calls() -> None:
    rows = pd.DataFrame(
        {"id": range(300)} | {f"c{i}": np.arange(300) % (i + 2) for i in range(len(ARGUMENTS))}
    )
    features = {name: {"column": f"c{i}", "edges": [1]} for i, name in enumerate(ARGUMENTS)}
    recipe = Recipe.from_dict({"source": {"id": "id"}, "features": features, "model": {"segments": 2}})
    result = sg.run(rows, recipe, analyses=0)
    namespace: dict[str, Any] = {}
    exec(compile(result.to_python(), "segments", "exec"), namespace)  # noqa: S102
    found = [
        namespace["assign"](*values)["segment"] for values in rows.drop(columns="id").itertuples(index=False)
    ]
    assert found == result.assign(rows).sort_values("id")["segment"].tolist()


def _compare(found: dict[str, int], scored: pd.DataFrame) -> None:
    """Hold segments by id to those of the file of scores."""
    assert found == dict(zip(scored[ID], scored["segment"].astype(int), strict=True))


def test_sqlite_runs_the_statement(model: sg.Segmentation, scored: pd.DataFrame) -> None:
    text, rows = model.to_sql("sqlite", reason=True), _customers()
    with sqlite3.connect(":memory:") as connection:
        rows.to_sql("customers", connection, index=False)
        _compare({row[0]: row[1] for row in connection.execute(text)}, scored)


def test_duckdb_runs_the_statement(model: sg.Segmentation, scored: pd.DataFrame) -> None:
    text, customers = model.to_sql("duckdb", reason=True), _customers()
    with duckdb.connect() as connection:
        connection.register("customers", customers)
        _compare({row[0]: row[1] for row in connection.execute(text).fetchall()}, scored)
    assert model.verify().is_equal


def test_postgresql_runs_the_statement(
    model: sg.Segmentation, scored: pd.DataFrame, postgres_url: str
) -> None:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    import pyarrow as pa

    text, rows = model.to_sql("postgres", reason=True), _customers()
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        used = rows[[ID, *FEATURES.values()]]  # names of more than 63 bytes are cut there
        cursor.adbc_ingest("customers", pa.Table.from_pandas(used), mode="create", temporary=True)
        cursor.execute(text.rstrip(";\n"))
        _compare({row[0]: row[1] for row in cursor.fetchall()}, scored)


def test_the_model_and_its_recipe_are_read_back(made: Path, model: sg.Segmentation, tmp_path: Path) -> None:
    again = model.save(tmp_path / "m.json")
    assert again.read_bytes() == (made / "o" / "segmentation.json").read_bytes()
    assert set(CODE) | set(JINJA) <= set(model.features["level"])


def test_a_draft_of_nasty_names_is_a_recipe(made: Path, tmp_path: Path) -> None:
    rows = _customers()
    names = [text for text in NASTY if text.strip() == text][:60]
    rng = np.random.default_rng(1)
    wide = pd.DataFrame({name: rng.integers(0, 3, len(rows)) for name in names} | {"key": range(len(rows))})
    wide.to_parquet(tmp_path / "t.parquet")
    segmentry("init", tmp_path / "t.parquet", "-o", tmp_path / "r.toml")
    columns = {feature.column for feature in Recipe.load(tmp_path / "r.toml").features}
    assert columns <= set(names)
    segmentry("run", tmp_path / "t.parquet", "-r", tmp_path / "r.toml", "--check")


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that tells which scripts of the texts ran."""
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["o/report.html", "a/audit.html", "d/drift.html"])
def test_no_script_of_a_text_runs_in_a_browser(name: str, made: Path, page: Any) -> None:
    dialogs: list[Any] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto((made / name).as_uri())
    assert page.evaluate("window.pwned === undefined")
    assert page.locator("h1").count() == 1
    assert page.locator("img[src='x']").count() == 0
    assert dialogs == []


def test_the_script_of_the_audit_runs(made: Path) -> None:
    text = (made / "a" / "audit.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(text)
