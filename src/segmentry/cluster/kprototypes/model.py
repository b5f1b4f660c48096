"""k-prototypes: means of numbers beside modes of levels, by the smallest weighted sum of dissimilarities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.input.collapsed_mixed_rows import MixedRows, read_mixed, read_mixed_training
from segmentry.cluster.input.encoding import as_values
from segmentry.cluster.input.parameters import check_enough_patterns
from segmentry.cluster.kprototypes.descent import Dissimilarity, MixedPoints, Prototypes, settle
from segmentry.cluster.kprototypes.search import follow_descents, sample_rows, search
from segmentry.cluster.model import ClusterModel
from segmentry.cluster.threads import one_thread


@dataclass(eq=False, repr=False)
class KPrototypesModel(ClusterModel):
    """`KPrototypes` without scikit-learn's base classes."""

    estimator_name = "KPrototypes"
    allows_missing = False
    result_attribute = "cluster_centers_"
    positive_settings = ("gamma",)
    saved_attributes: ClassVar[tuple[str, ...]] = (
        "categories_",
        "n_features_in_",
        "numeric_features_",
        "categorical_features_",
        "gamma_",
        "cluster_centers_",
        "mode_codes_",
    )

    n_clusters: int = 8
    _: KW_ONLY
    categorical: Sequence[str] | Sequence[int] | None = None
    gamma: float | None = None
    n_init: int = 10
    max_iter: int = 100
    missing_value: object = None
    handle_unknown: str = "error"
    random_state: Any = None

    def _fit(self, X: Any, sample_weight: Any, rng: np.random.Generator) -> None:
        training = read_mixed_training(self, X, sample_weight)
        rows = training.rows
        check_enough_patterns(self, len(rows))
        self.gamma_ = _usual_gamma(rows) if self.gamma is None else float(self.gamma)
        dissimilarity = Dissimilarity(rows.n_levels, self.gamma_)
        with one_thread():
            start = self._search(rows, dissimilarity, rng)
        found = settle(MixedPoints(rows, dissimilarity), start, self.max_iter)
        self.cost_ = found.cost
        self.cluster_centers_, self.mode_codes_ = found.prototypes.means, found.prototypes.modes
        self.cluster_modes_ = as_values(self.mode_codes_, self.categories_)
        labels, _ = MixedPoints(training.distinct, dissimilarity).assign(found.prototypes)
        self.labels_ = labels[training.inverse]

    def _doubts(self) -> list[str]:
        return self._doubts_of_empty_clusters("dissimilarity 0 of each other (missing cells or a gamma of 0)")

    def predict(self, X: Any) -> Indices:
        """Return the nearest prototype of each row; of equally near ones the first."""
        points, prototypes = self._read(X)
        return points.assign(prototypes)[0]

    def transform(self, X: Any) -> Floats:
        """Return the dissimilarities (n_rows, n_clusters) to the prototypes."""
        points, prototypes = self._read(X)
        sums = np.empty((len(points), len(prototypes)))
        for part, chunk in points.chunks(prototypes):
            sums[part] = chunk.T
        return sums

    def _read(self, X: Any) -> tuple[MixedPoints, Prototypes]:
        self._check_fitted()
        rows = read_mixed(self, X)
        means = np.asarray(self.cluster_centers_, dtype=np.float64)
        modes = np.asarray(self.mode_codes_, dtype=np.int32)
        return MixedPoints(rows, Dissimilarity(rows.n_levels, self.gamma_)), Prototypes(means, modes)

    def _search(self, rows: MixedRows, dissimilarity: Dissimilarity, rng: np.random.Generator) -> Prototypes:
        """Return the best prototypes that starts and swaps find, and set how they were found."""
        origin = rows.mean
        part = sample_rows(rows, self.n_clusters, rng)
        points = MixedPoints(part.moved(origin), dissimilarity, is_exact=False)
        starts, self.n_best_ = search(points, self.n_clusters, self.n_init, self.max_iter, rng)
        best = starts[0]
        if part is not rows:
            points = MixedPoints(rows.moved(origin), dissimilarity, is_exact=False)
            best = follow_descents(points, starts, self.max_iter)
        self.n_iter_ = best.n_iter
        return best.prototypes.moved(origin)


def _usual_gamma(rows: MixedRows) -> float:
    """Return half the mean standard deviation of the numeric features; 1 where nothing varies."""
    spread = float(rows.scale.mean() / 2) if len(rows.numbers) else 0.0
    return spread if spread > 0 else 1.0
