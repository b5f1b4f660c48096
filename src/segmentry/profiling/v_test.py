"""The v-test: how far a count is from a random draw, by the hypergeometric tail on the log scale."""

from __future__ import annotations

import numpy as np
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.intervals import log_choose

_FIRST_TERMS, _MOST_TERMS = 64, 65_536
_NEGLIGIBLE = 1e-17


def v_test(counts: Floats, size: Floats, level: Floats, total: float) -> Floats:
    """Signed normal score of how far a level's count in a segment is from a random draw of the segment's size.

    It orders levels by how much they set a segment apart. It does not test them, because they formed the segments.

    Parameters
    ----------
    counts
        (n_segments, n_levels) customers by segment and level.
    size
        (n_segments, 1) customers of each segment.
    level
        (n_levels,) customers of each level.
    total
        Number of all customers.

    Notes
    -----
    The draw is without replacement. Whole counts: the normal score of the smaller tail of the hypergeometric
    distribution, half of the count's own probability included (Lebart, Morineau & Piron 1995; `catdes` of
    FactoMineR). The tail is summed on the log scale, so that the score is finite at any number of customers.
    Other counts (survey weights, in the unit of the effective number of customers): the difference from the expected count over its standard deviation.
    """
    counts, size, level = np.broadcast_arrays(counts, size, level)
    has_spread = (size > 0) & (size < total) & (level > 0) & (level < total)
    seen, drawn, marked = (np.asarray(a[has_spread], np.float64) for a in (counts, size, level))
    scores = np.zeros(counts.shape)
    if all(_is_whole(a) for a in (seen, drawn, marked)):
        scores[has_spread] = _exact(np.rint(seen), np.rint(drawn), np.rint(marked), round(total))
    else:
        scores[has_spread] = _approximate(seen, drawn, marked, float(total))
    return scores


def _is_whole(numbers: Floats) -> bool:
    """Whether the numbers are whole but for the rounding of their scale."""
    return bool(np.allclose(numbers, np.rint(numbers), rtol=0, atol=1e-6))


def _approximate(counts: Floats, size: Floats, level: Floats, total: float) -> Floats:
    share = level / total
    variance = size * (total - size) / max(total - 1, 1) * share * (1 - share)
    return np.asarray((counts - size * share) / np.sqrt(variance))


def _exact(counts: Floats, size: Floats, level: Floats, total: float) -> Floats:
    is_above = counts * total > size * level
    # the lower tail of a level is the upper tail of all other levels
    seen = np.where(is_above, counts, size - counts)
    marked = np.where(is_above, level, total - level)
    log_tail = np.minimum(_log_upper_tail(seen, size, marked, total), 0.0)
    with np.errstate(divide="ignore"):
        log_tail = np.where(log_tail > np.log(0.5), np.log1p(-np.exp(log_tail)), log_tail)
    score = np.maximum(-special.ndtri_exp(np.minimum(log_tail, np.log(0.5))), 0.0)
    return np.asarray(np.where(is_above, score, -score))


def _log_upper_tail(seen: Floats, size: Floats, level: Floats, total: float) -> Floats:
    """Log of P(more than seen) + P(seen) / 2, for each cell."""
    first = log_choose(level, seen) + log_choose(total - level, size - seen) - log_choose(total, size)
    further = np.zeros(len(seen))
    at, term = seen.copy(), np.ones(len(seen))
    open_, n_terms = np.arange(len(seen)), _FIRST_TERMS
    while len(open_):
        x = at[open_, None] + np.arange(n_terms)
        k, n = level[open_, None], size[open_, None]
        ratio = np.maximum(k - x, 0) * np.maximum(n - x, 0) / ((x + 1) * np.maximum(total - k - n + x + 1, 1))
        terms = term[open_, None] * np.cumprod(ratio, axis=1)
        further[open_] += terms.sum(axis=1)
        at[open_] += n_terms
        term[open_] = terms[:, -1]
        open_ = open_[term[open_] > _NEGLIGIBLE * (0.5 + further[open_])]
        n_terms = min(2 * n_terms, _MOST_TERMS)
    return np.asarray(first + np.log(0.5 + further))
