"""Where the mean is far from most customers, the median, or the share with any, stands beside it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.report.facts import facts_of

pytestmark = pytest.mark.usefixtures("few_null_tables")

N = 2_000
RECIPE = """
headline = "rare"
[source]
id = "id"
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
[outcomes.goods]
role = "amounts"
columns = ["even", "skewed", "rare"]
[model]
segments = 2
"""


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame({
        "id": range(N), "age": random.integers(18, 80, N), "town": random.choice(["x", "y"], N),
        "even": random.gamma(9, 10, N), "skewed": random.lognormal(3, 1.5, N),
        "rare": np.where(random.random(N) < 0.2, random.gamma(9, 10, N), 0.0),
    })  # fmt: skip


@pytest.fixture(scope="module")
def result(rows: pd.DataFrame) -> sg.Segmentation:
    return sg.run(rows, sg.Recipe.from_toml(RECIPE))


def test_medians_and_shares_are_those_of_pandas(result: sg.Segmentation, rows: pd.DataFrame) -> None:
    for segment in facts_of(result).segments:
        mine = rows[np.asarray(result.assign(rows)["segment"]) == segment.id]
        found = {o.name: o for o in segment.groups[0].outcomes}
        assert [found[name].is_skewed for name in ("even", "skewed", "rare")] == [False, True, True]
        assert [found[name].is_rare for name in ("even", "skewed", "rare")] == [False, False, True]
        assert found["rare"].any_share == pytest.approx((mine["rare"] > 0).mean())
        quartiles = found["skewed"].quartiles
        assert quartiles is not None
        assert quartiles.median == pytest.approx(mine["skewed"].median(), rel=0.01)


def test_the_page_shows_them_beside_the_mean_everywhere(result: sg.Segmentation, tmp_path: Path) -> None:
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    n_segments = len(facts_of(result).segments)
    assert (
        len(re.findall(r"<small>[\d.]+\s% have any</small>", page)) == 2 * n_segments
    )  # in cards, and compared
    assert len(re.findall(r"<small>median [\d.]+</small>", page)) == 2 * n_segments
    assert len(re.findall(r"; [\d.]+\s% have any", page)) >= 2 * n_segments  # the headline, in table and tile
