import dataclasses

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.collecting.collection import collect_patterns
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.errors import DataError
from segmentry.patterns import PatternTable, as_codes, group_patterns
from segmentry.patterns.files import is_pattern_table
from segmentry.recipe import Recipe

RECIPE = """
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
groups = { A = ["a"], B = ["b"] }
[outcomes.money]
role = "amounts"
columns = ["spend", "saved"]
[outcomes.campaign]
role = "flags"
columns = { accepted = "Accepted" }
cost_per_contact = 3
revenue_per_acceptance = 11
[[clean]]
step = "adults"
keep = "age >= 18"
why = "no contract"
"""
WEIGHTED = RECIPE + '[source]\nweight = "w"\n'
ARRAYS = ["codes", "counts", "n_values", "sums", "origins", "weights", "squared_weights", "value_weights"]


def collected(data, recipe=RECIPE) -> PatternTable:
    engine = open_engine(data)
    try:
        return collect_patterns(
            engine, Recipe.from_toml(recipe) if isinstance(recipe, str) else recipe
        ).patterns
    finally:
        engine.close()


def people(n=400, seed=1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": random.integers(10, 70, n),
            "town": random.choice(["a", "b", None], n),
            "spend": random.integers(0, 10_000, n) / 100 + 1e6,
            "saved": random.integers(-50, 50, n).astype(float),
            "accepted": random.integers(0, 2, n),
            "w": random.integers(1, 5, n),
        }
    )
    return frame.mask(random.random(frame.shape) < 0.05).assign(age=frame["age"], w=frame["w"])


def assert_equal(one: PatternTable, other: PatternTable, *, rtol=1e-9) -> None:
    for name in ARRAYS:
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            assert mine.dtype == theirs.dtype, name
            np.testing.assert_array_equal(mine, theirs, err_msg=name)
    np.testing.assert_allclose(one.squares, other.squares, rtol=rtol)
    assert (one.cubes is None) == (other.cubes is None)
    assert (one.features, one.outcomes, one.cleaning) == (other.features, other.outcomes, other.cleaning)


@pytest.mark.parametrize("recipe", [RECIPE, WEIGHTED, RECIPE.split("[outcomes", maxsplit=1)[0]])
def test_save_and_load_are_identical(tmp_path, recipe):
    table = collected(people(), recipe)
    path = tmp_path / "patterns.parquet"
    table.save(path)
    assert is_pattern_table(path)
    assert_equal(PatternTable.load(path), table, rtol=0)
    assert PatternTable.load(path).codes.missing_value == -1


def test_save_and_load_of_a_single_pattern(tmp_path):
    table = collected(people().head(1).assign(age=40))
    table.save(tmp_path / "one.parquet")
    assert_equal(PatternTable.load(tmp_path / "one.parquet"), table, rtol=0)


def test_load_refuses_what_is_no_pattern_table(tmp_path):
    people().to_parquet(tmp_path / "people.parquet")
    people().to_csv(tmp_path / "people.csv")
    for name in ("people.parquet", "people.csv"):
        with pytest.raises(DataError, match=rf"{name}: not a pattern table; `segmentry collect` writes one"):
            PatternTable.load(tmp_path / name)
    with pytest.raises(DataError, match="nothing: no such file"):
        PatternTable.load(tmp_path / "nothing")


def test_load_refuses_newer_formats(tmp_path, monkeypatch):
    monkeypatch.setattr("segmentry.patterns.files.FORMAT", 99)
    collected(people()).save(tmp_path / "new.parquet")
    monkeypatch.undo()
    with pytest.raises(DataError, match=r"written by a newer segmentry \(format 99\); upgrade"):
        PatternTable.load(tmp_path / "new.parquet")


@pytest.mark.parametrize("recipe", [RECIPE, WEIGHTED])
def test_merged_halves_equal_the_whole(recipe):
    """The halves are sorted by spend, so that their squares are about other origins than the whole's."""
    frame = people(2_000).sort_values("spend").assign(spend=lambda f: f["spend"].round(0))
    frame["spend"] += np.where(np.arange(2_000) < 1_000, 0, 5_000)
    whole = collected(frame.sample(frac=1, random_state=0), recipe)
    halves = [collected(part, recipe) for part in (frame[:1_000], frame[1_000:])]
    assert halves[0].origins[0] != halves[1].origins[0] != whole.origins[0]
    merged = halves[1].merge(halves[0])
    assert merged.cleaning.n_rows == 2_000
    assert merged.cleaning.steps[0].n_rows == whole.cleaning.steps[0].n_rows > 0
    about = halves[0].merge()
    assert_equal(about, halves[0])
    spread, expected = (t.squares - t.weight_of_values * _mean_gap(t) ** 2 for t in (merged, whole))
    np.testing.assert_allclose(spread, expected, rtol=1e-9, atol=1e-5)
    moved = dataclasses.replace(merged, origins=whole.origins, squares=_squares_about(merged, whole.origins))
    about_the_whole = whole.take(whole.counts < 0).merge(merged)
    scale = np.abs(whole.cubes).max(axis=0)
    np.testing.assert_allclose(about_the_whole.cubes / scale, whole.cubes / scale, atol=1e-9)
    assert_equal(dataclasses.replace(moved, cleaning=whole.cleaning), whole)


