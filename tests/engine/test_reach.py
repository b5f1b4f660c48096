"""The second wall: what DuckDB itself refuses, were a recipe's SQL to get past the first."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import segmentry as sg
from commands import segmentry
from segmentry.collecting.collection import collect_patterns
from segmentry.engine import Reach, open_engine
from segmentry.errors import DataError, RecipeError, SegmentryError
from segmentry.recipe import Recipe
from segmentry.segmentation.plain_values import fingerprint

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = '[source]\nid = "id"\n{source}\n[features.x]\ncolumn = "x"\nedges = [50]\n'


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A folder with customers and with a file that nobody named; the working folder is another one."""
    folder = tmp_path / "shop"
    folder.mkdir()
    pd.DataFrame({"id": range(100), "x": range(100)}).to_csv(folder / "t.csv", index=False)
    (tmp_path / "secret.csv").write_text("id,x\nsecret,1\n")
    (tmp_path / "secret.txt").write_text("a secret")
    monkeypatch.chdir(folder)
    return folder


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


STATEMENTS = [
    "SELECT * FROM read_text('{folder}/secret.txt')",
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_csv('../secret.csv')",
    "SELECT * FROM read_blob('{folder}/secret.txt')",
    "SELECT * FROM sniff_csv('{folder}/secret.csv')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM read_csv('{folder}/*.csv')",
    "SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')",
    "SELECT * FROM postgres_scan('host=127.0.0.1 port={port}', 'public', 't')",
    "SELECT * FROM enable_profiling(save_location = '{folder}/shop/t.csv')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM my_frame",
]


