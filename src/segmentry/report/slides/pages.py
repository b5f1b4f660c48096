"""What a slide of the deck says: its finding, its source, its notes, and what draws it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segmentry.report.facts import ReportFacts
from segmentry.report.facts.outcomes import OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.slides import wording
from segmentry.report.slides.canvas import Canvas
from segmentry.report.slides.fitting import plain
from segmentry.text.numbers import count, outcome
from segmentry.text.words import isolated

_LONGEST_NAME = 70
_BETWEEN = " · "
_LEAST_OF_A_QUESTION = 4
"""Letters of a question below which it says nothing, such as "I"."""


@dataclass(frozen=True)
class Page:
    """A slide; `key` tells it from the others when the deck is renewed."""

    key: str
    title: str
    source: str
    notes: tuple[str, ...]
    draw: Callable[[Canvas], None]


def source_of(facts: ReportFacts, more: str = "") -> str:
    """Write the line under a slide of all customers."""
    return wording.SOURCE.format(source=data_name(facts.method.source), n=count(facts.n_customers)) + more


def data_name(source: str) -> str:
    r"""Name the data without the folders in which they lie.

    Examples
    --------
    >>> data_name("/home/ana/customers.csv"), data_name(r"C:\data\shop.xlsx, table a/b")
    ('customers.csv', 'shop.xlsx, table a/b')
    """
    path, comma, table = source.partition(", table ")
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1] + comma + table


def notes_of(kind: str, *more: str) -> tuple[str, ...]:
    """Write the notes of a slide: how to read it, and texts that it has no room for."""
    read = wording.READ.format(text=wording.NOTES[kind])
    return (read, *dict.fromkeys(text for text in more if text.strip()), wording.OWN_WORDS)


def label_of(segment: SegmentFact) -> str:
    """Write a segment's number and name, for an axis or a cell."""
    return f"{segment.id} {name_of(segment)}"


def name_of(segment: SegmentFact) -> str:
    """Write a segment's name so that a title has room for more."""
    return isolated(brief(segment.name, _LONGEST_NAME))


def brief(words: str, most: int) -> str:
    """Leave out words in the middle of a text: levels of a feature often differ at their ends, and a number that is cut would be another one.

    Of a condition whose question was shortened, the question alone is: an answer without its first words may be another. Of a name of
    several conditions each is shortened, or the first is shown.

    Examples
    --------
    >>> brief("Birth year", 13), brief("x" * 9 + "12345", 12)
    ('Birth year', 'xxxxxxxxx…')
    >>> brief("Yearly income before taxes 32,672 to under 51,923", 34)
    'Yearly… 32,672 to under 51,923'
    >>> brief("I buy organic food if… strongly disagree · I cook on most… not strongly agree", 60)
    'I buy… strongly disagree · I cook… not strongly agree'
    >>> brief("I buy organic food if… strongly disagree · I cook on most… not strongly agree", 46)
    'I buy organic food if… strongly disagree · …'
    """
    line = plain(words)
    if len(line) <= most:
        return line
    conditions = line.split(_BETWEEN)
    if len(conditions) > 1:
        most_each = (most + len(_BETWEEN)) // len(conditions) - len(_BETWEEN)
        shown = [c if len(c) <= most_each else _answered(c, most_each) for c in conditions]
        return _BETWEEN.join(shown) if all(shown) else f"{brief(conditions[0], most - 4)}{_BETWEEN}…"
    if answered := _answered(line, most):
        return answered
    others = line.split(" ")
    begun = _fitting(others, most // 3) or others[:1]
    first, others = " ".join(begun), others[len(begun) :]
    room, kept = most - len(first) - 2, [""]
    while others and len(others[-1]) + 1 <= room:
        room -= len(others[-1]) + 1
        kept.insert(0, others.pop())
    if len(kept) > 1:
        return f"{first}… {' '.join(kept).rstrip()}"
    return line[: most - 1].rstrip("0123456789.,") + "…"


def _answered(condition: str, most: int) -> str:
    """Shorten the question of a condition further and keep its answer; empty where it was not shortened, or does not fit."""
    question, shortened, answer = condition.partition("… ")
    begun = " ".join(_fitting(question.split(" "), most - len(answer) - 2))
    return f"{begun}… {answer}" if shortened and len(begun) >= _LEAST_OF_A_QUESTION else ""


def level_of(label: str, level: str, spoken: str, most: int) -> str:
    """Write a level so that it is understood alone: of a long question the beginning, of a long answer both ends.

    Examples
    --------
    >>> level_of("Income", "under 20", "Income under 20", 20)
    'Income under 20'
    >>> answer = "Strongly disagree that it was delivered in the time that was promised"
    >>> level_of("Question 3: How far do you agree with this", answer, "", 60)
    'Question 3: How far…: Strongly disagree… that was promised'
    """
    if spoken and len(plain(spoken)) <= most:
        return plain(spoken)
    answer = plain(level)
    if len(answer) > most * 2 // 3:
        words, half = answer.split(" "), most // 3 - 2
        first, last = _fitting(words, half), _fitting(words[::-1], half)[::-1]
        answer = f"{' '.join(first)}… {' '.join(last)}" if first and last else brief(answer, most * 2 // 3)
    begun = _fitting(plain(label).split(" "), most - len(answer) - 3)
    return f"{' '.join(begun)}…: {answer}" if begun else answer


def _fitting(words: Sequence[str], most: int) -> list[str]:
    """The first words that fit into a number of characters."""
    kept: list[str] = []
    while len(kept) < len(words) and len(" ".join((*kept, words[len(kept)]))) <= most:
        kept.append(words[len(kept)])
    return kept


def form_of(values: tuple[float, ...], *, is_rate: bool) -> str:
    """Return the form in which Excel writes rates or means."""
    if is_rate:
        return "0.0%"
    return "#,##0" if max(values, default=0.0) >= 100 else "#,##0.0##"


def interval_of(o: OutcomeFact) -> str:
    """Write the interval of an outcome; nothing where it has none."""
    if o.low is None or o.high is None or o.low != o.low or o.high != o.high:
        return ""
    return wording.RANGE.format(low=outcome(o.low, o.is_rate), high=outcome(o.high, o.is_rate))
