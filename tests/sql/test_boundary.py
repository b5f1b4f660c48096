"""What a recipe's SQL may do: every line of the corpus that reaches further is refused in a sentence."""

from __future__ import annotations

import random
from contextlib import suppress

import duckdb
import pytest
from sqlglot import exp

from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.sql.boundary import MAX_NESTING, MAX_TERMS, parse
from segmentry.sql.calls import check_calls
from segmentry.sql.expressions import expression, relation
from segmentry.sql.functions import AGGREGATES, ALLOWED, MACROS, SCALARS, SIZED, WINDOWS
from sql_texts import ESCAPING_EXPRESSIONS, ESCAPING_QUERIES, USUAL_EXPRESSIONS, USUAL_QUERIES

TABLES = {"data": exp.to_table("data"), "labels": exp.to_table("labels")}


def of_expression(sql: str) -> Recipe:
    return Recipe.from_dict({"features": {"x": {"sql": sql, "edges": [1]}}})


def of_query(sql: str) -> Recipe:
    return Recipe.from_dict({"source": {"sql": sql}, "features": {"x": {"column": "x", "edges": [1]}}})


@pytest.mark.parametrize("sql", ESCAPING_EXPRESSIONS)
def test_an_expression_that_reaches_further_is_refused(sql):
    with pytest.raises(RecipeError, match=r"^features\.x\.sql: ."):
        relation(of_expression(sql), TABLES)


@pytest.mark.parametrize("sql", ESCAPING_QUERIES)
def test_a_query_that_reaches_further_is_refused(sql):
    with pytest.raises(RecipeError, match=r"^source\.sql: ."):
        relation(of_query(sql), TABLES)


@pytest.mark.parametrize("sql", USUAL_EXPRESSIONS)
def test_what_recipes_usually_say_passes(sql):
    assert relation(of_expression(sql), TABLES).origin == TABLES["data"]


@pytest.mark.parametrize("sql", USUAL_QUERIES)
def test_what_queries_usually_say_passes(sql):
    assert [name for name, _ in relation(of_query(sql), TABLES).before][-1] == "source_rows"


