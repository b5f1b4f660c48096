"""The command line as a user runs it, partly in a process of its own: its exit code, its lines, its files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from commands import segmentry, segmentry_process
from recipes import HOUSEHOLDS
from segmentry.datasets import write_sample
from segmentry.patterns import PatternTable

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")

GOOD = """
[source]
id = "ID"
[features.income]
column = "Income"
edges = [40000, 60000]
[features.education]
column = "Education"
[outcomes.spend]
role = "amounts"
columns = ["MntWines"]
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("data") / "households.csv", 1_500)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "households.toml"
    path.write_text(HOUSEHOLDS.to_toml(), encoding="utf-8")
    return path


def test_demo_writes_every_file_and_says_where_the_report_is(tmp_path: Path) -> None:
    done = segmentry_process("demo", "--rows", 2_000, "--out", tmp_path / "deep" / "demo")
    report = tmp_path / "deep" / "demo" / "report.html"
    assert done.stdout.endswith(f"Report: {report}\n")
    assert "dropped by with_income" in done.stdout
    assert report.stat().st_size < 2_000_000


def test_run_can_be_repeated_into_the_same_folder(sample: Path, recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    segmentry("run", sample, "--recipe", recipe, "--out", out, "--segments", 4)
    segmentry("run", sample, "--recipe", recipe, "--out", out, "--segments", 2, "--method", "k-modes")
    assert pd.read_csv(out / "segments.csv")["segment"].tolist() == [1, 2]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_list_of_all_customers_comes_as_csv_where_asked_for(
    sample: Path, recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("run", sample, "--recipe", recipe, "--out", out, "--segments", 2)
    done = segmentry(*arguments, "--csv")
    listed = pd.read_csv(out / "assignments.csv")
    pd.testing.assert_frame_equal(listed, pd.read_parquet(out / "assignments.parquet"), check_dtype=False)
    assert done.stdout.endswith(f"Every customer's segment: {out / 'assignments.csv'}\n")
    done = segmentry(*arguments)
    assert not (out / "assignments.csv").exists()
    assert done.stdout.endswith("assignments.parquet (for a spreadsheet add --csv)\n")


def test_one_segment_is_said_in_the_singular(sample: Path, recipe: Path, tmp_path: Path) -> None:
    done = segmentry("run", sample, "--recipe", recipe, "--out", tmp_path / "out", "--segments", 1)
    assert " customers in 1 segment\n" in done.stdout


def test_where_there_are_no_segments_other_columns_are_named_as_the_next_step(tmp_path: Path) -> None:
    table, draft = tmp_path / "t.csv", tmp_path / "r.toml"
    rows = [f"{i},{20 + i * 7 % 60},{'abc'[i * 5 % 3]},{'xyz'[i * 11 // 3 % 3]}" for i in range(900)]
    table.write_text("\n".join(["id,age,town,plan", *rows]))
    segmentry("init", table, "-o", draft)
    done = segmentry("run", table, "--recipe", draft, "--out", tmp_path / "out")
    assert "so there are no segments to tell apart.\nVerdict: none." in done.stdout
    assert done.stdout.endswith("segmentry init DATA -o FILE --features COLUMN (may be repeated)\n")


def test_profile_of_labels_in_another_file(sample: Path, tmp_path: Path) -> None:
    ids = pd.read_csv(sample)["ID"]
    labels = tmp_path / "labels.csv"
    pd.DataFrame({"ID": ids[:1_200], "group": ["b", "a", "a"] * 400}).to_csv(labels, index=False)
    arguments = (
        "--recipe",
        "households",
        "--segment-column",
        "group",
        "--join",
        labels,
        "--out",
        tmp_path / "o",
    )
    done = segmentry("profile", sample, *arguments)
    assert "300 dropped by segment_missing" in done.stdout
    segments = pd.read_csv(tmp_path / "o" / "segments.csv")
    assert segments[["name", "size"]].to_numpy().tolist() == [["a", 800], ["b", 400]]


def test_collect_and_merge(sample: Path, tmp_path: Path) -> None:
    one = tmp_path / "one.parquet"
    segmentry("collect", sample, "--recipe", "households", "--out", one)
    done = segmentry("merge", one, one, "--out", tmp_path / "two.parquet")
    assert done.stdout.startswith("3,000 customers in ")


def test_tables_collected_like_one_keep_its_levels(sample: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    segmentry("sample", "--rows", "1500", "--seed", "7", "--out", other)
    files = [tmp_path / f"{name}.parquet" for name in ("one", "apart", "like", "merged")]
    one, apart, like, merged = files
    segmentry("collect", sample, "--recipe", "households", "--fine", "--out", one)
    segmentry("collect", other, "--recipe", "households", "--fine", "--out", apart)
    segmentry("collect", other, "--recipe", "households", "--like", one, "--out", like)
    assert (
        "to keep all, collect each like the first (--like FILE"
        in segmentry_process("merge", one, apart, "--out", merged).stderr
    )
    assert segmentry_process("merge", one, like, "--out", merged).stderr == ""
    assert PatternTable.load(merged).features == PatternTable.load(one).features
    done = segmentry("collect", other, "--recipe", "households", "--like", other, "--out", like, code=2)
    assert "not a pattern table" in done.stderr


def test_withheld_patterns_are_said_from_collect_to_the_report(
    sample: Path, recipe: Path, tmp_path: Path
) -> None:
    one = tmp_path / "one.parquet"
    done = segmentry("collect", sample, "--recipe", recipe, "--min-count", 5, "--out", one)
    withheld = done.stdout.splitlines()[0]
    assert withheld.endswith(" customers withheld: patterns of fewer than 5 customers are withheld")
    two = tmp_path / "two.parquet"
    segmentry("merge", one, one, "--out", two)
    done = segmentry("run", two, "--recipe", recipe, "--segments", 2, "--out", tmp_path / "out")
    n = 2 * int(withheld.split()[0].replace(",", ""))
    assert f"{n:,} withheld by fewer_than_5: patterns of fewer than 5 customers" in done.stdout
    assert "fewer_than_5" in (tmp_path / "out" / "report.html").read_text()


def test_a_pattern_file_fills_quantiles_in_and_refuses_another_recipe(sample: Path, tmp_path: Path) -> None:
    recipe, other = tmp_path / "recipe.toml", tmp_path / "other.toml"
    recipe.write_text(GOOD.replace("edges = [40000, 60000]", "quantiles = 3") + "[model]\nrange = [1, 3]\n")
    other.write_text(GOOD.replace("[40000, 60000]", "[40000, 70000]"))
    segmentry("collect", sample, "--recipe", recipe, "--out", tmp_path / "p.parquet")
    segmentry("run", tmp_path / "p.parquet", "-r", recipe, "--segments", 2, "--out", tmp_path / "out")
    saved = json.loads((tmp_path / "out" / "segmentation.json").read_text())
    assert len(saved["recipe"]["features"][0]["edges"]) == 2
    done = segmentry("run", tmp_path / "p.parquet", "-r", other, "--out", tmp_path / "o", code=2)
    assert "was collected by another recipe: features differ (income)" in done.stderr


def test_sample_with_truth(tmp_path: Path) -> None:
    segmentry("sample", "--rows", 50, "--truth", "--out", tmp_path / "s.parquet")
    assert set(pd.read_parquet(tmp_path / "s.parquet")["true_segment"]) <= {1, 2, 3, 4}


def wrong(text: str, message: str) -> object:
    return pytest.param(text, message, id=message[:50])


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        wrong(GOOD.replace('"Income"', '"Incme"'), "features.income.column: the table has no column 'Incme'; did you mean 'Income'?"),
        wrong(GOOD.replace("[40000, 60000]", "[60000, 40000]"), "recipe.toml: features.income.edges: edges must increase; got 40000 after 60000"),
        wrong(GOOD + '[features.m]\ncolumn = "Marital_Status"\nrest = "other"\ngroups = {A = ["Single"], B = ["Single"]}', "recipe.toml: features.m.groups: 'Single' is in level 'B' and in 'A'"),
        wrong(GOOD.replace("edges", "egdes"), "recipe.toml: features.income.egdes: unknown key; did you mean 'edges'?"),
        wrong(GOOD.replace('"Income"', '"Marital_Status"'), "features.income.edges: 'Marital_Status' is text, and edges need numbers"),
        wrong(GOOD.replace('"MntWines"', '"Income"'), "recipe.toml: outcomes.spend.columns.Income: is also the feature 'income'"),
        wrong(GOOD + "[model]\nsegments = 40", "segments: 40 segments need at least as many patterns, and these customers make 15"),
        wrong("features = ", "recipe.toml: not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_recipe_is_one_line_and_leaves_nothing(
    recipe: str, message: str, sample: Path, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(recipe)
    done = segmentry("run", sample, "--recipe", path, "--out", tmp_path / "deep" / "out", code=2)
    assert done.stderr.startswith(f"segmentry: {message}")
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["recipe.toml"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.csv", None, "gone.csv: no such file"),
        ("empty.csv", "", "empty.csv: the file is empty"),
        ("header.csv", "ID,Income,Education,MntWines\n", "header.csv: the table has no rows"),
        ("table.xyz", "a", "table.xyz: cannot read this kind of file; known: .csv"),
    ],
)
def test_a_mistake_in_the_data_is_one_line_and_leaves_nothing(
    name: str, content: str | None, message: str, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(GOOD)
    if content is not None:
        (tmp_path / name).write_text(content)
    done = segmentry("run", tmp_path / name, "--recipe", recipe, "--out", tmp_path / "out", code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


CASTED = """
[source]
id = "ID"
sql = "SELECT *, Wine + Meat AS Both FROM data"

[[features]]
name = "spent"
sql = '"Both" + "Wine"'
edges = [100]

[[outcomes]]
name = "amount"
role = "amounts"
columns = [{ name = "wine", label = "Wine", sql = '"Wine" + "Meat"' }]
"""


@pytest.mark.parametrize("command", ["run", "collect"])
@pytest.mark.parametrize(
    "source", ["SELECT *, Wine + Meat AS Both FROM data", "SELECT *, Wine AS Both FROM data"]
)
def test_a_header_without_rows_is_said_where_expressions_need_numbers(
    command: str, source: str, tmp_path: Path
) -> None:
    """The columns of such a file are text, which does not add up."""
    (tmp_path / "r.toml").write_text(CASTED.replace("SELECT *, Wine + Meat AS Both FROM data", source))
    (tmp_path / "t.csv").write_text("ID,Wine,Meat\n")
    done = segmentry(
        command, tmp_path / "t.csv", "--recipe", tmp_path / "r.toml", "--out", tmp_path / "out", code=2
    )
    assert "t.csv: the table has no rows" in done.stderr
    assert done.stderr.count("\n") == 1
    (tmp_path / "t.csv").write_text("ID,Wine,Meat\n1,2,a\n")
    done = segmentry(
        command, tmp_path / "t.csv", "--recipe", tmp_path / "r.toml", "--out", tmp_path / "out", code=2
    )
    assert "no rows" not in done.stderr


def test_a_failure_while_writing_leaves_the_earlier_files(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file where the folder should be")
    done = segmentry("run", sample, "--recipe", "households", "--out", out, code=2)
    assert "is a file; a folder is needed" in done.stderr
    assert out.read_text() == "a file where the folder should be"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--segments", "many"), "--segments 'many': must be a number from 1, or auto"),
        (("--segments", "0"), "--segments '0': must be a number from 1, or auto"),
        (("--method", "kmeans"), "method 'kmeans': did you mean 'k-means'?"),
    ],
)
def test_wrong_options(arguments: tuple[str, str], message: str, sample: Path, tmp_path: Path) -> None:
    done = segmentry("run", sample, "--recipe", "households", "--out", tmp_path / "o", *arguments, code=2)
    assert done.stderr == f"segmentry: {message}\n"


def test_an_unknown_recipe_names_the_nearest(sample: Path, tmp_path: Path) -> None:
    done = segmentry("run", sample, "--recipe", "household", "--out", tmp_path / "o", code=2)
    assert "did you mean 'households'?" in done.stderr


def test_init_writes_a_recipe_that_check_and_run_take(sample: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    done = segmentry_process("init", sample, "-o", recipe)
    assert done.stdout.startswith("5 features, 18 outcomes, 0 cleaning steps: ")
    assert f"segmentry run {sample} --recipe {recipe} --check" in done.stdout
    checked = segmentry("run", sample, "--recipe", recipe, "--check", "--segments", 3, "--method", "k-modes")
    assert "1,500 in " in checked.stdout
    assert "Income (ordinal)" in checked.stdout
    assert "k-modes" in checked.stdout
    assert checked.stdout.endswith("Nothing was fitted or written.\n")
    assert max(map(len, checked.stdout.splitlines())) <= 100
    segmentry("run", sample, "--recipe", recipe, "--segments", 2, "--out", tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "recipe.toml"]


def test_init_overwrites_only_when_told(sample: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("mine")
    done = segmentry("init", sample, "-o", recipe, code=2)
    assert "exists already; add --overwrite to replace it, or name another file with -o" in done.stderr
    assert recipe.read_text() == "mine"
    segmentry("init", sample, "-o", recipe, "--overwrite")
    assert recipe.read_text("utf-8").startswith("# Drafted by segmentry")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "t.csv: no such file"),
        ("", "t.csv: the file is empty"),
        ("a,b\n", "t.csv: the table has no rows"),
        (
            "a,b\n1,x\n1,x\n",
            "t.csv: no column can form segments (a: every row has the same value; b: every row has",
        ),
    ],
)
def test_init_of_a_table_without_use_is_one_line(content: str | None, message: str, tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    if content is not None:
        data.write_text(content)
    done = segmentry("init", data, "-o", tmp_path / "recipe.toml", code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "recipe.toml").exists()


def test_run_needs_a_folder_or_check(sample: Path) -> None:
    done = segmentry("run", sample, "--recipe", "households", code=2)
    assert "--out: name a folder for the report and all files, or add --check" in done.stderr


def test_check_finds_what_run_would_refuse(sample: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(GOOD.replace("Income", "Incme"))
    done = segmentry("run", sample, "--recipe", recipe, "--check", code=2)
    assert "features.income.column: the table has no column 'Incme'" in done.stderr
    done = segmentry("run", sample, "--recipe", "households", "--check", "--segments", 50_000, code=2)
    assert "must be 'auto' or a number from 1 to 50" in done.stderr
