"""The model file holds no count of few customers, and nothing that they can be reckoned from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.disclosure.suppression import withheld_parts

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = few_segments(sg.Recipe.load("customer-personality"), most=5)
ORIGINAL = few_segments(sg.Recipe.load("customer-personality-original"), most=5)


@pytest.fixture(scope="module")
def result(customers: Path) -> sg.Segmentation:
    return sg.run(customers, RECIPE)


@pytest.fixture(
    scope="module", params=[False, True], ids=["customer-personality", "customer-personality-original"]
)
def content(
    request: pytest.FixtureRequest,
    customers: Path,
    result: sg.Segmentation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    found = sg.run(customers, ORIGINAL) if request.param else result
    return json.loads(found.save(tmp_path_factory.mktemp("saved") / "segmentation.json").read_text())


def test_how_many_meet_two_conditions_of_a_name_is_not_saved(result: sg.Segmentation) -> None:
    saved = result.to_dict()["segments"]
    assert {len(s["conditions"]) for s in saved} == {1, 2}
    for mine, segment in zip(saved, result.segments, strict=True):
        assert segment.name_share is not None
        assert [tuple(c["levels"]) for c in mine["conditions"]] == [c.levels for c in segment.conditions]
        assert mine["name_share"] == (segment.name_share if len(segment.conditions) == 1 else None)
    loaded = sg.Segmentation.from_dict(result.to_dict())
    assert [s.conditions for s in loaded.segments] == [s.conditions for s in result.segments]


def counts_of_customers(content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything in the file that counts customers, rates times their denominators included."""
    n = sum(s["size"] for s in content["segments"])
    size = {s["id"]: s["size"] for s in content["segments"]}
    yield from (("segment", s) for s in size.values())
    yield from (("cleaning", step["n_rows"]) for step in content["cleaning"]["steps"])
    patterns, population, tables = content["patterns"], content["population"], content["tables"]
    yield from (("pattern", c) for c in patterns["counts"])
    assert patterns["outcomes"] == []
    for name in ("n_values", "sums", "squares"):
        assert all(row == [] for row in patterns[name])
    yield from (("population", c) for c in [*population["segments"], *population["complete"]])
    yield from (("level", c) for cells in population["levels"] for c in cells)
    yield from (("values", c) for row in population["n_values"] for c in row)
    yield "dropped", population["n_dropped"]
    features, outcomes = tables["features"], tables["outcomes"]
    yield from (("feature", c) for c in features["count"])
    for segment, share in zip(features["segment"], features["share"], strict=True):
        yield "share of segment", None if share is None else share * size[segment]
    yield from (("base share", None if s is None else s * n) for s in features["base_share"])
    yield from (("outcome", c) for c in outcomes["n"])
    for role, value, of in zip(outcomes["role"], outcomes["value"], outcomes["n"], strict=True):
        if role == "flags" and value is not None:
            yield from (("accepted", value * of), ("not accepted", (1 - value) * of))
    for rate, of in zip(tables["targeting"]["rate"], tables["targeting"]["n"], strict=True):
        yield "targeting", None if rate is None else rate * of
    for pair in content["evidence"]["pairs"]:
        yield from (("between", pair["n_between"]), ("exchanged", pair["exchanged"]))
    assert content["insights"] is None
    assert all(tables[name] == {n: [] for n in tables[name]} for name in ("missing", "splits", "histograms"))
    yield from (("smallest", None if s is None else s * n) for s in tables["selection"]["smallest"])


def test_no_count_of_customers_is_from_1_to_4(content: dict[str, Any]) -> None:
    small = [(where, c) for where, c in counts_of_customers(content) if c is not None and 0.5 < c < 4.5]
    assert small == []
    assert sum(c is None for _, c in counts_of_customers(content)) > 0


def test_what_is_withheld_is_said(content: dict[str, Any]) -> None:
    withheld, n = content["withheld"], sum(s["size"] for s in content["segments"])
    assert withheld["least"] == 5
    assert sum(content["patterns"]["counts"]) + withheld["n_customers"] == n == 2_216
    assert withheld["n_patterns"] > 200


def test_hidden_counts_cannot_be_had_from_segment_sizes(content: dict[str, Any]) -> None:
    """In no segment and feature is exactly one level hidden: it would be the size less the others."""
    table = content["tables"]["features"]
    hidden: dict[tuple[int, str], int] = {}
    for segment, feature, count in zip(table["segment"], table["feature"], table["count"], strict=True):
        hidden[segment, feature] = hidden.get((segment, feature), 0) + (count is None)
    assert 1 not in hidden.values()
    assert sum(hidden.values()) > 0


def test_a_loaded_model_assigns_reports_and_is_saved_as_it_was(
    customers: Path, result: sg.Segmentation, tmp_path: Path
) -> None:
    loaded = sg.load(result.save(tmp_path / "s.json"))
    assert loaded.withheld is not None
    assert loaded.to_dict() == result.to_dict()
    assert loaded.assign(customers).equals(result.assign(customers))
    loaded.report(tmp_path / "report.html")
    assert "Made from the saved model" in (tmp_path / "report.html").read_text()
    assert "Made from the saved model" not in " ".join(note.text for note in result.notes)
    assert "nan" not in (tmp_path / "report.html").read_text().split("<body>")[1].replace("finance", "")
    assert loaded.drift(customers).verdict.kind == "stable"
    assert loaded.verify().is_equal
    assert sg.run(customers, RECIPE, previous=loaded).migration["customers"].sum() > 1_500


def test_the_result_in_memory_keeps_everything(result: sg.Segmentation, tmp_path: Path) -> None:
    result.save(tmp_path / "s.json")
    assert result.patterns.n_customers == 2_216
    assert result.insights is not None
    assert not result.features["count"].isna().any()


def test_min_cell_decides_where_it_is_asked_for(customers: Path, tmp_path: Path) -> None:
    content = json.loads(sg.run(customers, RECIPE, min_cell=10).save(tmp_path / "s.json").read_text())
    assert content["withheld"] is content["population"] is content["patterns"] is None
    with pytest.raises(sg.ModelError, match="--min-cell"):
        sg.load(tmp_path / "s.json").drift(customers)


def test_shares_of_few_customers_are_not_saved(tmp_path: Path) -> None:
    """The shares of a sample with clusters add up to 1, so another is withheld with a small one."""
    team = np.repeat(["a", "b", "c"], [424, 373, 3])
    frame = pd.DataFrame({"place": np.arange(800) % 40, "team": team, "kind": np.arange(800) % 3 == 0})
    features = {"kind": {"column": "kind", "yes_no": True}}
    recipe = sg.Recipe.from_dict({"source": {"cluster": "place"}, "features": features})
    made = sg.profile(frame, recipe, "team")
    assert made.design["value"].tolist() == [424 / 800, 373 / 800, 3 / 800]
    design = sg.load(made.save(tmp_path / "model.json")).design
    assert design["value"].tolist()[:1] == [424 / 800]
    assert design.loc[design["segment"] > 1].drop(columns=["segment", "outcome"]).isna().all(axis=None)


@pytest.mark.parametrize("seed", range(30))
def test_hidden_levels_cannot_be_told_from_their_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.choice([0.5, 3, 20], size=rng.integers(2, 9))).astype(float)
    hidden = withheld_parts(counts, 5)
    assert hidden[(counts > 0) & (counts < 5)].all()
    if hidden.any() and not hidden.all():
        assert hidden.sum() > 1
        assert counts[hidden].sum() >= 5
