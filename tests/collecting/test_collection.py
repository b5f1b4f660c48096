import re

import numpy as np
import pandas as pd
import pytest

from segmentry.collecting.collection import collect_patterns
from segmentry.engine import open_engine
from segmentry.errors import DataError, LevelsError, RecipeError
from segmentry.recipe import Recipe

AGE = '[features.age]\ncolumn = "age"\nedges = [30]\n'


def people() -> pd.DataFrame:
    return pd.DataFrame({
        "id": range(8), "age": [20, 25, 30, 35, 40, 45, 50, np.nan], "town": ["a", "a", "b", "b", "b", "c", "d", None],
        "kids": [0, 0, 1, 1, 2, 2, 2, 0], "answer": ["yes", "no", "Y", " n ", "TRUE", "f", "1", None],
        "born": pd.to_datetime(["2000-01-01"] * 7 + ["2001-01-01"]),
        "spend": [1.0, 2, 3, 4, 5, 6, 7, 8], "flag": [0, 1, 0, 1, 0, 1, 0, 1],
        "accepted": [True, False, None, True, True, False, False, False], "contacted": [1, 1, 1, 1, 0, 0, 0, None],
        "is_new": [True, False] * 4,
    })  # fmt: skip


def collected(recipe, data=None):
    engine = open_engine(people() if data is None else data)
    try:
        return collect_patterns(engine, Recipe.from_toml(recipe))
    finally:
        engine.close()


def patterns(recipe, data=None):
    return collected(recipe, data).patterns


def feature(body, column="town"):
    return f'[features.f]\ncolumn = "{column}"\n{body}\n'


def outcome(columns, role="amounts", more=""):
    return f'{AGE}[outcomes.o]\nrole = "{role}"\ncolumns = {columns}\n{more}'


REFUSALS = [
    (feature("", "twon"), "features.f.column: the table has no column 'twon'; did you mean 'town'?"),
    (
        '[features.f]\nsql = "kid > 0"\nyes_no = true',
        "features.f.sql: the table has no column 'kid'; did you mean",
    ),
    (AGE + '[source]\nid = "idd"', "source.id: the table has no column 'idd'; did you mean 'id'?"),
    (AGE + '[source]\nweight = "w"', "source.weight: the table has no column 'w'"),
    ('sensitive = ["sex"]\n' + AGE, "sensitive: the table has no column 'sex'"),
    (
        AGE + '[[clean]]\nstep = "s"\nkeep = "agee > 1"',
        "clean.s.keep: the table has no column 'agee'; did you mean 'age'?",
    ),
    (
        AGE + '[[clean]]\nstep = "s"\ndrop_missing = ["x"]',
        "clean.s.drop_missing: the table has no column 'x'",
    ),
    (
        AGE + '[[clean]]\nstep = "s"\nreplace = { column = "x", values = [[1, 2]] }',
        "clean.s.replace.column: the table has no column 'x'",
    ),
    (
        outcome('["spent"]'),
        "outcomes.o.columns.spent: the table has no column 'spent'; did you mean 'spend'?",
    ),
    (
        outcome('["flag"]', "flags", 'exposure = "contact"'),
        "outcomes.o.exposure: the table has no column 'contact'",
    ),
    (AGE + '[source]\nweight = "town"', "source.weight: 'town' is text; needs numbers"),
    (feature("edges = [1]"), "features.f.edges: 'town' is text, and edges need numbers"),
    (feature("quantiles = 2", "born"), "'born' is neither number nor text, and edges need numbers"),
    (feature("edges = [1]", "is_new"), "'is_new' is true/false, and edges need numbers"),
    (
        feature('groups = { A = ["0"] }', "kids"),
        "features.f.groups: 'kids' holds numbers, and '0' is text; write numbers without quotes",
    ),
    (feature('levels = ["0"]', "kids"), "features.f.levels: 'kids' holds numbers, and '0' is text"),
    (
        AGE + '[[clean]]\nstep = "s"\nreplace = { column = "kids", values = [["2", 1]] }',
        "clean.s.replace.values: kids holds numbers, and '2' is text",
    ),
    (outcome('["town"]'), "outcomes.o.columns.town: is text; role 'amounts' needs numbers"),
    (
        outcome('["is_new"]', "counts"),
        "outcomes.o.columns.is_new: is true/false; role 'counts' needs numbers",
    ),
    (outcome('["born"]', "flags"), "outcomes.o.columns.born: is neither number nor text; a flag is"),
    (
        outcome('["kids"]', "flags"),
        "outcomes.o.columns.kids: has values other than 0/1, true/false, yes/no: 2 (3); "
        "give its group the role 'counts', or recode it in a clean step",
    ),
    (outcome('["town"]', "flags"), "outcomes.o.columns.town: has values other than 0/1"),
    (
        feature('groups = { A = ["a"], C = ["c"] }'),
        "features.f: 4 customers have a value that is in no level: 'b' (3), 'd' (1); add them to a group, "
        'give rest = "Other", or say unseen = "missing"',
    ),
    (feature("yes_no = true"), "'b' (3), 'a' (2), 'c' (1), 'd' (1); list them in a level or say unseen"),
    (
        feature('edges = [30]\nmissing = "error"', "age"),
        'features.f: 1 customers have no value; say missing = "keep", "drop" or "level"',
    ),
    (feature('missing = "error"'), "features.f: 1 customers have no value"),
    (
        AGE + '[[clean]]\nstep = "rich"\nkeep = "spend > 100"\n[[clean]]\nstep = "later"\nkeep = "age > 0"',
        "no customer is left of 8 rows; dropped by rich 8, later 0",
    ),
]


