"""What every model of clusters offers, whatever its method: settings, fitted state, scikit-learn's form of it."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from inspect import signature
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Indices
from segmentry.cluster.input.frames import Levels
from segmentry.cluster.input.parameters import check_settings, read_random_state
from segmentry.errors import SegmentryWarning

_MOST_CODES, _SHOWN = 20, 3


class ClusterModel(ABC):
    """A model of clusters that needs numpy alone.

    scikit-learn takes 0.7 s to load, so its base classes are added by a subclass in the `estimator` module of each
    method. Hyper-parameters, methods and fitted attributes are described there.
    """

    takes_order: ClassVar[bool] = False
    """Whether numbers are taken by their order, near each other or far."""
    estimator_name: ClassVar[str]
    """Name of the public estimator, for messages."""
    saved_attributes: ClassVar[tuple[str, ...]]
    """Fitted attributes that assigning new rows needs, in the order of model files."""
    allows_missing: ClassVar[bool] = True
    """Whether a cell of X may be missing, whatever its column holds."""
    result_attribute: ClassVar[str]
    """Fitted attribute that holds what the search found: a model without it is not fitted."""
    whole_settings: ClassVar[tuple[str, ...]] = ("n_clusters", "n_init", "max_iter")
    """Hyper-parameters that are whole numbers of at least 1, first the number of clusters."""
    positive_settings: ClassVar[tuple[str, ...]] = ()
    """Hyper-parameters that are finite numbers of at least 0."""

    missing_value: object
    handle_unknown: str
    random_state: Any
    categories_: list[Levels]
    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]
    labels_: Indices

    @property
    def n_found(self) -> int:
        """Return the number of clusters of the fitted model."""
        return len(vars(self)[self.result_attribute])

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:  # noqa: ARG002
        """Find the clusters.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            Levels: whole numbers, text, booleans, categories.
        y : None
            Ignored.
        sample_weight : array (n_rows,), default=None
            Number of rows that each row stands for; rows of weight 0 change nothing.

        Returns
        -------
        self
            The fitted estimator.
        """
        check_settings(self)
        self._fit(X, sample_weight, read_random_state(self.random_state))
        for text in (*self._doubts_of_numbers(), *self._doubts()):
            warnings.warn(f"{self.estimator_name}: {text}", SegmentryWarning, stacklevel=2)
        return self

    def as_estimator(self) -> Any:
        """Return the model, fitted or not, as the estimator that scikit-learn knows."""
        from segmentry import cluster

        estimator = getattr(cluster, self.estimator_name)(**self.settings())
        vars(estimator).update(vars(self))
        return estimator

    def settings(self) -> dict[str, Any]:
        """Return the hyper-parameters by name."""
        names = list(signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def fitted_state(self) -> dict[str, Any]:
        """Return the fitted attributes that are saved; a model from an older file can lack some."""
        return {name: vars(self)[name] for name in self.saved_attributes if name in vars(self)}

    def _check_fitted(self) -> None:
        if self.result_attribute in vars(self):
            return
        from sklearn.exceptions import NotFittedError

        raise NotFittedError(f"this {self.estimator_name} is not fitted yet; call fit first")

    @abstractmethod
    def _fit(self, X: Any, sample_weight: Any, rng: np.random.Generator) -> None:
        """Find the clusters, and set the fitted attributes."""

    def _doubts(self) -> list[str]:
        """Return what `fit` warns of."""
        return []

    def _doubts_of_numbers(self) -> list[str]:
        """What is said of measured numbers, each of which is taken for a level of its own."""
        names = vars(self).get("feature_names_in_")
        measured = [
            f"feature {j if names is None else repr(names[j])} ({len(levels):,} different numbers)"
            for j, levels in enumerate(self.categories_)
            if not self._has_order(j) and _are_measured(levels)
        ]
        if not measured:
            return []
        return [
            f"every number is taken for a level that is alike to no other in {', '.join(measured[:_SHOWN])}; cut numbers "
            "into intervals first, such as by KBinsDiscretizer(encode='ordinal')"
        ]

    def _has_order(self, feature: int) -> bool:  # noqa: ARG002 - of models that differ by feature
        """Whether a feature is taken by the order of its levels."""
        return self.takes_order

    def _doubts_of_empty_clusters(self, why: str) -> list[str]:
        n_used, n_asked = len(np.unique(self.labels_)), getattr(self, self.whole_settings[0])
        if n_used == n_asked:
            return []
        return [
            f"{n_used} of {n_asked} clusters have rows, because patterns are at {why}; ask for n_clusters={n_used}"
        ]


def _are_measured(levels: Levels) -> bool:
    """Whether levels are numbers with decimals, more of them than anybody has as codes."""
    if len(levels) <= _MOST_CODES or np.asarray(levels).dtype.kind != "f":
        return False
    return bool((np.asarray(levels) % 1 != 0).any())
