"""Estimators over weighted patterns of categorical levels, and of numbers beside them, as scikit-learn has them.

>>> from segmentry.cluster import KModes
>>> KModes(n_clusters=2, random_state=0).fit_predict([["a", "x"], ["b", "y"], ["a", "x"]]).tolist()
[0, 1, 0]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentry.cluster.estimators import KModes as KModes
    from segmentry.cluster.estimators import LatentClass as LatentClass
    from segmentry.cluster.estimators import OrdinalKMeans as OrdinalKMeans
    from segmentry.cluster.estimators import estimator_of as estimator_of
    from segmentry.cluster.kmeans.model import OrdinalKMeansCore as OrdinalKMeansCore
    from segmentry.cluster.kmeans.search import label_by_means as label_by_means
    from segmentry.cluster.kmodes.model import KModesCore as KModesCore
    from segmentry.cluster.kprototypes.model import KPrototypesCore as KPrototypesCore
    from segmentry.cluster.latent_class.model import LatentClassCore as LatentClassCore
    from segmentry.cluster.lookup_sums import Sums as Sums
    from segmentry.cluster.lookup_sums import sums_of as sums_of
    from segmentry.cluster.mixed_estimators import KPrototypes as KPrototypes
    from segmentry.cluster.reordering import reordered as reordered
    from segmentry.cluster.threads import one_thread as one_thread

_MODULES = {
    "one_thread": "threads",
    "label_by_means": "kmeans.search",
    "reordered": "reordering",
    **dict.fromkeys(("Sums", "sums_of"), "lookup_sums"),
    **dict.fromkeys(("KModes", "LatentClass", "OrdinalKMeans", "estimator_of"), "estimators"),
    "KPrototypes": "mixed_estimators",
    "KModesCore": "kmodes.model",
    "KPrototypesCore": "kprototypes.model",
    "LatentClassCore": "latent_class.model",
    "OrdinalKMeansCore": "kmeans.model",
}

__all__ = ["KModes", "LatentClass", "OrdinalKMeans", "KPrototypes"]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
