"""What of a recipe says the same twice, as the pattern table alone shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmentry.profiling import wording
from segmentry.profiling.associations import feature_association_table
from segmentry.profiling.determined import determined_outcomes
from segmentry.profiling.texts import Names, redundancy_texts
from segmentry.text.words import listed

if TYPE_CHECKING:
    from segmentry.patterns import PatternTable


def redundancy_of(patterns: PatternTable) -> tuple[str, ...]:
    """Say which features go together so closely that one is enough, and which outcomes the features determine.

    Parameters
    ----------
    patterns
        Pattern table with its outcomes; no segments are needed.

    Returns
    -------
    tuple of str
        A sentence per pair of features, and per feature that determines outcomes.
    """
    labels = Names.of(patterns)
    by_feature: dict[str, list[str]] = {}
    for outcome, feature in determined_outcomes(patterns).items():
        by_feature.setdefault(feature, []).append(labels.outcomes[outcome])
    determined = (
        wording.DETERMINED_BY_FEATURE.format(
            outcomes=listed(outcomes), feature=labels.features.get(feature, wording.FEATURES_TOGETHER)
        )
        for feature, outcomes in by_feature.items()
    )
    return (*redundancy_texts(feature_association_table(patterns), labels), *determined)