@pytest.mark.parametrize(("recipe", "message"), REFUSALS, ids=[m[:60] for _, m in REFUSALS])
def test_recipes_that_do_not_fit_are_refused(recipe, message):
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        patterns(recipe)
    assert "\n" not in str(caught.value)


INFINITE = """[source]
sql = "SELECT * REPLACE (CASE WHEN spend < 2 THEN CAST('inf' AS DOUBLE) ELSE spend END AS spend) FROM data"
"""


def test_infinite_outcomes_that_a_query_makes_are_refused():
    with pytest.raises(DataError, match=r"outcomes\.o\.columns\.spend: has infinite values; replace or drop"):
        patterns(outcome('["spend"]') + INFINITE)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_of_a_table_in_memory_are_missing(value):
    table = patterns(outcome('["spend"]'), people().assign(spend=[value, *range(7)]))
    assert (table.n_values.sum(), table.sums.sum()) == (7, 21)


@pytest.mark.parametrize("weight", [-1.0, 1e300, 1e-300])
def test_survey_weights_that_are_no_weights_are_refused(weight):
    """One among others is enough: with them it would add up to a sum that looks right."""
    with pytest.raises(
        DataError, match=r"source\.weight: 1 customers have a weight in 'spend' that is negative"
    ):
        patterns(AGE + '[source]\nweight = "spend"', people().assign(spend=[weight, *[2.0] * 7]))


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "uint8"])
def test_survey_weights_of_narrow_integers_are_added_up_and_squared(kind):
    most = np.iinfo(kind).max
    table = patterns(AGE + '[source]\nweight = "w"', people().assign(w=np.full(8, most, kind)))
    assert table.weights.sum() == 8.0 * most
    assert table.squared_weights.sum() == pytest.approx(8.0 * most * most)


@pytest.mark.parametrize("weight", [0.0, np.nan, np.inf])
def test_customers_who_weigh_nothing_are_counted(weight):
    recipe = AGE + '[source]\nweight = "spend"'
    table = patterns(recipe, people().assign(spend=[weight, *[2.0] * 7]))
    assert (table.n_customers, table.weights.sum()) == (8, 14)
    counted = {s.phrase: s.n_rows for s in table.cleaning.steps}
    assert counted["with missing or zero weight in spend"] == 1
    with pytest.raises(DataError, match="no customer has a weight above 0 in 'spend'"):
        patterns(recipe, people().assign(spend=weight))


