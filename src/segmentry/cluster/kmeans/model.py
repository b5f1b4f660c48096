"""k-means on standardised ordinal codes, for comparison with analyses that used it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from segmentry.arrays import Floats, LevelCodes
from segmentry.cluster.assignment import largest_first, nearest_with_sums
from segmentry.cluster.input.collapsed_rows import CategoricalTraining
from segmentry.cluster.input.level_scores import level_scores
from segmentry.cluster.kmeans.search import find_means
from segmentry.cluster.latent_class.distributions import ordered_features
from segmentry.cluster.pattern_model import DistanceModel
from segmentry.cluster.threads import one_thread
from segmentry.errors import ModelError


@dataclass(eq=False, repr=False)
class OrdinalKMeansModel(DistanceModel):
    """`OrdinalKMeans` without scikit-learn's base classes."""

    estimator_name = "OrdinalKMeans"
    sum_kind = "squared"
    takes_order = True
    allows_missing = False
    result_attribute = "cluster_centers_"
    attributes_by_cluster = ("cluster_centers_",)
    saved_attributes: ClassVar[tuple[str, ...]] = (
        "categories_",
        "n_features_in_",
        "level_codes_",
        "mean_",
        "scale_",
        "cluster_centers_",
    )

    n_clusters: int = 8
    _: KW_ONLY
    n_init: int = 20
    max_iter: int = 300
    distributions: Any = None
    missing_value: object = None
    handle_unknown: str = "error"
    random_state: Any = None

    def transform(self, X: Any) -> Floats:
        """Return the Euclidean distances (n_rows, n_clusters) to the centres."""
        return np.sqrt(super().transform(X))

    def costs(self) -> dict[str, float]:
        """Return the inertia, also as the cost."""
        return {"cost": float(self.inertia_), "inertia": float(self.inertia_)}

    def _search(self, training: CategoricalTraining, rng: np.random.Generator) -> None:
        _check_complete(training)
        patterns = training.patterns
        with one_thread():
            self._set_scale(training)
            points = self._points(patterns.codes)
            found = find_means(points, patterns.weights, self.n_clusters, self.n_init, self.max_iter, rng)
            self.cluster_centers_, self.n_iter_ = found.centres, found.n_iter
            self.cluster_centers_ = self.cluster_centers_[largest_first(patterns, self._lookup_tables())]
            distances = nearest_with_sums(patterns.codes, self._lookup_tables())[1]
            self.inertia_ = float((patterns.weights * distances).sum())

    def _encode(self, X: Any) -> LevelCodes:
        codes = super()._encode(X)
        if self.handle_unknown == "error" and (codes < 0).any():
            row, feature = (int(i) for i in np.argwhere(codes < 0)[0])
            raise ModelError(
                f"feature {feature} is missing (NaN or None) in row {row}, and OrdinalKMeans has no level "
                "for it; drop such rows, or set handle_unknown='missing' to leave the feature out of their "
                "distances"
            )
        return codes

    def _set_scale(self, training: CategoricalTraining) -> None:
        patterns = training.patterns
        is_ordered = ordered_features(
            self.distributions, training.table, self.categories_, self.estimator_name
        )
        self.level_codes_ = [
            level_scores(patterns.codes[:, j], patterns.weights, len(levels))
            if is_ordered[j]
            else np.arange(len(levels), dtype=np.float64)
            if factor.is_ordered or levels.dtype == object
            else levels.astype(np.float64)
            for j, (factor, levels) in enumerate(zip(training.table.columns, self.categories_, strict=True))
        ]
        raw = np.column_stack([c[patterns.codes[:, j]] for j, c in enumerate(self.level_codes_)])
        weights = patterns.weights[:, None]  # sums without linear algebra: the same bits everywhere
        self.mean_ = (weights * raw).sum(axis=0) / patterns.total_weight
        self.scale_ = np.sqrt((weights * (raw - self.mean_) ** 2).sum(axis=0) / patterns.total_weight)
        self.scale_[(np.array(patterns.n_levels) == 1) | (self.scale_ == 0)] = 1.0

    def _standard_levels(self) -> list[Floats]:
        return [
            (np.asarray(codes) - mean) / scale
            for codes, mean, scale in zip(self.level_codes_, self.mean_, self.scale_, strict=True)
        ]

    def _points(self, codes: LevelCodes) -> Floats:
        return np.column_stack([levels[codes[:, j]] for j, levels in enumerate(self._standard_levels())])

    def _feature_tables(self) -> list[Floats]:
        """Return per feature the squared distances (n_levels + 1, n_clusters); 0 where missing."""
        centres = np.asarray(self.cluster_centers_)
        return [
            np.vstack([(levels[:, None] - centres[:, j]) ** 2, np.zeros(len(centres))])
            for j, levels in enumerate(self._standard_levels())
        ]


def _check_complete(training: CategoricalTraining) -> None:
    """Refuse missing cells in rows that count."""
    for j in range(training.patterns.codes.shape[1]):
        if (training.patterns.codes[:, j] < 0).any():
            n_rows = int((training.distinct[training.inverse, j] < 0).sum())
            raise ModelError(
                f"{training.table.title(j)} is missing (NaN or None) in {n_rows} rows, and OrdinalKMeans "
                "cannot place them; drop these rows, or make missing a level of its own"
            )
