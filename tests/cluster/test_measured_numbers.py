"""Measured numbers that are taken for levels, of which no two are alike, are never taken in silence."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import KBinsDiscretizer

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans
from segmentry.errors import SegmentryWarning

N = 200
MADE = np.random.default_rng(3)
TABLE = pd.DataFrame(
    {
        "plan": MADE.choice(["A", "B", "C"], N),
        "age": MADE.normal(40, 10, N),
        "visits": MADE.integers(0, 60, N),
        "share": MADE.integers(0, 9, N) / 4,
    }
)


@pytest.mark.parametrize("model", [KModes(2, random_state=0), LatentClass(2, n_init=2, random_state=0)])
def test_a_feature_of_measured_numbers_is_named_with_what_to_do(model: Any) -> None:
    with pytest.warns(
        SegmentryWarning, match=r"level .*'age' \(200 different numbers\); cut.*KBinsDiscretizer"
    ) as said:
        model.fit(TABLE)
    assert not any("visits" in str(one.message) or "'share'" in str(one.message) for one in said)


def test_numbers_in_intervals_and_by_their_order_are_taken_in_silence() -> None:
    cut = KBinsDiscretizer(8, encode="ordinal", strategy="quantile", quantile_method="averaged_inverted_cdf")
    ages = cut.fit_transform(TABLE[["age"]])[:, 0]
    levels = TABLE.assign(age=ages)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SegmentryWarning)
        LatentClass(2, n_init=2, distributions=["levels", "ordered", "levels", "levels"]).fit(levels)
        KModes(2).fit(levels)
        OrdinalKMeans(2).fit(TABLE[["age"]])
