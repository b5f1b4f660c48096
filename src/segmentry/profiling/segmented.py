"""Pattern tables whose patterns belong to segments: what every profile is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Labels
from segmentry.patterns import DesignSums, PatternTable, group_patterns
from segmentry.patterns.cross_tables import cross_table


@dataclass(frozen=True)
class SegmentedPatterns:
    """A pattern table with the segment of each pattern.

    Attributes
    ----------
    patterns
        Pattern table.
    labels
        (n_patterns,) segment of each pattern, counted from 0.
    n_segments
        Number of segments, those without customers included.
    design
        Sums by cluster of the sample; None where its strata and clusters are not known.
    """

    patterns: PatternTable
    labels: Labels
    n_segments: int
    design: DesignSums | None = None

    @property
    def weights(self) -> Floats:
        """(n_segments,) customers, or sums of survey weights."""
        return self.sum_by_segment(self.patterns.sample_weight)

    def sum_by_segment(self, values: npt.NDArray[Any]) -> Floats:
        """(n_segments,) or (n_segments, n_columns) sums of values that each pattern has."""
        if values.ndim == 1:
            return np.asarray(np.bincount(self.labels, values, minlength=self.n_segments), np.float64)
        sums = np.zeros((self.n_segments, values.shape[1]))
        np.add.at(sums, self.labels, values)
        return sums

    def mean_by_segment(self, values: Floats) -> Floats:
        """(n_segments,) weighted means of values (n_patterns,); 0 of segments without customers."""
        weight = self.patterns.sample_weight
        return self.sum_by_segment(values * weight) / np.maximum(self.weights, 1e-300)

    def cross_table(self, feature: int) -> Floats:
        """(n_segments, n_levels) customers with a known level of a feature."""
        codes = np.asarray(self.patterns.codes[:, feature])
        n_levels = len(self.patterns.features[feature].levels)
        return cross_table((self.labels, self.n_segments), (codes, n_levels), self.patterns.sample_weight)


def most_frequent(patterns: PatternTable, rows: npt.NDArray[np.intp]) -> int:
    """Return the first of some rows whose pattern most customers of these rows have."""
    first, group = group_patterns(np.asarray(patterns.codes)[rows])
    return int(rows[first[np.bincount(group, patterns.sample_weight[rows]).argmax()]])
