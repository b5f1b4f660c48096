"""scikit-learn's own checks of an estimator, executed."""

from __future__ import annotations

from collections.abc import Callable

from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans

_EXEMPT: dict[type, dict[str, str]] = {KModes: {}, LatentClass: {}, OrdinalKMeans: {}}

ESTIMATORS = [
    KModes(n_clusters=3, n_init=2, random_state=0),
    LatentClass(n_components=2, n_init=3, random_state=0),
    OrdinalKMeans(n_clusters=3, n_init=3, random_state=0),
]


def _exempt(estimator: BaseEstimator) -> dict[str, str]:
    return _EXEMPT[type(estimator)]


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=_exempt)
def test_estimator_passes_scikit_learns_check(
    estimator: BaseEstimator, check: Callable[[BaseEstimator], None]
) -> None:
    check(estimator)
