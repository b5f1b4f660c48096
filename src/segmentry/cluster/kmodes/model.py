"""k-modes: the levels that stand for each cluster, by the smallest weighted sum of distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.assignment import largest_first, nearest_with_sums
from segmentry.cluster.input.collapsed_rows import CategoricalTraining
from segmentry.cluster.input.encoding import as_values
from segmentry.cluster.kmodes.distance import mode_tables, read_distances
from segmentry.cluster.kmodes.search import FoundModes, ModesProblem, SearchEffort, find_modes
from segmentry.cluster.pattern_model import DistanceModel


@dataclass(eq=False, repr=False)
class KModesModel(DistanceModel):
    """`KModes` without scikit-learn's base classes."""

    estimator_name = "KModes"
    sum_kind = "distance"
    result_attribute = "mode_codes_"
    attributes_by_cluster = ("mode_codes_", "cluster_modes_")
    saved_attributes: ClassVar[tuple[str, ...]] = ("categories_", "n_features_in_", "mode_codes_")
    whole_settings = ("n_clusters", "n_init", "max_iter", "max_grid")
    positive_settings = ("time_limit",)

    n_clusters: int = 8
    _: KW_ONLY
    n_init: int = 10
    max_iter: int = 100
    distance: str | Sequence[Any] = "matching"
    feature_weights: Sequence[float] | None = None
    max_grid: int = 10_000
    prove: bool = False
    time_limit: float = 60.0
    missing_value: object = None
    handle_unknown: str = "error"
    random_state: Any = None

    def costs(self) -> dict[str, float]:
        """Return the cost, and what is proved of it where a proof was asked for."""
        bound = {"lower_bound": float(self.lower_bound_), "cost_gap": float(self.gap_)} if self.prove else {}
        return {"cost": float(self.cost_), **bound}

    def _search(self, training: CategoricalTraining, rng: np.random.Generator) -> None:
        patterns = training.patterns
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
        is_optimal = found.is_optimal or not self.cost_
        self.lower_bound_ = self.cost_ if is_optimal else found.lower_bound
        self.gap_ = 0.0 if is_optimal else (self.cost_ - self.lower_bound_) / self.cost_
        self.proof_ = self._what_is_proved(found)

    def _doubts(self) -> list[str]:
        empty = self._doubts_of_empty_clusters(
            "distance 0 of each other (missing cells or feature weights of 0)"
        )
        return [self.proof_, *empty] if self.prove and self.gap_ != 0 else empty

    def _feature_tables(self) -> list[Floats]:
        """Return per feature the distances (n_levels + 1, n_clusters) to the modes; 0 where missing."""
        distances = read_distances(self.distance, self.feature_weights, self.categories_)
        return mode_tables(distances, np.asarray(self.mode_codes_))

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
