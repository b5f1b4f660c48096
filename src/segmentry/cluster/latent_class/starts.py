"""Many short EM runs, of which the best are crossed and a few are followed to the end.

Where the design has a prior, every log-likelihood here includes the prior's log-density (see `em_step`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.latent_class.acceleration import run_until_still
from segmentry.cluster.latent_class.em import DesignMatrix, accelerated_cycle, em_step
from segmentry.cluster.latent_class.ordered import OrderedFeatures

_POOL = 16  # runs that may be crossed
_LOOSE = 1e-7  # tolerance of runs among which those are chosen that are followed on all levels
_REFINED = 2  # of these, runs that are followed on all levels where they competed on few
_ROUNDS = 12  # of crosses
_CHILDREN = 0.6  # crosses per round, as a part of the number of starts
_GAIN = 2e-5  # log-likelihood per unit of weight that counts as a gain, or as another optimum
_SAME = 1e-3  # log-likelihood within which two runs have reached the same optimum
_REACH = 100  # cycles in which a start has to reach the best, at its pace
_STEPS = 3  # EM steps in a cycle
_TILT = 0.3  # how far a class that begins around a row is moved to the levels of the row


@dataclass(frozen=True)
class _Effort:
    """How far runs compete: `short` cycles of all, `long` ones of the better; `patience` rounds of crosses without a gain; `final` runs."""

    short: int
    long: int
    patience: int
    final: int


_OF_LEVELS, _OF_ORDERED = _Effort(8, 15, 3, 5), _Effort(4, 6, 2, 4)
"""With ordered features a step takes several times as long and goes further: with less effort three seeds found the best
likelihood of two to six classes of the customer personality file all the same."""


def _effort(design: DesignMatrix) -> _Effort:
    return _OF_LEVELS if design.ordered is None else _OF_ORDERED


@dataclass(frozen=True)
class EMRuns:
    """EM runs: `parameters` (n_classes, n_runs, 1 + n_columns) and their log-likelihoods (n_runs,)."""

    parameters: Floats
    log_likelihoods: Floats

    def best(self, n_runs: int) -> EMRuns:
        """Keep the best runs, best first."""
        return self[np.argsort(-self.log_likelihoods, kind="stable")[:n_runs]]

    def distinct(self, tolerance: float) -> EMRuns:
        """Keep one run of each group whose log-likelihoods are closer than `tolerance`; at least two."""
        ranked = self.best(len(self.log_likelihoods))
        kept: list[int] = []
        for index, value in enumerate(ranked.log_likelihoods):
            if not kept or ranked.log_likelihoods[kept[-1]] - value > tolerance:
                kept.append(index)
        return ranked[np.array(kept)] if len(kept) > 1 else ranked

    def __getitem__(self, chosen: Indices) -> EMRuns:
        return EMRuns(self.parameters[:, chosen], self.log_likelihoods[chosen])

    def __add__(self, other: EMRuns) -> EMRuns:
        parameters = np.concatenate([self.parameters, other.parameters], axis=1)
        return EMRuns(parameters, np.concatenate([self.log_likelihoods, other.log_likelihoods]))


@dataclass(frozen=True)
class FoundMixture:
    """One mixture: `parameters` (n_classes, 1 + n_columns), and how it was found."""

    parameters: Floats
    log_likelihood: float
    has_converged: bool
    n_steps: int
    n_best: int | None = 1


@dataclass(frozen=True)
class StoppingRule:
    """When a run ends: after `max_iter` EM steps, or when a cycle changes its log-likelihood by at most `tol`, relatively.

    `counts_starts` says whether the starts are counted that reach the best by themselves.
    """

    max_iter: int
    tol: float
    counts_starts: bool = True


def find_mixture(
    design: DesignMatrix, n_classes: int, n_init: int, limits: StoppingRule, rng: np.random.Generator
) -> FoundMixture:
    """Return the best mixture of random starts and of their crosses."""
    if n_classes == 1:
        return replace(_single_class(design), n_best=n_init)
    arena = design.coarse()
    rough = arena.rough()
    starts, dropped = _play(rough, random_starts(arena, n_classes, n_init, rng))
    runs = _compete(rough, starts, n_init, rng)
    if arena is design:
        best = there = _highest(follow_runs(design, runs.parameters, limits))[0]
    else:
        near = _highest(follow_runs(arena, runs.parameters, replace(limits, tol=max(limits.tol, _LOOSE))))
        there = near[0]
        chosen = np.stack([one.parameters for one in near[:_REFINED]], axis=1)
        best = _highest(follow_runs(design, design.refined(chosen, arena), limits))[0]
    if not limits.counts_starts:
        return replace(best, n_best=None)
    if arena is not design:
        there = follow_runs(arena, there.parameters[:, None], limits)[0]
    return replace(best, n_best=_count_reaching(arena, (starts + dropped).parameters, there.log_likelihood))


def _highest(found: list[FoundMixture]) -> list[FoundMixture]:
    """Return mixtures by their log-likelihood, the highest first."""
    return sorted(found, key=lambda one: -one.log_likelihood)


def _compete(design: DesignMatrix, starts: EMRuns, n_init: int, rng: np.random.Generator) -> EMRuns:
    """Return the best runs of good starts and of rounds of crosses."""
    runs = starts
    n_children, gain = max(2, round(_CHILDREN * n_init)), _GAIN * design.total_weight
    idle, effort = 0, _effort(design)
    for _ in range(_ROUNDS if n_init > 1 else 0):
        children, _ = _play(design, _crosses(runs, n_children, rng))
        merged = (runs + children).distinct(gain).best(_POOL)
        has_gained = merged.log_likelihoods[0] > runs.log_likelihoods[0] + gain
        runs, idle = merged, 0 if has_gained else idle + 1
        if idle == effort.patience:
            break
    return runs.best(effort.final)


def random_starts(design: DesignMatrix, n_classes: int, n_starts: int, rng: np.random.Generator) -> Floats:
    """Return parameters (n_classes, n_starts, 1 + n_columns) after random class shares for each pattern.

    The draws are per distinct pattern, so they do not depend on how rows repeat.
    """
    counts = np.zeros((n_classes * n_starts, design.width))
    for rows, weights in design.blocks(len(counts)):
        shares = rng.standard_exponential((n_classes, n_starts, len(rows)))
        shares *= weights / shares.sum(axis=0)
        flat = shares.reshape(len(counts), -1)
        counts += flat @ rows
    margins = design.margins()
    parameters = design.folded(counts.reshape(n_classes, n_starts, -1), np.append(1.0, margins))
    parameters[..., 0] /= design.total_weight
    parameters[..., 1:] = design.normalise(parameters[..., 1:], margins)
    return parameters if design.ordered is None else around_rows(design, design.ordered, parameters, rng)


def around_rows(
    design: DesignMatrix, ordered: OrderedFeatures, parameters: Floats, rng: np.random.Generator
) -> Floats:
    """Return parameters whose classes begin around a pattern each: random shares say nothing of centres."""
    seeds = rng.choice(len(design), parameters.shape[:2], p=design.weights / design.total_weight)
    codes = design.codes[seeds]
    head = parameters.copy()
    head[..., 0] = 1 / len(parameters)
    for start, n, level in zip(design.starts, design.n_levels, np.moveaxis(codes, -1, 0), strict=True):
        is_own = level[..., None] == np.arange(n)
        has_value = is_own.any(axis=-1, keepdims=True)
        part = head[..., 1 + start : 1 + start + n]
        part += np.where(has_value, _TILT * (is_own - part), 0.0)
    return ordered.around(codes[..., design.ordered_at], head)


def follow_runs(design: DesignMatrix, parameters: Floats, limits: StoppingRule) -> list[FoundMixture]:
    """Run mixtures (n_classes, n_runs, 1 + n_columns) side by side until their log-likelihoods stand still."""

    def cycle(_: Indices, running: Floats) -> tuple[Floats, Floats]:
        return accelerated_cycle(design, running)

    found = run_until_still(cycle, parameters, limits.tol, -(-limits.max_iter // _STEPS))
    final = em_step(design, found.parameters)[1]
    return [
        FoundMixture(
            found.parameters[:, i],
            float(final[i]),
            has_converged=i not in found.still_moving,
            n_steps=int(n_cycles) * _STEPS,
        )
        for i, n_cycles in enumerate(found.n_cycles)
    ]


def _count_reaching(design: DesignMatrix, parameters: Floats, best: float) -> int:
    """Count the runs (n_classes, n_runs, 1 + n_columns) that reach the best log-likelihood by themselves.

    A run is given up where, at the pace of its last cycle, it would need more than a hundred.
    """
    runs, n_reaching = EMRuns(*accelerated_cycle(design, parameters)), 0
    for _ in range(_REACH):
        is_there = runs.log_likelihoods >= best - _SAME
        n_reaching += int(is_there.sum())
        runs = runs[np.flatnonzero(~is_there)]
        if not len(runs.log_likelihoods):
            break
        parameters, values = accelerated_cycle(design, runs.parameters)
        has_pace = _REACH * (values - runs.log_likelihoods) > best - _SAME - values
        runs = EMRuns(parameters, values)[np.flatnonzero(has_pace)]
    return n_reaching


def _play(design: DesignMatrix, parameters: Floats) -> tuple[EMRuns, EMRuns]:
    """Give every run a few cycles, and the better third some more; return these, and the others."""
    effort = _effort(design)
    ranked = _advance(design, parameters, effort.short)
    n_kept = min(_POOL, -(-parameters.shape[1] // 3))
    kept, dropped = np.split(np.arange(parameters.shape[1]), [n_kept])
    return _advance(design, ranked[kept].parameters, effort.long), ranked[dropped]


def _advance(design: DesignMatrix, parameters: Floats, n_cycles: int) -> EMRuns:
    for _ in range(n_cycles):
        parameters, values = accelerated_cycle(design, parameters)
    return EMRuns(parameters, values).best(len(values))


def _crosses(runs: EMRuns, n_children: int, rng: np.random.Generator) -> Floats:
    """Draw for each child two parents, and its classes from the classes of both."""
    n_classes, n_runs, _ = runs.parameters.shape
    children = []
    for _ in range(n_children):
        parents = rng.choice(n_runs, 2, replace=n_runs < 2)
        both = np.concatenate([runs.parameters[:, parents[0]], runs.parameters[:, parents[1]]])
        child = both[rng.choice(2 * n_classes, n_classes, replace=False)]
        child[:, 0] /= child[:, 0].sum()
        children.append(child)
    return np.stack(children, axis=1)


def _single_class(design: DesignMatrix) -> FoundMixture:
    parameters = np.concatenate([[1.0], design.margins()])[None, None, :]
    if design.ordered is not None:
        parameters = design.ordered.single(parameters)
    log_likelihood = float(em_step(design, parameters)[1][0])
    return FoundMixture(parameters[:, 0], log_likelihood, has_converged=True, n_steps=1)
