"""The report: what it says is what was found, and nothing in the data can break it."""

from __future__ import annotations

import base64
import hashlib
import html as html_module
import re
import xml.dom.minidom
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import segmentry as sg
from few_tables import FEW
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.errors import ModelError
from segmentry.pages.palette import DARK, LIGHT
from segmentry.report import compose
from segmentry.report.axes import principal_axes
from segmentry.report.facts import facts_of
from segmentry.report.figures.map import pattern_map
from segmentry.selection import scan
from segmentry.text.numbers import percent_mark, share

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=2_000, seed=8)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(ROWS, HOUSEHOLDS)


def test_the_page_is_self_contained_and_small(result: sg.Segmentation, tmp_path: Path) -> None:
    html = result.report(tmp_path / "r.html").read_text()
    assert len(html) < 2_000_000
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert html.count("<script") == len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = html_module.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1])
    assert policy.split("; ")[:2] == ["default-src 'none'", f"script-src 'sha256-{digest}'"]
    assert not re.search(r'(src|href)="(?!#)', html)


def test_the_page_shows_the_facts(result: sg.Segmentation, tmp_path: Path) -> None:
    html = result.report(tmp_path / "r.html").read_text()
    facts = facts_of(result)
    assert facts.headline in html
    assert result.choice.reason in html
    for s in result.segments:
        assert f"<dd>{s.size:,}</dd>" in html
        assert f"{s.share:.1%} of all".replace("%", "\xa0%") in html
    assert html.count("<article") == len(result.segments)
    for step in result.cleaning.steps:
        assert step.step in html


def test_a_thorough_scan_shows_both_nulls_of_the_gap_the_tests_and_who_changes_segment(
    result: sg.Segmentation, tmp_path: Path
) -> None:
    table = scan(result.patterns, "k-modes", (1, 2, 3), indices=3).table
    found = replace(result, method="k-modes", selection=table)
    facts = facts_of(found)
    gap = next(c for c in facts.criteria if c.name == "gap_continuum")
    assert gap.null == "one continuous trait"
    assert gap.null_high[1:] == pytest.approx(table["gap_continuum_null_high"][1:])
    for name in ("moved", "moved_by_jitter", "moved_by_merging", "cost_gap"):
        shown = [getattr(n, name) for n in facts.numbers]
        assert shown == pytest.approx(table[name].tolist(), nan_ok=True)
    assert (facts.numbers[1].p_value, facts.numbers[1].n_tables) == tuple(
        table.loc[1, ["likelihood_ratio_p", "likelihood_ratio_tables"]]
    )
    html = found.report(tmp_path / "r.html").read_text()
    rows = re.search(r'data-name="changes">.*?<tbody>(.*?)</tbody>', html, re.DOTALL)[1]
    for n in facts.numbers[1:]:
        assert f'<td class="num" data-v="{n.moved_by_merging!r}">{share(n.moved_by_merging)}</td>' in rows
    assert "middle 90 % of one continuous trait" in html
    assert "– to –" not in html
    assert not facts_of(result).numbers


def test_segments_that_refits_have_no_counterpart_of_are_said_beside_the_stability(
    result: sg.Segmentation,
) -> None:
    steady = facts_of(result).evidence[-1].measure
    searched = "searched 4 times as long, none of 5 had better ones"
    assert steady.endswith(f"similarity of {FEW.refits} refits; none without a counterpart; {searched}")
    missed = replace(result.evidence.stability, n_unmatched=(0, 2, *[1] * (len(result.segments) - 2)))
    shown = (
        facts_of(replace(result, evidence=replace(result.evidence, stability=missed))).evidence[-1].measure
    )
    assert "without counterpart: segment 2 in 2" in shown
    assert "segment 3 in 1" in shown


