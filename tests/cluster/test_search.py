"""Where starts compete for the classes of many patterns: on all of them where these are few on coarse levels, else on a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.input import collapsed_rows
from segmentry.cluster.latent_class import em, search


def fitted_on(monkeypatch: pytest.MonkeyPatch, X: np.ndarray, asked: str) -> tuple[LatentClass, list[int]]:
    """The classes, and the rows of the designs on which starts competed."""
    rows, find = [], search.find_mixture

    def spy(design: em.DesignMatrix, *rest: Any) -> Any:
        rows.append(len(design))
        return find(design, *rest)

    monkeypatch.setattr(search, "find_mixture", spy)
    return LatentClass(2, distributions=asked, n_init=4, random_state=0).fit(X), rows


def numbers(n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 2, n_rows)
    values = 2 * classes[:, None] + rng.normal(size=(n_rows, n_columns))
    return np.clip(10 * values + 30, 0, 63).astype(int), classes


@pytest.mark.parametrize(
    ("asked", "n_columns", "on_all"), [("ordered", 2, True), ("ordered", 6, False), ("levels", 2, False)]
)
def test_starts_compete_on_all_patterns_where_these_are_few_on_coarse_levels(
    monkeypatch: pytest.MonkeyPatch, asked: str, n_columns: int, on_all: bool
) -> None:
    monkeypatch.setattr(collapsed_rows, "MAX_SCREENED", 500)
    monkeypatch.setattr(collapsed_rows, "SAMPLE_STEPS", 400)
    monkeypatch.setattr(search, "MAX_SCREENED", 500)
    X, classes = numbers(3_000, n_columns)
    model, rows = fitted_on(monkeypatch, X, asked)
    n_patterns = len(np.unique(X, axis=0))
    assert n_patterns > 500
    assert rows[0] == n_patterns if on_all else rows[0] <= 400
    found = model.labels_ == classes
    assert max(found.mean(), 1 - found.mean()) > (0.85 if asked == "ordered" else 0.6)


def test_rows_are_sorted_by_their_codes() -> None:
    rng = np.random.default_rng(4)
    for n_levels in ([3], [2, 60, 1], [250] * 9):
        codes = np.column_stack([rng.integers(-1, n, 300) for n in n_levels]).astype(np.int32)
        first, place = collapsed_rows.sorted_rows(codes)
        distinct, expected = np.unique(codes, axis=0, return_inverse=True)
        np.testing.assert_array_equal(codes[first], distinct)
        np.testing.assert_array_equal(place, expected.reshape(-1))
