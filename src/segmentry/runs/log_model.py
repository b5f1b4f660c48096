"""A segmentation logged to MLflow: the saved file, and the few lines that assign by it."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

from segmentry.errors import ModelError
from segmentry.scoring import formula_of
from segmentry.segmentation import Segmentation
from segmentry.system.owned_folders import OwnedFolder

_CODE = '''"""Customers assigned by a saved segmentation."""

import mlflow

import segmentry


class SavedSegmentation(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.segmentation = segmentry.load(context.artifacts["segmentation"])

    def predict(self, context, model_input, params=None):
        return self.segmentation.assign(model_input)


mlflow.models.set_model(SavedSegmentation())
'''


def log_model(segmentation: Segmentation, name: str, **more: Any) -> Any:
    """Log a segmentation; see `Segmentation.log_to_mlflow`."""
    formula_of(segmentation)  # segments that were given have no model
    try:
        pyfunc = import_module("mlflow.pyfunc")
    except ImportError:
        raise ModelError("models are logged by MLflow", hint="pip install 'segmentry[mlflow]'") from None
    with OwnedFolder.temporary() as folder:
        code = folder / "assign.py"
        code.write_text(_CODE, encoding="utf-8")
        artifacts = {"segmentation": str(segmentation.save(folder / "segmentation.json"))}
        needs = {"pip_requirements": [f"segmentry=={metadata.version('segmentry')}"]}
        return pyfunc.log_model(name=name, python_model=str(code), artifacts=artifacts, **{**needs, **more})
