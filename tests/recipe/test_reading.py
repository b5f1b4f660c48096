import re

import pytest

from segmentry.errors import RecipeError
from segmentry.recipe import Recipe

AGE = '[features.age]\ncolumn = "Age"\nedges = [30, 50]\n'
EVERYTHING = """
title = "All of it"
sensitive = ["Sex"]

[source]
id = "Id"
sql = "SELECT * FROM data JOIN more USING (Id)"
tables = { more = "more.csv" }
weight = "w"
delimiter = ";"
encoding = "latin-1"
header = true

[[clean]]
step = "known"
drop_missing = ["Age"]
why = "no age"

[[clean]]
step = "adults"
keep = "Age >= 18"

[[clean]]
step = "typing"
replace = { column = "Sex", values = [["m", "male"], ["f", "female"]] }

[features.age]
label = "Age"
column = "Age"
edges = [30, 50.5]
closed = "right"
labels = ["young", "middle", "old"]
weight = 2.5
distance = "matching"
missing = "level"

[features.spend]
sql = "a + b"
quantiles = 4

[features."a ""quoted"" name"]
column = "c d"
groups = { "One; two" = ["x", "é"] }
rest = "Other"
unseen = "missing"
scale = "ordinal"

[features.children]
sql = "kids > 0"
yes_no = ["none", "some"]

[features.visits]
column = "visits"
levels = [0, 1, 2]

[outcomes.money]
role = "amounts"
columns = ["spend", "saved"]

[outcomes.campaign]
label = "The campaign"
role = "flags"
exposure = "contacted"
cost_per_contact = 3
revenue_per_acceptance = 11
columns = { accepted = "Accepted", other = { label = "Other", sql = "a = 1" } }

[model]
method = "k-modes"
segments = 4
range = [2, 6]
joined = [["age", "children"]]
seed = 7
""".replace('""', '\\"')


@pytest.mark.parametrize("name", Recipe.bundled())
def test_bundled_recipes_survive_a_round_trip(name):
    recipe = Recipe.load(name)
    assert len(recipe.features) >= 5
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    assert Recipe.from_dict(recipe.to_dict()) == recipe


def test_every_key_survives_a_round_trip():
    recipe = Recipe.from_toml(EVERYTHING)
    assert [f.name for f in recipe.features] == ["age", "spend", 'a "quoted" name', "children", "visits"]
    assert recipe.features[2].groups == {"One; two": ("x", "é")}
    assert recipe.outcomes[1].columns[1].sql == "a = 1"
    assert Recipe.from_toml(recipe.to_toml()) == recipe


def test_days_are_written_as_dates_where_a_calendar_has_them():
    days = """[features.joined]
sql = "date_diff('day', DATE '1970-01-01', joined)"
edges = [2013-01-01, 16000.5, 1000000000]
fine = [2012-12-31, 2013-01-01, 16000.5, 1000000000]
"""
    recipe = Recipe.from_toml(days)
    written = recipe.to_toml()
    assert "edges = [2013-01-01, 16000.5, 1000000000]" in written
    assert "fine = [2012-12-31, 2013-01-01, 16000.5, 1000000000]" in written
    assert Recipe.from_toml(written) == recipe


def test_with_changes_a_validated_copy():
    recipe = Recipe.from_toml(AGE)
    changed = recipe.with_(title="new", model={"segments": 3})
    assert (changed.title, changed.model.segments, changed.features) == ("new", 3, recipe.features)
    assert recipe.title == ""
    with pytest.raises(RecipeError, match=r"recipe: titel: unknown key; did you mean 'title'?"):
        recipe.with_(titel="new")


def feature(body):
    return f'[features.age]\ncolumn = "Age"\n{body}\n'


def outcome(body, group="spend"):
    return f"{AGE}[outcomes.{group}]\n{body}\n"


def clean(body):
    return f'{AGE}[[clean]]\nstep = "first"\n{body}\n'