@pytest.fixture
def listener():
    """A port of this machine that notices whether anybody connects."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.05)
        yield server


@pytest.mark.parametrize("statement", STATEMENTS)
def test_duckdb_itself_reads_and_writes_nothing_that_was_not_named(shop, listener, statement):
    my_frame = pd.DataFrame({"id": [1], "x": [1]})
    sql = statement.format(folder=shop.parent, port=listener.getsockname()[1])
    recipe = Recipe.from_toml(RECIPE.format(source=f"sql = {json.dumps(sql)}"))
    before = files_below(shop.parent)
    engine = open_engine("t.csv")  # closed off, whatever the recipe is trusted to do
    with pytest.raises(SegmentryError):
        collect_patterns(engine, recipe.trusted())
    engine.close()
    assert files_below(shop.parent) == before
    assert len(my_frame) == 1
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, x FROM data, enable_profiling(save_location = '{file}')",
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '{file}')",
        "SELECT content AS id, 1 AS x FROM read_text('{file}')",
    ],
)
def test_a_foreign_model_reads_and_writes_nothing_through_score(shop, sql):
    recipe = Recipe.from_toml(RECIPE.format(source='sql = "SELECT id, x FROM data"'))
    path = sg.run("t.csv", recipe, segments=2).save("model.json")
    content = json.loads(path.read_text())
    content["recipe"]["source"]["sql"] = sql.format(file=shop.parent / "secret.txt")
    content["fingerprint"] = fingerprint(content)
    path.write_text(json.dumps(content))
    before = files_below(shop.parent)
    with pytest.raises(RecipeError, match="is no table that was named"):
        sg.score(sg.load(path), "t.csv", out="scored.parquet")
    with pytest.raises(RecipeError, match="is no table that was named"):
        sg.load(path).to_sql()
    assert files_below(shop.parent) == before


def test_what_was_named_is_read_and_written(shop):
    """Names with wildcards, links, names from the root, two files, and each kind of file."""
    frame = pd.read_csv("t.csv")
    odd = shop / "a [1]*.csv"
    frame.to_csv(odd, index=False)
    (shop / "link.csv").symlink_to(odd)
    frame.to_parquet("t.parquet")
    frame.to_json("t.json", orient="records", lines=True)
    with duckdb.connect("t.duckdb") as connection:
        connection.execute("CREATE TABLE t AS FROM 't.csv'")
    recipe = Recipe.from_toml(RECIPE.format(source=""))
    given = (
        "t.csv", str(shop / "t.csv"), str(odd), "a [[]1]*.csv", "link.csv", "t.parquet", "t.json",
        "duckdb:///t.duckdb?table=t", frame,
    )  # fmt: skip
    for data in given:
        assert sg.collect(data, recipe).counts.tolist() == [50, 50]
    result = sg.run("t.csv", recipe, segments=2, out=shop / "out")
    assert sg.score(result, "link.csv", out=shop / "scored.csv").n_customers == 100
    assert len(pd.read_parquet(shop / "out" / "assignments.parquet")) == 100


def test_a_database_that_somebody_else_has_open_keeps_its_settings(shop):
    with duckdb.connect("t.duckdb") as connection:
        connection.execute("CREATE TABLE t AS FROM 't.csv'; CREATE VIEW v AS FROM 't.csv'")
    with duckdb.connect("t.duckdb", read_only=True) as theirs:
        engine = open_engine("duckdb:///t.duckdb?table=t")
        assert theirs.sql("SELECT count(*) FROM 't.csv'").fetchall() == [(100,)]
        engine.close()
    recipe = Recipe.from_toml(RECIPE.format(source=""))
    with pytest.raises(
        DataError, match=r"reaches for '.*t\.csv', which was not named; make a table of the view"
    ):
        sg.collect("duckdb:///t.duckdb?table=v", recipe)
    assert sg.collect("duckdb:///t.duckdb?table=v", recipe.trusted()).n_customers == 100


def test_functions_of_a_database_file_do_not_take_the_place_of_those_that_a_recipe_may_call(shop):
    """A stranger's file could draw random numbers, or count wrongly, under the names of the list."""
    for stem in ("t", "memory"):
        with duckdb.connect(f"{stem}.duckdb") as connection:
            connection.execute(
                "CREATE TABLE t AS FROM 't.csv'; CREATE SCHEMA more; CREATE TABLE more.u AS FROM t"
            )
            for name, value in (("abs", "random() * 100"), ("sum", "-1"), ("count", "-1"), ("own", "a + 1")):
                connection.execute(f"CREATE MACRO {name}(a) AS {value}")
    recipe = Recipe.from_dict({"source": {"id": "id"}, "features": {"x": {"sql": "abs(x)", "edges": [50]}}})
    for url in ("t.duckdb?table=t", "t.duckdb?table=u", "memory.duckdb?table=t"):
        assert sg.collect(f"duckdb:///{url}", recipe).counts.tolist() == [50, 50]
    theirs = recipe.with_(features={"x": {"sql": "own(x)", "edges": [50]}})
    with pytest.raises(RecipeError, match=r"own\(\) is no function that a recipe may call"):
        sg.collect("duckdb:///t.duckdb?table=t", theirs)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"features": {"x": {"sql": "strptime('a', '%Q') > d", "edges": [1]}}}, "features.x.sql"),
        ({"features": {"x": {"sql": "struct_extract({'a': x}, 'b')", "edges": [1]}}}, "features.x.sql"),
        (
            {"source": {"sql": "SELECT columns('(') FROM data"}, "features": {"x": {"column": "x"}}},
            "source.sql",
        ),
        ({"source": {"sql": "SELECT none FROM data"}, "features": {"x": {"column": "x"}}}, "source.sql"),
    ],
)
def test_what_the_database_refuses_is_found_in_the_recipe(shop, part, place):
    pd.DataFrame({"x": [1], "d": ["2020-01-01"]}).to_parquet("d.parquet")
    with pytest.raises(DataError, match=rf"^d\.parquet: {place}: the database says: ."):
        sg.collect("d.parquet", Recipe.from_dict(part))


