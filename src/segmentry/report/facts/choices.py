"""What depends on our choices: other analyses, how many customers each moves, and who stays."""

from __future__ import annotations

from dataclasses import dataclass

from segmentry.report import wording
from segmentry.segmentation import Segmentation
from segmentry.selection import STEADY, OtherAnalysis
from segmentry.text.numbers import count, share


@dataclass(frozen=True)
class OtherAnalysisFact:
    """Segments made in another way, and the share of the customers whom that moves; `n_analyses` were made so."""

    what: str
    n_analyses: int
    moved: float


@dataclass(frozen=True)
class ChoicesFact:
    """Other analyses: their number, the share of customers who stay in most, and how far each segment stays together.

    `sentence` is for the first screen; `by_segment` has numbers of segments with the mean share of the analyses in which their
    customers stay.
    """

    n_analyses: int
    steady: float
    sentence: str
    analyses: tuple[OtherAnalysisFact, ...]
    by_segment: tuple[tuple[int, float], ...]


def choices_fact(result: Segmentation) -> ChoicesFact | None:
    """Gather what depends on choices; None where no other analyses were made."""
    found = None if result.evidence is None else result.evidence.choices
    if found is None:
        return None
    sentence = wording.CHOICES.format(
        n=count(found.n_analyses), steady=share(found.steady), most=share(STEADY)
    )
    most = found.moved_most
    if most is not None:
        sentence += wording.CHOICES_MOST.format(what=what_was_done(most), moved=share(most.moved))
    return ChoicesFact(
        n_analyses=found.n_analyses,
        steady=found.steady,
        sentence=sentence,
        analyses=tuple(
            OtherAnalysisFact(what_was_done(one), one.n_analyses, one.moved) for one in found.analyses
        ),
        by_segment=tuple(enumerate(found.by_segment, 1)),
    )


def what_was_done(analysis: OtherAnalysis) -> str:
    """Say in words what was done otherwise."""
    return wording.ANALYSES[analysis.kind].format(what=analysis.what)
