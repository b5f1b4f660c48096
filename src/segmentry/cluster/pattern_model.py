"""Models of categorical patterns: a row belongs to the cluster with the smallest sum of one number per feature."""

from __future__ import annotations

from abc import abstractmethod
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np

from segmentry.arrays import Floats, Indices, Labels, LevelCodes, Mask
from segmentry.cluster.assignment import lookup_sums, nearest_clusters
from segmentry.cluster.input.collapsed_rows import CategoricalTraining, read_training
from segmentry.cluster.input.encoding import encode_in_levels
from segmentry.cluster.input.frames import Levels
from segmentry.cluster.input.parameters import check_enough_patterns
from segmentry.cluster.model import ClusterModel
from segmentry.cluster.packed_codes import feature_groups

SumKind = Literal["likelihood", "distance", "squared"]


@dataclass(frozen=True)
class PairTable:
    """Numbers (n_first_levels, n_second_levels, n_clusters) that combinations of the levels of two features add beside their own."""

    first: int
    second: int
    numbers: Floats


@dataclass(frozen=True)
class AssignmentTables:
    """The numbers by which a model assigns rows, for those who assign them elsewhere.

    Attributes
    ----------
    kind
        Meaning of the sums: minus log-likelihoods, distances, or squared distances.
    constants : ndarray (n_clusters,)
        Numbers that are added to those of the first feature.
    tables : list of ndarray (n_levels, n_clusters)
        Numbers of every level of each feature, in the order of `categories`. A missing cell adds 0.
    categories
        Levels of each feature.
    groups
        Sizes of the runs of neighbouring features, pairs after them, that are added up first: the order of a sum decides its last bit.
    pairs
        Numbers that combinations of two features add.
    """

    kind: SumKind
    constants: Floats
    tables: list[Floats]
    categories: list[Levels]
    groups: list[int]
    pairs: tuple[PairTable, ...] = ()


class PatternModel(ClusterModel):
    """A model of categorical features, and all that the rest of segmentry asks of one."""

    sum_kind: ClassVar[SumKind]
    attributes_by_cluster: ClassVar[tuple[str, ...]]
    """Fitted arrays whose first axis are the clusters."""

    @abstractmethod
    def misfit(self, X: Any) -> Floats:
        """Return how badly the model describes each row: minus its log-likelihood, or its distance to its cluster."""

    @abstractmethod
    def runners_up(self, X: Any, closeness: float) -> tuple[Labels, Mask]:
        """Return the second cluster of each row, and whether it is nearly as close as the first.

        It is where the first distance is above `closeness` times the second; for latent classes, where the
        odds of the first class are below ``closeness / (1 - closeness)``.
        """

    @abstractmethod
    def costs(self) -> dict[str, float]:
        """Return what the search made small, and its bounds, by name; nothing where a likelihood says it."""

    @property
    def has_converged(self) -> bool:
        """Return whether the search has come to its end."""
        return True

    @property
    def n_free_parameters(self) -> int:
        """Return the parameters of the likelihood; 0 where there is none."""
        return 0

    def correction(self) -> Floats | None:
        """Return the weights (n_clusters, n_clusters) that correct averages by cluster for misclassification.

        Row s holds the weights of a row assigned to cluster s. None where nothing is to be corrected, or nothing can be.
        """
        return None

    def predict(self, X: Any) -> Indices:
        """Return the cluster of each row: the most probable, or nearest, one; of equal ones the first."""
        return nearest_clusters(self._encode(X), self._lookup_tables())

    def assignment_tables(self) -> AssignmentTables:
        """Return the numbers by which `predict` assigns a row."""
        tables = self._feature_tables()
        groups = [len(group) for group in feature_groups([len(table) for table in tables])]
        numbers = [table[:-1] for table in tables[: self.n_features_in_]]
        categories = list(self.categories_)
        return AssignmentTables(
            self.sum_kind, self._constants(), numbers, categories, groups, self._pair_tables()
        )

    def reordered(self, order: Indices) -> Self:
        """Return the model with its clusters in another order: cluster i is what was cluster ``order[i]``.

        A row that is equally near to two clusters belongs to the first of them, so its label can change.
        """
        changed = copy(self)
        for name in self.attributes_by_cluster:
            if name in vars(self):
                setattr(changed, name, np.asarray(vars(self)[name])[order])
        if "labels_" in vars(self):
            changed.labels_ = np.argsort(order)[self.labels_]
        return changed

    def _fit(self, X: Any, sample_weight: Any, rng: np.random.Generator) -> None:
        training = read_training(self, X, sample_weight)
        check_enough_patterns(self, len(training.patterns))
        labels = self._search(training, rng)
        if labels is None or len(training.distinct) > len(training.patterns):
            labels = nearest_clusters(self._looked_up(training.distinct), self._lookup_tables())
        self.labels_ = labels[training.inverse]

    @abstractmethod
    def _search(self, training: CategoricalTraining, rng: np.random.Generator) -> Labels | None:
        """Find the clusters of the patterns, and set the fitted attributes but `labels_`; return those of the patterns if known."""

    @abstractmethod
    def _feature_tables(self) -> list[Floats]:
        """Return per feature the number (n_levels + 1, n_clusters) of each level, and 0 of a missing cell; then those of pairs."""

    def _pair_tables(self) -> tuple[PairTable, ...]:
        """Return what combinations of two features add."""
        return ()

    def _looked_up(self, codes: LevelCodes) -> LevelCodes:
        """Return the codes (n_rows, n_tables) by which rows are looked up in the tables."""
        return codes

    def _constants(self) -> Floats:
        return np.zeros(self.n_found)

    def _lookup_tables(self) -> list[Floats]:
        """Return the tables with the constants in the first of them."""
        tables = self._feature_tables()
        tables[0] = tables[0] + self._constants()
        return tables

    def _encode(self, X: Any) -> LevelCodes:
        self._check_fitted()
        return self._looked_up(encode_in_levels(self, X))


class DistanceModel(PatternModel):
    """A model whose rows belong to the nearest cluster."""

    def transform(self, X: Any) -> Floats:
        """Return the distances (n_rows, n_clusters) to the clusters."""
        return lookup_sums(self._encode(X), self._lookup_tables())

    def misfit(self, X: Any) -> Floats:
        """Return the distance of each row to its cluster."""
        return np.asarray(self.transform(X).min(axis=1), np.float64)

    def runners_up(self, X: Any, closeness: float) -> tuple[Labels, Mask]:
        """Return the second-nearest cluster of each row, and whether it is nearly as near as the first."""
        distances = self.transform(X)
        order = np.argsort(distances, axis=1, kind="stable")[:, :2]
        first, second = np.take_along_axis(distances, order, axis=1).T
        return order[:, 1], first > closeness * second
