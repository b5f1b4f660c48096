"""The fewest questions: branch and bound over sets of candidates, which proves what no set of a size can tell.

A set is judged by the best that any rule could do with it: each combination of answers told the segment that is most frequent there. Further
questions never make that worse. So a branch ends where not even all candidates that are left, together, would tell more customers than the
best sets known.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.typing_tool.points import Answers

MOST_CANDIDATES = 30
MOST_ROWS = 20_000
"""Rows of answers and segment that are looked at; of more, as many are drawn in proportion to their customers."""
MOST_VISITS = 1_500_000_000
"""Rows, times sets, that are looked at per number of questions; beyond these, nothing is proved."""
N_BEST = 4
"""Sets of each number that are kept: the one that is best at hand may not be best for others."""
_TIE = 1e-9

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Best:
    """The best sets of a number of questions, the best first.

    `agreement` is the largest share of customers at hand that any rule tells right by one of them; `is_proved` says whether no other set
    allows more.
    """

    sets: tuple[tuple[int, ...], ...]
    agreement: float
    is_proved: bool


@dataclass
class _Search:
    codes: Codes
    """(n_candidates, n_rows) answers, from 0; a missing one is the last."""
    widths: tuple[int, ...]
    segment: Codes
    n_segments: int
    weight: Floats
    rests: list[Codes] = field(default_factory=list)
    """Per candidate, the combination of all answers from it on."""
    kept: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    visits: int = 0

    def told(self, cells: Codes, n_cells: int) -> float:
        """Customers in the most frequent segment of their cell."""
        self.visits += len(cells)
        counts = np.bincount(cells * self.n_segments + self.segment, self.weight, n_cells * self.n_segments)
        return float(counts.reshape(-1, self.n_segments).max(axis=1).sum())

    @property
    def least(self) -> float:
        """What a set has to tell to be kept."""
        return self.kept[0][0] + _TIE if len(self.kept) == N_BEST else -1.0

    def keep(self, told: float, columns: tuple[int, ...]) -> None:
        """Keep a set among the best."""
        if told > self.least and (told, columns) not in self.kept:
            heapq.heappush(self.kept, (told, columns))
            if len(self.kept) > N_BEST:
                heapq.heappop(self.kept)

    def walk(self, chosen: tuple[int, ...], cells: Codes, n_cells: int, left: int) -> None:
        """Try every set that begins with the chosen candidates and has `left` more."""
        first = chosen[-1] + 1 if chosen else 0
        for j in range(first, len(self.codes) - left + 1):
            if self.visits > MOST_VISITS:
                return
            finer, n_finer = cells * self.widths[j] + self.codes[j], n_cells * self.widths[j]
            if left == 1:
                self.keep(self.told(finer, n_finer), (*chosen, j))
                continue
            finer, n_finer = _compact(finer)
            everything, n_all = _compact(finer * (len(finer) + 1) + self.rests[j + 1])
            if self.told(everything, n_all) > self.least:
                self.walk((*chosen, j), finer, n_finer, left - 1)


def best_sets(answers: Answers, most: int, seed: int = 0) -> list[Best]:
    """Find the best sets of every number up to `most`.

    Parameters
    ----------
    answers
        Answers of customers; of more than 30 candidates those that go with the segments most are looked at.
    most
        Largest number of questions.
    seed
        Seed of the rows that are drawn where there are many.
    """
    order = _by_worth(answers)[:MOST_CANDIDATES]
    search, is_drawn = _search(answers.of(order), seed)
    is_whole = not is_drawn and len(answers.n_answers) <= MOST_CANDIDATES
    total, found = float(search.weight.sum()), []
    before: tuple[int, ...] = ()
    for size in range(1, min(most, len(order)) + 1):
        search.kept, search.visits = [], 0
        _extend(search, before)
        search.walk((), np.zeros_like(search.segment), 1, size)
        ranked = sorted(search.kept, reverse=True)
        before = ranked[0][1]
        sets = tuple(tuple(sorted(order[j] for j in columns)) for _, columns in ranked)
        found.append(Best(sets, ranked[0][0] / total, is_whole and search.visits <= MOST_VISITS))
    return found


def _by_worth(answers: Answers) -> list[int]:
    """Candidates by how much each alone says of the segments (mutual information), the most first."""
    told = []
    for j in range(len(answers.n_answers)):
        counts = answers.counts(j)
        share = counts / max(counts.sum(), 1e-12)
        even = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
        some = share > 0
        told.append(float((share[some] * np.log(share[some] / even[some])).sum()))
    return sorted(range(len(told)), key=lambda j: -told[j])


def _search(answers: Answers, seed: int) -> tuple[_Search, bool]:
    rows, mine = np.nonzero(answers.weight > 0)
    weight = answers.weight[rows, mine]
    is_drawn = len(rows) > MOST_ROWS
    if is_drawn:
        drawn = np.random.default_rng(seed).choice(len(rows), MOST_ROWS, p=weight / weight.sum())
        kept, times = np.unique(drawn, return_counts=True)
        rows, mine, weight = rows[kept], mine[kept], times.astype(np.float64)
    widths = tuple(n + 1 for n in answers.n_answers)
    codes = np.array(
        [np.where(c < 0, n, c) for c, n in zip(answers.codes[rows].T, answers.n_answers, strict=True)]
    )
    search = _Search(codes, widths, mine.astype(np.int64), answers.n_segments, weight)
    rest = np.zeros(len(rows), np.int64)
    search.rests = [rest]
    for j in reversed(range(len(codes))):
        rest = _compact(rest * widths[j] + codes[j])[0]
        search.rests.insert(0, rest)
    return search, is_drawn


def _compact(cells: Codes) -> tuple[Codes, int]:
    """Number the cells that hold anybody."""
    known, numbered = np.unique(cells, return_inverse=True)
    return numbered.reshape(-1), len(known)


def _extend(search: _Search, before: tuple[int, ...]) -> None:
    """Try the best set of one fewer with each further candidate, so that the search begins with a good set."""
    for j in range(len(search.codes)):
        if j not in before:
            columns = tuple(sorted((*before, j)))
            cells = np.zeros_like(search.segment)
            for i in columns:
                cells = _compact(cells * search.widths[i] + search.codes[i])[0]
            search.keep(search.told(cells, int(cells.max()) + 1), columns)
