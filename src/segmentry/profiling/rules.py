"""A short rule for each segment, and the fewest questions that assign a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, Labels, Mask
from segmentry.patterns import PatternTable
from segmentry.profiling.conditions import level_names, spoken_codes
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.trees import LevelColumns, Node, grow

if TYPE_CHECKING:
    import pandas as pd

RULE_COLUMNS = ("segment", "rule", "n_conditions", "n", "precision", "recall")
QUESTION_COLUMNS = ("n_questions", "features", "agreement", "is_enough")
ENOUGH = 0.9
"""Agreement with the segments at which the features asked for are enough."""
_MAX_LEAVES = 6
_MOST_PATTERNS = 20_000
_MOST_SETS = 300


@dataclass(frozen=True)
class _Rule:
    """The conditions of a node, and how well they find a segment: position of a feature to codes allowed."""

    conditions: Mapping[int, frozenset[int]]
    n: float
    f1: float
    precision: float
    recall: float


def rule_table(segmented: SegmentedPatterns) -> pd.DataFrame:
    """Describe each segment by a short rule: levels that its customers have and others do not have.

    Parameters
    ----------
    segmented
        Pattern table with its segments.

    Returns
    -------
    DataFrame
        One row per segment: ``rule``, ``n_conditions``, ``n`` customers who meet it, ``precision`` (share of
        these who are in the segment) and ``recall`` (share of the segment who meet it).

    Notes
    -----
    A tree of at most six leaves is grown for each segment against all others (`trees.grow`; Gini index); the
    rule is its node with the highest F1, the harmonic mean of precision and recall. Trees are grown on the 20,000
    most frequent patterns; precision and recall are those of all patterns.
    """
    import pandas as pd

    patterns, labels = segmented.patterns, segmented.labels
    weight = patterns.sample_weight
    kept = _most_frequent(weight)
    columns = LevelColumns.of(patterns.take(kept))
    present = _present_codes(patterns)
    rows = []
    for s in range(segmented.n_segments):
        mine = weight[kept] * (labels[kept] == s)
        _, nodes = grow(columns, mine[:, None], weight[kept][:, None], _MAX_LEAVES)
        everybody = Node(np.arange(len(weight)), {})
        rules = [_rule(patterns, weight, node, present, labels == s) for node in (everybody, *nodes)]
        best = max(rules, key=lambda r: (round(r.f1, 12), -len(r.conditions)))
        text = rule_text(patterns, best.conditions, present)
        rows.append((s + 1, text, len(best.conditions), best.n, best.precision, best.recall))
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS))


def _rule(
    patterns: PatternTable, weight: Floats, node: Node, present: list[frozenset[int]], is_mine: Mask
) -> _Rule:
    """The rule of a node, without conditions that every customer meets, in the order of the features."""
    narrowed = {j: node.allowed[j] & present[j] for j in sorted(node.allowed)}
    conditions = {j: codes for j, codes in narrowed.items() if codes != present[j]}
    taken = np.ones(len(weight), bool)
    for j, codes in conditions.items():
        taken &= np.isin(np.asarray(patterns.codes[:, j]), sorted(codes))
    n, hits, total = (float(weight[m].sum()) for m in (taken, taken & is_mine, is_mine))
    precision, recall = (hits / n if n else 0.0), (hits / total if total else 0.0)
    f1 = 2 * hits / (n + total) if n + total else 0.0
    return _Rule(conditions, n, f1, precision, recall)


def _present_codes(patterns: PatternTable) -> list[frozenset[int]]:
    """Codes that customers have, per feature; -1 where a level is unknown."""
    codes = np.asarray(patterns.codes)
    return [frozenset(np.unique(codes[:, j]).tolist()) for j in range(codes.shape[1])]


def rule_text(
    patterns: PatternTable, conditions: Mapping[int, frozenset[int]], present: list[frozenset[int]]
) -> str:
    """Write conditions in words: ``no children; Income 60,000 and over``."""
    words = level_names(patterns)
    return (
        "; ".join(
            spoken_codes(words, patterns.features[j], codes, present[j]) for j, codes in conditions.items()
        )
        or "all customers"
    )


@dataclass(frozen=True)
class QuestionSet:
    """Names of the features that are asked for, and the share of customers whose segment they tell."""

    features: tuple[str, ...]
    agreement: float

    @property
    def is_enough(self) -> bool:
        """Whether they tell the segment of nine in ten customers."""
        return self.agreement >= ENOUGH


def question_sets(segmented: SegmentedPatterns) -> list[QuestionSet]:
    """Find the fewest features that have to be asked for to assign a customer.

    Parameters
    ----------
    segmented
        Pattern table with its segments.

    Returns
    -------
    list of QuestionSet
        The best set of each size from 0, until one is enough. A customer's segment is told where it is the most
        frequent one among those with the same levels.

    Notes
    -----
    All sets of a size are tried where these are at most 300; otherwise the best set of the size before is
    extended. In tables with more than 20,000 patterns the 20,000 most frequent ones are used.
    """
    patterns, n_segments = segmented.patterns, segmented.n_segments
    kept = _most_frequent(patterns.sample_weight)
    codes, weight = np.asarray(patterns.codes)[kept], patterns.sample_weight[kept]
    mine = np.asarray(segmented.labels)[kept]
    found: list[QuestionSet] = []
    best: tuple[int, ...] = ()
    for n in range(codes.shape[1] + 1):
        sets = _feature_sets(codes.shape[1], n, best)
        scores = [_agreement(codes[:, list(s)], mine, weight, n_segments) for s in sets]
        at = int(np.argmax(np.round(scores, 12)))
        best = sets[at]
        found.append(QuestionSet(tuple(patterns.features[j].name for j in best), scores[at]))
        if found[-1].is_enough:
            break
    return found


def question_table(sets: Sequence[QuestionSet]) -> pd.DataFrame:
    """Return a row per set: ``n_questions``, ``features`` (separated by commas), ``agreement``, ``is_enough``."""
    import pandas as pd

    rows = [(len(s.features), ", ".join(s.features), s.agreement, s.is_enough) for s in sets]
    return pd.DataFrame(rows, columns=list(QUESTION_COLUMNS))


def _feature_sets(n_features: int, n: int, before: tuple[int, ...]) -> list[tuple[int, ...]]:
    """All sets of `n` features; where these are too many, the set before with one more."""
    if comb(n_features, n) <= _MOST_SETS:
        return list(combinations(range(n_features), n))
    return [tuple(sorted((*before, j))) for j in range(n_features) if j not in before]


def _agreement(codes: npt.NDArray[np.integer], labels: Labels, weight: Floats, n_segments: int) -> float:
    """Share of customers in the most frequent segment of their combination of levels."""
    answers = np.zeros(len(codes), np.int64)
    for column in codes.T:
        width = int(column.max()) + 2
        answers = np.unique(answers * width + column + 1, return_inverse=True)[1].reshape(-1)
    cells = answers * n_segments + labels
    counts = np.bincount(cells, weight, minlength=(int(answers.max()) + 1) * n_segments)
    return float(counts.reshape(-1, n_segments).max(axis=1).sum() / weight.sum())


def _most_frequent(weight: Floats) -> Indices:
    if len(weight) <= _MOST_PATTERNS:
        return np.arange(len(weight))
    return np.sort(np.argsort(-weight, kind="stable")[:_MOST_PATTERNS])
