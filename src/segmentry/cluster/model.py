"""What the cores of all estimators share: their settings, and whether they are fitted."""

from __future__ import annotations

from inspect import signature
from typing import Any, ClassVar

from segmentry.cluster.input.frames import Levels


class Core:
    """An estimator without scikit-learn's base classes; `_fitted` names what it has learnt."""

    _fitted: ClassVar[tuple[str, ...]]
    missing_value: object
    handle_unknown: str
    categories_: list[Levels]
    n_features_in_: int

    @property
    def _name(self) -> str:
        """Return the estimator's name, for messages."""
        return type(self).__name__.removesuffix("Core")

    def settings(self) -> dict[str, Any]:
        """Return the hyper-parameters by name."""
        names = list(signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def _check_fitted(self, attribute: str) -> None:
        if hasattr(self, attribute):
            return
        from sklearn.exceptions import NotFittedError

        raise NotFittedError(f"this {self._name} is not fitted yet; call fit first")
