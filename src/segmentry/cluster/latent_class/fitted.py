"""Fitted latent classes as lookups: what a level, and a combination of joined features, adds to the sum of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.latent_class.em import TINY
from segmentry.cluster.latent_class.joined import Pair, interactions, joined_pairs, other_features
from segmentry.cluster.pattern_model import PairTable, PatternModel


class FittedClasses(PatternModel):
    """The shares of the classes, their probabilities of levels, and those of combinations of joined features."""

    joined: Any
    class_prior_: Floats
    response_proba_: list[Floats]
    joined_proba_: list[Floats]
    misclassification_: Any

    def reordered(self, order: Indices) -> Self:
        """Return the model with its classes in another order: class i is what was class ``order[i]``."""
        changed = super().reordered(order)
        for name in ("response_proba_", "joined_proba_"):
            if name in vars(self):
                setattr(changed, name, [np.asarray(table)[order] for table in vars(self)[name]])
        if "misclassification_" in vars(self):
            changed.misclassification_ = np.asarray(self.misclassification_)[np.ix_(order, order)]
        return changed

    def _pairs(self, is_ordered: Sequence[bool] | None = None) -> tuple[Pair, ...]:
        """Return which features are joined."""
        n_levels, names = [len(levels) for levels in self.categories_], vars(self).get("feature_names_in_")
        kinds = [False] * len(n_levels) if is_ordered is None else is_ordered
        return joined_pairs(self.joined, names, n_levels, kinds, self.estimator_name)

    def _tables(self) -> list[Floats]:
        """Return the probabilities (n_classes, n_first, n_second) of joined features."""
        return [np.asarray(table, dtype=np.float64) for table in vars(self).get("joined_proba_", ())]

    def _parameters(self) -> Floats:
        """Return the parameters (n_classes, 1 + n_columns) as the search has them where no features are joined."""
        shares = np.asarray(self.class_prior_)[:, None]
        return np.hstack([shares, *(np.asarray(p, dtype=np.float64) for p in self.response_proba_)])

    def _joined_parameters(self) -> Floats:
        """Return the parameters as the search has them, with combinations after the features that are not joined."""
        others = other_features(self._pairs(), self.n_features_in_)
        parts = [np.asarray(self.response_proba_[j], dtype=np.float64) for j in others]
        parts += [table.reshape(len(table), -1) for table in self._tables()]
        return np.hstack([np.asarray(self.class_prior_)[:, None], *parts])

    def _feature_tables(self) -> list[Floats]:
        """Return the negative log-probabilities (n_levels + 1, n_classes) of levels, then what combinations add; 0 where missing."""
        own = [_table_of_logs(probabilities) for probabilities in self.response_proba_]
        return own + [interactions(table) for table in self._tables()]

    def _pair_tables(self) -> tuple[PairTable, ...]:
        return tuple(
            PairTable(pair.first, pair.second, interactions(table)[:-1].reshape(*pair.shape, -1))
            for pair, table in zip(self._pairs(), self._tables(), strict=True)
        )

    def _looked_up(self, codes: LevelCodes) -> LevelCodes:
        """Return the codes with a column more for each pair of joined features."""
        pairs = self._pairs()
        return np.column_stack([codes, *(pair.combined(codes) for pair in pairs)]) if pairs else codes

    def _constants(self) -> Floats:
        """Return minus the logarithms of the classes' shares."""
        return np.asarray(-np.log(np.maximum(np.asarray(self.class_prior_, dtype=np.float64), TINY)))


def _table_of_logs(probabilities: Floats | Sequence[Sequence[float]]) -> Floats:
    """Return the negative log-probabilities (n_levels + 1, n_classes) of a feature's levels; 0 where missing."""
    logs = -np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), TINY))
    return np.vstack([logs.T, np.zeros(len(logs))])
