"""Confusable pairs: by hand, by method, and on the customer personality file forced to four segments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import segmentry as sg
from segmentry.selection import PatternSegments, SegmentPair, fit_model
from segmentry.selection.confusable_pairs import segment_pairs
from structures import classes

CODES = np.array([[0, 0], [0, 1], [1, 1], [2, 1]], np.int32)
WEIGHTS = np.array([40.0, 10.0, 30.0, 20.0])
LABELS = np.array([0, 0, 1, 2])


def test_a_pair_by_hand() -> None:
    second, is_close = np.array([1, 1, 0, 1]), np.array([False, True, False, True])
    exchanged = np.array([[45.0, 5.0, 0.0], [2.0, 28.0, 0.0], [0.0, 0.0, 20.0]])
    pairs = segment_pairs(
        CODES, WEIGHTS, PatternSegments(3, LABELS, second, is_close), exchanged, ["where", "what"]
    )
    found = {(p.first, p.second): p for p in pairs}
    assert [(p.first, p.second) for p in pairs] == [(2, 3), (1, 2), (1, 3)]
    assert (found[1, 2].n_between, found[1, 2].exchanged) == (10.0, 7.0)
    assert (found[1, 2].share_between, found[1, 2].share_exchanged) == (10 / 30, 7 / 30)
    assert (found[2, 3].n_between, found[2, 3].share_between) == (20.0, 1.0)
    assert found[2, 3].separated_by == ("where",)
    assert found[2, 3].alike_in == ("what",)
    assert found[1, 2].separated_by == ("where", "what")  # 0 of 50 and 30 of 30; 10 of 50 and 30 of 30
    assert found[1, 3].n_between == 0
    assert found[1, 2].is_confusable
    assert not found[1, 3].is_confusable
    sentence = found[2, 3].sentence({"where": "Where they live"})
    assert sentence == (
        "Segments 2 and 3 are hard to tell apart: 20 customers are nearly as close to the other; "
        "what separates them: Where they live; alike in: what."
    )


@pytest.mark.parametrize(
    ("between", "exchanged", "said"),
    [
        (0.0, 0.0, ""),
        (0.4, 2.0, "2 customers change sides when customers are redrawn"),
        (1.0, 0.0, "1 customer is nearly as close to the other"),
        (
            20.0,
            1.0,
            "20 customers are nearly as close to the other, and 1 changes sides when customers are redrawn",
        ),
    ],
)
def test_what_counts_nobody_is_not_said(between: float, exchanged: float, said: str) -> None:
    pair = SegmentPair(1, 2, between, exchanged, 0.9, 0.9, (), ())
    assert pair.overlap == said
    assert pair.sentence().startswith(
        f"Segments 1 and 2 are hard to tell apart{': ' + said if said else ''}; "
    )


def test_a_segment_without_customers_is_in_no_pair() -> None:
    second, is_close = np.zeros(4, np.intp), np.zeros(4, bool)
    pairs = segment_pairs(
        CODES,
        WEIGHTS,
        PatternSegments(3, np.array([0, 0, 2, 2]), second, is_close),
        np.zeros((3, 3)),
        ["a", "b"],
    )
    assert [(p.first, p.second) for p in pairs] == [(1, 3)]


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_who_lies_between_follows_the_method(method: str) -> None:
    table = classes(np.random.default_rng(1), 800, [3, 4, 3, 4], 3)
    model = fit_model(table, method, 3)  # type: ignore[arg-type]
    found = PatternSegments.of(model, 3, table.codes)
    np.testing.assert_array_equal(found.labels, model.labels_)
    assert (found.second != found.labels).all()
    rows = np.arange(len(found.labels))
    if method == "latent-class":
        joint = model.predict_proba(table.codes)
        first, second = joint[rows, found.labels], joint[rows, found.second]
        np.testing.assert_array_equal(found.is_close, first < 3 * second)
        assert (np.sort(joint, axis=1)[:, -2] == second).all()
    else:
        away = model.transform(table.codes)
        np.testing.assert_array_equal(
            found.is_close, away[rows, found.labels] > 0.75 * away[rows, found.second]
        )


def test_the_file_forced_to_four_segments_names_the_confusable_two(customers: Path) -> None:
    result = sg.run(customers, "customer-personality", segments=4)
    pair = result.confusable
    assert pair is not None
    jaccard = result.evidence.stability.jaccard  # type: ignore[union-attr]
    assert int(np.argmin(jaccard)) + 1 in (pair.first, pair.second)  # the least stable segment is one of them
    assert "BIC would choose 3" in result.choice.reason
    assert set(result.selection["k"]) == set(range(1, 11))