def test_charts_are_the_reports_figures_by_name(result: sg.Segmentation, tmp_path: Path) -> None:
    charts = result.charts
    expected = {"elbow", "bic", "map", "features", "outcomes_spend", "outcomes_campaigns"}
    assert expected <= set(charts)
    for name, chart in charts.items():
        xml.dom.minidom.parseString(chart._repr_svg_())  # noqa: S318 - our own text: is it well-formed
        assert "var(--" not in chart.svg  # a notebook has none of the page's colours
        assert (name, repr(chart)) == (chart.name, f"Chart(name={name!r})")
    shown = charts["map"]._repr_html_()
    assert base64.b64decode(shown.split("base64,")[1].removesuffix('">')).decode() == charts["map"].svg
    assert charts["map"].save(tmp_path / "map.svg").read_text(encoding="utf-8") == charts["map"].svg
    assert charts["map"].save(tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ModelError, match=r"a chart is \.svg or \.png; got '\.gif'"):
        charts["map"].save(tmp_path / "map.gif")


def test_hostile_values_stay_text(tmp_path: Path) -> None:
    rows = ROWS.assign(Education=ROWS["Education"].replace({"PhD": HOSTILE, "Basic": "</style>" + "x" * 300}))
    recipe = sg.Recipe.from_toml(
        f'title = "{HOSTILE}"\n[features.education]\ncolumn = "Education"\n[features.marital]\ncolumn = '
        '"Marital_Status"\n[features.kids]\nlabel = "a & b"\nsql = "Kidhome > 0"\nyes_no = true\n'
        '[outcomes.o]\nrole = "amounts"\n[outcomes.o.columns]\nMntWines = "<b>wine</b>"'
    )
    html = sg.run(rows, recipe, segments=3, out=tmp_path / "o").report(tmp_path / "r.html").read_text()
    assert html.count("<script") == 1
    assert "<b>wine" not in html
    assert html.count("</style>") == 1
    for drawing in (tmp_path / "o" / "charts").glob("*.svg"):
        assert "<script" not in drawing.read_text(encoding="utf-8")
        xml.dom.minidom.parse(str(drawing))  # noqa: S318 - our own file: is it well-formed


def test_one_segment_no_outcomes_and_an_outcome_without_values(tmp_path: Path) -> None:
    alone = sg.Recipe.from_toml('[features.education]\ncolumn = "Education"')
    sg.run(ROWS, alone, out=tmp_path / "a")
    nothing = ROWS.assign(empty=pd.Series([None] * len(ROWS), dtype="float64"))
    recipe = sg.Recipe.from_toml(
        '[features.education]\ncolumn = "Education"\n[features.kids]\nsql = "Kidhome > 0"\nyes_no = true\n'
        '[outcomes.o]\nrole = "flags"\ncolumns = ["empty", "Response"]'
    )
    result = sg.run(nothing, recipe, segments=2, out=tmp_path / "b")
    html = re.sub(r"<pre.*?</pre>", "", (tmp_path / "b" / "report.html").read_text(), flags=re.DOTALL)
    html = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"\b(nan|inf|None|NaN)\b", html)
    assert set(result.outcomes[result.outcomes["outcome"] == "empty"]["n"]) == {0}


def test_the_map_of_k_means_has_the_variances_of_the_original_analysis(customers: Path) -> None:
    patterns = sg.collect(customers, "customer-personality-original")
    axes = principal_axes(patterns, "k-means")
    assert axes.shares == pytest.approx((0.294, 0.230), abs=5e-4)


def test_the_axes_of_weighted_patterns_equal_those_of_rows() -> None:
    patterns = sg.collect(ROWS, "households")
    one, other = (
        principal_axes(patterns, "latent-class"),
        principal_axes(patterns.merge(patterns), "latent-class"),
    )
    assert one.shares == pytest.approx(other.shares)
    assert one.coordinates == pytest.approx(other.coordinates, abs=1e-8)


