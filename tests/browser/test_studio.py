"""The studio in a browser: after any moves the page shows what a run of the saved recipe gives; nothing hostile runs."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

import segmentry as sg
from accessible import broken_rules
from few_tables import few_tables
from segmentry.workbench.reception import Reception
from segmentry.workbench.server import StudioServer
from studio_pages import Studio, differences, drag, random_move
from visitors import write_shop

pytest.importorskip("uvicorn", reason="starlette and uvicorn are not installed")

N_MOVES = int(os.environ.get("SEGMENTRY_STUDIO_MOVES", "6"))
"""Random moves of the test; more on request."""
OTHER_TAB = """move => fetch('move', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ tab: 'other', n: 1, gesture: '', move }),
})"""
"""What another page asks, of a number that this one does not offer."""
OUTSIDE = """() => [...document.querySelectorAll('details.menu:not([hidden])')].filter((menu) => {
  menu.open = true;
  const { left, right } = menu.lastElementChild.getBoundingClientRect();
  menu.open = false;
  return left < 0 || right > innerWidth;
}).map((menu) => menu.firstElementChild.textContent)"""
"""Menus whose content is not within the window."""
PAGE, OPEN_MENU = "body > :not(.split), .recipe", "details.menu[open]"
"""All but the report, and the menu that is open."""


def saved_run(studio: Studio) -> sg.Segmentation:
    """Save by the keyboard, and run the saved recipe."""
    return sg.run(studio.folder / "shop.csv", studio.save())


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_moves_the_page_shows_what_a_run_of_the_saved_recipe_gives(studio: Any, seed: int) -> None:
    opened, rng = studio(), np.random.default_rng(seed)
    opened.page.wait_for_selector(
        "[data-column=Recency]", state="attached"
    )  # the recipe does not read it: columns were looked at
    n_made = n_tried = 0
    while n_made < N_MOVES // 2:
        n_tried += 1
        assert n_tried < 20 * N_MOVES
        act = random_move(opened, rng)
        turn = opened.turn
        if act is None:
            continue
        act()
        opened.page.wait_for_timeout(250)
        if opened.turn == turn:
            continue  # it changed nothing, such as a handle that was put back
        shown = opened.settle()
        if opened.page.locator("[data-problem]").inner_text():
            opened.after(lambda: opened.page.keyboard.press("Control+z"))
            continue
        n_made += 1
        assert differences(shown, saved_run(opened)) == [], opened.server._desk.now.what


def test_a_key_that_is_held_moves_an_edge_on_and_is_one_step_of_undo(studio: Any) -> None:
    opened = studio()
    handle, keyboard = opened.feature("income").locator(".handle").nth(1), opened.page.keyboard
    before = handle.get_attribute("aria-valuenow")

    def held() -> None:
        handle.focus()
        for _ in range(3):
            keyboard.down("ArrowRight")
        keyboard.up("ArrowRight")

    opened.after(held)
    cuts = list(opened.server._desk._panel.features[0].cuts)
    assert cuts.index(float(handle.get_attribute("aria-valuenow"))) == cuts.index(float(before)) + 3
    assert len(opened.server._desk._history.states) == 2
    opened.after(lambda: keyboard.press("Control+z"))
    assert handle.get_attribute("aria-valuenow") == before


def test_a_dragged_edge_snaps_shows_shares_and_is_one_step_of_undo(studio: Any) -> None:
    opened = studio()
    income = opened.feature("income")
    handle = income.locator(".handle").nth(1)
    before = handle.get_attribute("aria-valuenow")
    opened.after(lambda: drag(opened.page, handle, 40))
    assert income.locator(".handle").nth(1).get_attribute("aria-valuenow") != before
    edges = next(f.edges for f in opened.server._desk._history.now.recipe.features if f.name == "income")
    panel = opened.server._desk._panel.features[0]
    assert set(edges) <= set(panel.cuts)
    shown = income.locator(".share").evaluate_all("all => all.map(one => Number(one.dataset.v))")
    assert shown == pytest.approx([level.share for level in panel.levels])
    assert len(opened.server._desk._history.states) == 2
    opened.after(lambda: opened.page.keyboard.press("Control+z"))
    assert income.locator(".handle").nth(1).get_attribute("aria-valuenow") == before


def test_everything_can_be_done_by_keyboard(studio: Any) -> None:
    opened = studio()
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the recipe"
    page.keyboard.press("Enter")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset.key ?? document.activeElement.tagName"))
    assert {"switch", "handle 0", "edge 0", "remove 0", "split 0", "new edge", "merge Master"} <= set(seen)
    field = opened.feature("income").locator("[data-key='edge 0']")
    field.focus()
    opened.after(lambda: (field.fill("27,500"), page.keyboard.press("Enter")))
    assert opened.server._desk._history.now.recipe.features[0].edges[0] == 27_500
    assert page.evaluate("document.activeElement.dataset.key") == "edge 0"
    field.fill("many")
    page.keyboard.press("Enter")
    assert "must be a number" in page.locator("[data-problem]").inner_text()


def test_a_level_dropped_on_another_is_one_with_it(studio: Any) -> None:
    opened = studio()
    levels = opened.feature("education").locator(".level")
    read = "all => all.map(one => one.dataset.level)"
    names = levels.evaluate_all(read)
    opened.after(lambda: levels.nth(0).drag_to(levels.nth(2)))
    now = levels.evaluate_all(read)
    assert now == [f"{names[0]} or {names[2]}", *(name for name in names[1:] if name != names[2])]
    opened.after(opened.feature("education").locator("[data-key^='split']").first.click)
    assert levels.count() > len(now)


def test_two_pages_and_one_that_is_loaded_again_show_one_state(studio: Any) -> None:
    opened = studio()
    other = opened.page.context.new_page()
    other.goto(opened.server.url)
    second = Studio(other, opened.server, opened.folder)
    second.settle()
    shown = opened.after(lambda: second.page.locator("[data-segments]").select_option("2"))
    assert len(shown["sizes"]) == 2
    shares = [f"{size / sum(shown['sizes']):.1%}".replace("%", "\u00a0%") for size in shown["sizes"]]
    assert (
        opened.page.locator("[data-sizes]").get_attribute("aria-label")
        == f"Sizes of 2 segments: {', '.join(shares)}"
    )
    assert second.settle() == shown
    other.reload()
    assert second.settle() == shown
    assert other.locator("[data-segments]").input_value() == "2"
    turn = opened.turn
    opened.page.locator("[data-segments]").select_option("3")
    opened.page.wait_for_function("turn => Number(document.body.dataset.turn) > turn", arg=turn)
    other.reload()  # in the middle of the work
    assert second.settle() == opened.settle()
    assert len(second.settle()["sizes"]) == 3


def test_what_goes_wrong_under_the_page_is_said_and_no_figure_is_wrong(studio: Any) -> None:
    """A fit that fails, a table that changes, a server that is gone: dimmed and said, and undo or the next report leads out."""
    opened = studio()
    page, desk = opened.page, opened.server._desk
    before = opened.settle()
    shown = opened.after(lambda: page.evaluate(OTHER_TAB, {"kind": "segments", "segments": 50}))
    assert "50 latent classes have" in page.locator("[data-problem]").inner_text()
    assert "dimmed" in page.locator("[data-status]").inner_text()
    assert shown["stale"]
    assert (shown["sizes"], shown["verdict"]) == (before["sizes"], before["verdict"])
    assert opened.after(lambda: page.keyboard.press("Control+z")) == before
    table = opened.folder / "shop.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    (opened.folder / "next.csv").write_text("".join(lines[:400]), encoding="utf-8")
    shown = opened.after(
        lambda: (opened.folder / "next.csv").replace(table)
    )  # at once: half a table is another
    assert "have changed" in page.locator("[data-notice]").inner_text()
    assert shown != before
    assert differences(shown, sg.run(table, desk.now.recipe)) == []
    opened.server.stop()
    page.locator("[data-status]", has_text="does not answer").wait_for()
    page.locator("[data-segments]").select_option("2")
    page.locator("[data-problem]", has_text="with all states").wait_for()
    assert page.evaluate("document.body.dataset.turn") == str(opened.turn)


def test_edges_of_a_date_are_dates(studio: Any, tmp_path: Path) -> None:
    write_shop(tmp_path)
    recipe = """
