"""k-means on standardised ordinal codes, for comparison with analyses that used it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from segmentry.arrays import Floats, LevelCodes
from segmentry.cluster.assignment import largest_first, nearest_clusters, nearest_with_sums
from segmentry.cluster.input.collapsed_rows import CategoricalTraining, read_training
from segmentry.cluster.input.parameters import check_enough_patterns, check_whole, read_random_state
from segmentry.cluster.kmeans.search import find_means
from segmentry.cluster.pattern_model import DistanceModel
from segmentry.cluster.threads import one_thread
from segmentry.errors import ModelError


class OrdinalKMeansModel(DistanceModel):
    """`OrdinalKMeans` without scikit-learn's base classes."""

    estimator_name = "OrdinalKMeans"
    sum_kind = "squared"
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

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_init: int = 20,
        max_iter: int = 300,
        missing_value: object = None,
        handle_unknown: str = "error",
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.missing_value = missing_value
        self.handle_unknown = handle_unknown
        self.random_state = random_state

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:  # noqa: ARG002
        """Find the centres.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            Levels: whole numbers, text, booleans, categories; none missing.
        y : None
            Ignored.
        sample_weight : array (n_rows,), default=None
            How many rows each row stands for; rows of weight 0 change nothing.

        Returns
        -------
        OrdinalKMeans
            The fitted estimator.
        """
        check_whole(self, "n_clusters", "n_init", "max_iter")
        rng = read_random_state(self.random_state)
        training = read_training(self, X, sample_weight)
        _check_complete(training)
        patterns = training.patterns
        check_enough_patterns(self, "n_clusters", len(patterns))
        with one_thread():
            self._set_scale(training)
            points = self._points(patterns.codes)
            found = find_means(points, patterns.weights, self.n_clusters, self.n_init, self.max_iter, rng)
            self.cluster_centers_, self.n_iter_ = found.cluster_centers_, int(found.n_iter_)
            self.cluster_centers_ = self.cluster_centers_[largest_first(patterns, self._lookup_tables())]
            self.inertia_ = float(
                patterns.weights @ nearest_with_sums(patterns.codes, self._lookup_tables())[1]
            )
        self.labels_ = nearest_clusters(training.distinct, self._lookup_tables())[training.inverse]
        return self

    def transform(self, X: Any) -> Floats:
        """Return the Euclidean distances (n_rows, n_clusters) to the centres."""
        return np.sqrt(super().transform(X))

    def costs(self) -> dict[str, float]:
        """Return the inertia, also as the cost."""
        return {"cost": float(self.inertia_), "inertia": float(self.inertia_)}

    def as_estimator(self) -> Any:
        """Return the model as an `OrdinalKMeans`."""
        from segmentry.cluster.kmeans.estimator import OrdinalKMeans

        return self._with_state(OrdinalKMeans)

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
        self.level_codes_ = [
            np.arange(len(levels), dtype=np.float64)
            if factor.is_ordered or levels.dtype == object
            else levels.astype(np.float64)
            for factor, levels in zip(training.table.factors, self.categories_, strict=True)
        ]
        raw = np.column_stack([c[patterns.codes[:, j]] for j, c in enumerate(self.level_codes_)])
        self.mean_ = patterns.weights @ raw / patterns.total_weight
        self.scale_ = np.sqrt(patterns.weights @ (raw - self.mean_) ** 2 / patterns.total_weight)
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