def _mean_gap(table):
    n = np.maximum(table.weight_of_values, 1e-300)
    return table.sums / n - table.origins


def _squares_about(table, origins):
    shift = table.origins - origins
    n = table.weight_of_values
    return table.squares + 2 * shift * (table.sums - n * table.origins) + n * shift**2


def test_merge_takes_many_and_ignores_their_order():
    frame = people(900)
    parts = [collected(frame[i::3].assign(spend=5.0, saved=1.0)) for i in range(3)]
    whole = collected(frame.assign(spend=5.0, saved=1.0))
    for order in ([0, 1, 2], [2, 0, 1]):
        first, *others = (parts[i] for i in order)
        assert_equal(first.merge(*others), whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("edges = [30, 50]", "edges = [30, 55]"), r"features differ \(age\)"),
        (('A = ["a"], B = ["b"]', 'A = ["a", "b"]'), r"features differ \(town\)"),
        (("[features.age]", "[features.years]"), r"features differ \(age\)"),
        (('["spend", "saved"]', '["spend"]'), "outcomes differ"),
        (("cost_per_contact = 3", "cost_per_contact = 4"), "outcomes differ"),
        (("[[clean]]", '[source]\nweight = "w"\n[[clean]]'), "with survey weights does not add up"),
    ],
)
def test_merge_refuses_tables_of_other_recipes(change, message):
    one, other = collected(people()), collected(people(), RECIPE.replace(*change))
    with pytest.raises(DataError, match=message):
        one.merge(other)
    with pytest.raises(DataError, match="add up"):
        other.merge(one)


def test_integer_survey_weights_equal_replicated_rows():
    frame = people(500)
    weighted = collected(frame, WEIGHTED)
    replicated = collected(frame.loc[frame.index.repeat(frame["w"])].reset_index(drop=True))
    np.testing.assert_array_equal(weighted.codes, replicated.codes)
    np.testing.assert_array_equal(weighted.weights, replicated.counts)
    np.testing.assert_array_equal(weighted.value_weights, replicated.n_values)
    np.testing.assert_allclose(weighted.sums, replicated.sums, rtol=1e-12)
    squares = _squares_about(replicated, weighted.origins)
    np.testing.assert_allclose(weighted.squares, squares, rtol=1e-6, atol=1e-2)
    kept = frame[frame["age"] >= 18]
    assert weighted.counts.sum() == len(kept)
    assert weighted.squared_weights.sum() == (kept["w"] ** 2).sum()
    assert weighted.sample_weight is weighted.weights


def test_take_and_without_feature():
    table = collected(people())
    first = table.take(table.counts > np.median(table.counts))
    assert first.n_customers == table.counts[table.counts > np.median(table.counts)].sum()
    assert first.sums.shape == (first.n_patterns, 3)
    less = table.without_feature(0)
    assert [f.name for f in less.features] == ["town"]
    np.testing.assert_array_equal(less.codes[:, 0], table.codes[:, 1])
    assert less.codes.missing_value == -1


def test_a_table_without_patterns_is_left_without_outcomes():
    table = collected(pd.DataFrame({"age": [40], "town": ["a"], "spend": [1], "saved": [1], "accepted": [1]}))
    empty = table.take(np.zeros(table.n_patterns, bool)).without_outcomes()
    assert (empty.n_patterns, empty.outcomes, empty.sums.shape) == (0, (), (0, 0))


def test_level_counts_leave_missing_out():
    frame = people()
    table = collected(frame)
    adults = frame[frame["age"] >= 18]
    assert table.level_counts(1).tolist() == [(adults["town"] == v).sum() for v in "ab"]
    assert table.level_counts(1).sum() < table.n_customers


def test_group_patterns_is_numpy_unique():
    codes = np.random.default_rng(0).integers(-1, 3, (200, 3))
    first, group = group_patterns(as_codes(codes))
    distinct, inverse = np.unique(codes, axis=0, return_inverse=True)
    np.testing.assert_array_equal(codes[first], distinct)
    np.testing.assert_array_equal(group, inverse.ravel())


