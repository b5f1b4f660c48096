"""What scikit-learn asks of estimators beside what models do: its base classes, tags and names of columns."""

from __future__ import annotations

from typing import Any

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
except ImportError:
    raise ImportError(
        "the estimators of segmentry.cluster need the extra `scikit-learn`: pip install 'segmentry[scikit-learn]'"
    ) from None

from segmentry.cluster.model import ClusterModel


class CategoricalEstimator(ClusterMixin, BaseEstimator, ClusterModel):
    """A model of clusters whose X may hold text."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True
        tags.input_tags.allow_nan = self.allows_missing
        return tags


class DistanceEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, CategoricalEstimator):
    """A model of clusters that transforms rows into distances."""

    def transform(self, X: Any) -> Any:
        """Return the distances (n_rows, n_clusters) of the rows to the clusters, as the model measures them."""
        return super().transform(X)

    @property
    def _n_features_out(self) -> int:
        """Return the number of columns that `transform` gives, for `get_feature_names_out`."""
        return self.n_found
