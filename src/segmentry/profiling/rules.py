"""A short rule for each segment, and the fewest questions that assign a customer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.patterns import FeatureLevels, PatternTable
from segmentry.profiling.names import spoken_level
from segmentry.profiling.trees import LevelColumns, Node, grow

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.arrays import Labels

RULES = ("segment", "rule", "n_conditions", "n", "precision", "recall")
QUESTIONS = ("n_questions", "features", "agreement", "is_enough")
ENOUGH = 0.9
"""Agreement with the segments from which questions are enough."""
_MAX_LEAVES = 6
_MOST_PATTERNS = 20_000
_MOST_SETS = 300


def rule_table(patterns: PatternTable, labels: Labels, n_segments: int) -> pd.DataFrame:
    """Say each segment in a rule: levels that its customers have and others have not.

    Parameters
    ----------
    patterns
        The pattern table.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.

    Returns
    -------
    DataFrame
        One row per segment: ``rule``, ``n_conditions``, ``n`` customers that it takes, ``precision`` (of those,
        the share in the segment) and ``recall`` (of the segment, the share that it takes).

    Notes
    -----
    A tree of at most six leaves is grown for each segment against all others (`trees.grow`; Gini index); the
    rule is its node with the highest F1, the harmonic mean of precision and recall. Trees are grown on the 20,000
    most frequent patterns; precision and recall are of all.
    """
    import pandas as pd

    weight = patterns.sample_weight
    kept = _most_frequent(weight)
    columns = LevelColumns.of(patterns.take(kept))
    rows = []
    for s in range(n_segments):
        mine = weight[kept] * (labels[kept] == s)
        _, nodes = grow(columns, mine[:, None], weight[kept][:, None], _MAX_LEAVES)
        found = [_scored(patterns, node, weight, labels == s) for node in nodes]
        everybody = Node(np.arange(len(weight)), {})
        best = max(
            [_scored(patterns, everybody, weight, labels == s), *found],
            key=lambda r: (round(r[3], 12), -r[1]),
        )
        rows.append((s + 1, *best[:3], best[4], best[5]))
    return pd.DataFrame(rows, columns=list(RULES))


def _scored(
    patterns: PatternTable, node: Node, weight: Floats, is_mine: npt.NDArray[np.bool_]
) -> tuple[str, int, float, float, float, float]:
    """(rule, conditions, customers, F1, precision, recall) of a node's conditions."""
    conditions = _conditions(patterns, node)
    taken = np.ones(len(weight), bool)
    for j, codes in conditions.items():
        taken &= np.isin(np.asarray(patterns.codes[:, j]), sorted(codes))
    n, hits, total = (float(weight[m].sum()) for m in (taken, taken & is_mine, is_mine))
    precision, recall = (hits / n if n else 0.0), (hits / total if total else 0.0)
    f1 = 2 * hits / (n + total) if n + total else 0.0
    return (
        rule_text(patterns.features, conditions, _present(patterns)),
        len(conditions),
        n,
        f1,
        precision,
        recall,
    )


def _conditions(patterns: PatternTable, node: Node) -> dict[int, frozenset[int]]:
    """The node's conditions without those that every customer meets, in the order of the features."""
    present = _present(patterns)
    narrowed = {j: node.allowed[j] & present[j] for j in sorted(node.allowed)}
    return {j: codes for j, codes in narrowed.items() if codes != present[j]}


def _present(patterns: PatternTable) -> list[frozenset[int]]:
    """Codes that customers have, per feature; -1 where a level is unknown."""
    codes = np.asarray(patterns.codes)
    return [frozenset(np.unique(codes[:, j]).tolist()) for j in range(codes.shape[1])]


def rule_text(
    features: tuple[FeatureLevels, ...],
    conditions: Mapping[int, frozenset[int]],
    present: list[frozenset[int]],
) -> str:
    """Write conditions for people: ``no children; Income from 60,000–79,999 up``."""
    if not conditions:
        return "all customers"
    return "; ".join(_condition(features[j], codes, present[j]) for j, codes in conditions.items())


