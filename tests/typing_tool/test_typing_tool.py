"""Segments told by a few answers: the fewest, proved; workbook, SQL and Python that are equal; honest figures."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest

import segmentry as sg
from nasty import NASTY
from segmentry.cli import app
from segmentry.datasets import sample_households
from segmentry.recipe import Feature
from segmentry.recipe.levels import coded_groups
from segmentry.typing_tool import Answers, TypingTool, wording
from segmentry.typing_tool.files import to_markdown
from segmentry.typing_tool.form import write_form
from segmentry.typing_tool.function import to_python
from segmentry.typing_tool.making import make_tool
from segmentry.typing_tool.points import fit
from segmentry.typing_tool.search import best_sets
from segmentry.typing_tool.tool import Question
from segmentry.typing_tool.trust import folds_of, gap_of, held_out

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=2_000, seed=4)
BY = ("children", "income", "MntWines", "Response")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    ROWS.to_csv(folder / "customers.csv", index=False)
    sg.run(folder / "customers.csv", "households", segments=4, analyses=0, out=folder / "out")
    return folder / "out" / "segmentation.json"


@pytest.fixture(scope="module")
def tool(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TypingTool, Path]:
    out = tmp_path_factory.mktemp("tool") / "out"
    made = sg.type_customers(model, ROWS, BY, questions=4, agreement=0.99, out=out)
    assert {q.feature.name for q in made.questions} >= {"income", "mnt_wines"}
    return made, out


def combinations(tool: TypingTool) -> list[tuple[int, ...]]:
    """Every combination of answers, blanks among them."""
    return list(itertools.product(*(range(-1, len(q.answers)) for q in tool.questions)))


def told_by_python(source: str, codes: list[tuple[int, ...]]) -> list[dict[str, Any]]:
    space: dict[str, Any] = {}
    exec(compile(source, "typing.py", "exec"), space)  # noqa: S102
    return [space["tell_codes"](row) for row in codes]


def test_python_tells_every_combination_as_the_tool_does(tool: tuple[TypingTool, Path]) -> None:
    made, out = tool
    codes = combinations(made)
    segment, certainty, possible = made.tell(np.array(codes))
    found = told_by_python((out / "typing.py").read_text(encoding="utf-8"), codes)
    assert [one["segment"] for one in found] == segment.tolist()
    assert [one["certainty"] for one in found] == pytest.approx(certainty.tolist())
    assert [one["possible"] for one in found] == [(np.flatnonzero(row) + 1).tolist() for row in possible]
    assert len(set(segment.tolist())) == 4
    assert len(codes) > 100


def value_of(question: Any, code: int) -> Any:
    """A value of the column that has a level; None for a blank."""
    feature = question.feature
    if code < 0:
        return None
    if feature.edges is not None:
        edges = [float(e) for e in feature.edges]
        return [edges[0] - 1, *edges][code] if feature.closed == "left" else [*edges, edges[-1] + 1][code]
    if feature.yes_no:
        return code
    return coded_groups(feature)[code][0]


def customers_of(tool: TypingTool, codes: list[tuple[int, ...]]) -> pd.DataFrame:
    """A table with a customer for every combination of answers; the feature children adds up two of its columns."""
    frame = pd.DataFrame({"ID": range(len(codes)), "Kidhome": 0, "Teenhome": 0})
    for j, question in enumerate(tool.questions):
        values = [value_of(question, row[j]) for row in codes]
        if question.feature.column is None:
            assert question.feature.name == "children"
            frame["Kidhome"] = pd.array(values, dtype="Int64")
        else:
            numbers = all(v is None or isinstance(v, (int, float)) for v in values)
            frame[question.feature.column] = pd.array(values, dtype="Float64") if numbers else values
    return frame


def assert_tells(found: pd.DataFrame, tool: TypingTool, codes: list[tuple[int, ...]]) -> None:
    found = found.sort_values("ID")
    segment, certainty, possible = tool.tell(np.array(codes))
    assert found["segment"].tolist() == segment.tolist()
    assert found["certainty"].tolist() == pytest.approx(certainty.tolist())
    assert found["possible"].tolist() == [" or ".join(map(str, np.flatnonzero(row) + 1)) for row in possible]


def test_sql_and_python_tell_every_combination_of_values_alike(tool: tuple[TypingTool, Path]) -> None:
    made, out = tool
    codes = combinations(made)
    connection = duckdb.connect()
    connection.register("customers", customers_of(made, codes))
    assert_tells(connection.execute((out / "typing.sql").read_text(encoding="utf-8")).df(), made, codes)
    space: dict[str, Any] = {}
    exec(compile((out / "typing.py").read_text(encoding="utf-8"), "typing.py", "exec"), space)  # noqa: S102
    told = [
        space["tell"](*(value_of(q, c) for q, c in zip(made.questions, row, strict=True))) for row in codes
    ]
    assert [one["segment"] for one in told] == made.tell(np.array(codes))[0].tolist()


def _in_dialect(model: Path, out: Path, dialect: str) -> tuple[TypingTool, str]:
    made = sg.type_customers(model, ROWS, BY, questions=4, agreement=0.99, out=out, dialect=dialect)
    return made, (out / "typing.sql").read_text(encoding="utf-8")


def test_sqlite_tells_every_combination_alike(model: Path, tmp_path: Path) -> None:
    made, sql = _in_dialect(model, tmp_path / "out", "sqlite")
    codes = combinations(made)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        customers_of(made, codes).astype(object).to_sql("customers", connection, index=False)
        assert_tells(pd.read_sql(sql, connection), made, codes)


def test_postgresql_tells_every_combination_alike(model: Path, tmp_path: Path, postgres_url: str) -> None:
    import adbc_driver_postgresql.dbapi
    import pyarrow as pa

    made, sql = _in_dialect(model, tmp_path / "out", "postgres")
    codes = combinations(made)
    with adbc_driver_postgresql.dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("customers", pa.Table.from_pandas(customers_of(made, codes), preserve_index=False))
        cursor.execute(sql.rstrip().removesuffix(";"))  # COPY takes one statement
        assert_tells(cursor.fetch_arrow_table().to_pandas(), made, codes)


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "redshift", "mysql", "tsql", "spark"])
def test_other_dialects_are_written(model: Path, tmp_path: Path, dialect: str) -> None:
    assert "possible" in _in_dialect(model, tmp_path / "out", dialect)[1]


_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def recalculated(path: Path, folder: Path) -> Any:
    """The workbook as LibreOffice calculates it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine; install Debian's package libreoffice-calc")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_RECALCULATE, encoding="utf-8")
    command = [
        office,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", str(folder / "done"), str(path)], check=True, capture_output=True, timeout=180
    )
    return openpyxl.load_workbook(folder / "done" / path.name, data_only=True)


