"""Which column a table is about, by its name, its values and its place; no other columns are asked."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import folded_words, means, words_of
from segmentry.drafting.judged_column import MOST_CHOICES, JudgedColumn
from segmentry.drafting.values import foreign_yes, is_rating, is_yes_no, yes_no_or_unknown
from segmentry.drafting.verdicts import is_band, is_verdict

ENOUGH = 1.5
"""Evidence from which on a column is what the table is about."""
CALLED_TARGET = 3.0
_HAPPENED, _MAY_HAPPEN, _TWO_VALUES, _TWO_NAMES, _BAND, _VERDICT = 2.0, 1.0, 1.0, 0.5, 2.5, 2.0
_ANSWERS_CONTACT, _FEWEST_OF_CONTACT = 2.5, 2
"""Evidence for what stands behind the columns about a contact, which led to it; how many these are."""
_TIMED, _PARTICIPLE, _IN_TITLE = 2.5, 0.5, 1.5
"""Evidence for the time until something, beside the yes or no whether it has come; for a name such as "released", or in the title."""
_DECIDES, _WAGES, _FEWEST_DEPENDING = 1.0, 1.75, 2
"""Evidence for a yes or no without which further columns have no value, and how many these are; for wages."""
_LAST, _FIRST, _SECOND, _LAST_ANSWER, _FIRST_ANSWER = 1.0, 0.75, 0.5, 0.5, 0.75
_MEASURE_AT_EDGE, _FIRST_NUMBER = 1.6, 1.5
"""Evidence for an amount at an end of the table, less than for a yes or no there; for a first number without a telling name."""
_PLACED = {
    worth: f"it stands {place}, and does not say who the customers are"
    for worth, place in ((_LAST, "last"), (_FIRST, "first"), (_SECOND, "second"))
}
MOST_MISSING = 0.5
"""What a table is about is known of at least half the customers, unless it is called so."""
_FEWEST_ROWS, _RARE = 20, 0.05
"""A value of fewer rows, and of fewer than this share, makes no yes or no to compare."""
_FEWEST_MEASURED = 20
"""Numbers of more different values are measured."""
_FEWEST_COLUMNS = 4
"""Smallest number of columns of which a single yes or no is what the table is about."""
_PARTICIPLES = re.compile(r"\w{3}(ed|ado|ada|ido|ida)$")
"""What ends the name of a yes or no by which something has been done."""


@dataclass(frozen=True)
class Target:
    """The column that a table is about, and why it is taken for that."""

    name: str
    why: str


@dataclass(frozen=True)
class Weighed:
    """A column with the evidence that it is what the table is about.

    Attributes
    ----------
    column
        The column.
    evidence, why
        What its name, values and place say for it, and the reason in words.
    is_free
        Whether it is none of several alike.
    may_be
        Whether rules may take it.
    """

    column: JudgedColumn
    evidence: float
    why: str
    is_free: bool
    may_be: bool


def weigh_targets(
    columns: Sequence[JudgedColumn], title: str = "", *, is_made: bool = False
) -> tuple[Weighed, ...]:
    """Weigh each column by how much says that it is what the table is about.

    The title is the name of the file or table, which often says what it is about. In a table that a query made
    (`is_made`) the first places say nothing.
    """
    places = _places(columns, is_made=is_made)
    series = _in_series(columns)
    around = _Others.of(columns, title)
    weighed = []
    for c in columns:
        place = places.get(c.name, 0.0)
        more, said = around.evidence(c, place)
        is_free = c.name not in series or means(c.name, "target")
        may_be = is_free and _may_be_target(c)
        weighed.append(Weighed(c, _evidence(c, place) + more, _reason(c, said, place), is_free, may_be))
    return tuple(weighed)


def find_targets(weighed: Sequence[Weighed]) -> tuple[Target, ...]:
    """Find the columns that the table is about, the headline outcome first; none where nothing says so.

    Further columns are taken where they, too, are called a target, or where their two values say how it ended.
    """
    found = [w for w in weighed if w.may_be]
    ranked = sorted(found, key=lambda w: w.evidence)[::-1]  # of equal ones the last
    if ranked and ranked[0].evidence >= ENOUGH:
        first = ranked[0]
        is_called = means(first.column.name, "target")
        others = [
            w
            for w in found
            if w is not first
            and ((is_called and means(w.column.name, "target")) or is_verdict(w.column.facts))
        ]
        return tuple(Target(w.column.name, w.why) for w in (first, *others))
    return _lone([w.column for w in weighed]) if len(weighed) >= _FEWEST_COLUMNS else ()


def _lone(columns: Sequence[JudgedColumn]) -> tuple[Target, ...]:
    """The only yes or no of a kind: what some customers have, or else what says nothing of who they are."""
    free = [c for c in columns if is_yes_no(c.facts) and _may_be_target(c)]
    held = [c for c in free if c.sense == "holds"]
    unknown = [c for c in free if c.sense == "unknown" and c.use == "feature"]
    for alone, why in (
        (held, "the only thing that some customers have and others do not"),
        (unknown, "the only yes or no that does not say who the customers are"),
    ):
        if len(alone) == 1:
            return (Target(alone[0].name, why),)
    return ()


def _may_be_target(c: JudgedColumn) -> bool:
    facts = c.facts
    if (
        c.use in ("id", "money")
        or c.is_personal
        or c.battery
        or c.again
        or c.whole
        or c.sense == "process"
        or facts.kind in ("date", "other")
    ):
        return False
    if facts.n_distinct < 2 or facts.share_missing > 0.9 or (c.use == "unused" and facts.kind == "number"):
        return False
    if is_nearly_constant(facts):
        return False
    if means(c.name, "target"):
        return facts.kind == "number" or 2 <= facts.n_distinct <= 8
    if c.sense == "who" and not is_band(facts):
        return means(c.name, "wages") and facts.kind == "number"
    return True


@dataclass(frozen=True)
class _Others:
    """What the other columns of a table say of one.

    Attributes
    ----------
    missing
        How many columns lack a value in as many rows, by the number of rows.
    says_who_alone
        Whether no column says what customers do, have, or what happened to them.
    answers
        The yes or no that stands behind the columns about a contact.
    timed
        Times that stand beside the yes or no whether something has come to its end.
    title
        Words of the title of the table.
    """

    missing: Mapping[int, int]
    says_who_alone: bool
    answers: frozenset[str] = frozenset()
    timed: frozenset[str] = frozenset()
    title: frozenset[str] = frozenset()

    @classmethod
    def of(cls, columns: Sequence[JudgedColumn], title: str) -> Self:
        used = [c for c in columns if not c.again]
        does = any(
            c.sense in ("happened", "does", "holds")
            and not (means(c.name, "change") or means(c.name, "judged"))
            for c in used
        )
        missing = Counter(c.facts.n_missing for c in used if c.facts.n_missing)
        titled = frozenset(words_of(title))
        return cls(missing, not does, _behind_contact(used), _timed(used), titled)

    def evidence(self, c: JudgedColumn, place: float) -> tuple[float, str]:
        """Evidence for a column by what the others say, the first that there is, and how it is said."""
        is_first, is_number = place == _FIRST, c.facts.kind == "number"
        is_answer = is_first and c.sense == "unknown" and _is_answer(c.facts)
        is_measured = is_first and c.is_unnamed and c.sql is None and c.facts.n_distinct > _FEWEST_MEASURED
        rules = (
            (c.name in self.answers, _ANSWERS_CONTACT, "it stands behind all that says how customers were contacted"),
            (c.name in self.timed, _TIMED, "it is the time until what the column beside it says"),
            (self._is_in_title(c), _IN_TITLE, "the table has its name"),
            (is_number and self.says_who_alone and means(c.name, "wages"), _WAGES, "all others say who the customers are"),
            (is_measured, _FIRST_NUMBER, _PLACED[_FIRST]),
            (is_answer and self.says_who_alone, _FIRST_ANSWER, _PLACED[_FIRST]),
            (self._decides(c.facts), _DECIDES, "further columns have values only where it is one thing"),
        )  # fmt: skip
        return next(((found, why) for applies, found, why in rules if applies), (0.0, ""))

    def _decides(self, facts: ColumnFacts) -> bool:
        """Whether it is a yes or no without which further columns have no value."""
        counts = [n for _, n in facts.top_values] if _has_two_values(facts) else []
        most = max((self.missing.get(n + facts.n_missing, 0) for n in counts), default=0)
        return most >= _FEWEST_DEPENDING

    def _is_in_title(self, c: JudgedColumn) -> bool:
        """Whether the title has all words of a column's name, and customers can be compared on the column."""
        words = [w for w in words_of(c.name) if not w.isdecimal()]
        is_compared = c.facts.kind == "number" or c.facts.n_distinct <= MOST_CHOICES
        return bool(words) and self.title.issuperset(words) and is_compared


