"""The typing tool: questions, what each answer is worth, and how far what it tells may be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.recipe import Feature
from segmentry.text.display import Shown
from segmentry.text.numbers import percent
from segmentry.text.words import counted, listed

UNIT = 1024
"""Points per unit of a logarithm: sums of whole numbers are the same in Python, SQL and a workbook, in any order."""


@dataclass(frozen=True)
class Question:
    """A question with its answers, in their order; `points` has per answer one whole number per segment."""

    feature: Feature
    answers: tuple[str, ...]
    points: tuple[tuple[int, ...], ...]

    @property
    def label(self) -> str:
        """The question in words; of a question that is a column's name, and was shortened to be a label, all of it."""
        asked, label = " ".join((self.feature.column or "").split()), self.feature.title
        return asked if label.endswith("…") and asked.startswith(label[:-1].rstrip()) else label


@dataclass(frozen=True)
class SetOfQuestions:
    """The best questions of a number.

    `agreement` is the share of the customers at hand that any rule can tell right by that many questions, `held_out` what the tool of these questions
    tells of customers whom it was not made of.
    """

    names: tuple[str, ...]
    agreement: float
    held_out: float


@dataclass(frozen=True)
class Trust:
    """What is known of the tool on customers whom it was not made of.

    Attributes
    ----------
    agreement
        Share of customers who are told their segment.
    confusion
        (n_segments, n_segments) customers by their segment, and by the one that they are told, rounded to multiples of 5.
    weights
        (n_segments, n_segments) by the segment that is told and the true one: weights that make sums by true segment of sums by
        told segment; empty where the tool tells too little for that.
    coverage, single
        Share of customers whose segment is among the possible ones, and share with one possible segment.
    """

    agreement: float
    confusion: tuple[tuple[float, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    coverage: float
    single: float


@dataclass(frozen=True, repr=False)
class TypingTool(Shown):
    """A rule that tells a customer's segment by a few answers.

    A segment's points are `start` and those of the answers; the most points win, of equal ones the first segment. Segments within `gap` points of
    the winner are possible. An answer that is not known gives no points.

    Attributes
    ----------
    segments
        Names of the segments.
    start
        Points that each segment has before any answer.
    questions
        Questions.
    gap
        Points by which a possible segment may lie behind.
    wanted
        Share of customers who were to be told their segment.
    tried
        The best questions of each number.
    is_proved
        Whether it was shown that by fewer questions no rule tells as many customers as wanted.
    n_candidates, n_customers
        Candidates for questions, and customers whom the tool was made of.
    trust
        What is known on customers held out.
    """

    segments: tuple[str, ...]
    start: tuple[int, ...]
    questions: tuple[Question, ...]
    gap: int
    wanted: float
    tried: tuple[SetOfQuestions, ...]
    is_proved: bool
    n_candidates: int
    n_customers: int
    trust: Trust

    def _shown(self) -> tuple[str, dict[str, str]]:
        told, wanted = percent(self.trust.agreement), percent(self.wanted)
        head = f"{counted(len(self.questions), 'question')} tell {told} of the customers right, held out ({wanted} were wanted)"
        return head, {
            f"question {i}": f"{q.label}: {listed(q.answers, 6)}" for i, q in enumerate(self.questions, 1)
        }

    def tell(self, codes: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.bool_]]:
        """Tell the segments of answers.

        Parameters
        ----------
        codes
            (n, n_questions) positions of the answers; -1 where there is none.

        Returns
        -------
        segment, certainty, is_possible
            (n,) segment from 1, (n,) its probability, (n, n_segments) whether a segment is possible.
        """
        codes = np.asarray(codes, np.int64).reshape(-1, len(self.questions))
        sums = np.tile(np.array(self.start, np.int64), (len(codes), 1))
        for j, question in enumerate(self.questions):
            worth = np.array([*question.points, (0,) * len(self.segments)], np.int64)
            sums += worth[codes[:, j]]
        best = sums.max(axis=1)
        certainty = 1 / np.exp((sums - best[:, None]) / UNIT).sum(axis=1)
        return sums.argmax(axis=1) + 1, certainty, sums >= best[:, None] - self.gap
