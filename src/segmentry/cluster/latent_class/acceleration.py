"""Accelerated fixed-point iteration of many runs side by side, until each stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Indices

_LEAST = 1e-300  # keeps divisors from being 0

Step = Callable[[Floats], tuple[Floats, Floats]]
"""Takes parameters (n_parts, n_runs, width) to the next ones, and gives the log-likelihoods (n_runs,) before the step."""


def squarem_cycle(
    step: Step, start: Floats, longest: float, feasible: Callable[[Floats, Floats], Floats] | None = None
) -> tuple[Floats, Floats]:
    """Take two steps, extrapolate, take a third; fall back to the second where that is no better.

    SQUAREM of Varadhan & Roland (2008), scheme S3, with one step length per run, at most `longest`. `feasible` pulls
    the extrapolated parameters back to where they may be, given those after the second step. Returns the new
    parameters and the log-likelihoods (n_runs,) at `start`.
    """
    first, before = step(start)
    second, middle = step(first)
    change = first - start
    curvature = (second - first) - change
    norms = [np.sqrt((part**2).sum(axis=(0, 2))) for part in (change, curvature)]
    length = np.clip(norms[0] / np.maximum(norms[1], _LEAST), 1.0, longest)[:, None]
    leap = start + 2 * length * change + length**2 * curvature
    third, after = step(leap if feasible is None else feasible(leap, second))
    return np.where((after >= middle)[:, None], third, second), before


@dataclass(frozen=True)
class StoppedRuns:
    """Runs after their last cycle.

    Attributes
    ----------
    parameters
        (n_parts, n_runs, width) parameters.
    n_cycles
        (n_runs,) cycles that each run took.
    still_moving
        Positions of the runs that were stopped before they stood still.
    """

    parameters: Floats
    n_cycles: Indices
    still_moving: Indices


def run_until_still(
    cycle: Callable[[Indices, Floats], tuple[Floats, Floats]],
    parameters: Floats,
    tolerance: float,
    max_cycles: int,
) -> StoppedRuns:
    """Repeat a cycle on every run until it changes the log-likelihood by no more than `tolerance`, relatively.

    `cycle` gets the positions of the runs that still move and their parameters, and returns the new parameters and the
    log-likelihoods before.
    """
    n_runs = parameters.shape[1]
    current, before = parameters.copy(), np.full(n_runs, -np.inf)
    n_cycles, moving = np.zeros(n_runs, np.intp), np.arange(n_runs)
    for _ in range(max_cycles):
        current[:, moving], values = cycle(moving, current[:, moving])
        n_cycles[moving] += 1
        moves = np.abs(values - before[moving]) > tolerance * np.abs(values)
        before[moving] = values
        moving = moving[moves]
        if not len(moving):
            break
    return StoppedRuns(current, n_cycles, moving)