def _condition(feature: FeatureLevels, codes: frozenset[int], present: frozenset[int]) -> str:
    def spoken(code: int) -> str:
        return f"{feature.label} unknown" if code < 0 else spoken_level(feature.label, feature.levels[code])

    known, ordered = sorted(c for c in present if c >= 0), sorted(codes)
    run = [c for c in known if c in codes]
    if feature.scale == "ordinal" and len(run) > 1 and len(run) == len(codes) and _is_run(run, known):
        if run[0] == known[0]:
            return f"{feature.label} up to {feature.levels[run[-1]]}"
        if run[-1] == known[-1]:
            return f"{feature.label} from {feature.levels[run[0]]} up"
    others = sorted(present - codes)
    if len(others) == 1 and len(ordered) > 1:
        return f"not {spoken(others[0])}"
    first, *rest = ordered
    tail = [feature.levels[c] if c >= 0 else "unknown" for c in rest]
    return " or ".join([spoken(first), *tail])


def _is_run(run: list[int], known: list[int]) -> bool:
    return known[known.index(run[0]) : known.index(run[-1]) + 1] == run


def question_table(patterns: PatternTable, labels: Labels, n_segments: int) -> pd.DataFrame:
    """Find the fewest features that have to be asked to assign a customer.

    Parameters
    ----------
    patterns
        The pattern table.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.

    Returns
    -------
    DataFrame
        One row per number of questions, until they are enough: ``n_questions`` from 0, ``features`` (names,
        separated by commas: the best set of so many), ``agreement``, the share of customers whose segment is the
        most frequent one among those with the same answers, and ``is_enough`` (0.9 or more).

    Notes
    -----
    Up to 300 sets of a number are all tried; where there are more, the best set of one fewer is extended. Of
    tables with more than 20,000 patterns the most frequent 20,000 are asked.
    """
    import pandas as pd

    kept = _most_frequent(patterns.sample_weight)
    codes, weight = np.asarray(patterns.codes)[kept], patterns.sample_weight[kept]
    mine = np.asarray(labels)[kept]
    rows: list[tuple[object, ...]] = []
    best: tuple[int, ...] = ()
    for n in range(codes.shape[1] + 1):
        sets = _sets(codes.shape[1], n, best)
        scores = [_agreement(codes[:, list(s)], mine, weight, n_segments) for s in sets]
        at = int(np.argmax(np.round(scores, 12)))
        best, agreement = sets[at], scores[at]
        names = ", ".join(patterns.features[j].name for j in best)
        rows.append((n, names, agreement, agreement >= ENOUGH))
        if agreement >= ENOUGH:
            break
    return pd.DataFrame(rows, columns=list(QUESTIONS))


def _sets(n_features: int, n: int, before: tuple[int, ...]) -> list[tuple[int, ...]]:
    if comb(n_features, n) <= _MOST_SETS:
        return list(combinations(range(n_features), n))
    return [tuple(sorted((*before, j))) for j in range(n_features) if j not in before]


def _agreement(codes: npt.NDArray[np.integer], labels: Labels, weight: Floats, n_segments: int) -> float:
    answers = np.zeros(len(codes), np.int64)
    for column in codes.T:
        width = int(column.max()) + 2
        answers = np.unique(answers * width + column + 1, return_inverse=True)[1].reshape(-1)
    cells = answers * n_segments + labels
    counts = np.bincount(cells, weight, minlength=(int(answers.max()) + 1) * n_segments)
    return float(counts.reshape(-1, n_segments).max(axis=1).sum() / weight.sum())


def _most_frequent(weight: Floats) -> npt.NDArray[np.intp]:
    if len(weight) <= _MOST_PATTERNS:
        return np.arange(len(weight))
    return np.sort(np.argsort(-weight, kind="stable")[:_MOST_PATTERNS])