[features.joined]
sql = "date_diff('day', DATE '1970-01-01', Dt_Customer)"
edges = [2013-01-01, 2013-07-01]
[features.children]
sql = "Kidhome + Teenhome > 0"
yes_no = true
[model]
range = [1, 2]
"""
    (tmp_path / "dates.toml").write_text(recipe, encoding="utf-8")
    opened = studio(tmp_path / "shop.csv", tmp_path / "dates.toml")
    joined = opened.feature("joined")
    field, handle = joined.locator("[data-key='edge 0']"), joined.locator(".handle").first
    assert field.input_value() == handle.get_attribute("aria-valuetext") == "2013-01-01"
    for typed in ("2013-02-30", "2013-07-01", "15706"):
        field.fill(typed)
        opened.page.keyboard.press("Enter")
        said = opened.page.locator("[data-problem]").inner_text()
        assert (
            said == f"Joined, edge 1 of 2: must be a date such as 2024-12-31 below 2013-07-01; got {typed}."
        )
    opened.after(lambda: (field.fill("2013-03-01"), opened.page.keyboard.press("Enter")))
    assert "edges = [2013-03-01, 2013-07-01]" in opened.save().read_text(encoding="utf-8")
    assert joined.locator(".level .name").first.inner_text() == "under 2013-03-01"
    opened.after(lambda: (handle.focus(), opened.page.keyboard.press("ArrowRight")))
    assert "2013-03-01" < handle.get_attribute("aria-valuetext") == field.input_value() < "2013-07-01"


def test_hostile_names_and_labels_stay_texts(studio: Any, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    rows = [
        f"{i % 90},{evil if i % 3 else 'b'},{'</script><script>alert(2)</script>' if i % 2 else 'd'},{i % 7}"
        for i in range(300)
    ]
    (tmp_path / "evil.csv").write_text("age,one,two,spend\n" + "\n".join(rows) + "\n", encoding="utf-8")
    recipe = f"""title = "{evil}"