def _behind_contact(columns: Sequence[JudgedColumn]) -> frozenset[str]:
    """The only yes or no behind all columns about a contact: what stands before them was known before it."""
    contact = [i for i, c in enumerate(columns) if c.sense == "process" and c.use != "unused"]
    if len(contact) < _FEWEST_OF_CONTACT:
        return frozenset()
    behind = [c.name for c in columns[contact[-1] + 1 :] if _has_two_values(c.facts)]
    return frozenset(behind if len(behind) == 1 else ())


def _timed(columns: Sequence[JudgedColumn]) -> frozenset[str]:
    """Times until something, each beside a yes or no that is called so as to say whether it has come."""
    pairs = [*itertools.pairwise(columns), *((b, a) for a, b in itertools.pairwise(columns))]
    return frozenset(
        time.name
        for time, ended in pairs
        if means(time.name, "lasting") and time.facts.kind == "number" and not is_yes_no(time.facts)
        and means(ended.name, "ended") and is_yes_no(ended.facts)
    )  # fmt: skip


def _evidence(c: JudgedColumn, place: float) -> float:
    facts, name = c.facts, c.name
    is_pair = _has_two_values(facts)
    is_few = facts.kind == "text" and 2 < facts.n_distinct <= MOST_CHOICES and not is_pair
    place = place if facts.share_missing <= MOST_MISSING else 0.0
    found = place if is_pair or is_few else 0.0
    if means(name, "target"):
        found += CALLED_TARGET
    elif means(name, "happened"):
        found += _HAPPENED if is_pair or is_few else _MAY_HAPPEN if means(name, "rated") else 0.0
    elif is_few and place == _LAST and c.sense != "holds":
        found += _LAST_ANSWER
    elif words_of(name)[-1:] and means(words_of(name)[-1], "state_of_things"):
        found += _HAPPENED if is_few else _MAY_HAPPEN if is_pair else 0.0
    if is_pair:
        says_yes = facts.n_distinct > 2 or is_yes_no(facts) or foreign_yes(facts) is not None
        is_answer = (says_yes and (place or c.sense != "holds")) or place == _FIRST
        found += _TWO_VALUES if is_answer else _TWO_NAMES
        found += _PARTICIPLE if says_yes and _PARTICIPLES.search(folded_words(name)) else 0.0
        found += _BAND if is_band(facts) else _VERDICT if is_verdict(facts) else 0.0
    elif facts.kind == "number":
        is_rare = facts.is_whole and facts.n_negative == 0 and _is_mostly_zero(facts)
        is_measure = (
            (means(name, "money") and not means(name, "score"))
            or means(name, "wages")
            or is_rare
            or means(name, "events")
            or (place == _FIRST and (is_rating(facts) or means(name, "price")))
        )
        found += _MEASURE_AT_EDGE if is_measure and place else 0.0
    return found


