"""Clusters of weighted rows of levels, among them numbers cut into levels: estimators as scikit-learn has them.

>>> from segmentry.cluster import KModes
>>> KModes(n_clusters=2, random_state=0).fit_predict([["a", "x"], ["b", "y"], ["a", "x"]]).tolist()
[0, 1, 0]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentry.cluster.kmeans.estimator import OrdinalKMeans as OrdinalKMeans
    from segmentry.cluster.kmeans.model import OrdinalKMeansModel as OrdinalKMeansModel
    from segmentry.cluster.kmeans.search import label_by_means as label_by_means
    from segmentry.cluster.kmodes.estimator import KModes as KModes
    from segmentry.cluster.kmodes.model import KModesModel as KModesModel
    from segmentry.cluster.latent_class.estimator import LatentClass as LatentClass
    from segmentry.cluster.latent_class.model import LatentClassModel as LatentClassModel
    from segmentry.cluster.methods import MODELS as MODELS
    from segmentry.cluster.pattern_model import PatternModel as PatternModel
    from segmentry.cluster.threads import one_thread as one_thread

_MODULES = {
    "MODELS": "methods",
    "KModes": "kmodes.estimator",
    "KModesModel": "kmodes.model",
    "LatentClass": "latent_class.estimator",
    "LatentClassModel": "latent_class.model",
    "OrdinalKMeans": "kmeans.estimator",
    "OrdinalKMeansModel": "kmeans.model",
    "PatternModel": "pattern_model",
    "label_by_means": "kmeans.search",
    "one_thread": "threads",
}

__all__ = ["KModes", "LatentClass", "OrdinalKMeans"]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
