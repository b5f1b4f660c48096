"""Whom to contact is one answer: on the first screen, on the cards, in Targeting and in its chart; and it says where it comes from."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.report import compose, wording
from segmentry.report.facts import facts_of
from segmentry.report.page import report_page

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
headline = "bought"
[features.town]
column = "town"
[features.age]
column = "age"
[outcomes.letter]
role = "flags"
columns = ["bought"]
cost_per_contact = {cost}
revenue_per_acceptance = 20
[model]
segments = {k}
"""


def segmented(rates: tuple[float, ...], cost: float, n: int) -> sg.Segmentation:
    """Customers of towns that differ in all that forms segments, with these rates."""
    random = np.random.default_rng(5)
    town = np.repeat(np.arange(len(rates)), n)
    data = pd.DataFrame({
        "town": [f"t{i}" for i in town], "age": [f"a{i}" for i in town],
        "bought": random.random(len(town)) < np.array(rates)[town],
    })  # fmt: skip
    return sg.run(data, sg.Recipe.from_toml(RECIPE.format(cost=cost, k=len(rates))))


@pytest.mark.parametrize(
    ("rates", "cost"), [*product([(0.02, 0.3), (0.1, 0.11, 0.12)], [0.6, 2.2, 12]), ((0.05, 0.2, 0.24), 4)]
)
def test_the_first_screen_targeting_and_its_chart_give_one_answer(
    rates: tuple[float, ...], cost: float
) -> None:
    result = segmented(rates, cost, 150)
    facts = facts_of(result)
    decided = dict(zip(result.targeting["segment"], result.targeting["decision"], strict=True))
    step = next(s for s in facts.next_steps if "pays where more than" in s)
    (said,) = facts.targeting
    contact = [s for s, decision in decided.items() if decision == "contact"]
    tried = [s.id for s in facts.segments if "on a part" in s.text.action]
    assert ("contact nobody" in step) == ("contact nobody" in said) == (not contact), (step, said)
    assert ("contact nobody yet" in step) == ("contact nobody yet" in said) == (not contact and bool(tried))
    assert "pays beyond chance" not in said or not result.insights.gains["is_best"].any()
    for part in (step, said):
        assert ("on a part" in part) == bool(tried), (step, said)
    for segment in facts.segments:
        named = re.search(rf"contact segments? [\d, and]*\b{segment.id}\b", step) is not None
        assert named == (segment.id in contact) == segment.text.action.startswith("Contact them")
        assert ("on a part" in segment.text.action) == (segment.id in tried)
    (chart,) = (f for f in compose(result).figures.values() if f.name.startswith("gain"))
    assert chart.title.startswith("No set pays beyond chance") == (not contact)


def test_both_rates_stand_with_their_names_and_the_break_even_with_its_keys(tmp_path: Path) -> None:
    result = segmented((0.02, 0.3), 3.5, 150)
    report = compose(result)
    page = report_page(report.facts, report.figures).split('aria-labelledby="targeting"')[1]
    origin = "A contact costs 3.50 and an acceptance brings 20, so it pays where more than 3.50 / 20 = 17.5\xa0% accept"
    assert origin in page
    assert "cost_per_contact and revenue_per_acceptance of [outcomes.letter]" in page
    markdown = result.report(tmp_path / "report.md").read_text(encoding="utf-8")
    assert markdown.count(origin) == 1
    for row in result.targeting.itertuples():
        for value in (row.rate, row.shrunken_rate, row.profit, row.expected_profit):
            assert f'data-v="{value!r}"'.replace("np.float64(", "").replace(")", "") in page
    assert "<small>observed</small>" in page
    assert "<small>allowing for luck</small>" in page


def test_what_is_withheld_is_neither_contacted_nor_left_out() -> None:
    result = segmented((0.02, 0.3), 3.5, 150)
    targeting = result.targeting.assign(decision="withheld")
    steps = facts_of(sg.Segmentation(**{**vars(result), "targeting": targeting})).next_steps
    step = next(s for s in steps if "pays where more than" in s)
    assert wording.NEXT_NOBODY not in step
    assert "leave out" not in step
