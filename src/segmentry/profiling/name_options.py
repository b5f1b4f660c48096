"""What a segment may be called: conditions that most of its customers meet and few others, the best first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from segmentry.arrays import Floats, LevelCodes, Mask
from segmentry.patterns import FeatureLevels
from segmentry.profiling.conditions import ordered_codes
from segmentry.profiling.segmented import SegmentedPatterns

HOLDS = 0.6
"""Share of a segment's customers of whom its name has to be true, where there is such a name."""
MIN_V_TEST = 2.0
MIN_CONTRAST = 0.05
_MOST_LISTED = 3
_TWO_ENDS = 1.2
_GAIN = 1.1
"""A further condition, or a further level in a list, has to set the segment apart more by this factor."""
_FEATURES_JOINED, _FORMS_JOINED = 6, 3
"""Pairs are made of so many conditions: of the features that set the segment apart most, so many of each."""
_DIGITS = 9
_ROWS = 2**16

Cell = tuple[int, str, str]
"""A cell of the table of features: segment (from 1), feature, level."""
Parts = tuple[tuple[int, tuple[int, ...]], ...]
"""Conditions that customers meet together: position of a feature, and codes of levels of which they have one."""


@dataclass(frozen=True)
class Option:
    """Conditions, and how well they tell a segment.

    Attributes
    ----------
    parts
        The conditions, that which tells the segment best first.
    share, base_share
        Shares of the segment and of all customers who meet them.
    phi
        Correlation of meeting them and being in the segment.
    n_said
        How much has to be said: 1 for a level or an open range, a little more for a range with two ends, the number of
        levels in a list; of two conditions the sum.
    """

    parts: Parts
    share: float
    base_share: float
    phi: float
    n_said: float

    @property
    def score(self) -> float:
        """Correlation, less for all that has to be said."""
        return round(self.phi / _GAIN ** (self.n_said - 1), _DIGITS)


@dataclass(frozen=True)
class _Sizes:
    """Customers of a segment and of all, as weights, and the effective number of all."""

    segment: float
    all: float
    effective: float

    def correlation(self, met: Floats, everybody: Floats) -> Floats:
        """Correlate being in the segment with meeting conditions; 0 where that is chance, or hardly more than elsewhere."""
        p, q = self.segment / self.all, everybody / self.all
        spread = np.sqrt(p * (1 - p) * np.maximum(q * (1 - q), 0.0))
        phi = np.divide(met / self.all - p * q, spread, out=np.zeros(len(q)), where=spread > 0)
        contrast = met / self.segment - q
        return np.where((contrast >= MIN_CONTRAST) & (phi * np.sqrt(self.effective) > MIN_V_TEST), phi, 0.0)


def options_of(segmented: SegmentedPatterns, hidden: Collection[Cell] | None = None) -> list[list[Option]]:
    """Return for each segment what it may be called, the best first; those that hold for too few come last.

    With `hidden` cells, single conditions on the other cells alone.
    """
    patterns, weights = segmented.patterns, segmented.weights
    tables = [segmented.cross_table(j) for j in range(len(patterns.features))]
    ranked: list[list[Option]] = []
    for segment in range(segmented.n_segments):
        if not weights[segment] > 0:
            ranked.append([])
            continue
        sizes = _Sizes(float(weights[segment]), float(weights.sum()), patterns.n_effective)
        singles = []
        for j, (feature, table) in enumerate(zip(patterns.features, tables, strict=True)):
            unseen = _hidden_codes(feature, segment, hidden or ())
            singles.append(_of_feature((j, feature), (table[segment], table.sum(axis=0)), sizes, unseen))
        enough = [option for options in singles for option in options if option.share >= HOLDS]
        pairs = [] if hidden is not None else _pairs(segmented, segment, _to_join(singles), sizes)
        rest = [option for options in singles for option in options if option.share < HOLDS]
        ranked.append([*_sorted([*enough, *pairs]), *_sorted(rest)])
    return ranked


def _sorted(options: Iterable[Option]) -> list[Option]:
    return sorted(options, key=lambda option: (-option.score, option.n_said))


def _hidden_codes(feature: FeatureLevels, segment: int, hidden: Collection[Cell]) -> list[int]:
    return [c for c, level in enumerate(feature.levels) if (segment + 1, feature.name, level) in hidden]


def _of_feature(
    feature: tuple[int, FeatureLevels], counts: tuple[Floats, Floats], sizes: _Sizes, hidden: Sequence[int]
) -> list[Option]:
    """Return the best conditions on a feature; `counts` are those of its levels in the segment and in all."""
    (j, levels), (mine, everybody) = feature, counts
    members, n_said = _sets(levels, mine, everybody)
    met, base = members @ mine, members @ everybody
    phi = sizes.correlation(met, base)
    phi[members[:, hidden].any(axis=1)] = 0
    score = np.round(phi / _GAIN ** (n_said - 1), _DIGITS)
    order = np.lexsort((n_said, -score))
    holds = met >= HOLDS * sizes.segment
    kept = [
        order[(phi[order] > 0) & (holds[order] == is_enough)][:_FORMS_JOINED] for is_enough in (True, False)
    ]
    return [
        Option(
            ((j, tuple(np.flatnonzero(members[i]).tolist())),),
            float(met[i] / sizes.segment),
            float(base[i] / sizes.all),
            float(phi[i]),
            float(n_said[i]),
        )
        for i in np.concatenate(kept)
    ]