[features.age]
label = "Age {evil}"
column = "age"
edges = [30, 60]
[features.one]
column = "one"
[features.two]
label = "'><b onclick=alert(3)>"
column = "two"
[outcomes.spend]
role = "amounts"
columns = {{ spend = "{evil}" }}
[model]
range = [1, 3]
"""
    (tmp_path / "evil.toml").write_text(recipe, encoding="utf-8")
    opened = studio(tmp_path / "evil.csv", tmp_path / "evil.toml")
    assert evil in opened.page.locator("h1").first.inner_text()
    assert evil in opened.feature("one").inner_text()
    opened.after(lambda: opened.page.locator("[data-segments]").select_option("2"))
    assert opened.page.locator("studio-feature img, studio-feature b").count() == 0
    assert opened.page.frame_locator(".frames iframe").locator("main img").count() == 0


def test_accessibility_rules_find_nothing(studio: Any) -> None:
    """The page beside an open menu, and every menu that is open: which one it is changes nothing beside it."""
    opened = studio()
    page = opened.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1440, 1024, 768, 390):
            page.set_viewport_size({"width": width, "height": 900})
            for place, menu in ((PAGE, "Tried"), (OPEN_MENU, "Save"), (OPEN_MENU, "Export")):
                page.locator("details.menu > summary", has_text=menu).click()
                assert page.locator(OPEN_MENU).count() == 1
                assert broken_rules(page, place) == [], (scheme, width, menu)
                page.keyboard.press("Escape")
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (scheme, width)
            assert page.evaluate(OUTSIDE) == [], (scheme, width)


def test_a_file_is_chosen_on_the_first_page_of_a_studio_without_data(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    place = Reception()
    server = StudioServer(place)
    thread = Thread(target=server.run)
    with few_tables():
        thread.start()
        page = browser.new_context(viewport={"width": 1024, "height": 800}).new_page()
        page.goto(server.url)
        assert broken_rules(page) == []
        page.locator("#data").fill("nothing.csv")
        page.keyboard.press("Enter")
        page.locator("[data-problem]", has_text="nothing.csv").wait_for()
        assert page.evaluate("document.activeElement.id") == "data"
        page.locator("[data-file='shop.csv']").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("studio-feature", timeout=60_000)
        assert place.desk.opened.recipe_file.name == "shop.toml"
        page.context.close()
        server.stop()
        thread.join(timeout=30)
        assert place.close()


def test_with_the_keyboard_alone_a_segment_is_found_defended_and_exported(studio: Any) -> None:
    """Name the outcome, ask for fewer segments, compare with before, name the segment to contact, save, export."""
    opened = studio()
    page = opened.page

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def opens(menu: str) -> Any:
        place = page.locator("details.menu > summary", has_text=menu)
        place.focus()
        press("Enter")
        return place

    page.locator("[data-jump=columns]").focus()
    press("Enter")
    assert page.evaluate("document.activeElement.textContent").startswith("Columns of the table")
    page.wait_for_selector("[data-column=Recency]")
    role = page.locator("[data-column=Response] select")
    role.focus()
    opened.after(lambda: page.keyboard.type("head"))  # no other choice begins with one of these letters
    opens("Compare")
    press("Tab", "Enter")
    page.wait_for_selector("[data-compare] table")
    press("Escape")
    page.locator("[data-segments]").focus()
    assert page.locator("[data-curve] svg").is_visible()
    shown = opened.after(lambda: page.keyboard.type("2"))
    assert len(shown["sizes"]) == 2
    moved = page.locator("[data-moved]")
    moved.wait_for(state="attached", timeout=60_000)
    opens("Compare")
    assert "customers moved" in moved.inner_text()
    press("Escape")
    report = page.frame_locator(".frames iframe")
    assert "Last campaign" in report.locator("table.glance thead").inner_text()
    opens("Names")
    press("Tab")
    page.keyboard.type("To be written to")
    opened.after(lambda: press("Tab"))
    assert page.evaluate("document.activeElement.dataset.key").startswith("note ")
    press("Escape")
    assert "To be written to" in report.locator("table.glance").inner_text()
    result = saved_run(opened)
    assert result.segments[0].name == "To be written to"
    opens("Export")
    press("Tab", "Tab", "Space", "Tab", "Enter")
    page.locator("[data-notice]", has_text="assignments.csv has every customer").wait_for(timeout=120_000)
    rows = sg.load(opened.folder / "shop-segments" / "segmentation.json").segments
    assert [(s.name, s.size) for s in rows] == [(s.name, s.size) for s in result.segments]
    listed = (opened.folder / "shop-segments" / "assignments.csv").read_text(encoding="utf-8-sig")
    assert sum(line.split(",")[1] == "1" for line in listed.splitlines()) == rows[0].size
