"""The report in a real browser: nothing is fetched, cut or overlapping, and it shows the facts."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from accessible import WCAG, broken_rules

WIDTHS = [1440, 1280, 768, 390]
FIGURES = """table => { const found = {};
    for (const cell of document.querySelectorAll(`#${table} tr[data-label] td[data-segment]`)) {
        const {v, low, high} = cell.dataset;
        found[`${cell.closest('tr').dataset.label} ${cell.dataset.segment}`] ??= [v, low, high].map(Number);
    } return found; }"""
"""Exact figures of a table's cells, by label and segment."""


@pytest.mark.parametrize("width", WIDTHS)
def test_the_report_fits_and_fetches_nothing(opened: Callable[..., Any], report: Any, width: int) -> None:
    page = opened(report.page, width)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("article").count() == 4
    tight = page.evaluate(
        """() => [...document.querySelectorAll('main h1, main h2, main h3, main p, main dd, main figcaption')]
            .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"""
    )
    assert tight == []


def test_it_is_under_two_megabytes(report: Any) -> None:
    assert report.page.stat().st_size < 2_000_000


@pytest.mark.parametrize("width", [1440, 1280])
def test_the_first_screen_holds_the_whole_answer(opened: Callable[..., Any], report: Any, width: int) -> None:
    """Verdict, number and reason, a row per segment, what to do next: without scrolling."""
    page = opened(report.page, width)
    for place in ("h1", ".answers", "table.glance tbody tr:last-child", ".next"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= 900, place


def leading(outcome: dict[str, Any]) -> list[float]:
    """The figure that the page has first, with its interval: the corrected one where certainty is low."""
    first = outcome["corrected"] if outcome["leads"] == "corrected" else outcome
    return [first["value"], first["low"], first["high"]]


@pytest.mark.parametrize("width", WIDTHS)
def test_it_shows_the_facts(opened: Callable[..., Any], report: Any, width: int) -> None:
    page, facts = opened(report.page, width), report.facts
    for step in facts["next_steps"]:
        assert page.locator(".next li", has_text=step).is_visible()
    assert page.locator(".answers .big").all_inner_texts()[0] == facts["verdict_text"]
    assert page.locator("h1").inner_text() == facts["headline"]
    rows = page.locator("table.glance tbody tr")
    for i, segment in enumerate(facts["segments"]):
        row = rows.nth(i)
        assert segment["name"] in row.inner_text()
        cells = row.locator("td[data-v]").evaluate_all("cells => cells.map(c => Number(c.dataset.v))")
        shown = [
            segment["size"],
            segment["worth"]["value"],
            segment["best_campaign"]["value"],
            segment["certainty"]["mean"],
        ]
        assert cells == pytest.approx(shown)
    outcomes, features = (page.evaluate(FIGURES, table) for table in ("outcomes-table", "features-table"))
    for segment in facts["segments"]:
        for group in segment["groups"]:
            for outcome in group["outcomes"]:
                found = outcomes[f"{outcome['label']} {segment['id']}"]
                assert found == pytest.approx(leading(outcome))
        for feature in segment["features"]:
            for level in feature["levels"]:
                value, *_ = features[f"{level['spoken']} {segment['id']}"]
                assert value == pytest.approx(level["share"])


@pytest.mark.parametrize("width", WIDTHS)
def test_texts_of_a_chart_neither_overlap_nor_are_cut(
    opened: Callable[..., Any], report: Any, width: int
) -> None:
    page = opened(report.page, width)
    page.evaluate("document.querySelectorAll('details.treemap').forEach(d => { d.open = true; })")
    charts = page.evaluate(
        """() => [...document.querySelectorAll('figure.chart')].map(f => { const s = f.querySelector('svg').getBoundingClientRect();
            return [f.dataset.name, [s.left, s.top, s.right, s.bottom], [...f.querySelectorAll('svg text')].map(t => {
                const r = t.getBoundingClientRect(); return [t.textContent, r.left, r.top, r.right, r.bottom]; })]; })"""
    )
    assert {"elbow", "bic", "map", "splits", "splits_independent"} <= {name for name, *_ in charts}
    for name, frame, texts in charts:
        for words, left, top, right, bottom in texts:
            is_inside = (
                left >= frame[0] - 2
                and top >= frame[1] - 2
                and right <= frame[2] + 2
                and bottom <= frame[3] + 2
            )
            assert is_inside, f"{name}: {words!r} is cut"
        for (one, *a), (other, *b) in itertools.combinations(texts, 2):
            across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            assert not (across > 2 and down > 4), f"{name}: {one!r} and {other!r} overlap"


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_sort_by_their_exact_figures(opened: Callable[..., Any], report: Any, width: int) -> None:
    page = opened(report.page, width)
    sizes = sorted((s["certainty"]["mean"], s["id"]) for s in report.facts["segments"])
    head = page.locator("table.certainty thead button", has_text="Mean")
    for order in (list(reversed(sizes)), sizes):
        head.click()
        shown = page.locator("table.certainty tbody tr").evaluate_all(
            "rows => rows.map(r => Number(r.dataset.segment))"
        )
        assert shown == [segment for _, segment in order]
    assert page.locator("table.certainty th[aria-sort=ascending]").count() == 1


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_no_tile_stands_alone_beside_a_gap(opened: Callable[..., Any], report: Any, width: int) -> None:
    page = opened(report.page, width)
    ends = page.locator(".tiles").evaluate_all(
        """all => all.map(t => [t.getBoundingClientRect().right, Math.max(...[...t.children].map(c => c.getBoundingClientRect().right)),
            t.lastElementChild.getBoundingClientRect().right])"""
    )
    assert len(ends) == len(report.facts["segments"])
    for whole, widest, last in ends:
        assert abs(whole - widest) < 2
        assert abs(whole - last) < 2


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_evidence_and_decisions_are_seen_without_scrolling(
    opened: Callable[..., Any], report: Any, width: int
) -> None:
    page = opened(report.page, width)
    names = ["evidence", "side_by_side"] + (["targeting_Response"] if width > 390 else [])
    for name in names:
        beyond = page.locator(f"table[data-name={name}]").evaluate(
            "t => t.parentElement.scrollWidth - t.parentElement.clientWidth"
        )
        assert beyond <= 0, name


def test_tables_sort_by_the_keyboard(opened: Callable[..., Any], report: Any) -> None:
    page = opened(report.page)
    page.locator("table.glance thead button", has_text="Certainty").focus()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Enter")
    assert page.locator("table.glance th[aria-sort=descending]").inner_text().startswith("Certainty")


@pytest.mark.parametrize("width", WIDTHS)
def test_levels_are_filtered(opened: Callable[..., Any], report: Any, width: int) -> None:
    page = opened(report.page, width)
    page.get_by_label("Filter levels").fill("phd")
    assert page.locator("#features-table tr[data-label]:visible").all_inner_texts()[0].startswith("PhD")
    assert page.locator("#features-table tr[data-label]:visible").count() == 1
    page.get_by_label("Filter levels").fill("")
    assert page.locator("#features-table tr[data-label]:visible").count() > 10


@pytest.mark.parametrize("width", WIDTHS)
def test_a_segment_is_highlighted_everywhere(opened: Callable[..., Any], report: Any, width: int) -> None:
    page = opened(report.page, width)
    chip = page.get_by_role("button", name="Go to segment 2 and highlight it")
    chip.click()
    page.wait_for_function(
        "() => Math.abs(document.querySelector('#segment-2').getBoundingClientRect().top - 60) < 2"
    )
    assert chip.get_attribute("aria-pressed") == "true"
    opacity = "e => getComputedStyle(e).opacity"
    assert page.locator("#segment-2").evaluate(opacity) == "1"
    assert float(page.locator("#segment-1").evaluate(opacity)) < 0.5
    assert float(page.locator("figure[data-name=map] .mark[data-segment='1']").first.evaluate(opacity)) < 0.5
    chip.click()
    page.mouse.move(5, 500)
    assert page.locator("#segment-1").evaluate(opacity) == "1"


def test_pointing_shows_exact_figures_and_escape_hides_them(opened: Callable[..., Any], report: Any) -> None:
    page = opened(report.page)
    page.locator("figure[data-name=bic] .mark").nth(2).hover()
    bic = next(c for c in report.facts["criteria"] if c["name"] == "bic")
    value, low, high = (bic[part][2] for part in ("values", "null_low", "null_high"))
    shown = f"3 segments: {value:,.0f}; independent features {low:,.0f} to {high:,.0f}"
    assert page.locator("#tip").inner_text() == shown
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def test_the_readers_own_pair_of_segments(opened: Callable[..., Any], report: Any) -> None:
    page = opened(report.page)
    page.get_by_label("First segment").select_option("4")
    page.get_by_label("Second segment").select_option("2")
    row = page.locator("[data-pair] tbody tr").first
    label = row.locator("th").inner_text()
    share = {
        s["id"]: lev["share"]
        for s in report.facts["segments"]
        for f in s["features"]
        for lev in f["levels"]
        if lev["spoken"] == label
    }
    assert row.locator("td").first.inner_text() == f"{share[4]:.1%}".replace("%", "\xa0%")
    widest = max(
        abs(a["share"] - b["share"])
        for f, g in zip(
            sorted(report.facts["segments"][3]["features"], key=lambda f: f["name"]),
            sorted(report.facts["segments"][1]["features"], key=lambda f: f["name"]), strict=True,
        )
        for a, b in zip(f["levels"], g["levels"], strict=True)
    )  # fmt: skip
    assert abs(share[4] - share[2]) == pytest.approx(widest)


def test_every_chart_has_a_text_and_a_table_of_its_figures(opened: Callable[..., Any], report: Any) -> None:
    page, facts = opened(report.page), report.facts
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    elsewhere = {c["name"] for c in facts["criteria"]} | {
        f"treemap_{g['name']}_{s['id']}" for s in facts["segments"] for g in s["groups"]
    }  # in the table of criteria, and in the rows beside the treemap
    for figure in page.locator("figure.chart").all():
        name = figure.get_attribute("data-name")
        assert len(figure.locator("svg").get_attribute("aria-label")) > 20
        assert figure.locator("table").count() == (0 if name in elsewhere else 1), name
    bins = facts["segments"][0]["histograms"][0]["bins"]
    name = f"histogram_{facts['segments'][0]['histograms'][0]['feature']}_1"
    shown = page.locator(f"table[data-name='{name}'] tbody tr td:nth-child(2)").evaluate_all(
        "cells => cells.map(c => Number(c.dataset.v))"
    )
    assert sum(shown) == sum(b["n"] for b in bins)
    flows = page.locator("table[data-name=splits] tbody tr").evaluate_all(
        "rows => rows.map(r => [...r.cells].map(c => Number(c.dataset.v)))"
    )
    real = next(s for s in facts["splits"] if s["table"] == "customers")
    for k in real["numbers"][:-1]:
        assert sum(share for start, *_, share in flows if start == k) == pytest.approx(1)
    gain = facts["gains"][0]["steps"]
    won = page.locator("table[data-name^=gain] tbody tr").evaluate_all(
        "rows => rows.map(r => Number(r.cells[2].dataset.v))"
    )
    assert won == pytest.approx([step["won"] for step in gain])


def test_a_treemap_is_drawn_on_request_and_its_areas_are_the_mix(
    opened: Callable[..., Any], report: Any
) -> None:
    page, segment = opened(report.page), report.facts["segments"][0]
    group = next(g for g in segment["groups"] if g["role"] == "amounts")
    figure = page.locator(f"figure[data-name='treemap_{group['name']}_1']")
    assert figure.is_hidden()
    page.get_by_text(f"Treemap: {group['label']}").first.click()
    assert figure.is_visible()
    areas = figure.locator("rect").evaluate_all(
        "rs => rs.map(r => (r.width.baseVal.value + 2) * (r.height.baseVal.value + 2))"
    )
    mix = sorted((o["mix"] for o in group["outcomes"]), reverse=True)
    assert [a / sum(areas) for a in areas] == pytest.approx(mix, abs=0.004)


def test_tables_and_charts_are_downloaded(opened: Callable[..., Any], report: Any) -> None:
    page = opened(report.page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this table as CSV: outcomes_by_segment").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert rows[0][:3] == ["Group", "Outcome", "All"]
    assert len(rows[0]) == 3 + 3 * 4
    first = report.facts["segments"][0]["groups"][0]["outcomes"][0]
    assert rows[1][1] == first["label"]
    assert float(rows[1][3]) == pytest.approx(leading(first)[0])
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download this chart as {kind}: map").click()
        assert download.value.path().read_bytes().startswith(start)


@pytest.mark.parametrize("width", WIDTHS)
def test_dark_and_light_are_switched(opened: Callable[..., Any], report: Any, width: int) -> None:
    page = opened(report.page, width, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.evaluate(ground) != light
    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate(ground) == light


def test_queries_open_and_are_copied(opened: Callable[..., Any], report: Any) -> None:
    page = opened(report.page, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Collect the pattern table").click()
    assert page.locator("details[open] code").inner_text().startswith("WITH")
    page.locator("details[open]").get_by_role("button").click()
    page.locator("details[open]").get_by_role("button", name="Copy").wait_for()
    assert page.locator("details[open] button").inner_text() in ("Copied", "Selected")


def test_without_scripts_the_page_is_complete(opened: Callable[..., Any], report: Any) -> None:
    page = opened(report.page, java_script_enabled=False)
    for selector in ("article", "figure.chart", "[data-pair] tbody tr", "#outcomes-table tr[data-label]"):
        assert page.locator(selector).count() > 1, selector
    assert page.locator("button:visible").count() == 0
    assert page.locator("figure[data-name=bic] title").count() == 10


def test_printed_it_has_no_controls_and_opens_what_was_closed(
    opened: Callable[..., Any], report: Any
) -> None:
    page = opened(report.page)
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.locator(".tools:visible, nav:visible, .filter:visible").count() == 0
    assert page.locator("table[data-name=totals]").is_visible()
    page.set_viewport_size({"width": 702, "height": 1000})  # A4 within its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 702


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing(opened: Callable[..., Any], report: Any, width: int, scheme: str) -> None:
    page = opened(report.page, width, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert broken_rules(page, runOnly=WCAG) == []