def test_with_too_many_patterns_to_save_a_run_is_whole_and_a_loaded_result_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segmentry.segmentation.plain_values.MAX_SAVED_PATTERNS", 1)
    result = sg.run(ROWS, HOUSEHOLDS, segments=2, out=tmp_path / "o")
    drawn = {p.name for p in (tmp_path / "o" / "charts").iterdir() if p.is_file()}
    names = compose(result).figures
    assert set(result.charts) <= set(names)
    assert drawn == {f"{name}{suffix}" for name in names for suffix in (".svg", ".png")}
    loaded = sg.load(tmp_path / "o" / "segmentation.json")
    assert len(loaded.assign(ROWS)) == len(ROWS)
    with pytest.raises(sg.ModelError, match="the patterns were not saved"):
        loaded.report(tmp_path / "r.html")


def test_a_mistake_in_the_recipe_is_told_before_the_audit() -> None:
    rows = sample_households(rows=300, seed=1)
    stages: list[str] = []
    with pytest.raises(sg.DataError, match="no column 'Income'"):
        sg.run(rows.drop(columns="Income"), "households", audit=True, progress=stages.append)
    recipe = sg.Recipe.from_toml('features.school = { column = "Education", levels = ["PhD"] }')
    with pytest.raises(sg.DataError, match="in no level"):
        sg.run(rows, recipe, audit=True, progress=stages.append)
    assert set(stages) == {"Reading the table"}


def test_findings_of_an_audit_are_in_the_report_and_withheld_with_small_counts(tmp_path: Path) -> None:
    rows = sample_households(rows=1_500, seed=8, dirt=True)
    result = sg.run(rows, HOUSEHOLDS, segments=3, audit=True)
    titles = [f.title for f in sg.audit(rows, "households").findings]
    assert [f.title for f in facts_of(result).method.findings] == titles != []
    html = html_module.unescape(result.report(tmp_path / "r.html").read_text())
    assert all(title in html for title in titles)
    plain = sg.run(rows, HOUSEHOLDS, segments=3, min_cell=10, audit=True)
    assert facts_of(plain).method.findings == ()
    assert 'id="findings"' not in plain.report(tmp_path / "p.html").read_text()


def test_an_engine_that_is_given_is_audited_and_then_read() -> None:
    rows = sample_households(rows=1_500, seed=8, dirt=True)
    result = sg.run(open_engine(rows), HOUSEHOLDS, segments=2, audit=True)
    assert {f.kind for f in result.findings} == {f.kind for f in sg.audit(rows, "households").findings}


def test_a_pattern_table_is_not_audited() -> None:
    patterns = sg.collect(ROWS, "households")
    with pytest.raises(
        sg.DataError, match="the data are a pattern table; audit the table that it was collected from"
    ):
        sg.run(patterns, HOUSEHOLDS, segments=2, audit=True)


def test_charts_are_written_in_light_and_dark(tmp_path: Path) -> None:
    result = sg.run(ROWS, HOUSEHOLDS, segments=3, out=tmp_path / "o")
    charts = tmp_path / "o" / "charts"
    names = {p.name for p in charts.glob("*.svg")}
    assert names == {p.name for p in (charts / "dark").iterdir()}
    assert names == {f"{name}.svg" for name in compose(result).figures}
    for name, scheme in (("bic.svg", LIGHT), ("dark/bic.svg", DARK)):
        drawing = (charts / name).read_text(encoding="utf-8")
        assert "var(--" not in drawing
        assert f'fill="{scheme["card"]}"' in drawing


def test_the_best_campaign_is_the_one_accepted_most_beside_all_customers(result: sg.Segmentation) -> None:
    ranking = result.insights.ranking
    for segment in facts_of(result).segments:
        rates = {o.name: o for g in segment.groups if g.is_rates for o in g.outcomes}
        mine = ranking[ranking["segment"] == segment.id].set_index("outcome")["shrunken_rate"]
        lifts = {name: mine[name] / rate.base_value for name, rate in rates.items()}
        assert segment.best_campaign.name == max(lifts, key=lifts.get)
        assert segment.best_campaign.is_below_all == (
            segment.best_campaign.high < segment.best_campaign.base_value
        )
    alone = facts_of(sg.run(ROWS, HOUSEHOLDS, segments=1)).segments[0]
    rates = [o.value for g in alone.groups if g.is_rates for o in g.outcomes]
    assert alone.best_campaign.value == max(rates)


