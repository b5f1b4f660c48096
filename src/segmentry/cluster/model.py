"""What every model of clusters offers, whatever its method: settings, fitted state, scikit-learn's form of it."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from inspect import signature
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Indices
from segmentry.cluster.input.frames import Levels
from segmentry.errors import SegmentryWarning


class ClusterModel(ABC):
    """A model of clusters that needs numpy alone.

    scikit-learn takes 0.7 s to load, so its base classes are added by a subclass in the `estimator` module of each
    method. Hyper-parameters, methods and fitted attributes are described there.
    """

    estimator_name: ClassVar[str]
    """Name of the public estimator, for messages."""
    saved_attributes: ClassVar[tuple[str, ...]]
    """Fitted attributes that assigning new rows needs, in the order of model files."""
    allows_missing: ClassVar[bool] = True
    """Whether a cell of X may be missing, whatever its column holds."""
    result_attribute: ClassVar[str]
    """Fitted attribute that holds what the search found: a model without it is not fitted."""

    missing_value: object
    handle_unknown: str
    categories_: list[Levels]
    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]
    labels_: Indices

    @property
    def n_found(self) -> int:
        """Return the number of clusters of the fitted model."""
        return len(vars(self)[self.result_attribute])

    @abstractmethod
    def as_estimator(self) -> Any:
        """Return the model, fitted or not, as the estimator that scikit-learn knows."""

    def settings(self) -> dict[str, Any]:
        """Return the hyper-parameters by name."""
        names = list(signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def fitted_state(self) -> dict[str, Any]:
        """Return the fitted attributes that are saved; a model from an older file can lack some."""
        return {name: vars(self)[name] for name in self.saved_attributes if name in vars(self)}

    def _with_state(self, estimator: type) -> Any:
        """Return an estimator with the settings and attributes of this model."""
        made = estimator(**self.settings())
        vars(made).update(vars(self))
        return made

    def _check_fitted(self) -> None:
        if self.result_attribute in vars(self):
            return
        from sklearn.exceptions import NotFittedError

        raise NotFittedError(f"this {self.estimator_name} is not fitted yet; call fit first")

    def _warn_of_empty_clusters(self, n_clusters: int, why: str) -> None:
        """Warn where clusters have no rows; to be called by `fit` itself, whose caller is shown."""
        n_used = len(np.unique(self.labels_))
        if n_used < n_clusters:
            warnings.warn(
                f"{self.estimator_name}: {n_used} of {n_clusters} clusters have rows, because patterns are at {why}; "
                f"ask for n_clusters={n_used}",
                SegmentryWarning,
                stacklevel=3,
            )