@pytest.mark.parametrize(
    "feature",
    [
        'column = "letter"\nlevels = ["a", "b"]\nrest = "b"',
        'column = "letter"\ngroups = { missing = ["a"] }\nrest = "o"\nmissing = "level"',
        'column = "letter"\nmissing = "level"',
        'sql = "age > 1"\nyes_no = ["same", "same"]',
    ],
)
def test_two_levels_of_one_name_are_refused(feature):
    table = people().assign(letter=["a", "b", "missing", "", *"abab"])
    with pytest.raises(RecipeError, match="features.f: two levels are called '(b|missing|same)'; give rest"):
        patterns(f"[features.f]\n{feature}", table)


def test_flags_that_cancel_are_refused():
    """-1 and 2 have the same sum as 1 and 0, and other squares."""
    with pytest.raises(DataError, match="has values other than 0/1"):
        patterns(outcome('["flag"]', "flags"), people().assign(flag=[-1, 2, 1, 0, 0, 0, 0, 0]))


def test_more_than_100_values_are_no_levels():
    frame = pd.DataFrame({"f": [f"v{i:03}" for i in range(101)]})
    with pytest.raises(
        DataError, match=r"features\.f: 101 different values; 100 levels are the most; group them"
    ):
        patterns('[features.f]\ncolumn = "f"', frame)
    assert len(patterns('[features.f]\ncolumn = "f"', frame.head(100)).features[0].levels) == 100


def test_a_column_without_any_value():
    frame = people().assign(age=np.nan)
    with pytest.raises(DataError, match=r"features\.f: age has no value in any row"):
        patterns(feature("", "age"), frame)
    with pytest.raises(LevelsError, match=r"features\.f: the column has no values to take edges from"):
        patterns(feature("quantiles = 4", "age"), frame)
    assert patterns(AGE, frame).codes.tolist() == [[-1]]


def test_infinite_values_have_no_equal_widths():
    with pytest.raises(LevelsError, match="edges would be infinite"):
        patterns(feature("equal_widths = 2", "spend") + INFINITE)


# What the table decides -----------------------------------------------------------------------------


def test_found_values_are_levels_in_their_order():
    assert patterns(feature("")).features[0].levels == ("a", "b", "c", "d")
    assert patterns(feature("", "kids")).features[0].levels == ("0", "1", "2")
    assert patterns(feature("", "is_new")).features[0].levels == ("no", "yes")
    table = patterns(feature('missing = "level"'))
    assert table.features[0].levels == ("a", "b", "c", "d", "missing")
    assert table.counts.tolist() == [2, 3, 1, 1, 1]


def test_found_levels_are_in_the_recipe_and_encode_alike():
    for column in ("town", "kids", "is_new", "born", "spend"):
        first = collected(feature("", column))
        engine = open_engine(people())
        again = collect_patterns(engine, first.matched.recipe)
        engine.close()
        assert again.patterns.features == first.patterns.features
        assert again.patterns.codes.tolist() == first.patterns.codes.tolist()
        assert again.patterns.counts.tolist() == first.patterns.counts.tolist()


@pytest.mark.parametrize("n", [2, 4, 5])
def test_quantiles_are_numpys_inverted_cdf(n):
    values = np.random.default_rng(0).normal(size=501).round(2)
    frame = pd.DataFrame({"v": [*values, np.nan]})
    recipe = collected(f'[features.f]\ncolumn = "v"\nquantiles = {n}', frame).matched.recipe
    expected = np.quantile(values, np.arange(1, n) / n, method="inverted_cdf")
    assert recipe.features[0].edges == tuple(expected)
    assert recipe.features[0].quantiles is None


def test_quantiles_that_coincide_are_merged():
    frame = pd.DataFrame({"v": [0] * 60 + list(range(1, 41))})
    made = collected('[features.f]\ncolumn = "v"\nquantiles = 5', frame)
    assert made.matched.recipe.features[0].edges == (0, 20)
    assert made.patterns.features[0].levels == ("under 0", "0 to under 20", "20 and over")
    assert made.patterns.counts.tolist() == [79, 21]


