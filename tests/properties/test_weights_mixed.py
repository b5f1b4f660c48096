"""KPrototypes on drawn tables: a weight is that many rows, in whatever order they come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.cluster import KPrototypes

# drawn rows may differ in missing levels alone, and then leave clusters empty
pytestmark = pytest.mark.filterwarnings("ignore:KPrototypes. . of . clusters have rows")

_ROWS = st.lists(
    st.tuples(
        st.floats(-50, 50, width=32),
        st.integers(-3, 3),
        st.sampled_from(["a", "b", "c", None]),
        st.booleans(),
        st.integers(0, 4),
    ),
    min_size=6,
    max_size=25,
)


def _table(rows: list[tuple]) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.DataFrame(rows, columns=["amount", "visits", "city", "member", "weight"])
    return frame.drop(columns="weight"), frame["weight"].to_numpy() + (np.arange(len(rows)) < 3)


def _model(n_clusters: int, seed: int) -> KPrototypes:
    return KPrototypes(n_clusters, categorical=["city", "member"], gamma=1.5, n_init=2, random_state=seed)


@given(rows=_ROWS, seed=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_weights_equal_replicated_rows(rows: list[tuple], seed: int) -> None:
    X, weights = _table(rows)
    n_clusters = min(3, len(X[weights > 0].drop_duplicates()))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        weighted = _model(n_clusters, seed).fit(X, sample_weight=weights)
        replicated = _model(n_clusters, seed).fit(X.loc[X.index.repeat(weights)])
    assert weighted.cost_ == replicated.cost_
    assert weighted.gamma_ == replicated.gamma_
    assert weighted.cluster_centers_.tolist() == replicated.cluster_centers_.tolist()
    assert weighted.cluster_modes_.tolist() == replicated.cluster_modes_.tolist()
    assert weighted.labels_.repeat(weights).tolist() == replicated.labels_.tolist()


@given(rows=_ROWS, seed=st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_prediction_is_the_label_and_one_row_is_as_good_as_all(rows: list[tuple], seed: int) -> None:
    X, weights = _table(rows)
    n_clusters = min(3, len(X[weights > 0].drop_duplicates()))
    model = _model(n_clusters, seed).set_params(handle_unknown="missing").fit(X, sample_weight=weights)
    assert model.predict(X).tolist() == model.labels_.tolist()
    every = model.transform(X)
    assert all(model.transform(X[i : i + 1])[0].tolist() == every[i].tolist() for i in range(len(X)))