def test_certainty_is_told_by_levels_that_suit_the_method(result: sg.Segmentation) -> None:
    by_distance = facts_of(replace(result, method="k-modes"))
    for facts, levels in ((facts_of(result), (0.9, 0.8, 0.7)), (by_distance, (0.75, 0.5, 0.25))):
        assert facts.certainty.levels == facts.segments[0].certainty.levels == levels
        weight = result.patterns.sample_weight
        share = weight[result.certainty >= levels[2]].sum() / weight.sum()
        assert facts.certainty.above[2] == pytest.approx(share)
        assert facts.map.uncertain_below == levels[2]
        assert f"hollow: certainty below {percent_mark(levels[2])}" in pattern_map(facts.map).subtitle


def test_a_simpler_cut_that_explains_more_is_said_on_the_first_screen(result: sg.Segmentation) -> None:
    def steps(better: str) -> str:
        table = result.insights.comparison.assign(explained=0.1)
        table.loc[table["cut"] == better, "explained"] = 0.25
        insights = replace(result.insights, comparison=table)
        return " ".join(facts_of(replace(result, insights=insights)).next_steps)

    assert "simpler cut" not in steps("segments")
    assert "simpler cut" not in steps("all patterns")
    one = result.insights.comparison.set_index("cut").loc["one feature", "detail"].iloc[-1]
    assert f"A simpler cut explains more: {one} alone, in 4 groups, accounts for 25.0\xa0%" in steps(
        "one feature"
    )
    assert "the segments for 10.0\xa0%" in steps("tree")


def test_a_continuum_that_is_beaten_by_the_draw_alone_is_answered_in_part(result: sg.Segmentation) -> None:
    def answer(statistic: float, lead: float) -> str:
        test = replace(result.evidence.independence, statistic=statistic, null_low=-90.0, null_high=-60.0)
        evidence = replace(result.evidence, continuum=test, continuum_kind="traits-1", lead=lead)
        return facts_of(replace(result, evidence=evidence)).evidence[1].answer

    assert answer(-70.0, -0.1) == "no"
    assert answer(-40.0, -0.1) == "in part"


def test_a_rule_that_takes_everybody_is_not_told(result: sg.Segmentation) -> None:
    assert all(s.rule is not None for s in facts_of(result).segments)
    rules = result.insights.rules.assign(rule="all customers", n_conditions=0)
    told = facts_of(replace(result, insights=replace(result.insights, rules=rules)))
    assert [s.rule for s in told.segments] == [None] * len(result.segments)


def test_one_segment_by_wish_is_not_called_a_lack_of_segments(
    result: sg.Segmentation, tmp_path: Path
) -> None:
    asked = sg.run(ROWS, HOUSEHOLDS, 1)
    facts, html = facts_of(asked), asked.report(tmp_path / "r.html").read_text()
    assert facts.headline == f"{result.n_customers:,} customers, taken as one segment"
    assert (facts.is_judged, facts.verdict_text) == (False, "Not divided")
    assert f"Run it again for {result.choice.k} segments" in facts.next_steps[0]
    assert "100.0\xa0% of all" not in html
    assert not re.search(r'class="scale"|<u style', html.split('aria-labelledby="targeting"')[0])


def test_the_mix_of_all_customers_counts_the_withheld_too() -> None:
    """It is that of the table of outcomes, not a sum of the rows that are shown."""
    shown = sg.run(ROWS, "households", segments=5, method="k-modes", min_cell=20)
    assert shown.outcomes["is_withheld"].any(), "the case is of no use without a withheld row"
    expected = shown.outcomes.set_index(["segment", "outcome"])["base_mix"]
    for segment in facts_of(shown).segments:
        for group in segment.groups:
            for fact in group.outcomes:
                assert fact.base_mix == pytest.approx(expected[segment.id, fact.name], nan_ok=True)