def test_quantiles_and_widths_see_cleaned_rows_only():
    frame = pd.DataFrame({"v": [*range(10), 1_000], "w": 1})
    step = '\n[[clean]]\nstep = "s"\nkeep = "v < 100"'
    widths = collected('[features.f]\ncolumn = "v"\nequal_widths = 3' + step, frame)
    assert widths.matched.recipe.features[0].edges == (3, 6)
    assert widths.patterns.counts.tolist() == [3, 3, 4]
    halves = collected('[features.f]\ncolumn = "v"\nquantiles = 2' + step, frame)
    assert halves.matched.recipe.features[0].edges == (4,)


def test_equal_widths_of_a_constant_is_one_edge():
    made = collected('[features.f]\ncolumn = "v"\nequal_widths = 4', pd.DataFrame({"v": [7, 7]}))
    assert made.matched.recipe.features[0].edges == (7,)


# Expressions ----------------------------------------------------------------------------------------


def test_feature_of_no_column():
    table = patterns('[features.f]\nsql = "1 = 1"\nyes_no = true')
    assert (table.codes.tolist(), table.counts.tolist()) == ([[1]], [8])


def test_expressions_that_are_not_a_number_are_missing():
    """0.0 / 0.0 is not a number in DuckDB, and sorts above every edge."""
    recipe = """
    [features.f]
    sql = "(spend - 1) / (spend - 1)"
    edges = [0.5]
    [outcomes.o]
    role = "amounts"
    columns = { ratio = { label = "Ratio", sql = "(spend - 2) / (spend - 2)" } }
    """
    table = patterns(recipe)
    assert table.codes.tolist() == [[-1], [1]]
    assert table.counts.tolist() == [1, 7]
    assert table.n_values.tolist() == [[1], [6]]
    assert table.sums.tolist() == [[1], [6]]
    dropped = patterns(recipe.replace("[0.5]", '[0.5]\n    missing = "drop"'))
    assert (dropped.n_customers, dropped.cleaning.n_dropped) == (7, 1)
    assert collected(recipe.replace("edges = [0.5]", "quantiles = 2")).matched.recipe.features[0].edges == (
        1,
    )


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("avg(age) > 3", "an expression of one row's columns is needed; got 'AVG(age)'"),
        ("row_number() over () > 1", "an expression of one row's columns is needed"),
        ("age > (select 1)", "an expression of one row's columns is needed"),
        ("age > 1; drop table data", "one piece of SQL is needed; got 2"),
        ("drop table data", "an expression of one row's columns is needed"),
        ("age >", "not valid SQL"),
    ],
)
def test_expressions_that_are_no_expressions(sql, message):
    for recipe, place in (
        (f'[features.f]\nsql = "{sql}"\nyes_no = true', "features.f.sql: "),
        (f'{AGE}[[clean]]\nstep = "s"\nkeep = "{sql}"', "clean.s.keep: "),
    ):
        with pytest.raises(RecipeError, match=re.escape(place + message)):
            patterns(recipe)


def test_functions_that_do_not_fit_are_one_line():
    with pytest.raises(DataError, match=r"features\.f\.sql: the database says: No function") as caught:
        patterns('[features.f]\nsql = "list_sum(age)"\nedges = [1]')
    assert "\n" not in str(caught.value)


# Outcomes -------------------------------------------------------------------------------------------


def test_flags_of_every_kind():
    table = patterns(outcome('["flag", "accepted", "answer"]', "flags"))
    assert table.n_values.sum(axis=0).tolist() == [8, 7, 7]
    assert table.sums.sum(axis=0).tolist() == [4, 3, 4]
    assert table.squares.sum(axis=0).tolist() == [4, 3, 4]


def test_flags_count_where_the_customer_was_exposed():
    table = patterns(outcome('["flag", "accepted"]', "flags", 'exposure = "contacted"'))
    assert table.n_values.sum(axis=0).tolist() == [4, 3]
    assert table.sums.sum(axis=0).tolist() == [2, 2]


def test_exposure_may_be_true_or_false():
    frame = people().assign(contacted=[True, True, True, True, False, False, None, None])
    table = patterns(outcome('["flag"]', "flags", 'exposure = "contacted"'), frame)
    assert table.n_values.sum() == 4