def _sets(feature: FeatureLevels, mine: Floats, everybody: Floats) -> tuple[Mask, Floats]:
    """Return the sets of levels (n_sets, n_levels) that can be said in few words, and how much each has to say."""
    n = len(feature.levels)
    single = np.eye(n, dtype=bool)
    sets, n_said = [single], [np.ones(n)]
    if feature.scale == "ordinal":
        codes = ordered_codes(feature)
        runs = _runs(codes, n)
        sets.append(runs)
        n_said.append(
            np.where(runs[:, codes[:1]].any(axis=1) | runs[:, codes[-1:]].any(axis=1), 1, _TWO_ENDS)
        )
    else:
        share = np.divide(mine, everybody, out=np.zeros(n), where=everybody > 0)
        order = np.argsort(-share, kind="stable")
        for length in range(2, min(_MOST_LISTED, n - 1) + 1):
            sets.append((order.argsort() < length)[None, :])
            n_said.append(np.array([float(length)]))
        if n > _MOST_LISTED:
            sets.append(~single)
            n_said.append(np.full(n, 2.0))
    return np.concatenate(sets), np.concatenate(n_said)


def _runs(codes: Sequence[int], n_levels: int) -> Mask:
    """Return every run of two or more neighbouring levels but that of all."""
    first, last = np.triu_indices(len(codes), k=1)
    is_part = last - first < len(codes) - 1
    first, last = first[is_part, None], last[is_part, None]
    place = np.full(n_levels, -1)
    place[list(codes)] = np.arange(len(codes))
    return np.asarray((place >= first) & (place <= last))


def _to_join(singles: Sequence[Sequence[Option]]) -> list[Option]:
    """Select the conditions that pairs are made of; a pair holds for fewer than each of its two."""
    enough = [[o for o in options if o.share >= HOLDS][:_FORMS_JOINED] for options in singles]
    best = sorted((options for options in enough if options), key=lambda options: -options[0].score)
    return [option for options in best[:_FEATURES_JOINED] for option in options]


def _pairs(
    segmented: SegmentedPatterns, segment: int, singles: Sequence[Option], sizes: _Sizes
) -> list[Option]:
    """Return the pairs of conditions on two features that are true of enough customers."""
    pairs = [
        (a, b)
        for a, b in combinations(range(len(singles)), 2)
        if singles[a].parts[0][0] != singles[b].parts[0][0]
    ]
    if not pairs:
        return []
    mine, everybody = _met_together(segmented, segment, singles)
    first, second = np.array(pairs).T
    met, base = mine[first, second], everybody[first, second]
    phi = sizes.correlation(met, base)
    made = []
    for i in np.flatnonzero((phi > 0) & (met >= HOLDS * sizes.segment)):
        both = _sorted([singles[first[i]], singles[second[i]]])
        parts, n_said = (*both[0].parts, *both[1].parts), both[0].n_said + both[1].n_said
        shares = float(met[i] / sizes.segment), float(base[i] / sizes.all)
        made.append(Option(parts, *shares, float(phi[i]), n_said))
    return made


def _met_together(
    segmented: SegmentedPatterns, segment: int, singles: Sequence[Option]
) -> tuple[Floats, Floats]:
    """Add up the customers of a segment, and all, who meet two conditions: (n_conditions, n_conditions) each."""
    patterns = segmented.patterns
    weight, n = patterns.sample_weight, len(singles)
    mine, everybody = np.zeros((n, n)), np.zeros((n, n))
    for start in range(0, patterns.n_patterns, _ROWS):
        rows = slice(start, start + _ROWS)
        codes = np.asarray(patterns.codes[rows])
        met = np.column_stack([_meets(codes, patterns.features, *o.parts[0]) for o in singles])
        weighted = met * weight[rows, None]
        everybody += met.T @ weighted
        is_mine = segmented.labels[rows] == segment
        mine += met[is_mine].T @ weighted[is_mine]
    return mine, everybody


def _meets(codes: LevelCodes, features: Sequence[FeatureLevels], j: int, levels: Sequence[int]) -> Floats:
    """Return 1 for each row (n_rows,) with one of the levels of feature `j`, and 0 for the others, those without a value among them."""
    is_one = np.zeros(len(features[j].levels) + 1)  # the code of a missing value, -1, is the last
    is_one[list(levels)] = 1.0
    return np.asarray(is_one[codes[:, j]])