def _is_answer(facts: ColumnFacts) -> bool:
    """Whether a column holds few answers in words, none of which is a band of numbers."""
    is_few = facts.kind == "text" and 2 < facts.n_distinct <= MOST_CHOICES
    return is_few and not any(re.search(r"\d", str(value)) for value, _ in facts.top_values)


def is_nearly_constant(facts: ColumnFacts) -> bool:
    """Whether the rarer of two values is that of too few rows to be compared."""
    rarer = min((n for _, n in facts.top_values), default=0)
    return facts.n_distinct == 2 and rarer < min(_FEWEST_ROWS, _RARE * facts.n_present)


def _is_mostly_zero(facts: ColumnFacts) -> bool:
    """Whether zero is the most frequent of several numbers, as of events."""
    return 5 * facts.n_zero >= facts.n_present and bool(facts.top_values) and facts.top_values[0][0] == 0


def _reason(c: JudgedColumn, said: str, place: float) -> str:
    facts = c.facts
    if means(c.name, "target") or means(c.name, "happened"):
        return "its name says that it is what happened"
    if is_band(facts) or is_verdict(facts):
        return "its two values say how it ended"
    return said or _PLACED.get(place, "its name and its values say that it is what happened")


def _in_series(columns: Sequence[JudgedColumn]) -> set[str]:
    """Names of columns that are one of several alike: with two others they have a use and their first or last word in common."""
    alike: dict[tuple[str, int, str], list[str]] = {}
    for c in columns:
        words = [w for w in words_of(c.name) if not w.isdecimal()]
        if c.use in ("id", "unused") or len(words_of(c.name)) < 2 or not words:
            continue
        for at in {0, -1}:
            alike.setdefault((c.use, at, words[at]), []).append(c.name)
    return {name for names in alike.values() if len(set(names)) > 2 for name in names}


