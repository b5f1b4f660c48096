"""A tool made: the fewest questions, their points, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentry.arrays import Floats
from segmentry.errors import ModelError
from segmentry.recipe import Feature
from segmentry.text.numbers import percent
from segmentry.typing_tool.points import Answers, fit
from segmentry.typing_tool.search import MOST_CANDIDATES, Best, best_sets
from segmentry.typing_tool.tool import UNIT, Question, SetOfQuestions, TypingTool
from segmentry.typing_tool.trust import coarse, folds_of, gap_of, held_out, temperature_of, trust_of

MOST_QUESTIONS = 8
"""Questions that are tried where no number is asked for."""
_LEAST_GAIN = 0.005
"""What candidates have to tell beyond the largest segment, so that there is a tool."""


def make_tool(
    answers: Answers,
    n_customers: Floats,
    candidates: Sequence[tuple[Feature, tuple[str, ...]]],
    segments: Sequence[str],
    *,
    wanted: float,
    most: int | None,
    floor: int,
    seed: int = 0,
) -> TypingTool:
    """Make a typing tool.

    Parameters
    ----------
    answers
        Answers of customers to the candidates, by segment.
    n_customers
        (n_patterns, n_segments) customers; `answers` may hold survey weights.
    candidates
        Features, and the words of their levels.
    segments
        Names of the segments.
    wanted
        Share of customers who are to be told their segment, held out.
    most
        Largest number of questions; None for 8.
    floor
        Number of customers below which counts are not to be read from the tool.
    seed
        Seed of the folds.

    Raises
    ------
    ModelError
        The candidates say nothing about the segments.
    """
    folds, n = folds_of(answers, n_customers, seed), float(answers.weight.sum())
    sets = best_sets(answers, min(most or MOST_QUESTIONS, len(candidates)), seed)
    tried: list[SetOfQuestions] = []
    told: list[float] = []
    chosen: list[tuple[int, ...]] = []
    for best in sets:
        columns, found = max(
            ((one, held_out(answers.of(one), folds, floor)) for one in best.sets),
            key=lambda pair: round(pair[1].agreement, 4),
        )
        names = tuple(candidates[j][0].name for j in columns)
        chosen.append(columns)
        told.append(found.agreement)
        tried.append(SetOfQuestions(names, *(coarse(one.agreement, n, floor) for one in (best, found))))
        if tried[-1].held_out >= wanted:
            break
    _check(max(told), answers)
    at = max(range(len(tried)), key=lambda i: (tried[i].held_out >= wanted, round(tried[i].held_out, 3), -i))
    part = answers.of(chosen[at])
    found = held_out(part, folds, floor)
    gap, scale = gap_of(found), UNIT / temperature_of(found)
    fitted = fit(part, floor)
    questions = tuple(
        Question(*candidates[j], _whole(table * scale))
        for j, table in zip(chosen[at], fitted.worth, strict=True)
    )
    return TypingTool(
        segments=tuple(segments),
        start=_whole(fitted.start[None] * scale)[0],
        questions=questions,
        gap=int(np.ceil(gap * scale)),
        wanted=wanted,
        tried=tuple(tried),
        is_proved=_is_proved(sets[:at], wanted),
        n_candidates=min(len(candidates), MOST_CANDIDATES),
        n_customers=int(n_customers.sum()),
        trust=trust_of(found, gap, floor),
    )


def _is_proved(smaller: Sequence[Best], wanted: float) -> bool:
    """Whether by fewer questions no rule tells as many as wanted, even of the customers at hand."""
    return all(best.is_proved and best.agreement < wanted for best in smaller)


def _check(best: float, answers: Answers) -> None:
    sizes = answers.weight.sum(axis=0)
    largest = float(sizes.max() / sizes.sum())
    if best < largest + _LEAST_GAIN:
        raise ModelError(
            f"the candidates say nothing about the segments: they tell {percent(best)} of the customers right, and whoever "
            f"names the largest segment each time tells {percent(largest)}",
            source="--by",
            hint="name other columns",
        )


def _whole(table: Floats) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(v) for v in row) for row in np.rint(table))
