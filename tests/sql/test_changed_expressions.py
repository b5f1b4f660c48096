"""SQL of recipes that was changed: refused in a sentence, or it gives each row one value, the same each time, out of its columns."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlglot import exp

from mutations import changed_text, refusals
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.sql import Query
from segmentry.sql.expressions import expression, relation
from segmentry.sql.functions import ALLOWED
from segmentry.sql.portable import DIALECTS
from sql_texts import ESCAPING_EXPRESSIONS, ESCAPING_QUERIES, USUAL_EXPRESSIONS, USUAL_QUERIES

FUNCTIONS = sorted(ALLOWED)
CANARY = "c4nary"
ROWS = 30
WORDS = [
    "(", ")", "[", "]", "{", "}", "'", '"', "--", "/*", "*/", ";", "||", "::", "->", "->>", "=>", ":=", ":", ".", "..", "@", "$1", "?", "~", "#1",
    "random()", "now()", "'secret.csv'", "FROM 'secret.csv'", "read_text('secret.csv')", "SELECT", "UNION ALL", "CASE WHEN", " END", "NULL",
    "CAST(", " AS INT)", "TRY_CAST(", "x -> ", "lambda x: x", "OVER ()", "sum(", "*", "COLUMNS(*)", "data", "data.", "main.", "E'\\x00'", "$$", "U&'\\0041'",
    "INTERVAL 1 DAY", "DATE '2020-01-01'", "1e308", "-9223372036854775808", "0x1F", "1_000", "nan", "é", "\u200b", "%", "^", "!", "<=>", "COLLATE nocase",
    "AT TIME ZONE 'UTC'", "IN (", "BETWEEN 1 AND", "ESCAPE ''", "unnest(", "repeat('x', 1000)", "struct_pack(a := 1)", "list_value(a, b)",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    """Two tables behind an engine that may read any file: the check alone keeps the SQL from it."""
    draw = np.random.default_rng(2)
    frame = pd.DataFrame({
        "id": range(ROWS), "a": draw.integers(0, 3, ROWS), "b": draw.normal(size=ROWS), "c": draw.choice(["x", "y", None], ROWS),
        "d": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, ROWS), "D"), "s": "ab-c,d", "q": 98, "kids": 1, "teens": 0, "l": [[1, 2]] * ROWS,
        "customer": draw.integers(0, 5, ROWS), "price": 2.5, "day": 1, "user": "u", "Education": " MSc ", "x": 1.5,
    })  # fmt: skip
    opened = DuckDBEngine("t")
    opened.add_object("data", frame)
    opened.add_object("labels", frame[["id", "d"]].assign(ID=frame["id"], Cluster=1))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder with a file that no SQL of a recipe reads, and that stays alone."""
    monkeypatch.chdir(tmp_path)
    Path("secret.csv").write_text(f"a,b\n{CANARY},1\n")
    yield
    assert [p.name for p in tmp_path.iterdir()] == ["secret.csv"]


def behave(query: exp.Query, engine: DuckDBEngine) -> int:
    """Run a query twice, and write it in every dialect; return how many rows it has."""
    found = [engine.query(Query("changed", query.copy())) for _ in range(2)]
    texts = [sorted(map(repr, zip(*t.to_pydict().values(), strict=True))) for t in found]
    assert texts[0] == texts[1]
    assert CANARY not in "".join(texts[0])
    for dialect in DIALECTS:
        with suppress(RecipeError):  # no tested form there
            Query("changed", query.copy()).text(dialect)
    return int(found[0].num_rows)


def of_expression(text: str, engine: DuckDBEngine) -> None:
    recipe = Recipe.from_dict({"features": {"x": {"sql": text, "edges": [1]}}})
    read = relation(recipe, dict(engine.tables))
    value = exp.alias_(expression(text, ("x",)), "value")
    assert behave(read.query(exp.select(value).from_(read.origin.copy())), engine) == ROWS


def of_query(text: str, engine: DuckDBEngine) -> None:
    recipe = Recipe.from_dict({"source": {"sql": text}, "features": {"x": {"column": "x", "edges": [1]}}})
    behave(relation(recipe, dict(engine.tables)).select_all(), engine)


def with_other_words(text: str, draw: random.Random) -> str:
    """The text with another function, column or number in the place of one."""
    found = list(re.finditer(r"\b\w+\b", text))
    one = draw.choice(found)
    is_call = text[one.end() : one.end() + 1] == "("
    others = (
        FUNCTIONS
        if is_call
        else ["a", "b", "c", "d", "s", "q", "l", "x", "id", "0", "1", "-1", "'x'", "'a,b'", "NULL"]
    )
    return text[: one.start()] + draw.choice(others) + text[one.end() :]


@pytest.mark.parametrize(
    ("texts", "use"),
    [
        (5 * USUAL_EXPRESSIONS + ESCAPING_EXPRESSIONS, of_expression),
        (5 * USUAL_QUERIES + ESCAPING_QUERIES, of_query),
    ],
    ids=["expressions", "queries"],
)
def test_changed_sql_is_refused_in_a_sentence_or_behaves(
    texts: list[str], use: Callable[[str, DuckDBEngine], None], engine: DuckDBEngine
) -> None:
    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        text = draw.choice(texts)
        text = with_other_words(text, draw) if draw.random() < 0.4 else changed_text(text, draw, WORDS)
        return lambda: use(text, engine), repr(text)

    refused = refusals(300, change)
    assert any(refused)
    assert not all(refused)
