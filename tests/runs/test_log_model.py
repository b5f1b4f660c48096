"""A segmentation becomes a model of MLflow, whose calls are recorded here: its code is run, and assigns as `assign` does."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """MLflow's part: what is logged is copied, and the code is run as MLflow does when it loads a model."""
    seen = SimpleNamespace(model=None, call={})
    module, pyfunc = ModuleType("mlflow"), ModuleType("mlflow.pyfunc")

    def log_model(**call: Any) -> str:
        seen.call = call
        kept = shutil.copy(call["artifacts"]["segmentation"], tmp_path / "segmentation.json")
        exec(compile(Path(call["python_model"]).read_text("utf-8"), "assign.py", "exec"), {})  # noqa: S102
        seen.model.load_context(SimpleNamespace(artifacts={"segmentation": str(kept)}))
        return "info"

    pyfunc.PythonModel, pyfunc.log_model = object, log_model  # type: ignore[attr-defined]
    module.pyfunc = pyfunc  # type: ignore[attr-defined]
    module.models = SimpleNamespace(set_model=lambda model: setattr(seen, "model", model))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "mlflow.pyfunc", pyfunc)
    return seen


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(sample_households(rows=400), HOUSEHOLDS, segments=3, analyses=0)


def test_the_logged_model_assigns_as_the_segmentation_does(
    mlflow: SimpleNamespace, result: sg.Segmentation
) -> None:
    new = sample_households(rows=60, seed=2)
    assert result.log_to_mlflow("households", registered_model_name="customers") == "info"
    pd.testing.assert_frame_equal(mlflow.model.predict(None, new), result.assign(new))
    assert mlflow.call["name"] == "households"
    assert mlflow.call["registered_model_name"] == "customers"
    assert mlflow.call["pip_requirements"] == [f"segmentry=={sg.__version__}"]
    assert not Path(mlflow.call["python_model"]).exists()


def test_without_the_library_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, result: sg.Segmentation
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow.pyfunc", None)
    with pytest.raises(sg.ModelError, match=r"pip install 'segmentry\[mlflow\]'"):
        result.log_to_mlflow()


def test_given_segments_have_no_model_to_log(mlflow: SimpleNamespace) -> None:
    rows = sample_households(rows=300).assign(team=["a", "b", "c"] * 100)
    with pytest.raises(sg.ModelError, match="segments that were given have no model"):
        sg.profile(rows, HOUSEHOLDS, "team").log_to_mlflow()