def _places(columns: Sequence[JudgedColumn], *, is_made: bool) -> dict[str, float]:
    """What the first and the last column, and a second one of yes and no, gain by their place, unless those beside them hold the same."""
    inner = [
        c
        for c in columns
        if c.use != "id"
        and c.facts.n_distinct > 1
        and not _may_be_key(c.facts)
        and c.sense != "process"
        and (not c.again or _may_be_about(_of_which(c, columns)))
    ]
    if len(inner) < 3:
        return {}
    found = {}
    first, last = (0, (1, 2), _FIRST), (-1, (-2, -3), _LAST)
    for at, beside, worth in (last,) if is_made else (first, last):
        is_outermost = at == 0 or not any(c.again for c in columns[columns.index(inner[at]) :])
        is_free = is_outermost or _has_two_values(inner[at].facts) or inner[at].again
        if is_free and not all(_is_alike(inner[at].facts, inner[i].facts) for i in beside):
            found[_of_which(inner[at], columns).name] = worth
    before, second, behind = inner[:3]
    is_lone = not any(_is_alike(second.facts, c.facts) for c in (before, behind))
    if not is_made and is_lone and second.sense != "holds" and _has_two_values(second.facts):
        found.setdefault(_of_which(second, columns).name, _SECOND)
    return found


def _may_be_key(facts: ColumnFacts) -> bool:
    """Whether every row has a value of its own, and not because the column is measured."""
    return facts.is_unique and not (facts.kind == "number" and not facts.is_whole)


def _may_be_about(c: JudgedColumn) -> bool:
    """Whether the table could be about a column if it stood last."""
    return _may_be_target(c) and _evidence(c, _LAST) >= ENOUGH


def _of_which(c: JudgedColumn, columns: Sequence[JudgedColumn]) -> JudgedColumn:
    """The column itself, or the one that it is made of."""
    of = {made.name: made for made in columns}
    for _ in range(3):
        c = of.get(c.again, c)
    return c


def _is_alike(one: ColumnFacts, other: ColumnFacts) -> bool:
    """Whether two columns hold the same few values, as columns of a battery do."""
    return (
        one.n_distinct == 2
        and (one.kind, one.n_missing) == (other.kind, other.n_missing)
        and _values(one) == _values(other)
        and bool(_values(one))
    )


def _values(facts: ColumnFacts) -> frozenset[str]:
    return (
        frozenset(str(v) for v, _ in facts.top_values)
        if facts.n_distinct <= len(facts.top_values)
        else frozenset()
    )


def _has_two_values(facts: ColumnFacts) -> bool:
    if is_yes_no(facts) or yes_no_or_unknown(facts) is not None:
        return True
    return facts.kind in ("text", "boolean") and facts.n_distinct == 2
