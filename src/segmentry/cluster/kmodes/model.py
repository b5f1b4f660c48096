"""k-modes: the levels that stand for each cluster, by the smallest weighted sum of distances."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.assignment import largest_first, nearest_clusters, nearest_with_sums
from segmentry.cluster.input.collapsed_rows import read_training
from segmentry.cluster.input.encoding import as_values
from segmentry.cluster.input.parameters import (
    check_enough_patterns,
    check_positive,
    check_whole,
    read_random_state,
)
from segmentry.cluster.kmodes.distance import mode_tables, read_distances
from segmentry.cluster.kmodes.search import FoundModes, ModesProblem, SearchEffort, find_modes
from segmentry.cluster.pattern_model import DistanceModel
from segmentry.errors import SegmentryWarning


class KModesModel(DistanceModel):
    """`KModes` without scikit-learn's base classes."""

    estimator_name = "KModes"
    sum_kind = "distance"
    result_attribute = "mode_codes_"
    attributes_by_cluster = ("mode_codes_", "cluster_modes_")
    saved_attributes: ClassVar[tuple[str, ...]] = ("categories_", "n_features_in_", "mode_codes_")

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_init: int = 10,
        max_iter: int = 100,
        distance: str | Sequence[Any] = "matching",
        feature_weights: Sequence[float] | None = None,
        max_grid: int = 10_000,
        prove: bool = False,
        time_limit: float = 60.0,
        missing_value: object = None,
        handle_unknown: str = "error",
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.distance = distance
        self.feature_weights = feature_weights
        self.max_grid = max_grid
        self.prove = prove
        self.time_limit = time_limit
        self.missing_value = missing_value
        self.handle_unknown = handle_unknown
        self.random_state = random_state

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:  # noqa: ARG002
        """Find the modes.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            Levels: whole numbers, text, booleans, categories.
        y : None
            Ignored.
        sample_weight : array (n_rows,), default=None
            How many rows each row stands for; rows of weight 0 change nothing.

        Returns
        -------
        KModes
            The fitted estimator.
        """
        check_whole(self, "n_clusters", "n_init", "max_iter", "max_grid")
        check_positive(self, "time_limit")
        rng = read_random_state(self.random_state)
        training = read_training(self, X, sample_weight)
        patterns = training.patterns
        check_enough_patterns(self, "n_clusters", len(patterns))
        distances = read_distances(self.distance, self.feature_weights, self.categories_)
        effort = SearchEffort(
            self.n_init, self.max_iter, self.max_grid, self.time_limit if self.prove else None
        )
        found = find_modes(ModesProblem(patterns, distances, self.n_clusters, effort), rng)
        self.mode_codes_ = found.modes[largest_first(patterns, mode_tables(distances, found.modes))]
        tables = mode_tables(distances, self.mode_codes_)
        self.cost_ = float((patterns.weights * nearest_with_sums(patterns.codes, tables)[1]).sum())
        self.n_best_, self.n_iter_ = found.n_best, found.n_iter
        self.cluster_modes_ = as_values(self.mode_codes_, self.categories_)
        self.labels_ = nearest_clusters(training.distinct, tables)[training.inverse]
        self._set_bound(found)
        self._warn_of_empty_clusters(
            self.n_clusters, "distance 0 of each other (missing cells or feature weights of 0)"
        )
        return self

    def costs(self) -> dict[str, float]:
        """Return the cost, and what is proved of it where a proof was asked for."""
        bound = {"lower_bound": float(self.lower_bound_), "cost_gap": float(self.gap_)} if self.prove else {}
        return {"cost": float(self.cost_), **bound}

    def as_estimator(self) -> Any:
        """Return the model as a `KModes`."""
        from segmentry.cluster.kmodes.estimator import KModes

        return self._with_state(KModes)

    def _feature_tables(self) -> list[Floats]:
        """Return per feature the distances (n_levels + 1, n_clusters) to the modes; 0 where missing."""
        distances = read_distances(self.distance, self.feature_weights, self.categories_)
        return mode_tables(distances, np.asarray(self.mode_codes_))

    def _set_bound(self, found: FoundModes) -> None:
        """Set the proved bound, its gap and what both say; warn where a proof was asked for and is not complete."""
        is_optimal = found.is_optimal or not self.cost_
        self.lower_bound_ = self.cost_ if is_optimal else found.lower_bound
        self.gap_ = 0.0 if is_optimal else (self.cost_ - self.lower_bound_) / self.cost_
        self.proof_ = self._what_is_proved(found)
        if self.prove and not is_optimal:
            warnings.warn(f"KModes: {self.proof_}", SegmentryWarning, stacklevel=3)

    def _what_is_proved(self, found: FoundModes) -> str:
        if self.gap_ == 0:
            return "it is proved that no modes cost less"
        if np.isfinite(found.lower_bound):
            return (
                f"the modes cost {self.cost_:g}, and at least {self.lower_bound_:g} is proved in "
                f"{self.time_limit:g} s (a gap of {self.gap_:.2%}); raise time_limit to close it"
            )
        if found.is_whole_grid:
            return "nothing is proved, because prove is False"
        return (
            "nothing is proved: the grid of levels has more candidates than max_grid "
            f"(now {self.max_grid:,}) or than fit in memory; group levels, or leave features out"
        )
