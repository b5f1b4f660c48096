"""What a recipe's SQL may do: every line of the corpus that reaches further is refused in a sentence."""

from __future__ import annotations

import random

import duckdb
import pytest
from sqlglot import exp

from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.sql.boundary import MAX_NESTING, MAX_TERMS, parse
from segmentry.sql.calls import check_calls
from segmentry.sql.expressions import expression, relation
from segmentry.sql.functions import AGGREGATES, ALLOWED, MACROS, SCALARS, SIZED, WINDOWS

TABLES = {"data": exp.to_table("data"), "labels": exp.to_table("labels")}

ESCAPING_EXPRESSIONS = r"""
random()
uuid()
gen_random_uuid()
uuidv7()
now()
today()
current_date
current_timestamp
localtime
get_current_timestamp()
age(d)
getenv('HOME')
current_setting('home_directory')
getvariable('x')
read_text('/etc/passwd')
"read_text"('/etc/passwd')
main.read_text('/etc/passwd')
system.main.random()
'/etc/passwd'.read_text()
unnest([1, 2])
"unnest"([1, 2])
generate_subscripts([1, 2], 1)
regexp_split_to_table(s, 'a')
range(1000000000)
generate_series(1, 1000000000)
list_transform(range(10000000), x -> x)
list_transform([1], x -> random())
[random() for x in [1]]
repeat('x', 1000000000)
repeat('x', a)
lpad('x', a, 'y')
rpad('x', 100000000, 'y')
list_resize([1], 1000000000)
bitstring('1', 1000000000)
format('{:1000000000}', s)
printf('%1000000000s', s)
nextval('s')
setseed(0.5)
current_query()
pg_sleep(10)
sleep_ms(10000)
write_log('x')
error('x')
query('SELECT 1')
list_aggregate([1], 'reservoir_quantile')
CASE WHEN random() > 0.5 THEN 1 END
{'a': uuid()}.a
hash(random())
a = $1
(SELECT 1)
a IN (FROM 'secret.csv')
sum(a)
row_number() OVER ()
columns('a.*') > 1
data.a
s.trim().lower()
CAST('now' AS DATE)
DATE 'today'
TRY_CAST(' Tomorrow ' AS DATE)
CAST('yesterday 10:00' AS TIMESTAMP)
length(replace(replace(s, 'a', repeat('a', 500)), 'a', repeat('a', 500)))
length(replace(replace(replace(s, 'a', 'aaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa'))
length(hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(s))))))))))))
length(url_encode(url_encode(url_encode(url_encode(url_encode(url_encode(url_encode(s))))))))
length(list_reduce(str_split(s, ''), (x, y) -> x || x))
length(list_reduce(str_split(s, ''), (x, y) -> concat(x, x)))
list_transform(l, x -> list_transform(l, y -> list_transform(l, z -> 1)))
array_to_string(str_split(array_to_string(str_split(s, ''), s), ''), s)
s.repeat(1000000000)
""".strip().splitlines()

ESCAPING_QUERIES = r"""
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM '/etc/passwd'
SELECT * FROM "secret.csv"
SELECT * FROM data, glob('/etc/*')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_settings
SELECT * FROM information_schema.tables
SELECT * FROM pg_catalog.pg_authid
SELECT * FROM other.data
SELECT * FROM parquet.data
SELECT * FROM enable_profiling(save_location = '/tmp/x')
SELECT * FROM enable_logging(storage = 'file')
SELECT * FROM read_csv('http://127.0.0.1/x.csv')
SELECT * FROM postgres_scan('host=x', 'public', 't')
SELECT * FROM range(1000000000)
SELECT * FROM query('SELECT 1')
SELECT * FROM data, unnest([1, 2])
SELECT * FROM data, LATERAL (SELECT 1)
SELECT * FROM data TABLESAMPLE 10%
SELECT * FROM data USING SAMPLE 10
SELECT * FROM (DESCRIBE data)
SELECT * FROM (SHOW TABLES)
SELECT * FROM (SUMMARIZE data)
SELECT * INTO x FROM data
SELECT unnest([1, 2]) FROM data
SELECT getenv('HOME') FROM data
SELECT current_date FROM data
SELECT "current_timestamp" FROM data
SELECT * FROM data ORDER BY random()
SELECT user FROM data, labels
SELECT "current_user" FROM data, labels
SELECT session_user FROM data AS a JOIN data AS b USING (id)
SELECT x FROM data WHERE d < CAST('now' AS DATE)
SELECT hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(hex(s))))))))))) FROM data
SELECT reservoir_quantile(a, 0.5) FROM data
SELECT (FROM read_text('/etc/passwd')) FROM data
SELECT * FROM data WHERE a IN (FROM 'secret.csv')
WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT * FROM t
WITH a AS (SELECT * FROM duckdb_settings), duckdb_settings AS (SELECT 1) SELECT * FROM a
SELECT * FROM (WITH duckdb_views AS (SELECT 1) SELECT * FROM duckdb_views) AS x, duckdb_views
SELECT * FROM data; COPY data TO '/tmp/x'
COPY data TO '/tmp/x'
ATTACH '/tmp/x'
LOAD httpfs
INSTALL httpfs
CALL enable_logging()
SET threads = 1
PRAGMA enable_profiling
EXPORT DATABASE '/tmp/x'
CREATE TABLE x AS SELECT 1
INSERT INTO data VALUES (1)
DELETE FROM data
""".strip().splitlines()