def test_columns_called_user_are_read_and_the_user_of_the_database_is_not(shop):
    pd.DataFrame({"user": range(100), "x": range(100)}).to_parquet("u.parquet")
    sql = "SELECT user AS x, count(*) AS n FROM data GROUP BY user"
    recipe = Recipe.from_dict({"source": {"sql": sql}, "features": {"x": {"column": "x", "edges": [50]}}})
    assert sg.collect("u.parquet", recipe).counts.tolist() == [50, 50]
    with pytest.raises(DataError, match=r"source\.sql: the database says: .*user"):
        sg.collect("t.csv", recipe)


def test_sorting_may_spill_to_disk(shop):
    engine = open_engine("t.csv", reach=Reach(writes=shop / "o.parquet"))
    (folders,) = engine._connection.execute("SELECT current_setting('allowed_directories')").fetchone()
    (spills,) = engine._connection.execute("SELECT current_setting('temp_directory')").fetchone()
    engine.close()
    assert any(Path(place).name == Path(spills).name for place in folders)


@pytest.mark.parametrize("file", ["../secret.csv", "{folder}/secret.csv", "link.csv"])
def test_a_recipe_names_files_below_its_own_folder_alone(shop, file):
    named = file.format(folder=shop.parent)
    (shop / "link.csv").symlink_to(shop.parent / "secret.csv")
    source = f"sql = 'FROM more'\ntables = {{ more = '{named}' }}"
    (shop / "r.toml").write_text(RECIPE.format(source=source))
    with pytest.raises(
        RecipeError, match=r"r\.toml: source\.tables\.more: '.*' lies neither below the folder"
    ):
        Recipe.load("r.toml")
    assert Recipe.load("r.toml", trust=True).is_trusted


def test_a_text_of_a_recipe_names_files_below_the_working_folder_alone(shop):
    text = RECIPE.format(source=f"tables = {{ more = '{shop.parent}/secret.csv' }}")
    with pytest.raises(RecipeError, match=r"the recipe's text: source\.tables\.more: '.*' lies neither"):
        Recipe.load(text)
    assert Recipe.load(text, trust=True).is_trusted
    assert Recipe.load(RECIPE.format(source="tables = { more = 't.csv' }")).source.tables == {"more": "t.csv"}


def test_a_model_names_files_below_its_own_folder_alone(shop):
    pd.read_csv("t.csv").to_csv("more.csv", index=False)
    recipe = Recipe.from_toml(RECIPE.format(source="sql = 'FROM more'\ntables = { more = 'more.csv' }"))
    path = sg.run("t.csv", recipe, segments=2).save("model.json")
    assert sg.score(path, "t.csv", out="scored.csv").n_customers == 100
    content = json.loads(path.read_text())
    content["recipe"]["source"]["tables"]["more"] = str(shop.parent / "secret.csv")
    content["fingerprint"] = fingerprint(content)
    path.write_text(json.dumps(content))
    with pytest.raises(RecipeError, match="lies neither below the folder of model"):
        sg.score(path, "t.csv", out="scored.csv")


@pytest.mark.parametrize("name", ["data", "DATA", "source_rows", "pattern_segments"])
def test_names_of_the_tables_are_reserved(name):
    with pytest.raises(RecipeError, match="is the name of another table"):
        Recipe.from_dict({"source": {"tables": {name: "x.csv"}}, "features": {"x": {"column": "x"}}})


def test_the_command_says_what_trust_means(shop):
    (shop / "r.toml").write_text(RECIPE.format(source="sql = \"SELECT * FROM read_csv('t.csv')\""))
    command = ["collect", "t.csv", "--recipe", "r.toml", "--out", "p.parquet"]
    refused = segmentry(*command, code=2)
    assert refused.stderr.startswith("segmentry: source.sql: ")
    assert "is no table that was named" in refused.stderr
    assert not (shop / "p.parquet").exists()
    trusted = segmentry(*command, "--trust-recipe")
    assert "r.toml is trusted: its SQL may read and write every file that you may" in trusted.stderr