def test_the_workbook_calculates_every_combination_as_the_tool_does(
    tool: tuple[TypingTool, Path], tmp_path: Path
) -> None:
    made, _ = tool
    codes = combinations(made)
    write_form(made, tmp_path / "form.xlsx", codes)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    book["Form"]["B4"] = f"1. {made.questions[0].answers[0]}"
    book.save(tmp_path / "form.xlsx")
    book = recalculated(tmp_path / "form.xlsx", tmp_path)
    n = len(made.questions)
    rows = list(
        book["Several"].iter_rows(
            min_row=2, max_row=1 + len(codes), min_col=n + 1, max_col=n + 4, values_only=True
        )
    )
    assert rows[0] == (None,) * 4  # nothing was answered
    codes, rows = codes[1:], rows[1:]
    segment, certainty, possible = made.tell(np.array(codes))
    assert [row[0] for row in rows] == segment.tolist()
    assert [row[1] for row in rows] == [made.segments[s - 1] for s in segment]
    assert [row[2] for row in rows] == pytest.approx(certainty.tolist())
    assert [str(row[3]) for row in rows] == [
        " or ".join(map(str, np.flatnonzero(row) + 1)) for row in possible
    ]
    form = book["Form"]
    values = {row[0]: row[1] for row in form.iter_rows(min_col=1, max_col=2, values_only=True)}
    segment, certainty, _ = made.tell(np.array([[0, *[-1] * (n - 1)]]))
    assert values["Segment"] == segment[0]
    assert values["Certainty"] == pytest.approx(certainty[0])


