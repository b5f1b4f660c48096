import pytest

from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.recipe.timing import outcome_timing

TEXT = """
[source]
measured = 2014-06-29
[features.age]
column = "age"
[features.town]
column = "town"
measured = [2014-01-01, 2014-03-31]
[outcomes.spend]
role = "amounts"
measured = [2012-07-01, 2014-06-28]
columns = { wine = "Wine", first = { label = "First order", measured = 2010-05-01 } }
[outcomes.campaign]
role = "flags"
measured = [2014-06-29, 2014-07-31]
columns = ["yes"]
[outcomes.other]
role = "counts"
columns = ["visits"]
"""
FOUND = {"wine": "overlaps", "first": "before", "yes": "after", "visits": "unknown"}


def test_outcomes_lie_before_within_or_after_the_features():
    assert outcome_timing(Recipe.from_toml(TEXT)) == FOUND


def test_times_survive_writing():
    recipe = Recipe.from_toml(TEXT)
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    assert outcome_timing(Recipe.from_dict(recipe.to_dict())) == FOUND


def test_times_of_some_features_are_not_enough():
    without = TEXT.replace("measured = 2014-06-29\n", "")
    assert set(outcome_timing(Recipe.from_toml(without)).values()) == {"unknown"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('"soon"', "source.measured: must be a day such as 2024-12-31"),
        ("2014", "source.measured: must be a day such as 2024-12-31"),
        ("[2014-01-01]", "source.measured: must be a day such as 2024-12-31"),
        ("[2014-02-01, 2014-01-01]", "the last day, 2014-01-01, is before the first, 2014-02-01"),
    ],
)
def test_what_is_no_time_is_refused(written, message):
    with pytest.raises(RecipeError, match=message):
        Recipe.from_toml(TEXT.replace("2014-06-29\n", f"{written}\n"))
