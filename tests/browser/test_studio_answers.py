"""What an analyst does with what the studio has found, in a browser: a list, a comparison, a pin, a jump, and the way back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="starlette and uvicorn are not installed")

AT = "id => document.querySelector('.frames iframe').contentDocument.getElementById(id).getBoundingClientRect().top"
CHOSEN = "() => document.querySelector('.frames iframe').contentDocument.querySelector('[data-chip][aria-pressed=true]')?.dataset.chip"


def frame_of(opened: Any) -> Any:
    """The report beside the recipe."""
    return opened.page.frame_locator(".frames iframe")


def said(opened: Any, begin: str) -> str:
    place = opened.page.locator("[data-notice]", has_text=begin)
    place.wait_for()
    return str(place.inner_text())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_customers_of_a_card_of_a_decision_and_of_the_menu_are_listed(studio: Any) -> None:
    opened = studio()
    page, report = opened.page, frame_of(opened)
    sizes = opened.settle()["sizes"]
    report.get_by_role("button", name="Customers of segment 2 as CSV").click()
    assert said(opened, "List of the").startswith(f"List of the {sizes[1]:,} customers of segment 2 written")
    assert {row["segment"] for row in rows(opened.folder / "shop-segment-2.csv")} == {"2"}
    page.locator("summary", has_text="Export").click()
    page.locator("[data-lists]").get_by_role("button", name="Customers of segment 1 as CSV").click()
    said(opened, "customers of segment 1 written")
    assert len(rows(opened.folder / "shop-segment-1.csv")) == sizes[0]
    answers = report.locator("table.targeting tbody tr").evaluate_all(
        "all => all.map((row) => [row.dataset.segment, row.dataset.answer])"
    )
    for answer, name in (
        ("contact", "Customers to contact as CSV"),
        ("try", "Customers to try it on as CSV"),
    ):
        wanted = [segment for segment, one in answers if one == answer]
        assert report.get_by_role("button", name=name).count() == (len(wanted) > 0)
    opened.after(lambda: page.select_option("[data-segments]", "2"))
    assert report.get_by_role("button", name="Customers of segment 2 as CSV").is_visible()


def test_a_pin_waits_for_its_segments_and_says_so_and_the_decisions_are_compared(studio: Any) -> None:
    opened = studio()
    page = opened.page
    page.locator("[data-compare] > summary").click()
    page.get_by_role("button", name="Pin as A").click()
    page.locator("[data-compare] th", has_text="A").first.wait_for()
    page.select_option("[data-segments]", "2")
    page.wait_for_function("() => document.body.dataset.turn === '2'")
    opened.settle()
    page.locator("[data-moved]").wait_for()
    words = page.locator("[data-decision]").inner_text()
    assert words.startswith("Whom to contact, Last campaign: ")
    desk = opened.server._desk
    a, b = desk._comparison.pinned, desk._settled
    overlap = desk._comparison.shown()["moved"]["overlap"]
    of = [
        {kind: {i for t in one.shown()["targets"] for i in t[kind]} for kind in ("contact", "try")}
        for one in (a, b)
    ]
    kind = "contact" if of[0]["contact"] or of[1]["contact"] else "try"
    changed = sum(
        n for i, row in enumerate(overlap, 1) for j, n in enumerate(row, 1)
        if (i in of[0][kind]) != (j in of[1][kind])
    )  # fmt: skip
    assert float(page.locator("[data-decision]").get_attribute("data-decision")) == pytest.approx(changed)
    in_b = sum(n for row in overlap for j, n in enumerate(row, 1) if j in of[1][kind])
    in_both = sum(row[j - 1] for i, row in enumerate(overlap, 1) for j in of[1][kind] if i in of[0][kind])
    if in_b and of[0][kind]:
        assert f"of B, of whom {round(in_b - in_both):,} are new." in words.replace("none", "0")
    page.evaluate("() => { document.querySelector('[data-compare]').open = true; }")
    page.select_option("[data-segments]", "3")
    page.wait_for_function("() => document.body.dataset.turn === '3' && !document.body.dataset.settled")
    page.evaluate("() => { document.querySelector('[data-compare]').open = true; }")
    page.get_by_role("button", name="Pin what is shown as A").click()
    opacity = "node => [node, node.querySelector('.row')].map((one) => getComputedStyle(one).opacity)"
    assert page.locator("[data-compare] > div").evaluate(opacity) == ["1", "1"]
    opened.settle()
    page.locator("[data-compare] td", has_text="3 segments").first.wait_for()
    assert page.locator("[data-waits]").count() == 0


def test_a_badge_leads_to_its_card_and_a_place_stays_where_it_is_while_the_report_changes(
    studio: Any,
) -> None:
    opened = studio()
    page, report = opened.page, frame_of(opened)
    report.locator("[data-chip='2']").click()
    assert page.evaluate(AT, "segment-2") == pytest.approx(60, abs=2)
    assert page.evaluate(CHOSEN) == "2"
    report.locator("nav a", has_text="Targeting").click()
    at = page.evaluate(AT, "targeting")
    assert 40 < at < 130
    for segments in ("2", "3"):  # a card less, and one more, above
        opened.after(lambda segments=segments: page.select_option("[data-segments]", segments))
        assert page.evaluate(AT, "targeting") == pytest.approx(at, abs=3)


def test_an_undone_state_stays_in_the_list_and_comes_back(studio: Any) -> None:
    opened = studio()
    page = opened.page
    opened.after(lambda: page.select_option("[data-segments]", "2"))
    opened.after(lambda: page.keyboard.press("Control+z"))
    opened.after(lambda: page.select_option("[data-segments]", "3"))
    page.locator("summary", has_text="Tried").click()
    tried = page.locator("[data-tried] button")
    assert [text.split("\n")[0] for text in tried.all_inner_texts()] == [
        "As it was opened",
        "2 segments",
        "3 segments",
    ]
    shown = opened.after(lambda: tried.nth(1).click())
    assert len(shown["sizes"]) == 2
    opened.after(lambda: page.keyboard.press("Control+z"))
    assert opened.server._desk.now.what == "As it was opened"
