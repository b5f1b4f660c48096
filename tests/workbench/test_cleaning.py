"""Cleaning steps come from findings with one move, are counted, and go again; what a finding offers is what it counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import segmentry as sg
from segmentry.errors import RecipeError
from segmentry.recipe import CleanStep, Recipe
from segmentry.runs.audit import findings_of
from segmentry.runs.cleaning_offers import CleaningOffer, cleaning_offers
from segmentry.runs.sources import open_source
from segmentry.workbench.changes import Found
from segmentry.workbench.cleaning import offers_shown
from segmentry.workbench.moves import after_move, read_move
from segmentry.workbench.state import History, State
from visitors import OpenDesk, Visitor

TEXT = """
[features.age]
column = "age"
edges = [40]
[features.spend]
column = "spend"
edges = [50]
"""
BAD = {"plausible_born": 2, "without_far_spend": 3, "not_negative_refund": 4}


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    rows = ["age,born,spend,refund"]
    for i in range(800):
        born = 1890 if i in (5, 6) else 1950 + i % 40
        spend = 99_000 if i < 3 else 20 + i % 61
        rows.append(f"{20 + i % 50 if i % 40 else ''},{born},{spend},{-5 if 100 <= i < 104 else i % 23}")
    (tmp_path / "dirty.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "dirty.csv"


@pytest.fixture
def offers(dirty: Path) -> tuple[CleaningOffer, ...]:
    recipe = Recipe.from_toml(TEXT)
    with open_source(dirty, recipe) as source:
        assert source.engine is not None
        return cleaning_offers(findings_of(source, recipe, lambda _: None), source.engine.dialect)


def test_a_step_drops_the_rows_that_its_finding_counted(
    dirty: Path, offers: tuple[CleaningOffer, ...]
) -> None:
    known = {str(o.step["step"]): o for o in offers if o.step is not None}
    assert {name: known[name].n_rows for name in BAD if name in known} == {
        name: n for name, n in BAD.items() if name in known
    }
    assert {"without_far_spend", "with_age"} <= set(known)
    for offer in known.values():
        recipe = Recipe.from_toml(TEXT).with_(clean=[offer.step])
        table = sg.collect(dirty, recipe)
        dropped = [s.n_rows for s in table.cleaning.steps if s.what == "dropped"]
        assert dropped == [offer.n_rows], offer


def test_steps_are_added_once_and_taken_out(offers: tuple[CleaningOffer, ...]) -> None:
    def moved(history: History, **move: Any) -> History:
        return after_move(history, read_move(move), Found({}, {}, offers))

    start = History((State(TEXT),))
    added = moved(start, kind="clean", step="with_age")
    assert [s.step for s in added.now.recipe.clean] == ["with_age"]
    assert moved(added, kind="clean", step="with_age") == added
    shown = {o["step"]: o["is_taken"] for o in offers_shown(offers, added.now.recipe.clean)}
    assert shown["with_age"]
    assert not shown["without_far_spend"]
    assert moved(added, kind="unclean", step="with_age").now.recipe.clean == ()
    with pytest.raises(RecipeError, match="no such cleaning step"):
        moved(start, kind="unclean", step="with_age")
    with pytest.raises(RecipeError, match="no finding of the audit offers this step.*with_age"):
        moved(start, kind="clean", step="with_agee")


def test_the_page_gets_steps_with_their_counts_and_findings(shop: Path, desk_of: OpenDesk) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait()
    told = visitor.wait_for("cleaning", lambda found: bool(found["offers"]))
    counts = {s["step"]: s["n_rows"] for s in told["steps"]}
    cleaning = sg.collect(shop / "shop.csv", shop / "shop.toml").cleaning
    assert counts == {s.step: s.n_rows for s in cleaning.steps if s.what == "dropped"} | {
        name: None for name, n in counts.items() if n is None
    }
    assert counts["with_income"] == 9
    assert [o["is_taken"] for o in told["offers"] if o["step"] == "with_income"] == [True]
    turn = visitor.move(kind="unclean", step="with_income")
    page = visitor.wait(turn)
    told = visitor.wait_for(
        "cleaning", lambda found: "with_income" not in {s["step"] for s in found["steps"]}
    )
    cold = sg.collect(shop / "shop.csv", sg.Recipe.from_toml(visitor.desk._history.now.saved_text)).cleaning
    now = {s["step"]: s["n_rows"] for s in told["steps"]}
    assert now == {s.step: s.n_rows for s in cold.steps if s.what == "dropped"} | {
        name: None for name, n in now.items() if n is None
    }
    assert [o["is_taken"] for o in told["offers"] if o["step"] == "with_income"] == [False]
    assert "600 rows read" in page


def test_a_step_that_writes_other_values_anew_is_another_one() -> None:
    offered = {"step": "respelled", "replace": {"column": "town", "values": [["Cty", "City"]]}}
    same, other = (
        CleanStep.model_validate(
            {"step": "mine", "replace": {"column": "town", "values": [[old, "City"]]}, "why": "typed"}
        )
        for old in ("Cty", "Citi")
    )
    steps = [
        offers_shown([CleaningOffer("", "", "", 1, offered)], [step])[0]["is_taken"] for step in (same, other)
    ]
    assert steps == [True, False]
