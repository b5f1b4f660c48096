"""What pages ask of the desk, and what they are told: figures of a run, sentences, and nothing lost."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import segmentry as sg
from segmentry.errors import DataError, RecipeError
from segmentry.runs import live
from segmentry.workbench.stages import MOST_SHOWN
from visitors import SECONDS, Visitor, close, cold_page, figures
from visitors import OpenDesk as Open

pytestmark = pytest.mark.usefixtures("few_null_tables")

MOVES: list[dict[str, Any]] = [
    {"kind": "edges", "feature": "income", "edges": [30_000, 52_000]},
    {"kind": "merge", "feature": "education", "levels": ["Basic", "Graduation"]},
    {"kind": "switch", "feature": "children", "on": False},
    {"kind": "segments", "segments": 2},
    {"kind": "undo"},
    {"kind": "method", "method": "k-modes"},
    {"kind": "scale", "feature": "marital_status", "scale": "ordinal"},
    {"kind": "order", "feature": "marital_status", "level": "Married", "by": -1},
    {"kind": "column", "column": "Recency", "role": "outcome"},
    {"kind": "column", "column": "MntWines", "role": "feature"},
    {"kind": "column", "column": "Response", "role": "headline"},
    {"kind": "column", "column": "AcceptedCmp2", "role": "off"},
    {"kind": "sensitive", "column": "Education", "on": True},
]


def glance_of(page: str) -> str:
    """The table of the segments at a glance, white space apart."""
    found = re.search(r'<table class="glance".*?</table>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", found[0])


def _written(table: str) -> str:
    """The table as it is read, without the digits behind the figures."""
    return re.sub(r'data-v="[^"]*"', "", table)


def told_digits(page: str) -> list[str]:
    """What the page shows in numbers, up to the order in which sums were added up."""
    return [f"{float(v):.9g}" for v in re.findall(r'data-(?:v|low|high)="(-?[\d.e+-]+)"', page)]


def test_after_every_move_the_page_is_that_of_a_run_of_the_saved_recipe(shop: Path, desk_of: Open) -> None:
    desk = desk_of(shop / "shop.csv", shop / "shop.toml")
    visitor, cold = Visitor(desk), cache(cold_page)
    turn = 1
    visitor.wait_for("columns", lambda columns: any(c["name"] == "Recency" for c in columns))
    for move in [None, *MOVES]:
        turn = turn if move is None else visitor.move(**move)
        page = visitor.wait(turn)
        desk.save("")
        assert close(page, cold(shop / "shop.csv", (shop / "shop.toml").read_text(encoding="utf-8"))), move
    assert "# " in (shop / "shop.toml").read_text(encoding="utf-8")


def test_the_first_look_has_the_sizes_of_the_run_that_follows(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait()
    turn = visitor.move(kind="segments", segments=3)
    whole, look = visitor.wait(turn), visitor.desk.page("first", str(turn))
    sizes = re.compile(r'data-label="Customers" data-v="(\d+)"')
    assert look is not None
    assert sizes.findall(look) == sizes.findall(whole)
    shares = [int(size) / sum(map(int, sizes.findall(whole))) for size in sizes.findall(whole)]
    assert visitor.told("sizes") == {"turn": turn, "shares": pytest.approx(shares), "searched": True}
    assert len(sizes.findall(whole)) == 3
    glance = visitor.told("glance")
    assert glance["turn"] == turn
    assert glance_of(look) == glance_of(whole)
    assert _written(glance_of(glance["table"])) == _written(glance_of(look))
    assert "Certainty" in glance["table"]
    assert set(told_digits(look)) <= set(told_digits(whole)), (
        "a look shows a figure that the run does not show"
    )


def test_the_first_panel_has_its_cuts_before_outcomes_are_read(
    shop: Path, desk_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect, goes_on = live.collect_customers, Event()

    def later(*asked: Any) -> Any:
        assert goes_on.wait(SECONDS)
        return collect(*asked)

    monkeypatch.setattr(live, "collect_customers", later)
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    first = visitor.wait_for("panel", lambda panel: panel["turn"] == 1)
    goes_on.set()
    visitor.wait()
    whole = visitor.told("panel")
    assert len(first["features"][0]["cuts"]) > len(first["features"][0]["edges"])
    for mine, theirs in zip(first["features"], whole["features"], strict=True):
        assert mine == theirs
    assert {k: v for k, v in first.items() if k != "features"} == {
        k: v for k, v in whole.items() if k != "features"
    }


def test_a_move_before_finer_levels_are_there_shows_sizes_before_outcomes_are_read(
    shop: Path, desk_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect, goes_on, is_refined = live.collect_customers, Event(), Event()
    goes_on.set()

    def later(*asked: Any) -> Any:
        assert goes_on.wait(SECONDS)
        return collect(*asked)

    def refine(*_: Any) -> bool:
        is_refined.set()
        return False

    monkeypatch.setattr(live, "collect_customers", later)
    monkeypatch.setattr(live.LiveSource, "refine", refine)
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait(visitor.move(kind="segments", segments=2))
    assert is_refined.wait(SECONDS)
    cut = visitor.told("panel")["features"][0]["cuts"][3]
    goes_on.clear()
    turn = visitor.move(kind="edges", feature="income", edges=[cut, 60_000])
    early = visitor.wait_for("sizes", lambda sizes: sizes["turn"] == turn)
    panel = visitor.wait_for("panel", lambda found: found["turn"] == turn)
    assert panel["features"][0]["edges"] == [cut, 60_000]
    goes_on.set()
    visitor.wait(turn)
    assert early["shares"] == pytest.approx(visitor.told("sizes")["shares"])


def test_the_newest_move_wins(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    for edge in range(30_000, 50_000, 1_000):
        turn = visitor.move("drag", kind="edges", feature="income", edges=[edge])
    visitor.wait(turn)
    assert [visitor.desk.page("whole", str(t)) for t in range(2, turn)] == [None] * (turn - 2)
    state = visitor.told("state")
    assert (state["turn"], state["position"], len(state["tried"])) == (turn, 1, 2)
    assert visitor.told("panel")["features"][0]["edges"] == [49_000]


def test_a_mistake_is_a_sentence_and_undo_leads_out(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    before = visitor.wait()
    with pytest.raises(RecipeError, match="edges must increase"):
        visitor.move(kind="edges", feature="income", edges=[2, 1])
    assert visitor.told("state")["turn"] == 1
    said = visitor.wait(visitor.move(kind="segments", segments=50))
    assert "50 latent classes have" in said
    assert close(visitor.wait(visitor.move(kind="undo")), before)


def test_moves_of_a_tab_are_made_once_and_in_order(shop: Path, desk_of: Open) -> None:
    visitor, other = (Visitor(desk_of(shop / "shop.csv", shop / "shop.toml")) for _ in range(2))
    visitor.move(kind="segments", segments=2)
    visitor.n = 0
    with pytest.raises(DataError, match="older than one that was made"):
        visitor.move(kind="segments", segments=3)
    other.desk = visitor.desk
    other.name = "other"
    other.move(kind="segments", segments=3)
    assert visitor.told("state")["segments"] == 3


def test_what_was_done_is_there_after_the_process_was_killed(shop: Path, desk_of: Open) -> None:
    desk = desk_of(shop / "shop.csv", shop / "shop.toml")
    visitor = Visitor(desk)
    visitor.move(kind="edges", feature="income", edges=[31_000])
    visitor.move(kind="segments", segments=2)
    again = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))  # nothing was closed
    state = again.told("state")
    assert (state["position"], state["segments"]) == (2, 2)
    assert "last session" in again.told("notice")["text"]
    assert again.told("state")["can_undo"]


def test_save_does_not_replace_what_somebody_else_wrote(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.move(kind="segments", segments=2)
    (shop / "shop.toml").write_text("title = 'changed elsewhere'", encoding="utf-8")
    with pytest.raises(DataError, match="holds another recipe; save under another name"):
        visitor.desk.save("")
    for name in ("../shop.toml", "a/b.toml", ".."):
        with pytest.raises(DataError, match="no name of a file"):
            visitor.desk.save(name)
    visitor.desk.save("mine.toml")
    assert sg.Recipe.load(shop / "mine.toml").model.segments == 2
    assert "elsewhere" in (shop / "shop.toml").read_text(encoding="utf-8")


def test_a_state_that_is_not_worked_out_is_pinned_once_it_is(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.desk.pin(is_on=True)
    assert visitor.told("compare") == {"waits": 1}
    turn = visitor.move(kind="segments", segments=2)
    assert visitor.told("compare") is None
    assert visitor.told("notice")["text"].startswith("Not pinned as A: the recipe was changed")
    visitor.desk.pin(is_on=True)
    visitor.wait(turn)
    told = visitor.wait_for("compare", lambda found: found is not None and "waits" not in found)
    assert (told["a"]["what"], len(told["a"]["segments"])) == ("2 segments", 2)
    later = visitor.move(kind="segments", segments=3)
    visitor.wait(later)
    assert visitor.wait_for("compare", lambda found: found["turn"] == later)["a"]["what"] == "2 segments"
    with suppress(DataError):  # where it is known already that there are none
        wrong = visitor.move(kind="segments", segments=50)
        visitor.desk.pin(is_on=True)
    assert "50 latent classes" in visitor.wait(wrong)
    assert "waits" not in visitor.wait_for("compare", lambda found: "waits" not in found)
    assert visitor.told("compare")["a"]["what"] == "2 segments"
    with pytest.raises(DataError, match="cannot be worked out"):
        visitor.desk.pin(is_on=True)


def test_a_state_that_was_shown_is_shown_again_without_being_worked_out(
    shop: Path, desk_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    pages = [visitor.wait()]
    pages += [visitor.wait(visitor.move(kind="segments", segments=k)) for k in range(2, 2 + MOST_SHOWN)]
    n_runs, whole_run = [0], live.LiveSource.whole_run

    def counted(*asked: Any) -> Any:
        n_runs[0] += 1
        return whole_run(*asked)

    monkeypatch.setattr(live.LiveSource, "whole_run", counted)
    for page in pages[-2:0:-1]:
        turn = visitor.move(kind="undo")
        assert visitor.wait(turn) == page
        panel = visitor.wait_for("panel", lambda panel, turn=turn: panel["turn"] == turn)
        assert panel["features"]
    assert n_runs == [0]
    assert close(visitor.wait(visitor.move(kind="undo")), pages[0])  # so many are kept
    assert n_runs == [1]


def test_export_writes_what_run_writes(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait(visitor.move(kind="segments", segments=2))
    folder = Path(visitor.desk.export(""))
    with pytest.raises(DataError, match="being written already"):
        visitor.desk.export("")
    visitor.wait_for("notice", lambda notice: "written:" in notice["text"])
    visitor.desk.save("")
    sg.run(shop / "shop.csv", shop / "shop.toml", out=shop / "cold")
    assert {p.name for p in folder.iterdir()} == {p.name for p in (shop / "cold").iterdir()}
    mine, theirs = (
        json.loads((f / "report.json").read_text(encoding="utf-8")) for f in (folder, shop / "cold")
    )
    assert mine["segments"] == theirs["segments"]


def test_it_drafts_a_recipe_and_works_on_files_of_patterns_and_of_segments(shop: Path, desk_of: Open) -> None:
    drafted = Visitor(desk_of(shop / "shop.csv"))
    assert "drafted from the table" in drafted.told("notice")["text"]
    drafted.desk.save("drafted.toml")
    assert {f.distribution for f in sg.Recipe.load(shop / "drafted.toml").features} == {"levels"}
    assert "ordered" in {f.distribution for f in sg.draft(shop / "shop.csv").features}
    sg.collect(shop / "shop.csv", shop / "shop.toml", fine=True).save(shop / "patterns.parquet")
    visitor = Visitor(desk_of(shop / "patterns.parquet", shop / "shop.toml"))
    turn = visitor.move(kind="edges", feature="income", edges=[visitor_cut(visitor)])
    page = visitor.wait(turn)
    visitor.desk.save("other.toml")
    assert close(
        page, cold_page(shop / "patterns.parquet", (shop / "other.toml").read_text(encoding="utf-8"))
    )
    sg.run(shop / "shop.csv", shop / "shop.toml").save(shop / "segmentation.json")
    reopened = Visitor(desk_of(shop / "segmentation.json"))
    assert "five customers or more" in reopened.told("notice")["text"]
    assert reopened.wait(reopened.move(kind="segments", segments=2)).startswith("<!doctype html>")


def visitor_cut(visitor: Visitor) -> float:
    visitor.wait()
    cuts = visitor.told("panel")["features"][0]["cuts"]
    assert len(cuts) > 30
    return float(cuts[len(cuts) // 2])


def test_what_does_not_fit_is_said_before_a_page_is_opened(shop: Path, desk_of: Open) -> None:
    with pytest.raises(sg.SegmentryError, match="nothing.csv"):
        desk_of(shop / "nothing.csv", shop / "shop.toml")
    sg.collect(shop / "shop.csv", shop / "shop.toml").save(shop / "patterns.parquet")
    with pytest.raises(DataError, match="name it with --recipe"):
        desk_of(shop / "patterns.parquet")


def test_a_file_that_changes_is_read_again_and_one_that_is_gone_is_said(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    before = visitor.wait()
    lines = (shop / "shop.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (shop / "shop.csv").write_text("".join(lines[:500]), encoding="utf-8")
    page = visitor.wait(2)
    assert figures(page) != figures(before)
    assert close(page, cold_page(shop / "shop.csv", (shop / "shop.toml").read_text(encoding="utf-8")))
    assert "have changed" in visitor.told("notice")["text"]
    (shop / "shop.csv").unlink()
    while not visitor.told("problem"):
        time.sleep(0.02)
    assert "shop.csv" in visitor.told("problem")["text"]
    (shop / "shop.csv").write_text("".join(lines), encoding="utf-8")
    while visitor.told("problem"):
        time.sleep(0.02)
    again = visitor.wait(visitor.told("state")["turn"])
    assert close(again, before)


def test_a_name_is_in_the_report_and_recipe_and_needs_no_new_fit(shop: Path, desk_of: Open) -> None:
    desk = desk_of(shop / "shop.csv", shop / "shop.toml")
    visitor = Visitor(desk)
    visitor.wait()
    first = visitor.told("names")["segments"][0]
    fitted = desk._stages._live.fit  # type: ignore[union-attr]
    turn = visitor.move(kind="name", of=first["of"], name="Our best", note="Call them.")
    page = visitor.wait(turn)
    assert desk._stages._live.fit is fitted is not None  # type: ignore[union-attr]
    assert "Our best" in page
    assert "Call them." in page
    desk.save("")
    assert close(page, cold_page(shop / "shop.csv", (shop / "shop.toml").read_text(encoding="utf-8")))
    assert visitor.told("names")["segments"][0] == {**first, "name": "Our best", "note": "Call them."}
    visitor.wait(visitor.move(kind="segments", segments=2))
    lost = [one for one in visitor.told("names")["segments"] if not one["id"]]
    kept = [one for one in visitor.told("names")["segments"] if one["name"] == "Our best"]
    assert len(kept) == 1
    assert lost == [one for one in kept if not one["id"]]
    visitor.wait(visitor.move(kind="name", of=first["of"]))
    assert desk._history.now.recipe.names == ()


def test_segments_that_were_pinned_are_compared_with_those_that_follow(shop: Path, desk_of: Open) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait()
    visitor.desk.pin(is_on=True)
    sizes = [s["share"] for s in visitor.told("compare")["a"]["segments"]]
    curve = visitor.told("curve")
    assert (curve["label"], curve["k"], curve["chosen"]) == ("BIC", [1, 2, 3], len(sizes))
    turn = visitor.move(kind="segments", segments=2)
    visitor.wait(turn)
    told = visitor.wait_for("compare", lambda found: found["turn"] == turn)
    overlap = told["moved"]["overlap"]
    n = told["moved"]["n_customers"]
    assert [sum(row) / n for row in overlap] == pytest.approx(sizes)
    assert [sum(column) / n for column in zip(*overlap, strict=True)] == pytest.approx(
        [s["share"] for s in told["b"]["segments"]]
    )
    survived = visitor.wait_for("survival", lambda found: found["turn"] == turn)
    partner = told["moved"]["partner"]
    kept = [sum(row[j] for row, p in zip(overlap, partner, strict=True) if p == j) for j in range(2)]
    sums = [sum(row[j] for row in overlap) for j in range(2)]
    assert [one["least"] for one in survived["segments"]] == pytest.approx(
        [k / n for k, n in zip(kept, sums, strict=True)]
    )
    assert [one["share"] for one in survived["states"]] == pytest.approx([1 - told["moved"]["share"]])
    assert survived["states"][0]["what"] == "As it was opened"
    assert 0 < told["a"]["explained"] < 1
    visitor.desk.pin(is_on=False)
    assert visitor.told("compare") is None
