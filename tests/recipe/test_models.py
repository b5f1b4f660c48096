import pytest
from pydantic import ValidationError

from segmentry.recipe import Feature, OutcomeGroup


def test_scale_and_distance_follow_from_how_levels_are_made():
    numeric = Feature(name="a", column="a", edges=(1,))
    grouped = Feature(name="a", column="a", groups={"x": ("y",)})
    assert (numeric.is_ordinal, numeric.dissimilarity) == (True, "rank")
    assert (grouped.is_ordinal, grouped.dissimilarity) == (False, "matching")
    declared = Feature(name="a", column="a", groups={"x": ("y",)}, scale="ordinal", distance="matching")
    assert (declared.is_ordinal, declared.dissimilarity) == (True, "matching")
    assert not Feature(name="a", column="a", edges=(1,), scale="nominal").is_ordinal


def test_titles_are_made_readable():
    assert Feature(name="birth_year", column="a").title == "Birth year"
    assert Feature(name="birth_year", label="Born", column="a").title == "Born"
    assert OutcomeGroup(name="last_campaign", role="counts", columns=["a"]).title == "Last campaign"


def test_models_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Feature(name="a", column="a").name = "b"
