"""Texts: every number in them is one of the tables', and they say what the tables say."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.profiling import Insights, wording
from segmentry.runs.profile import profile
from segmentry.text import numbers as formats

pytestmark = pytest.mark.usefixtures("few_null_tables")

NUMBER = re.compile(r"−?\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def households():
    return sg.run(sample_households(3_000, seed=6), HOUSEHOLDS, segments=4)


@pytest.fixture(scope="module")
def original(customers, original_labels):
    return profile(customers, "customer-personality-original", "Cluster", join=original_labels)


def labels_of(result) -> list[str]:
    """What may hold digits without being a figure: labels of features, levels and outcomes, names of segments."""
    features = [text for f in result.patterns.features for text in (f.label, *f.levels)]
    outcomes = [o.label for o in result.patterns.outcomes]
    return sorted((*features, *outcomes, *(s.name for s in result.segments)), key=len, reverse=True)


def written(values) -> set[str]:
    """Every way in which the texts write a value."""
    found = set()
    for value in values:
        for form in (formats.share, formats.percent, formats.number, formats.count, formats.ratio):
            found |= set(NUMBER.findall(form(float(value))))
    return found


def numbers(text: str, result) -> set[str]:
    for label in labels_of(result):
        text = text.replace(label, " ")
    return set(NUMBER.findall(text.replace("95\N{NO-BREAK SPACE}% confidence", "")))


def values(table: pd.DataFrame) -> list[float]:
    plain = table.select_dtypes("number").to_numpy(np.float64).ravel()
    return plain[np.isfinite(plain)].tolist()


@pytest.mark.parametrize("which", ["households", "original"])
def test_every_number_of_a_segments_text_is_in_its_rows(which, request):
    result = request.getfixturevalue(which)
    for segment, text in zip(result.segments, result.insights.texts, strict=True):
        assert text.segment == segment.id
        assert 2 <= len(text.sentences) <= 5
        tables = (result.features, result.outcomes, result.targeting, result.insights.ranking)
        known = [v for t in tables for v in values(t[t["segment"] == segment.id])]
        allowed = written([*known, segment.size, segment.share])
        for sentence in (*text.sentences, text.action):
            assert numbers(sentence, result) <= allowed, sentence


@pytest.mark.parametrize("which", ["households", "original"])
def test_every_number_of_the_further_texts_is_in_the_tables(which, request):
    result = request.getfixturevalue(which)
    found = result.insights
    pairs = [
        ([found.comparison_text], [found.comparison]),
        ([found.questions_text], [found.questions]),
        (found.targeting_texts, [result.targeting, found.gains]),
        ([*found.redundancy_texts, *found.sensitive_texts], [found.associations]),
    ]
    for texts, tables in pairs:
        allowed = written([v for t in tables for v in values(t)]) | {str(len(result.patterns.features))}
        for text in texts:
            assert numbers(text, result) <= allowed, text


def test_cluster_2_is_tried_because_its_interval_reaches_below_the_break_even(original):
    by_label = {s.label or s.name: s.id for s in original.segments}
    actions = {t.segment: t.action for t in original.insights.texts}
    assert actions[by_label["Cluster 2"]] == (
        "Try Last campaign on a part of them first: 30.6\xa0% of them accepted, allowing for luck 29.6\xa0%, above the break-even of 27.3\xa0%, "
        "but the interval reaches down to 24.8\xa0%."
    )
    for cluster in (0, 1):
        assert actions[by_label[f"Cluster {cluster}"]].startswith("Leave them out of Last campaign: ")
    assert "unless a trial says otherwise" in actions[by_label["Cluster 3"]]
    (text,) = original.insights.targeting_texts
    assert text.startswith("Last campaign: contact nobody yet.")
    assert "no set of segments pays beyond chance; “Cluster 2” may" in text
    assert "The interval includes a loss" not in text
    assert "Checked on held-out customers" in text
    gains = original.insights.gains.query("outcome == 'Response'")
    assert not gains["is_best"].any()
    assert gains["held_out_set_profit"].round(6).unique().tolist() == [25.0]  # half of them see 68 in 327 pay


def test_no_text_reads_a_share_of_acceptances_as_a_rate(original, tmp_path):
    """75 % is campaign 3's share of cluster 0's acceptances; 8.5 % of it accepted."""
    segment = next(s.id for s in original.segments if (s.label or s.name) == "Cluster 0")
    text = " ".join(original.insights.texts[segment - 1].sentences)
    assert "75" not in text
    assert "yes for 0.1\xa0% of them" in text
    page = original.report(tmp_path / "report.html").read_text("utf-8")
    places = [page[: found.start()] for found in re.finditer(r"75(\.0)?\xa0%", page)]
    assert all(before.endswith('class="tick">') for before in places)  # axes, and nothing else


def test_the_comparison_says_that_income_alone_explains_more(original):
    assert "Income alone, in as many groups, 25.3\xa0%" in original.insights.comparison_text
    assert original.insights.comparison_text.endswith(wording.LOSES + ".")


def test_protected_columns_are_measured_and_noted(original):
    texts = original.insights.sensitive_texts
    assert len(texts) == 3
    assert texts[0].startswith("The segments partly stand in for Year_Birth")
    assert texts[-1] == wording.SENSITIVE_NOTE


def test_insights_survive_plain_values(households):
    plain = json.loads(json.dumps(households.insights.to_dict(lambda table: table.to_dict("list"))))
    loaded = Insights.from_dict(plain, pd.DataFrame)
    assert loaded.texts == households.insights.texts
    assert loaded.sensitive_texts == households.insights.sensitive_texts
    for name, table in households.insights.tables().items():
        pd.testing.assert_frame_equal(loaded.tables()[name], table, check_dtype=False)


def test_one_segment_is_told_without_contrasts():
    result = sg.run(sample_households(400, seed=2), HOUSEHOLDS, segments=1)
    (text,) = result.insights.texts
    assert text.sentences == ("400 customers, who are not divided.",)
    assert result.insights.comparison_text == ""


def test_one_segment_is_no_first_choice():
    recipe = {
        "features": {
            "Kidhome": {"column": "Kidhome", "edges": [1]},
            "Teenhome": {"column": "Teenhome", "edges": [1]},
        },
        "outcomes": {"response": {"role": "flags", "columns": {"Response": "Response"}}},
    }
    (text,) = sg.run(sample_households(200), sg.Recipe.from_dict(recipe), segments=1).insights.texts
    assert text.action == wording.NO_OTHER