def test_the_form_says_nothing_before_any_answer(tool: tuple[TypingTool, Path]) -> None:
    form = openpyxl.load_workbook(tool[1] / "typing.xlsx", data_only=True)["Form"]
    values = {row[0]: row[1] for row in form.iter_rows(min_col=1, max_col=2, values_only=True)}
    assert [values[words] for words in wording.RESULTS] == [None] * 4


def test_answers_are_chosen_from_lists(tool: tuple[TypingTool, Path]) -> None:
    made, out = tool
    book = openpyxl.load_workbook(out / "typing.xlsx")
    form, points = book["Form"], book["Points"]
    rules = form.data_validations.dataValidation
    assert len(rules) == len(made.questions)
    for rule, question in zip(rules, made.questions, strict=True):
        cells = points[rule.formula1.removeprefix("Points!").replace("$", "")]
        assert [cell[0].value for cell in cells] == [f"{i}. {a}" for i, a in enumerate(question.answers, 1)]


def brute_force(answers: Answers, size: int) -> float:
    best = 0.0
    for columns in itertools.combinations(range(len(answers.n_answers)), size):
        cells: dict[tuple[int, ...], np.ndarray] = {}
        for code, weight in zip(answers.codes[:, list(columns)].tolist(), answers.weight, strict=True):
            cells[tuple(code)] = cells.get(tuple(code), np.zeros(len(weight))) + weight
        best = max(best, sum(float(w.max()) for w in cells.values()))
    return best / float(answers.weight.sum())


@pytest.mark.parametrize("seed", range(6))
def test_no_set_of_a_size_tells_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, k = 7, 3
    n_answers = tuple(int(n) for n in rng.integers(2, 4, p))
    codes = np.column_stack([rng.integers(-1, n, 150) for n in n_answers]).astype(np.int64)
    likely = rng.dirichlet(np.full(k, 0.4), (p, 4))
    odds = np.prod([likely[j][codes[:, j] + 1] for j in range(p)], axis=0)
    weight = np.array([rng.multinomial(5, row / row.sum()) for row in odds]).astype(float)
    answers = Answers(codes, weight, n_answers)
    found = best_sets(answers, 4)
    for size, best in enumerate(found, 1):
        assert best.is_proved
        assert best.agreement == pytest.approx(brute_force(answers, size))
        assert all(len(s) == size for s in best.sets)


def test_thirty_candidates_are_proved() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 3, (800, 30)).astype(np.int64)
    segment = (codes[:, 3] + codes[:, 17] + codes[:, 22]) // 3
    weight = np.eye(3)[segment]
    found = best_sets(Answers(codes, weight, (3,) * 30), 3)
    assert [best.is_proved for best in found] == [True] * 3
    assert found[2].sets[0] == (3, 17, 22)
    assert found[2].agreement == 1.0
    assert found[1].agreement < 1.0


def test_the_model_is_found_again_by_its_own_features(model: Path, tmp_path: Path) -> None:
    made = sg.type_customers(model, ROWS, agreement=0.9, out=tmp_path / "out")
    assert made.is_proved
    assert made.trust.agreement >= 0.9
    smaller = [one for one in made.tried if len(one.names) < len(made.questions)]
    assert all(one.agreement < 0.9 for one in smaller)
    text = (tmp_path / "out" / "typing.md").read_text(encoding="utf-8")
    assert "Proved: by fewer of the" in text


def test_columns_that_formed_no_segment_are_candidates(tool: tuple[TypingTool, Path]) -> None:
    made, _ = tool
    assert {q.feature.column for q in made.questions} & {"MntWines", "Response"}


def test_a_linear_tool_is_learned_and_answers_that_say_the_same_count_once() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(0, 2, 4_000)
    segment = np.where(rng.random(4_000) < 0.8, first, 1 - first)
    copies = np.column_stack([first] * 4 + [rng.integers(0, 2, 4_000)]).astype(np.int64)
    fitted = fit(Answers(copies, np.eye(2)[segment], (2,) * 5), 5)
    scores = fitted.scores(np.array([[1, 1, 1, 1, 0]]))[0]
    probability = 1 / (1 + math.exp(scores[0] - scores[1]))
    assert probability == pytest.approx(0.8, abs=0.03)