USUAL_EXPRESSIONS = r"""
kids + teens > 0
lower(trim("Education"))
year(TRY_CAST(d AS DATE))
date_diff('day', d, DATE '2024-12-31')
date_trunc('month', d)
extract(year FROM d)
try_strptime(d, '%d/%m/%Y')
age(d, DATE '2020-01-01')
d - INTERVAL 3 DAY
NULLIF(NULLIF(q, 97), 98)
coalesce(a, 0) + ifnull(b, 1)
if(a > 1, 1, 0)
a IN (1, 2) AND NOT (b BETWEEN 1 AND 2)
regexp_extract(s, '(a)', 1)
s ~ '^a' OR s ILIKE '%x%'
split_part(s, ',', 1) || left(s, 2)
lpad(s, 5, '0')
lower(trim(s))
replace(replace(replace(s, '-', ''), ' ', ''), '.', ',')
regexp_replace(s, '[^0-9]', '', 'g')
list_reduce([1, 2], (x, y) -> x + y)
CAST(a AS DECIMAL(10, 2))
list_transform([1, 2], x -> x + 1)[1]
json_extract_string(s, '$.a')
"random()" > 1
s = 'random()'
""".strip().splitlines()

USUAL_QUERIES = r"""
FROM data
SELECT data.*, labels.Cluster FROM data LEFT JOIN labels USING (ID)
SELECT customer, count(*) AS orders, sum(price) AS spent, max(day) AS latest FROM data GROUP BY customer
WITH x AS (SELECT a FROM data), y(b) AS (SELECT a FROM x) SELECT * FROM y
WITH more AS (FROM labels) SELECT * FROM data JOIN more USING (id)
SELECT a, row_number() OVER (PARTITION BY b ORDER BY c) AS r FROM data QUALIFY r = 1
SELECT DISTINCT ON (a) a, b FROM data ORDER BY a, b DESC
SELECT a, sum(b) FILTER (WHERE c > 0) FROM data GROUP BY ALL
SELECT a FROM (VALUES (1), (2)) AS v(a)
SELECT quantile_cont(a, 0.5), any_value(c), arg_max(a, b), string_agg(b, ',') FROM data GROUP BY ROLLUP (c)
SELECT count(*) FROM data GROUP BY GROUPING SETS ((a), (b), ())
SELECT * FROM data PIVOT (sum(a) FOR b IN ('x', 'y') GROUP BY c)
SELECT * FROM data ASOF JOIN labels ON data.id = labels.id AND data.d >= labels.d
SELECT * REPLACE (a + 1 AS a) FROM data WHERE EXISTS (SELECT 1 FROM labels WHERE labels.id = data.id)
SELECT user, sum(x) FROM data GROUP BY user
SELECT * EXCLUDE (user) FROM data
SELECT lower(s) AS user, sum(x) FROM data GROUP BY user
SELECT columns('a.*') FROM data
SELECT lower(s.trim()) FROM data
""".strip().splitlines()


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
    assert {name for name in AGGREGATES if (name, "aggregate") not in found and name in known} == set()
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