def test_squares_of_large_amounts_do_not_cancel():
    frame = pd.DataFrame({"age": [1.0] * 5_000, "spend": 1e9 + np.random.default_rng(0).normal(size=5_000)})
    table = patterns(outcome('["spend"]'), frame)
    mean = table.sums[0, 0] / 5_000
    variance = table.squares[0, 0] / 5_000 - (mean - table.origins[0]) ** 2
    assert variance == pytest.approx(frame["spend"].var(ddof=0), rel=1e-6)


# Cleaning -------------------------------------------------------------------------------------------


def test_cleaning_is_counted_in_the_order_of_the_recipe():
    table = patterns("""
    [features.f]
    column = "town"
    missing = "drop"
    groups = { A = ["a", "z"], B = ["b"] }
    unseen = "missing"
    [features.age]
    column = "age"
    edges = [30]
    [[clean]]
    step = "first"
    keep = "spend > 1"
    why = "too little"
    [[clean]]
    step = "second"
    replace = { column = "town", values = [["c", "z"]] }
    [[clean]]
    step = "third"
    keep = "kids <> 1 AND town <> 'nowhere'"
    """)
    found = [(s.step, s.what, s.n_rows, s.why) for s in table.cleaning.steps]
    assert found == [
        ("first", "dropped", 1, "too little"),
        ("second", "changed", 1, ""),
        ("third", "dropped", 3, ""),
        ("f_missing", "dropped", 0, ""),
        ("f", "unseen", 1, ""),
    ]
    assert (table.cleaning.n_rows, table.cleaning.n_dropped, table.n_customers) == (8, 4, 4)


def test_a_dropped_row_is_counted_once_where_names_coincide():
    recipe = feature('missing = "drop"') + '[[clean]]\nstep = "f_missing"\nkeep = "spend > 2"'
    cleaning = patterns(recipe).cleaning
    assert cleaning.n_dropped == 3


def test_unseen_values_in_dropped_rows_do_not_matter():
    recipe = feature('groups = { A = ["a"], B = ["b"] }') + '[[clean]]\nstep = "s"\nkeep = "spend < 6"'
    assert patterns(recipe).counts.tolist() == [2, 3]
    assert patterns(recipe).cleaning.n_dropped == 3


def test_without_outcomes_only_what_scoring_needs_is_read():
    recipe = Recipe.from_toml(outcome('["nowhere"]', more='[source]\nweight = "neither"'))
    engine = open_engine(people())
    table = collect_patterns(engine, recipe, outcomes=False).patterns
    engine.close()
    assert (table.n_customers, table.outcomes, table.weights) == (8, (), None)


EXPOSED = outcome('["flag"]', "flags", 'exposure = "contacted"')


def exposed(flag, contacted) -> pd.DataFrame:
    return people().assign(
        flag=[*flag, *[0] * (8 - len(flag))], contacted=[*contacted, *[1] * (8 - len(contacted))]
    )


@pytest.mark.parametrize(("yes", "no"), [(1, 0), (True, False), ("Yes", "no")])
def test_acceptances_without_exposure_are_left_out_and_counted(yes, no):
    frame = exposed([1, 1, 1, 0], [yes, no, None, no]).assign(
        contacted=lambda f: f["contacted"].map(lambda v: yes if v == 1 else v)
    )
    table = patterns(EXPOSED, frame)
    assert table.n_values.sum() == 5
    assert table.sums.sum() == 1
    (step,) = [s for s in table.cleaning.steps if s.what == "unexposed"]
    assert (step.step, step.n_rows) == ("flag", 2)
    assert table.cleaning.n_dropped == 0


def test_exposures_other_than_yes_or_no_are_refused():
    with pytest.raises(DataError, match=r"outcomes\.o\.exposure: 2 customers have a value other than 0/1"):
        patterns(EXPOSED, exposed([1, 1], [3, 2]))


def test_outcomes_with_text_are_refused():
    with pytest.raises(
        DataError, match=r"outcomes\.o\.columns\.spend: is text; role 'amounts' needs numbers"
    ):
        patterns(outcome('["spend"]'), people().assign(spend="much"))
    with pytest.raises(DataError, match=r"true/false, yes/no: 'maybe' \(8\)"):
        patterns(outcome('["flag"]', "flags"), people().assign(flag="maybe"))