def test_possible_segments_cover_nine_of_ten_new_customers() -> None:
    rng = np.random.default_rng(3)

    def draw(n: int) -> Answers:
        segment = rng.integers(0, 3, n)
        codes = np.column_stack(
            [(segment + (rng.random(n) < 0.4) * rng.integers(0, 3, n)) % 3 for _ in range(3)]
        )
        return Answers(codes.astype(np.int64), np.eye(3)[segment], (3, 3, 3))

    seen, new = draw(3_000), draw(20_000)
    found = held_out(seen, folds_of(seen, seen.weight, 0), 5)
    scores = fit(seen, 5).scores(new.codes)
    possible = scores >= scores.max(axis=1, keepdims=True) - gap_of(found)
    covered = float((possible * new.weight).sum() / new.weight.sum())
    assert 0.88 <= covered <= 0.96
    assert possible.sum(axis=1).mean() < 2


def test_held_out_customers_are_not_those_it_was_made_of() -> None:
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 6, (400, 5)).astype(np.int64)
    answers = Answers(codes, np.eye(2)[rng.integers(0, 2, 400)], (6,) * 5)
    at_hand = float((fit(answers, 0).scores(codes).argmax(1) == answers.weight.argmax(1)).mean())
    found = held_out(answers, folds_of(answers, answers.weight, 0), 0).agreement
    assert found < 0.6
    assert at_hand - found > 0.08


def test_weights_bring_sums_by_told_segment_back(tool: tuple[TypingTool, Path]) -> None:
    confusion, weights = (np.array(t) for t in (tool[0].trust.confusion, tool[0].trust.weights))
    assert confusion.sum(axis=0) @ weights == pytest.approx(confusion.sum(axis=1))


def test_no_count_below_five_is_in_any_file(tool: tuple[TypingTool, Path]) -> None:
    content = json.loads((tool[1] / "typing.json").read_text(encoding="utf-8"))
    assert all(value % 5 == 0 for row in content["trust"]["confusion"] for value in row)
    shares = [content["trust"][name] for name in ("agreement", "coverage", "single")]
    shares += [one[name] for one in content["tried"] for name in ("agreement", "held_out")]
    fives = np.array(shares)[np.array(shares) < 1] * content["n_customers"] / 5
    assert fives == pytest.approx(np.rint(fives))
    rare = Answers(np.array([[0], [1], [2]]), np.array([[50.0, 3], [10, 40], [3, 1]]), (3,))
    assert fit(rare, 5).worth[0][2].tolist() == [0.0, 0.0]
    assert fit(rare, 0).worth[0][2].tolist() != [0.0, 0.0]


def test_candidates_that_say_nothing_are_said_to(model: Path, tmp_path: Path) -> None:
    rows = ROWS.assign(coin=np.tile(["heads", "tails"], 1_000))
    with pytest.raises(sg.ModelError, match="the candidates say nothing about the segments: they tell"):
        sg.type_customers(model, rows, ("coin",), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"by": ("Incme",)}, "--by Incme: did you mean 'Income'"),
        ({"agreement": 1.5}, "--agreement 1.5: is a share between 0 and 1"),
        ({"questions": 0}, "--questions 0: is a number from 1"),
    ],
)
def test_a_mistake_is_one_sentence(model: Path, tmp_path: Path, wish: dict[str, Any], said: str) -> None:
    with pytest.raises(sg.SegmentryError, match=re.escape(said)):
        sg.type_customers(model, ROWS, **wish, out=tmp_path / "out")


def test_a_question_limit_is_kept_and_a_miss_is_said(model: Path, tmp_path: Path) -> None:
    made = sg.type_customers(model, ROWS, ("MntWines", "Response"), questions=1, out=tmp_path / "out")
    assert len(made.questions) == 1
    assert "not reached; these questions come closest" in (tmp_path / "out" / "typing.md").read_text(
        encoding="utf-8"
    )