MISTAKES = [
    (feature("edges = [45, 30]"), "features.age.edges: edges must increase; got 30 after 45"),
    (feature("edges = [30, 30]"), "features.age.edges: edges must increase; got 30 after 30"),
    (feature("edges = []"), "features.age.edges: needs at least one number"),
    (feature("edges = 30"), "features.age.edges: must be a list; got 30"),
    (feature('edges = [30, "50"]'), "features.age.edges.1: must be a number; got '50'"),
    (feature("edges = [30, inf]"), "features.age.edges.1: must be a finite number; got inf"),
    (
        feature('groups = { A = ["x", "y"], B = ["x"] }'),
        "features.age.groups: 'x' is in level 'B' and in 'A'; a value has one level",
    ),
    (feature('groups = { A = ["x", "x"] }'), "features.age.groups: 'x' is in level 'A' twice"),
    (feature("groups = { A = [] }"), "features.age.groups: level 'A' has no values"),
    (feature("groups = {}"), "features.age: groups has no values; list some, or leave it out"),
    (
        feature('groups = { A = ["x"] }\nrest = "A"'),
        "features.age.rest: 'A' is also a group; give the rest a label of its own",
    ),
    (feature("levels = [1, 1]"), "features.age.levels: a value is listed twice"),
    (feature('rest = "Other"'), "features.age: rest goes with groups or levels"),
    (feature("edgs = [1]"), "features.age.edgs: unknown key; did you mean 'edges'?"),
    ('[sorce]\nid = "x"\n' + AGE, "sorce: unknown key; did you mean 'source'?"),
    ('[source]\nids = "x"\n' + AGE, "source.ids: unknown key; did you mean 'id'?"),
    (AGE + "[model]\nmetod = 1", "model.metod: unknown key; did you mean 'method'?"),
    (
        clean('replace = { colum = "a" }'),
        "clean.first.replace.column: is missing; this key is required (and 2 more)",
    ),
    ("[features.age]\nedges = [1]", "features.age: needs either column or sql"),
    (feature('sql = "a + b"'), "features.age: needs either column or sql"),
    (
        feature("edges = [1]\nquantiles = 4"),
        "features.age: takes one way to make levels; got edges and quantiles",
    ),
    (
        feature('edges = [1]\nlabels = ["a"]'),
        "features.age: labels must be one per level: 2 levels, 1 labels",
    ),
    (feature('quantiles = 3\nlabels = ["a", "b"]'), "labels must be one per level: 3 levels, 2 labels"),
    (feature('edges = [1]\nlabels = ["a", "a"]'), "features.age: labels must differ; got ['a', 'a']"),
    (feature('labels = ["a"]'), "features.age: labels go with edges, quantiles or equal_widths"),
    (feature("yes_no = ['a']"), "features.age.yes_no: must be true, or two labels: [no, yes]"),
    (feature("yes_no = 'maybe'"), "features.age.yes_no: must be true, or two labels: [no, yes]; got 'maybe'"),
    (feature("quantiles = 1"), "features.age.quantiles: input should be greater than or equal to 2; got 1"),
    (feature("weight = 0"), "features.age.weight: input should be greater than 0; got 0"),
    (feature('closed = "both"'), "features.age.closed: input should be 'left' or 'right'; got 'both'"),
    (feature("label = 3"), "features.age.label: must be a text; got 3"),
    (
        outcome('role = "amounts"\ncolumns = ["Age"]'),
        "outcomes.spend.columns.Age: is also the feature 'age'; a column that forms the segments cannot be "
        "an outcome of them; remove one of the two",
    ),
    (
        outcome('role = "amounts"\ncolumns = ["a"]\n[outcomes.more]\nrole = "counts"\ncolumns = ["a"]'),
        "outcomes.more.columns.a: is also in outcomes.spend; list it once",
    ),
    (outcome('role = "amounts"\ncolumns = ["a", "a"]'), "outcomes.spend.columns: 'a' is listed twice"),
    (outcome('role = "amounts"\ncolumns = []'), "outcomes.spend.columns: needs at least one column"),
    (
        outcome('role = "amounts"\ncolumns = 3'),
        "outcomes.spend.columns: must be a table column = label, or a list",
    ),
    (
        outcome('role = "money"\ncolumns = ["a"]'),
        "outcomes.spend.role: input should be 'amounts', 'counts' or 'flags'",
    ),
    (outcome('columns = ["a"]'), "outcomes.spend.role: is missing; this key is required"),
    (
        outcome('role = "counts"\ncolumns = { a = { label = "A", sq = "b" } }'),
        "sq: unknown key; did you mean 'sql'?",
    ),
    (
        outcome('role = "amounts"\ncolumns = ["a"]\ncost_per_contact = 1'),
        "outcomes.spend: cost_per_contact, revenue_per_acceptance and exposure go with role 'flags'",
    ),
    (
        outcome('role = "flags"\ncolumns = ["a"]\ncost_per_contact = 1'),
        "outcomes.spend: cost_per_contact and revenue_per_acceptance go together",
    ),
    (
        AGE + "[model]\nrange = [4, 2]",
        "model.range: must be [lowest, highest] with 1 <= lowest <= highest <= 50",
    ),
    (AGE + "[model]\nrange = [1]", "model.range: must be [lowest, highest]"),
    (AGE + "[model]\nrange = [0, 51]", "model.range: must be [lowest, highest]"),
    (AGE + "[model]\nsegments = 0", "model.segments: must be 'auto' or a number from 1 to 50; got 0"),
    (AGE + "[model]\nsegments = true", "model.segments: must be 'auto' or a number from 1 to 50; got True"),
    (
        AGE + '[model]\nsegments = "many"',
        "model.segments: must be 'auto' or a number from 1 to 50; got 'many'",
    ),
    (
        AGE + '[model]\nmethod = "kmeans"',
        "model.method: input should be 'latent-class', 'k-modes' or 'k-means'; got 'kmeans'",
    ),
    (
        AGE + '[model]\njoined = ["age", "income"]',
        'model.joined: must be a list of pairs of features: [["education", "income"]]',
    ),
    (
        AGE + '[model]\njoined = [["age", "aeg"]]',
        "model.joined: there is no feature 'aeg'; did you mean 'age'?",
    ),
    (
        AGE + '[model]\njoined = [["age", "age"]]',
        "model.joined: a feature can be joined with one other feature alone, not as in 'age' and 'age'; put each feature into one pair",
    ),
    (
        feature('edges = [30]\ndistribution = "ordered"') + '[model]\njoined = [["age", "age"]]',
        "model.joined: 'age' has the distribution 'ordered', which cannot be joined; let its distribution be 'levels'",
    ),
    (AGE + "[model]\nseed = -1", "model.seed: input should be greater than or equal to 0; got -1"),
    (clean(""), "clean.first: needs exactly one of drop_missing, keep, replace"),
    (
        clean('keep = "a"\ndrop_missing = ["a"]'),
        "clean.first: needs exactly one of drop_missing, keep, replace",
    ),
    (clean('keep = "a"\n[[clean]]\nstep = "First"\nkeep = "b"'), "clean: two steps are called 'first'"),
    (AGE + '[[clean]]\nstep = "a b"\nkeep = "a"', "clean.a b.step: "),
    ("", "features: is missing; this key is required"),
    ("[features]", "features: needs at least one; add a table such as [features.age]"),
    ("features = 3", "features: must be tables such as [features.name]; got 3"),
    ("[features]\nage = 3", "features.age: "),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[m[:60] for _, m in MISTAKES])
