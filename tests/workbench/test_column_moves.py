"""A column forms segments, is compared, or neither; what the recipe says of it comes back, and its comments stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from segmentry.drafting.offers import ColumnOffer, column_offers
from segmentry.engine import open_engine
from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.workbench.changes import Found
from segmentry.workbench.columns import columns_shown, offers_of
from segmentry.workbench.moves import after_move, read_move
from segmentry.workbench.state import History, State
from visitors import write_shop

Moved = Callable[..., State]


@pytest.fixture(scope="module")
def offers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ColumnOffer]:
    """What the columns of the shop can be; no move changes it."""
    recipe = Recipe.load("households")
    engine = open_engine(write_shop(tmp_path_factory.mktemp("shop")) / "shop.csv")
    try:
        return offers_of(recipe, column_offers(engine, recipe))
    finally:
        engine.close()


@pytest.fixture
def moved(offers: dict[str, ColumnOffer]) -> Moved:
    """Make moves one after the other; return the last state."""

    def make(*moves: dict[str, Any]) -> State:
        history = History((State(Recipe.text_of("households")),))
        for move in moves:
            history = after_move(history, read_move(move), Found({}, offers))
        return history.now

    return make


def column(name: str, role: str) -> dict[str, Any]:
    return {"kind": "column", "column": name, "role": role}


def test_a_column_goes_from_outcome_to_feature_and_comes_back_as_it_was_declared(moved: Moved) -> None:
    wines = moved(column("MntWines", "feature")).recipe
    assert [f.column for f in wines.features][-1] == "MntWines"
    assert "MntWines" not in {o.name for o, _ in wines.outcome_columns}
    back = moved(column("MntWines", "feature"), column("MntWines", "outcome")).recipe
    spend = next(g for g in back.outcomes if g.name == "spend")
    assert {c.name: c.label for c in spend.columns}["MntWines"] == "Wine"
    assert len(back.features) == 5


def test_comments_stay_where_a_column_gets_a_role(moved: Moved) -> None:
    state = moved(column("Recency", "outcome"), column("MntWines", "feature"), column("Response", "headline"))
    for comment in ("# round figures that people understand", "# Z_CostContact", "# Campaign 3 is planted"):
        assert comment in state.saved_text
    assert state.recipe.headline == "Response"


def test_a_headline_that_is_used_no_more_is_none(moved: Moved) -> None:
    assert moved(column("Response", "headline"), column("Response", "off")).recipe.headline == ""
    assert moved(column("Response", "headline"), column("Response", "outcome")).recipe.headline == ""


def test_a_feature_that_is_off_is_kept_and_comes_back(moved: Moved) -> None:
    off = moved(column("Education", "off"))
    assert "education" not in {f.name for f in off.recipe.features}
    assert moved(column("Education", "off"), column("Education", "feature")).recipe == moved().recipe


@pytest.mark.parametrize(
    ("move", "problem"),
    [
        (column("Kidhome", "outcome"), "part of the feature 'Children at home'"),
        (column("ID", "feature"), "can form no segments; every row has its own value"),
        (column("Z_Revenue", "outcome"), "cannot be compared; the same in every row"),
        (column("Incom", "outcome"), "no such column.*did you mean 'Income'"),
        ({"kind": "sensitive", "column": "Incom", "on": True}, "no such column"),
        ({"kind": "order", "feature": "education", "level": "Doctor", "by": 1}, "no level 'Doctor'"),
    ],
)
def test_what_cannot_be_done_with_a_column_is_a_sentence(
    moved: Moved, move: dict[str, Any], problem: str
) -> None:
    with pytest.raises(RecipeError, match=problem):
        moved(move)


def test_the_last_column_that_forms_segments_stays(moved: Moved) -> None:
    off = [column(name, "off") for name in ("Education", "Marital_Status", "Kidhome", "Year_Birth")]
    with pytest.raises(RecipeError, match="forms the segments alone"):
        moved(*off, column("Income", "off"))


def test_a_column_of_a_joined_feature_can_be_compared(offers: dict[str, ColumnOffer]) -> None:
    whole = Recipe.load("households")
    joined = ["education", next(f.name for f in whole.features if f.name.startswith("marital"))]
    recipe = whole.with_(model={**whole.to_dict().get("model", {}), "joined": [joined]})
    history = after_move(
        History((State(recipe.to_toml()),)), read_move(column("Education", "outcome")), Found({}, offers)
    )
    assert history.now.recipe.model.joined == ()
    assert joined[0] not in {f.name for f in history.now.recipe.features}


def test_columns_say_what_they_are_and_could_be(offers: dict[str, ColumnOffer], moved: Moved) -> None:
    shown = {c.name: c for c in columns_shown(moved(column("Response", "headline")), offers)}
    assert (shown["Response"].role, shown["Recency"].role, shown["Income"].role) == (
        "headline", "off", "feature",
    )  # fmt: skip
    assert shown["ID"].roles == ("off",)
    assert shown["Year_Birth"].is_sensitive
    assert not shown["Income"].is_sensitive
    assert shown["Kidhome"].said == "part of Children at home"


def test_levels_change_places_and_an_order_is_written_down(moved: Moved) -> None:
    up = moved({"kind": "order", "feature": "education", "level": "Master", "by": -1}).recipe
    assert list(next(f for f in up.features if f.name == "education").groups or {}) == [
        "Basic", "Master", "Graduation", "PhD",
    ]  # fmt: skip
    number = moved({"kind": "scale", "feature": "income", "scale": "ordered"}).recipe
    assert number.features[0].distribution == "ordered"


def test_bands_stay_strata_when_a_column_forms_segments_no_more() -> None:
    offer = ColumnOffer(
        "Education",
        outcome={"name": "schools", "role": "counts", "columns": [{"name": "Education", "label": "School"}]},
    )
    history = History((State(Recipe.text_of("customer-personality")),))
    found = Found({}, {"Education": offer})
    state = after_move(history, read_move(column("Education", "outcome")), found).now
    assert [band.name for band in state.recipe.bands] == ["tenure"]
    assert "Education" in {c.name for c, _ in state.recipe.outcome_columns}
