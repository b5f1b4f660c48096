"""Estimators over weighted patterns of categorical levels, and of numbers beside them, as scikit-learn has them.

>>> from segmentry.cluster import KModes
>>> KModes(n_clusters=2, random_state=0).fit_predict([["a", "x"], ["b", "y"], ["a", "x"]]).tolist()
[0, 1, 0]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentry.cluster._kmodes import KModesCore as KModesCore
    from segmentry.cluster._kprototypes import KPrototypesCore as KPrototypesCore
    from segmentry.cluster._latent_class import LatentClassCore as LatentClassCore
    from segmentry.cluster._means import label_by_means as label_by_means
    from segmentry.cluster._ordinal_kmeans import OrdinalKMeansCore as OrdinalKMeansCore
    from segmentry.cluster._reordering import reordered as reordered
    from segmentry.cluster._sums import Sums as Sums
    from segmentry.cluster._sums import sums_of as sums_of
    from segmentry.cluster._threads import one_thread as one_thread
    from segmentry.cluster.estimators import KModes as KModes
    from segmentry.cluster.estimators import LatentClass as LatentClass
    from segmentry.cluster.estimators import OrdinalKMeans as OrdinalKMeans
    from segmentry.cluster.estimators import estimator_of as estimator_of
    from segmentry.cluster.mixed import KPrototypes as KPrototypes

_MODULES = {
    "one_thread": "_threads",
    "label_by_means": "_means",
    "reordered": "_reordering",
    **dict.fromkeys(("Sums", "sums_of"), "_sums"),
    **dict.fromkeys(("KModes", "LatentClass", "OrdinalKMeans", "estimator_of"), "estimators"),
    "KPrototypes": "mixed",
    "KModesCore": "_kmodes",
    "KPrototypesCore": "_kprototypes",
    "LatentClassCore": "_latent_class",
    "OrdinalKMeansCore": "_ordinal_kmeans",
}

__all__ = ["KModes", "LatentClass", "OrdinalKMeans", "KPrototypes"]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