@pytest.mark.parametrize("letter", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u200d", "\u2063"])
def test_letters_that_nobody_sees_hide_no_name(letter):
    """DuckDB leaves some of them out of a name: what was checked would be another function than the one that it calls."""
    for call in (
        f"{letter}random()",
        f"ran{letter}dom()",
        f"random{letter}()",
        f"{letter}sum(a)",
        f"a {letter}+ 1",
    ):
        for recipe in (of_expression(call), of_query(f"SELECT {call} AS x FROM data")):  # noqa: S608
            with pytest.raises(RecipeError, match=r"(not valid SQL|other signs than letters)"):
                relation(recipe, TABLES)
    assert relation(of_expression(f"\"a{letter}\" = 'b{letter}'"), TABLES).origin == TABLES["data"]


def test_every_place_of_a_recipe_is_checked():
    parts = {
        "clean.c.keep": {"clean": [{"step": "c", "keep": "random() > 0"}]},
        "strata.s.sql": {"strata": [{"name": "s", "sql": "random()", "edges": [1]}]},
        "outcomes.o.columns.z.sql": {
            "outcomes": {"o": {"role": "counts", "columns": {"z": {"sql": "random()"}}}}
        },
    }
    for place, part in parts.items():
        recipe = Recipe.from_dict({"features": {"x": {"column": "x", "edges": [1]}}, **part})
        with pytest.raises(RecipeError, match=place.replace(".", r"\.") + r": random\(\) is no function"):
            relation(recipe, TABLES)


def test_a_trusted_recipe_may_call_what_it_likes_and_still_makes_one_row_of_one():
    assert relation(of_expression("random()").trusted(), TABLES).origin == TABLES["data"]
    assert relation(of_query("SELECT * FROM read_text('x')").trusted(), TABLES).before
    with pytest.raises(RecipeError, match="several rows of one"):
        expression("unnest([1, 2])", ("x",))


def test_trust_is_kept_by_copies_and_never_written_down():
    recipe = of_expression("random()").trusted()
    assert recipe.with_(title="Other").is_trusted
    assert recipe.model_copy().is_trusted
    assert not Recipe.from_dict(recipe.to_dict()).is_trusted
    assert "trust" not in recipe.to_toml()


def macros_of_several_rows() -> set[str]:
    """Macros that give one value for three rows."""
    macros = "SELECT function_name, parameters FROM duckdb_functions() WHERE function_type = 'macro'"
    found = set()
    for name, parameters in duckdb.sql(macros).fetchall():
        arguments = ", ".join("1" for _ in parameters)
        with suppress(duckdb.Error):  # of other kinds of arguments than numbers
            rows = duckdb.sql(f'SELECT "{name}"({arguments}) FROM range(3)').fetchall()  # noqa: S608
            found |= {name} if len(rows) == 1 else set()
    return found


def test_functions_are_consistent_in_the_installed_duckdb():
    """A name that this version lacks can do no harm; every other gives the same value for the same arguments."""
    found: dict[tuple[str, str], set[str]] = {}
    for name, kind, stability in duckdb.sql(
        "SELECT function_name, function_type, stability FROM duckdb_functions() WHERE function_type <> 'pragma'"
    ).fetchall():
        found.setdefault((name.casefold(), kind), set()).add(stability)
    unstable = {name for name in SCALARS | SIZED if "VOLATILE" in found.get((name, "scalar"), ())}
    inconsistent = {
        name
        for name in SCALARS | SIZED
        if (name, "scalar") in found and "CONSISTENT" not in found[name, "scalar"]
    }
    assert unstable | inconsistent == set()
    assert {name for name in ALLOWED if (name, "table") in found or (name, "table_macro") in found} <= {
        "histogram"
    }
    known = {name for name, _ in found}
    assert len((SCALARS | AGGREGATES | MACROS) - known) < 20
    of_several_rows = {name for name, kind in found if kind == "aggregate"} | macros_of_several_rows()
    assert AGGREGATES & known <= of_several_rows
    assert MACROS.isdisjoint(of_several_rows)
    assert {"random", "uuid", "now", "getenv", "range", "unnest", "nextval"}.isdisjoint(ALLOWED)
    assert WINDOWS <= ALLOWED


@pytest.mark.parametrize(
    ("deep", "message"),
    [
        ("CASE WHEN a > 1 THEN " * 50 + "1" + " END" * 50, "nested more than 30 deep"),
        ("(" * 5_000 + "a" + ")" * 5_000, "nested more than 30 deep"),
        ("abs(" * 200 + "a" + ")" * 200, "nested more than 30 deep"),
        ("NOT " * 2_000 + "a", "nested more than 30 deep"),
        ("- " * 2_000 + "a", "nested more than 30 deep"),
        ("+".join(["a"] * 1_000), "more than 300 terms in a row"),
        ("+".join(["a"] * 10_000), "more than 300 terms in a row"),
        ("+".join(["a"] * 100_000), "199,999 words and signs; 20,000 are the most"),
        (" AND ".join(["a"] * 1_000), "more than 300 terms in a row"),
        ("||".join(["a"] * 1_000), "more than 300 terms in a row"),
    ],
)
def test_what_no_planner_can_bear_is_refused_before_it_is_parsed(deep, message):
    with pytest.raises(RecipeError, match=message):
        expression(deep, ("x",))


def test_what_stays_below_the_limits_is_parsed_and_written():
    nested = "abs(" * (MAX_NESTING - 1) + "a" + ")" * (MAX_NESTING - 1)
    assert expression(nested, ("x",)).sql("duckdb").count("ABS(") == MAX_NESTING - 1
    assert expression("+".join(["a"] * (MAX_TERMS - 2)), ("x",)).sql("duckdb").count("+") == MAX_TERMS - 3


def test_a_call_hidden_in_names_of_columns_is_none():
    check_calls(parse("SELECT a FROM (SELECT 1) AS random(a)", ("x",)), ("x",))
    with pytest.raises(RecipeError, match=r"random\(\)"):
        check_calls(parse("SELECT a FROM (SELECT random()) AS t(a)", ("x",)), ("x",))


def test_long_texts_are_not_made_of_long_ones() -> None:
    with pytest.raises(RecipeError, match="makes a long value of a long one"):
        check_calls(parse("SELECT length(repeat(repeat('x', 1000), 1000))", ("x",)), ("x",))


PIECES = [
    "\\", "\\\\", "'", "''", "||random()||", "a", "\\x27", "\\'", "\\047", " ", '"', "$$", "--", "/*", "*/", "\n", "E'", "e'", "$a$", "U&'", "x'", "s",
]  # fmt: skip


def test_duckdb_sees_no_call_in_what_is_taken_for_text():
    """Quotation marks, escapes and comments in any order: what the check reads as text is text to DuckDB, too."""
    draw = random.Random(7)  # noqa: S311
    n_accepted = 0
    for _ in range(2_000):
        begin, end = (
            draw.choice(["E'", "e'", "'", "$$", '"', "/*", "--"]),
            draw.choice(["'", "''", "$$", '"', "*/ s", "\n s"]),
        )
        text = begin + "".join(draw.choices(PIECES, k=draw.randint(1, 9))) + end
        try:
            parsed = expression(text, ("x",))
            check_calls(parsed, ("x",))
        except RecipeError:
            continue
        written = f"SELECT {parsed.sql('duckdb')}"
        ((seen,),) = duckdb.execute("SELECT json_serialize_sql(?)", [written]).fetchall()
        assert '"function_name":"random"' not in seen, text
        assert seen.count('"node"') <= 1, text
        n_accepted += 1
    assert n_accepted > 100
