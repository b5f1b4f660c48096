"""How far a tool may be trusted: it is made of four fifths of the customers, and tried on the others, five times."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats
from segmentry.typing_tool.points import Answers, fit
from segmentry.typing_tool.tool import Trust

N_FOLDS = 5
COVERAGE = 0.9
"""Share of customers whose segment is to be among the possible ones."""
_TEMPERATURES = np.geomspace(0.5, 6.0, 41)
_LEAST_DETERMINANT = 1e-3


@dataclass(frozen=True)
class HeldOut:
    """Scores of customers by tools that were not made of them: (n, n_segments) scores, and customers by their segment."""

    scores: Floats
    weight: Floats

    @property
    def agreement(self) -> float:
        """Share of customers who are told their segment."""
        return float(
            self.weight[np.arange(len(self.weight)), self.scores.argmax(axis=1)].sum() / self.weight.sum()
        )


def held_out(answers: Answers, folds: list[Floats], floor: int) -> HeldOut:
    """Try the tool of these questions on each fold of the customers."""
    scores = []
    for fold in folds:
        rest = Answers(answers.codes, answers.weight - fold, answers.n_answers)
        scores.append(fit(rest, floor).scores(answers.codes))
    return HeldOut(np.concatenate(scores), np.concatenate(folds))


def folds_of(answers: Answers, n_customers: Floats, seed: int) -> list[Floats]:
    """Divide customers into folds at random; customers with the same answers and segment are alike.

    Parameters
    ----------
    answers
        Answers; their weight is divided as the customers are.
    n_customers
        (n_patterns, n_segments) customers.
    seed
        Seed of the draw.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n_customers.astype(np.int64), [1 / N_FOLDS] * N_FOLDS)
    share = drawn / np.maximum(n_customers, 1)[..., None]
    return [np.asarray(answers.weight * share[..., f], np.float64) for f in range(N_FOLDS)]


def temperature_of(found: HeldOut) -> float:
    """Find what scores are divided by, so that certainties are true: answers that say the same count twice otherwise."""

    def missed(temperature: float) -> float:
        scores = found.scores / temperature
        best = scores.max(axis=1, keepdims=True)
        log = scores - best - np.log(np.exp(scores - best).sum(axis=1, keepdims=True))
        return -float((found.weight * log).sum())

    return float(min(_TEMPERATURES, key=missed))


def gap_of(found: HeldOut) -> float:
    """Find how far behind the winner the true segment lies at most, for nine of ten customers."""
    behind = (found.scores.max(axis=1, keepdims=True) - found.scores).ravel()
    weight = found.weight.ravel()
    order = np.argsort(behind, kind="stable")
    reached = np.cumsum(weight[order]) >= COVERAGE * weight.sum() - 1e-9
    return float(behind[order][int(np.argmax(reached))])


def trust_of(found: HeldOut, gap: float, floor: int) -> Trust:
    """Gather what is known of the tool; counts and shares are rounded to `floor` customers, so that no fewer can be worked out."""
    n_segments = found.weight.shape[1]
    told = found.scores.argmax(axis=1)
    counts = np.array([found.weight[told == t].sum(axis=0) for t in range(n_segments)]).T
    rounded = floor * np.rint(counts / floor)
    possible = found.scores >= found.scores.max(axis=1, keepdims=True) - gap - 1e-12
    total = float(found.weight.sum())
    return Trust(
        agreement=coarse(found.agreement, total, floor),
        confusion=_rows(rounded),
        weights=_rows(weights_of(rounded)),
        coverage=coarse(float((found.weight * possible).sum() / total), total, floor),
        single=coarse(float(found.weight[possible.sum(axis=1) == 1].sum() / total), total, floor),
    )


def coarse(share: float, n: float, floor: int) -> float:
    """Round a share of `n` customers down to that of a multiple of `floor`: two of them differ by no few customers.

    Examples
    --------
    >>> coarse(0.913, 400, 5), coarse(1.0, 403, 5), coarse(0.5, 400, 0)
    (0.9125, 1.0, 0.5)
    >>> coarse(0.88, 50, 5)
    0.8
    """
    return min(1.0, floor * math.floor(share * n / floor + 1e-9) / n) if floor and share < 1 else share


def weights_of(confusion: Floats) -> Floats:
    """Invert the misclassification (Bolck, Croon & Hagenaars 2004); empty where it is nearly singular.

    Examples
    --------
    >>> weights_of(np.array([[90.0, 10.0], [20.0, 80.0]])).round(2).tolist()
    [[1.14, -0.14], [-0.29, 1.29]]
    >>> weights_of(np.array([[90.0, 0.0], [20.0, 0.0]])).size
    0
    """
    sizes = confusion.sum(axis=1, keepdims=True)
    if not sizes.all():
        return np.zeros((0, 0))
    rates = confusion / sizes
    if abs(np.linalg.det(rates)) < _LEAST_DETERMINANT:
        return np.zeros((0, 0))
    return np.asarray(np.linalg.inv(rates))


def _rows(table: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, row)) for row in table)