def test_mistakes_are_named_with_file_and_key_path(text, message):
    with pytest.raises(RecipeError, match=f"^mine.toml: .*{re.escape(message)}") as caught:
        Recipe.from_toml(text, where="mine.toml")
    assert "\n" not in str(caught.value)


def test_text_that_is_not_toml_says_where():
    with pytest.raises(RecipeError, match=r"^mine\.toml: not valid TOML: .*line 2"):
        Recipe.from_toml("a = 1\nb = = 2", where="mine.toml")


def test_load_by_path_resolves_the_tables_beside_the_recipe(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("\ufeff" + AGE + '[source]\ntables = { more = "more.csv" }\nsql = "FROM data"', "utf-8")
    recipe = Recipe.load(path)
    assert recipe.source.tables == {"more": str(tmp_path / "more.csv")}
    assert Recipe.load(recipe) is recipe


def test_load_names_the_file_in_its_errors(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[features.age]\nedges = [2, 1]", "utf-8")
    with pytest.raises(RecipeError, match=r"^mine\.toml: features\.age\.edges: "):
        Recipe.load(str(path))


def test_load_refuses_other_encodings(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes('title = "é"\n'.encode("latin-1") + AGE.encode())
    with pytest.raises(RecipeError, match=r"^mine\.toml: not UTF-8 text; save the recipe as UTF-8"):
        Recipe.load(path)


def test_load_hints_at_the_nearest_bundled_recipe():
    with pytest.raises(RecipeError, match=r"no such file, nor a bundled recipe; did you mean 'households'?"):
        Recipe.load("houshold")


def test_a_list_of_features_with_one_name_twice_is_refused() -> None:
    """TOML has no key twice; a list from Python may."""
    age = {"name": "age", "column": "age", "edges": [40]}
    with pytest.raises(RecipeError, match=r"features\.age: two features have this name"):
        Recipe.from_dict({"features": [age, age]})