def test_names_of_people_are_inert(tmp_path: Path) -> None:
    names = [name for name in NASTY if name.strip()][:80]
    feature = Feature(name="q", column="q", label="=1+1", levels=tuple(dict.fromkeys(names)))
    n = len(feature.levels or ())
    codes = np.arange(n).reshape(-1, 1)
    weight = np.column_stack([np.full(n, 20.0), np.where(np.arange(n) % 2, 60.0, 1.0)])
    made = make_tool(
        Answers(codes, weight, (n,)), weight, [(feature, tuple(names[:n]))], ["=SUM(A1)", "</script>\n\x01"],
        wanted=0.6, most=None, floor=5,
    )  # fmt: skip
    write_form(made, tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    formulas = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert formulas
    assert not [f for f in formulas if "HYPERLINK" in f or "SUM(A1)" in f or "cmd" in f]


def test_features_named_as_what_the_function_uses_are_told() -> None:
    levels = ("a", "b")
    features = [Feature(name=name, column=name, levels=levels) for name in ("zip", "RULES")]
    codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    weight = np.array([[90.0, 10, 10], [10, 90, 10], [10, 10, 90], [10, 10, 90]])
    made = make_tool(
        Answers(codes, weight, (2, 2)), weight, [(f, levels) for f in features], ["x", "y", "z"],
        wanted=0.7, most=2, floor=5,
    )  # fmt: skip
    assert [q.feature.name for q in made.questions] == ["zip", "RULES"]
    space: dict[str, Any] = {}
    exec(compile(to_python(made, {"features": {}}), "typing.py", "exec"), space)  # noqa: S102
    told = [space["tell"](levels[one], RULES=levels[two])["segment"] for one, two in codes]
    assert told == made.tell(codes)[0].tolist() == [1, 2, 3, 3]


def test_without_a_folder_nothing_is_written_and_the_tool_shows_its_questions(model: Path) -> None:
    made = sg.type_customers(model, ROWS, ("income", "children"), questions=2)
    first, second = repr(made).splitlines()[:2]
    assert first.startswith("<TypingTool: 2 questions tell ")
    assert made.questions[0].label in second
    assert made.tell([0, -1])[0].shape == (1,)


def test_the_command_writes_every_file(model: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    out = tmp_path / "out"
    command = [
        "type",
        str(model),
        str(model.parents[1] / "customers.csv"),
        "--by",
        "income",
        "--by",
        "children",
        "--out",
        str(out),
    ]
    done = CliRunner().invoke(app, [*command, "--dialect", "postgres", "--table", "crm.customers"])
    assert done.exit_code == 0, done.output
    assert {p.name for p in out.iterdir()} >= {
        "typing.md",
        "typing.json",
        "typing.xlsx",
        "typing.sql",
        "typing.py",
    }
    assert '"crm"."customers"' in (out / "typing.sql").read_text(encoding="utf-8")
    assert "of the customers right, held out" in done.output


def test_a_tool_that_tells_too_few_does_not_stop() -> None:
    """Of 50 customers 44 are told, 88 %: the nearest multiple of 5 customers would be 90 %."""
    answers = Answers(np.array([[0], [1]]), np.array([[22.0, 3], [3, 22]]), (2,))
    exact = held_out(answers, folds_of(answers, answers.weight, 0), 5).agreement
    assert exact == pytest.approx(0.88)
    feature = Feature(name="q", column="q", levels=("a", "b"))
    made = make_tool(
        answers, answers.weight, [(feature, ("a", "b"))], ["x", "y"], wanted=0.9, most=None, floor=5
    )
    assert made.trust.agreement == made.tried[0].held_out == 0.8
    assert "not reached; these questions come closest" in to_markdown(made, 5)


def test_a_question_that_was_shortened_to_be_a_label_is_asked_in_full() -> None:
    column = "I buy organic food even if it costs a third more"
    labels = {"I buy organic food even if it costs a t…": column, "Organic": "Organic", "": "Organic"}
    for label, asked in labels.items():
        feature = Feature(name="organic", column=column, label=label, levels=("yes", "no"))
        assert Question(feature, ("yes", "no"), ((1, 0), (0, 1))).label == asked