# The customer personality file ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "n_patterns"), [("customer-personality", 368), ("customer-personality-original", 357)]
)
def test_customer_personality_has_its_patterns(customers, name, n_patterns):
    table = collected(customers, Recipe.load(name))
    assert (table.n_patterns, table.n_customers) == (n_patterns, 2_216)
    assert (table.cleaning.n_rows, table.cleaning.n_dropped) == (2_240, 24)
    assert (table.counts > 0).all()


def test_customer_personality_sums_equal_pandas(customers):
    table = collected(customers, Recipe.load("customer-personality"))
    frame = pd.read_csv(customers).dropna(subset="Income")
    names = [o.name for o in table.outcomes]
    assert len(names) >= 15
    values = frame[names].astype(float)
    assert table.sums.sum(axis=0).tolist() == values.sum().tolist()
    assert table.n_values.sum(axis=0).tolist() == values.count().tolist()
    about = ((values - table.origins) ** 2).sum()
    np.testing.assert_allclose(table.squares.sum(axis=0), about, rtol=1e-12)
    rich = np.asarray(table.codes[:, 0]) == 4
    assert table.features[0].levels[4] == "80,000 and over"
    assert table.sums[rich].sum(axis=0).tolist() == values[frame["Income"] >= 80_000].sum().tolist()


# Merging ------------------------------------------------------------------------------------------------


def test_edges_found_in_each_table_do_not_add_up_even_under_the_same_labels():
    recipe = '[features.age]\ncolumn = "age"\nquantiles = 2\nlabels = ["young", "old"]\n'
    frame = people(400).dropna(subset="age").sort_values("age")
    one, other = (collected(part, recipe) for part in (frame[:150], frame[150:]))
    assert one.features == other.features
    with pytest.raises(
        DataError, match=r"\(age\): its edges were found in each table.*write one set into the recipe"
    ):
        one.merge(other)
    assert one.merge(one).n_customers == 300


def test_levels_found_in_each_table_are_united():
    recipe = '[features.town]\ncolumn = "town"\nmissing = "level"\n[features.n]\ncolumn = "n"\n'
    rows = pd.DataFrame({"town": ["b", "c", None, "a", "b", None], "n": [10, 9, 9, 2, 10, 2]})
    whole = collected(rows, recipe)
    for order in (slice(None), slice(None, None, -1)):
        one, other = [collected(part, recipe) for part in (rows[:3], rows[3:])][order]
        assert one.features != other.features
        merged = one.merge(other)
        np.testing.assert_array_equal(merged.codes, whole.codes)
        np.testing.assert_array_equal(merged.counts, whole.counts)
        assert (merged.features, merged.made_by) == (whole.features, whole.made_by)
        assert merged.features[1].levels == ("2", "9", "10")
        assert merged.merge(one).n_customers == 9


def test_recipes_that_differ_only_in_a_group_or_a_cleaning_step_do_not_add_up():
    one = collected(people())
    moved = collected(people(), RECIPE.replace('A = ["a"], B = ["b"]', 'A = ["b"], B = ["a"]'))
    assert one.features == moved.features
    with pytest.raises(DataError, match=r"features differ \(town\).*collect both by one recipe"):
        one.merge(moved)
    with pytest.raises(DataError, match=r"clean\.\w+ differ"):
        one.merge(
            dataclasses.replace(
                one, made_by={k: v for k, v in one.made_by.items() if not k.startswith("clean.")}
            )
        )


def test_withheld_patterns_are_counted_and_carried_through_merge_and_file(tmp_path):
    whole = collected(people(900))
    n = int(np.sort(whole.counts)[2]) + 1
    small = int(whole.counts[whole.counts < n].sum())
    kept = whole.withhold(n)
    assert small > 0
    assert kept.counts.min() >= n
    assert kept.n_customers + small == whole.n_customers
    assert kept.cleaning.n_rows - kept.cleaning.n_dropped == kept.n_customers
    kept.save(tmp_path / "p.parquet")
    again = PatternTable.load(tmp_path / "p.parquet")
    assert again.made_by == whole.made_by
    steps = {s.step: s.n_rows for s in again.merge(kept, whole).cleaning.steps}
    assert steps[f"fewer_than_{n}"] == 2 * small
    assert whole.withhold(1) is whole
    with pytest.raises(DataError, match="no pattern has 5000 customers"):
        whole.withhold(5_000)


def test_rows_of_a_table_without_outcomes_are_taken_from_all_arrays() -> None:
    table = sg.collect(sample_households(500), "households").without_outcomes()
    part = table.take(np.arange(5))
    assert (
        len(part.codes) == len(part.counts) == len(part.n_values) == len(part.sums) == len(part.squares) == 5
    )
    assert table.merge(table).n_values.shape == (table.n_patterns, 0)
