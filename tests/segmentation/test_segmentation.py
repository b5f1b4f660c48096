"""The fitted result: saved, loaded, applied."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=2_500, seed=5)


@pytest.fixture(scope="module", params=["latent-class", "k-modes", "k-means"])
def result(request: pytest.FixtureRequest) -> sg.Segmentation:
    return sg.run(ROWS, HOUSEHOLDS, segments=3, method=request.param)


def test_save_load_assign_is_identical(result: sg.Segmentation, tmp_path: Path) -> None:
    result = replace(result, min_cell=1)
    loaded = sg.load(result.save(tmp_path / "s.json"))
    new = sample_households(rows=700, seed=99, dirt=True)
    pd.testing.assert_frame_equal(result.assign(new), loaded.assign(new))
    for name in ("features", "outcomes", "targeting", "selection"):
        pd.testing.assert_frame_equal(getattr(result, name), getattr(loaded, name), check_dtype=False)
    assert loaded.segments == result.segments
    assert loaded.choice == result.choice
    assert loaded.recipe == result.recipe
    assert loaded.to_dict() == result.to_dict()


def test_a_batch_of_one_is_assigned_as_in_a_batch_of_all(result: sg.Segmentation) -> None:
    everybody = result.assign(ROWS).set_index("ID")
    for i in (0, 17, 311):
        alone = result.assign(ROWS.iloc[[i]]).set_index("ID")
        pd.testing.assert_frame_equal(alone, everybody.loc[alone.index])


def test_assignments_keep_the_order_of_the_rows_and_add_up_to_the_sizes(result: sg.Segmentation) -> None:
    assigned = result.assign(ROWS)
    assert assigned["ID"].tolist() == ROWS["ID"].tolist()
    assert assigned["segment"].value_counts().to_dict() == {s.id: s.size for s in result.segments}
    assert assigned["certainty"].between(0, 1).all()
    sizes = [s.size for s in result.segments]
    assert sizes == sorted(sizes, reverse=True)
    assert len({s.name for s in result.segments}) == 3


def test_the_same_seed_gives_the_same_segmentation(result: sg.Segmentation) -> None:
    again = sg.run(ROWS, HOUSEHOLDS, segments=3, method=result.method)
    one, other = result.to_dict(), again.to_dict()
    one.pop("queries"), other.pop("queries")
    assert one == other


def test_unseen_and_missing_values_follow_the_recipe(result: sg.Segmentation) -> None:
    odd = ROWS.head(20).copy()
    odd.loc[odd.index[:3], "Education"] = "Kindergarten"
    odd.loc[odd.index[3:5], "Income"] = None
    assert len(result.assign(odd)) == 18


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "damaged, not JSON"),
        ("[]", "not a segmentation"),
        ('{"schema": 99}', "written by a newer segmentry"),
        ('{"schema": 1}', "damaged"),
    ],
)
def test_files_that_are_no_segmentation_are_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(text)
    with pytest.raises(sg.ModelError, match=message):
        sg.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(sg.ModelError, match=r"gone\.json: no such file"):
        sg.load(tmp_path / "gone.json")


def test_the_json_is_plain(result: sg.Segmentation, tmp_path: Path) -> None:
    content = json.loads(result.save(tmp_path / "s.json").read_text())
    assert content["schema"] == 1
    assert sum(content["patterns"]["counts"]) + content["withheld"]["n_customers"] == 2_500


@pytest.fixture(scope="module")
def latent_classes() -> sg.Segmentation:
    return sg.run(ROWS, HOUSEHOLDS, segments=3, seed=0)


def test_a_file_from_before_misclassification_was_saved_still_loads(
    latent_classes: sg.Segmentation, tmp_path: Path
) -> None:
    content = json.loads(latent_classes.save(tmp_path / "s.json").read_text())
    assert np.shape(content["model"]["fitted"].pop("misclassification_")) == (3, 3)
    del content["model"]["parameters"]["prior"], content["fingerprint"]
    (tmp_path / "old.json").write_text(json.dumps(content))
    loaded = sg.load(tmp_path / "old.json")
    pd.testing.assert_frame_equal(latent_classes.assign(ROWS), loaded.assign(ROWS))
    assert loaded.core.prior == 0.0
    again = sg.load(loaded.save(tmp_path / "again.json"))
    with pytest.raises(sg.ModelError, match="saved without misclassification_"):
        again.core.bch_weights(latent_classes.patterns.codes)


def test_a_loaded_model_corrects_for_misclassification(
    latent_classes: sg.Segmentation, tmp_path: Path
) -> None:
    core, codes = latent_classes.core, latent_classes.patterns.codes
    loaded = sg.load(latent_classes.save(tmp_path / "s.json")).core
    np.testing.assert_array_equal(loaded.bch_weights(codes), core.bch_weights(codes))
    np.testing.assert_array_equal(loaded.bivariate_residuals(codes), core.bivariate_residuals(codes))


def test_given_segments_have_no_model_to_assign_by() -> None:
    labelled = ROWS.assign(mine=ROWS["Education"])
    given = profile(labelled, "households", "mine")
    with pytest.raises(sg.ModelError, match="no model"):
        given.assign(ROWS)


def test_the_model_is_the_estimator_that_scikit_learn_knows(result: sg.Segmentation, tmp_path: Path) -> None:
    loaded = sg.load(result.save(tmp_path / "s.json"))
    for found in (result, loaded):
        assert isinstance(found.model, BaseEstimator)
        assert clone(found.model).get_params() == found.core.settings()
        assert found.patterns is not None
        np.testing.assert_array_equal(found.model.predict(found.patterns.codes), found.labels)
    assert profile(ROWS.assign(mine=ROWS["Education"]), "households", "mine").model is None
