"""The verdict: its rules, and tables whose answer is known."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.patterns import PatternTable
from segmentry.runs.profile import profile
from segmentry.selection import (
    Evidence,
    NullTest,
    PatternSegments,
    Verdict,
    choose_k,
    fit_model,
    gather_evidence,
    judge_evidence,
    scan,
)
from segmentry.selection.stability import Stability
from structures import classes, continuum, independent_columns

BEYOND = NullTest(statistic=100.0, null_low=2.0, null_high=9.0, p_value=1 / 21, n_tables=20)
WITHIN = NullTest(statistic=5.0, null_low=2.0, null_high=9.0, p_value=0.4, n_tables=20)
STEADY = Stability(jaccard=(0.95, 0.8), n_unmatched=(0, 0), moved=0.05, n_refits=50)
SHAKY = replace(STEADY, jaccard=(0.95, 0.5))
MISSED = replace(STEADY, n_unmatched=(1, 3))
FOUND = Evidence(2, BEYOND, BEYOND, "traits-1", 1000.0, 1100.0, 0.2, STEADY, 0.1, 0.4, 2000)


@pytest.mark.parametrize(
    ("evidence", "kind", "words"),
    [
        (
            FOUND,
            "natural",
            "beyond a continuum; when customers are redrawn, the least stable segment overlaps 80\xa0%",
        ),
        (replace(FOUND, independence=WITHIN, continuum=None), "none", r"fit no better .* \(p = 0\.400\)"),
        (
            replace(FOUND, stability=MISSED),
            "natural",
            r"80\xa0% with its match \(in 3 of 50 redraws it has none\)\.$",
        ),
        (replace(FOUND, stability=SHAKY), "constructive", "Beyond a continuum, but refits disagree"),
        (replace(FOUND, null_high=0.9), "constructive", "Beyond a continuum, but refits disagree"),
        (replace(FOUND, continuum=WITHIN), "reproducible", "A continuum without segments describes"),
        (replace(FOUND, continuum_bic=900.0), "reproducible", r"\(by chance up to 40\xa0%\)"),
        (replace(FOUND, lead=0.009), "reproducible", "A continuum without segments describes"),
        (replace(FOUND, continuum=WITHIN, null_high=0.85), "constructive", "and refits disagree"),
        (replace(FOUND, rows_repeat=True), "constructive", "^Rows seem to repeat customers"),
        (None, "none", "One segment holds all customers"),
    ],
)
def test_the_rules(evidence: Evidence | None, kind: str, words: str) -> None:
    verdict = judge_evidence(evidence, best_by_bic=2)
    assert verdict == kind
    assert __import__("re").search(words, verdict.reason)


@pytest.mark.parametrize(
    ("evidence", "kind", "close_to"),
    [
        (
            replace(FOUND, stability=replace(STEADY, jaccard=(0.95, 0.77), error=0.02)),
            "natural",
            "constructive",
        ),
        (
            replace(FOUND, stability=replace(STEADY, jaccard=(0.95, 0.73), error=0.02)),
            "constructive",
            "natural",
        ),
        (replace(FOUND, stability=replace(STEADY, jaccard=(0.95, 0.70), error=0.02)), "constructive", None),
        (replace(FOUND, continuum=WITHIN, null_high=0.78, null_error=0.03), "reproducible", "constructive"),
        (replace(FOUND, continuum=WITHIN, null_high=0.82, null_error=0.03), "constructive", "reproducible"),
        (replace(FOUND, continuum=WITHIN, null_high=0.70, null_error=0.03), "reproducible", None),
        (replace(FOUND, independence=WITHIN, null_high=0.8, null_error=0.03), "none", None),
    ],
)
def test_a_verdict_names_the_one_that_other_draws_might_give(
    evidence: Evidence, kind: str, close_to: str | None
) -> None:
    verdict = judge_evidence(evidence, best_by_bic=2)
    assert (verdict, verdict.close_to) == (kind, close_to)
    assert ("might be called" in verdict.reason) == (close_to is not None)
    again = copy(verdict)
    assert (again, again.reason, again.close_to) == (verdict, verdict.reason, verdict.close_to)


def test_where_bic_wants_one_segment_there_are_none() -> None:
    verdict = judge_evidence(FOUND, best_by_bic=1)
    assert (verdict, verdict.reason) == ("none", judge_evidence(None, 1).reason)


def verdict_on(table: PatternTable, method: str = "latent-class") -> tuple[int, Verdict]:
    found = scan(table, method, range(1, 8))  # type: ignore[arg-type]
    choice = choose_k(found.table, method)  # type: ignore[arg-type]
    if choice.k == 1:
        return 1, judge_evidence(None, choice.best_by_bic)
    segments = PatternSegments.of(found.models[choice.k], choice.k, table.codes)
    evidence = gather_evidence(table, segments, method).evidence
    return choice.k, judge_evidence(evidence, choice.best_by_bic)


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_independent_features_have_no_segments(method: str) -> None:
    rng = np.random.default_rng(0)
    for n in (500, 2_000):
        assert verdict_on(independent_columns(rng, n, [5, 4, 4, 4, 2]), method) == (1, "none")


@pytest.mark.parametrize("k", [2, 3, 4])
def test_planted_classes_are_natural(k: int) -> None:
    table = classes(np.random.default_rng(k), 2_000, [3, 4, 3, 5, 3, 4], k)
    assert verdict_on(table) == (k, "natural")


@pytest.mark.parametrize("method", ["k-modes", "k-means"])
def test_planted_classes_are_natural_by_other_methods(method: str) -> None:
    table = classes(np.random.default_rng(2), 2_000, [3, 4, 3, 5, 3, 4], 2, purity=0.85)
    k, verdict = verdict_on(table, method)
    assert (k, verdict) == (2, "natural"), verdict.reason


@pytest.mark.parametrize("slope", [1.0, 2.0])
def test_a_continuum_is_not_called_natural(slope: float) -> None:
    k, verdict = verdict_on(continuum(np.random.default_rng(3), 2_000, [4, 3, 5, 4, 3, 4], slope))
    assert k > 1  # BIC alone finds classes
    assert verdict in ("reproducible", "constructive"), verdict.reason


def test_evidence_on_independent_features_is_no_evidence() -> None:
    table = independent_columns(np.random.default_rng(1), 2_000, [5, 4, 4, 4, 2])
    segments = PatternSegments.of(fit_model(table, "latent-class", 3), 3, table.codes)
    evidence = gather_evidence(table, segments, "latent-class").evidence
    assert not evidence.independence.is_beyond
    assert evidence.continuum is None
    assert 0 <= evidence.stability.lowest <= evidence.null_high
    assert -1 <= evidence.lead <= 0, "where nothing is gained, no quotient is told"
    assert judge_evidence(evidence, best_by_bic=3) == "none"


def test_evidence_is_the_same_for_a_seed_and_differs_between_seeds() -> None:
    table = classes(np.random.default_rng(5), 1_000, [3, 4, 3, 3], 2)
    segments = PatternSegments.of(fit_model(table, "latent-class", 2), 2, table.codes)
    first, again, other = (
        gather_evidence(table, segments, "latent-class", seed=s).evidence for s in (1, 1, 2)
    )
    assert first == again
    assert first.stability != other.stability


def test_many_patterns_get_fewer_refits_of_a_sample() -> None:
    table = classes(np.random.default_rng(6), 12_000, [5] * 8, 2, purity=0.6)
    assert table.n_patterns > 5_000
    segments = PatternSegments.of(fit_model(table, "latent-class", 2, n_init=1), 2, table.codes)
    evidence = gather_evidence(table, segments, "latent-class").evidence
    assert (evidence.n_customers, evidence.stability.n_refits) == (5_000, 20)
    assert judge_evidence(evidence, best_by_bic=2) == "natural"


def test_one_segment_needs_no_evidence() -> None:
    table = independent_columns(np.random.default_rng(1), 100, [2, 2])
    with pytest.raises(ValueError, match="two or more segments, not 1"):
        gather_evidence(
            table,
            PatternSegments.of(fit_model(table, "latent-class", 1), 1, table.codes),
            "latent-class",
        )


def _without_few(evidence: Evidence) -> Evidence:
    assert evidence.choices is not None
    return replace(evidence, pairs=(), choices=replace(evidence.choices, contacts=()))


def test_a_verdict_travels_with_the_segmentation(tmp_path: object) -> None:
    result = sg.run(sample_households(2_000, seed=1), HOUSEHOLDS)
    assert result.verdict in ("natural", "reproducible", "constructive", "none")
    assert result.evidence is not None
    loaded = sg.load(result.save(tmp_path / "s.json"))  # type: ignore[operator]
    assert loaded.verdict == result.verdict
    assert loaded.verdict is not None
    assert loaded.evidence is not None
    # the file holds pairs of segments, and whom other analyses contact, without counts of one to four customers
    assert _without_few(loaded.evidence) == _without_few(result.evidence)
    told, saved = (one.choices.contacts[0] for one in (result.evidence, loaded.evidence) if one.choices)
    assert [row.n_named for row in saved.by_analysis] == [row.n_named for row in told.by_analysis]
    for row, mine in zip(saved.by_analysis, told.by_analysis, strict=True):
        assert row.kept == pytest.approx(mine.kept, abs=5 / (told.share * 2_000))
        assert row.added == pytest.approx(mine.added, abs=5 / (told.share * 2_000))
    whole = [p for p in result.evidence.pairs if min(p.n_between, p.exchanged) >= 5]
    assert whole
    assert all(p in loaded.evidence.pairs for p in whole)
    assert loaded.verdict.reason == result.verdict.reason
    content = json.loads((tmp_path / "s.json").read_text())  # type: ignore[operator]
    assert content["verdict"]["kind"] == str(result.verdict)


def test_given_segments_and_a_single_one_are_not_judged_by_evidence() -> None:
    rows = sample_households(500, seed=1)
    assert profile(rows.assign(mine=rows["Education"]), "households", "mine").verdict is None
    single = sg.run(rows, HOUSEHOLDS, segments=1)
    assert (single.verdict, single.evidence) == ("none", None)
