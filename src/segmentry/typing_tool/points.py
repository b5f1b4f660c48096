"""What answers are worth, so that their sums tell segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats

_RIDGE = 1.0
"""Pull towards 0, which keeps answers of few customers from being worth everything."""
_STEPS = 200


@dataclass(frozen=True)
class Answers:
    """Customers by their answers and their segment.

    Attributes
    ----------
    codes
        (n_patterns, n_candidates) positions of answers; -1 where there is none.
    weight
        (n_patterns, n_segments) customers.
    n_answers
        Number of answers of each candidate.
    """

    codes: npt.NDArray[np.int64]
    weight: Floats
    n_answers: tuple[int, ...]

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return self.weight.shape[1]

    def of(self, columns: Sequence[int]) -> Answers:
        """Return the answers to some of the candidates."""
        chosen = list(columns)
        return Answers(self.codes[:, chosen], self.weight, tuple(self.n_answers[j] for j in chosen))

    def counts(self, j: int) -> Floats:
        """(n_answers, n_segments) customers by their answer to one candidate."""
        known = self.codes[:, j] >= 0
        found = np.zeros((self.n_answers[j], self.n_segments))
        np.add.at(found, self.codes[known, j], self.weight[known])
        return found


@dataclass(frozen=True)
class Fitted:
    """What every segment has before any answer, and what answers add: per question (n_answers, n_segments)."""

    start: Floats
    worth: tuple[Floats, ...]

    def scores(self, codes: npt.NDArray[np.int64]) -> Floats:
        """(n_patterns, n_segments) sums; an answer that is not known adds nothing."""
        scores = np.tile(self.start, (len(codes), 1))
        nothing = np.zeros((1, len(self.start)))
        for j, table in enumerate(self.worth):
            scores += np.vstack([table, nothing])[codes[:, j]]
        return scores


def fit(answers: Answers, floor: int) -> Fitted:
    """Fit what answers are worth (multinomial logistic regression).

    Answers that say the same share what they say, where naive Bayes would count it twice. What the answers of one question are worth is 0 on
    average, which is what a question without an answer is worth.

    Parameters
    ----------
    answers
        Answers of customers.
    floor
        Answers of fewer customers are worth nothing, because what they are worth would tell of few.
    """
    from scipy.optimize import minimize

    design, places = _design(answers, floor)
    weight, total, k = answers.weight, answers.weight.sum(axis=1, keepdims=True), answers.n_segments
    begun = np.zeros((design.shape[1], k))
    begun[0] = np.log((weight.sum(axis=0) + 0.5) / (weight.sum() + 0.5 * k))

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(-1, k)
        scores = design @ table
        best = scores.max(axis=1, keepdims=True)
        log = scores - best - np.log(np.exp(scores - best).sum(axis=1, keepdims=True))
        held = np.vstack([np.zeros(k), table[1:]])
        slope = design.T @ (np.exp(log) * total - weight) + _RIDGE * held
        return float(-(weight * log).sum() + _RIDGE / 2 * (held**2).sum()), slope.ravel()

    found = minimize(loss, begun.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x.reshape(
        -1, k
    )
    worth = []
    for j, (first, shares) in enumerate(places):
        table = found[first : first + answers.n_answers[j]]
        worth.append(np.where(shares[:, None] > 0, table - shares @ table, 0.0))
    return Fitted(found[0], tuple(worth))


def _design(answers: Answers, floor: int) -> tuple[Floats, list[tuple[int, Floats]]]:
    """One column of ones, then one per answer, less its share; also each question's first column, and its answers' shares."""
    parts, places, first = [np.ones((len(answers.codes), 1))], [], 1
    for j, n in enumerate(answers.n_answers):
        sizes = answers.counts(j).sum(axis=1)
        sizes = np.where(sizes < floor, 0.0, sizes)
        shares = sizes / max(sizes.sum(), 1e-12)
        known = np.vstack([np.eye(n) * (shares > 0)[:, None], np.zeros((1, n))])
        codes = np.where(
            (answers.codes[:, j] >= 0) & (shares[answers.codes[:, j]] > 0), answers.codes[:, j], n
        )
        parts.append(known[codes] - shares * (codes < n)[:, None])
        places.append((first, shares))
        first += n
    return np.hstack(parts), places
