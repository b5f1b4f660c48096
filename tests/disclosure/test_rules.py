"""Disclosure fails closed: what no rule knows is refused, or left out, and never shown."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, make_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS, few_segments
from segmentry.auditing.findings import Finding
from segmentry.cluster import MODELS
from segmentry.datasets import sample_households
from segmentry.disclosure import MODEL_FILE, Policy, disclosed
from segmentry.disclosure import known as allowed
from segmentry.disclosure.rules import OPAQUE, RULES
from segmentry.errors import DataError, DisclosureError
from segmentry.patterns.folds import FoldSums
from segmentry.profiling import Insights
from segmentry.selection import SegmentPair, Verdict, scan

pytestmark = pytest.mark.usefixtures("few_null_tables")

EVERY_FILE = Policy.for_files(10)
POLICIES = pytest.mark.parametrize("policy", [MODEL_FILE, EVERY_FILE], ids=lambda p: p.scope)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    """A segmentation in which every field has something to show, or to hide."""
    rows, recipe = sample_households(rows=1_500, dirt=True), few_segments(HOUSEHOLDS, 3)
    previous = sg.run(sample_households(rows=1_500, seed=1, dirt=True), recipe, segments=3)
    return sg.run(rows, recipe, segments=3, previous=previous, audit=True)


def values_in(value: Any) -> list[Any]:
    """Every value in a segmentation, at any depth."""
    if is_dataclass(value):
        parts = [getattr(value, f.name) for f in fields(value)]
    elif isinstance(value, (tuple, list, dict)):
        parts = list(value.values()) if isinstance(value, dict) else list(value)
    else:
        return [value]
    return [value, *(deep for part in parts for deep in values_in(part))]


def test_every_field_of_a_segmentation_has_a_rule():
    assert set(RULES) == {f.name for f in fields(sg.Segmentation)}
    assert set(RULES) > OPAQUE


@pytest.mark.parametrize("kind", allowed.KNOWN_FIELDS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_value_that_is_shown_is_known(kind: type):
    """A field that is added here fails: say in `KNOWN_FIELDS` that it may be shown, or have a rule reduce it."""
    names = {"reason", "close_to"} if kind is Verdict else {f.name for f in fields(kind)}
    assert names == allowed.KNOWN_FIELDS[kind]


def test_values_of_other_classes_are_in_no_disclosed_segmentation(result):
    """The classes without a line in `KNOWN_FIELDS` are of fields that are withheld whole; models have rules of their own."""
    with_rules = {sg.Segmentation, *MODELS.values()}
    found = {type(value) for value in values_in(result) if is_dataclass(value)} - with_rules
    hidden = {kind for kind in found if kind not in allowed.KNOWN_FIELDS}
    assert hidden == {Insights, FoldSums, Finding} | {type(t) for t in result.insights.texts}
    for policy in (MODEL_FILE, EVERY_FILE):
        left = {type(value) for value in values_in(disclosed(result, policy))}
        assert not left & hidden


def widened(value: Any) -> Any:
    """The value with one field more."""
    kind = make_dataclass("Wider", [("n_few", int, 3)], bases=(type(value),), frozen=True, repr=False)
    return kind(**{f.name: getattr(value, f.name) for f in fields(value)})


@POLICIES
def test_a_field_without_a_rule_is_refused(result, policy):
    with pytest.raises(DisclosureError, match=r"^Segmentation\.n_few: no rule says what may be shown of it"):
        disclosed(widened(result), policy)


def parts_with_more(result: sg.Segmentation) -> dict[str, Any]:
    """Values for fields of a segmentation, each with one part that no rule knows."""
    evidence, cleaning = result.evidence, result.cleaning
    verdict = Verdict("natural", "Because.")
    verdict.n_few = 3
    step = next(step for step in cleaning.steps if step.n_rows >= 10)
    return {
        "choice": widened(result.choice),
        "verdict": verdict,
        "evidence": replace(evidence, pairs=(*evidence.pairs, widened(evidence.pairs[0]))),
        "cleaning": replace(cleaning, steps=(*cleaning.steps, widened(step))),
        "segments": (widened(result.segments[0]), *result.segments[1:]),
        "queries": (widened(result.queries[0]),),
        "versions": {"few": {3}},
    }


@POLICIES
@pytest.mark.parametrize(
    "place", ["choice", "verdict", "evidence", "cleaning", "segments", "queries", "versions"]
)
def test_a_value_with_an_unknown_part_is_refused(result, policy, place):
    wider = replace(result, **{place: parts_with_more(result)[place]})
    with pytest.raises(DisclosureError, match=rf"^{place}.*: no rule says what may be shown of "):
        disclosed(wider, policy)


def test_a_field_that_no_rule_knows_is_refused(result, monkeypatch):
    monkeypatch.setitem(allowed.KNOWN_FIELDS, SegmentPair, allowed.KNOWN_FIELDS[SegmentPair] - {"n_between"})
    with pytest.raises(
        DisclosureError, match=r"^evidence\.pairs: .* shown of SegmentPair\.n_between; nothing is shown"
    ):
        result.to_dict()


def test_sums_with_an_unknown_part_are_refused_in_a_model_file(result):
    for place in ("patterns", "population"):
        wider = replace(result, **{place: widened(getattr(result, place))})
        with pytest.raises(DisclosureError, match=rf"^{place}: no rule says what may be shown of Wider; "):
            disclosed(wider, MODEL_FILE)
        assert getattr(disclosed(wider, EVERY_FILE), place) is None


def test_a_model_that_learns_more_is_refused(result, monkeypatch):
    model = type(result.core)
    monkeypatch.setattr(model, "saved_attributes", (*model.saved_attributes, "class_counts_"))
    with pytest.raises(DisclosureError, match=r"^core: .*LatentClassModel\.class_counts_"):
        result.to_dict()


def test_what_models_learn_is_known():
    learnt = [set(model.saved_attributes) for model in MODELS.values()]
    assert set.union(*learnt) == allowed.KNOWN_ATTRIBUTES


OF_ORDERED = {"median", "lower_quartile", "upper_quartile", "base_median", "quartiles"}
"""Columns of features that runs with an ordered number alone have; tests of these look at them."""


@POLICIES
@pytest.mark.parametrize("name", ["features", "outcomes", "targeting", "strata", "selection", "migration"])
def test_a_column_that_no_rule_knows_is_left_out(result, policy, name):
    table = getattr(result, name)
    assert len(table)
    wider = replace(result, **{name: table.assign(n_few=3, said="3 customers")})
    left, expected = getattr(disclosed(wider, policy), name), getattr(disclosed(result, policy), name)
    pd.testing.assert_frame_equal(left, expected)


def test_every_column_of_a_run_is_known(result):
    """A column that is added here fails: say in `known` whether it is a figure, or what a row is about."""
    for name in ("features", "outcomes", "targeting", "strata", "migration"):
        columns = getattr(allowed, f"KNOWN_{name.upper()}")
        known = columns.about | columns.figures
        assert set(getattr(result, name).columns) == known - (OF_ORDERED if name == "features" else set())
        assert not columns.about & columns.figures
    assert set(result.selection.columns) <= allowed.KNOWN_SELECTION.about


def test_every_column_of_a_thorough_scan_is_known(result):
    found = {f"{name}_null_{end}" for name in ("bic", "elbow") for end in ("low", "high")}
    for method in ("latent-class", "k-modes", "k-means"):
        table = scan(complete(result.patterns), method, [1, 2], seed=0, indices=2).table
        found |= set(table.columns)
    assert found == allowed.KNOWN_SELECTION.about


def complete(patterns: sg.PatternTable) -> sg.PatternTable:
    """The most frequent patterns without missing values: k-means needs complete ones, and few are fast."""
    whole = np.flatnonzero((np.asarray(patterns.codes) >= 0).all(axis=1))
    return patterns.take(whole[np.argsort(-patterns.counts[whole], kind="stable")[:20]])


@POLICIES
def test_what_counts_customers_in_many_ways_is_withheld_whole(result, policy):
    assert result.insights is not None
    assert result.findings
    assert len(result.splits)
    rows = pd.DataFrame({"count": [3]})
    left = disclosed(replace(result, missing=rows, histograms=rows), policy)
    assert left.insights is None
    assert left.findings == ()
    assert [len(table) for table in (left.missing, left.splits, left.histograms)] == [0, 0, 0]
    assert left.patterns is None or left.patterns.folds is None


def test_a_disclosed_segmentation_is_its_own_model_file(result):
    for policy in (MODEL_FILE, EVERY_FILE):
        left = disclosed(result, policy)
        assert disclosed(left, MODEL_FILE) is left
    assert disclosed(left, EVERY_FILE) is left


def test_figures_that_are_withheld_already_allow_no_stricter_policy(result):
    for policy in (MODEL_FILE, EVERY_FILE):
        with pytest.raises(
            DisclosureError, match=r"^min_cell 20: .* withheld already.*; run the segmentation again"
        ):
            disclosed(disclosed(result, policy), Policy.for_files(20))


def test_policies():
    assert Policy.for_files(None).shows_all
    assert [Policy.for_files(n).floor for n in (2, 4, 5, 6, 30)] == [5, 5, 5, 6, 30]
    assert not MODEL_FILE.is_for_every_file
    for odd in (1, 0, -3, 2.5, True, "9"):
        with pytest.raises(DataError, match="must be a whole number of customers from 2"):
            Policy.for_files(odd)
