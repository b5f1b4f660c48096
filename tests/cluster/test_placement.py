"""Rows placed in fitted classes: what is summed up chunk by chunk is what the posteriors of all rows give."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.input import collapsed_rows
from segmentry.cluster.latent_class import placement
from segmentry.cluster.latent_class.criteria import entropies, log_sums, softmax


@pytest.mark.parametrize("chunk", [7, 64, 10_000])
def test_placement_is_that_of_the_posteriors(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(placement, "_CHUNK", chunk)
    rng = np.random.default_rng(0)
    sums, weights, order = rng.exponential(5, (200, 4)), rng.random(200), np.array([2, 0, 3, 1])
    sums[10:20] = sums[10:20, :1]
    placed = placement.place(sums, order, weights)
    joint = -sums[:, order]
    posteriors = softmax(joint)
    assert placed.labels.tolist() == posteriors.argmax(axis=1).tolist()
    np.testing.assert_array_equal(placed.log_likelihoods, log_sums(joint))
    np.testing.assert_array_equal(placed.entropies, entropies(posteriors))
    of_class = placed.labels[:, None] == np.arange(4)
    np.testing.assert_allclose(placed.taken, (posteriors * weights[:, None]).T @ of_class, rtol=1e-12)


def test_rows_are_in_the_class_that_predict_gives_them() -> None:
    rng = np.random.default_rng(1)
    X = rng.integers(0, 3, (400, 5)) + 2 * rng.integers(0, 2, (400, 1))
    weights = (rng.random(400) < 0.7).astype(float)
    for given in (np.ones(400), weights):
        model = LatentClass(3, n_init=3, random_state=0, handle_unknown="missing").fit(X, sample_weight=given)
        assert model.labels_.tolist() == model.predict(X).tolist()
        assert model.log_likelihood_ == pytest.approx(given @ model.score_samples(X), rel=1e-12)


@pytest.mark.parametrize("head", [1, 10, 299, 300, 10**6])
def test_levels_of_one_weight_are_ordered_by_their_first_row(
    monkeypatch: pytest.MonkeyPatch, head: int
) -> None:
    monkeypatch.setattr(collapsed_rows, "_HEAD", head)
    rng = np.random.default_rng(2)
    codes = rng.permutation(np.repeat(np.arange(-1, 29), 10)).astype(np.int32)[:, None]
    [order] = collapsed_rows.level_orders(codes, np.ones(300), [np.arange(29)])
    assert order.tolist() == list(dict.fromkeys(codes[codes >= 0].tolist()))
