"""scikit-learn's own checks, run; each exemption names the check and why it cannot hold."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans

EXEMPTIONS: dict[str, dict[str, str]] = {}


def _exempted(estimator: Any) -> dict[str, str]:
    return EXEMPTIONS.get(type(estimator).__name__, {})


@parametrize_with_checks(
    [
        KModes(n_clusters=3, n_init=2, random_state=0),
        LatentClass(n_components=2, n_init=2, random_state=0),
        OrdinalKMeans(n_clusters=3, n_init=2, random_state=0),
    ],
    expected_failed_checks=_exempted,
)
def test_estimators_keep_scikit_learns_contract(estimator: Any, check: Any) -> None:
    check(estimator)
