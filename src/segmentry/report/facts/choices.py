"""What depends on our choices: other analyses, how many customers each moves, and who stays."""

from __future__ import annotations

from dataclasses import dataclass

from segmentry.profiling import ContactDependence, OtherContacts
from segmentry.report import wording
from segmentry.report.facts.outcomes import outcome_labels
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
class ContactsFact:
    """Whether a campaign would contact the same customers in other analyses; `beside` says it in short, next to the set.

    `by_analysis` is in the order of the analyses; what it keeps and adds is missing where no set `is_named`.
    """

    outcome: str
    label: str
    is_named: bool
    sentence: str
    beside: str
    by_analysis: tuple[OtherContacts, ...]


@dataclass(frozen=True)
class ChoicesFact:
    """Other analyses: their number, the share of customers who stay in most, and how far each segment stays together.

    `sentence` is for the first screen; `contacts` are of each campaign with cost and revenue; `by_segment` has numbers of segments with the mean share of the analyses in which their
    customers stay.
    """

    n_analyses: int
    steady: float
    sentence: str
    analyses: tuple[OtherAnalysisFact, ...]
    by_segment: tuple[tuple[int, float], ...]
    contacts: tuple[ContactsFact, ...] = ()


def choices_fact(result: Segmentation) -> ChoicesFact | None:
    """Gather what depends on choices; None where no other analyses were made."""
    found = None if result.evidence is None else result.evidence.choices
    if found is None:
        return None
    form = wording.CHOICES if found.n_analyses > 1 else wording.CHOICES_OF_ONE
    sentence = form.format(n=count(found.n_analyses), steady=share(found.steady), most=share(STEADY))
    most, labels = found.moved_most, outcome_labels(result)
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
        contacts=tuple(_contacts(one, labels[one.outcome]) for one in found.contacts),
    )


def _contacts(found: ContactDependence, label: str) -> ContactsFact:
    n, n_named = found.n_analyses, found.n_named
    forms = wording.CONTACTS if n > 1 else wording.CONTACTS_OF_ONE
    added = forms.added.format(added=share(found.added)) if found.added else forms.none_added
    words = {"outcome": label, "of": count(n), "kept": share(found.kept), "added": added}
    if is_named := found.kept is not None:
        words["n"] = count(n - n_named)
        sentence = f"{forms.kept}{forms.some_unnamed if n_named < n else ''}."
        beside = forms.kept_beside
    elif n_named:
        words["n"] = count(n_named)
        sentence, beside = forms.named_elsewhere, forms.elsewhere_beside
    else:
        sentence, beside = forms.unnamed, forms.unnamed_beside
    sentence, beside = (form.format(**words) for form in (sentence, beside))
    return ContactsFact(found.outcome, label, is_named, sentence, beside, found.by_analysis)


def targeting_texts(result: Segmentation, choices: ChoicesFact | None) -> tuple[str, ...]:
    """Return the texts of the campaigns, each with whether the same customers would be contacted in other analyses."""
    if result.insights is None:
        return ()
    said = {one.outcome: one.beside for one in choices.contacts} if choices is not None else {}
    outcomes = dict.fromkeys(result.targeting["outcome"]) if len(result.targeting) else ()
    texts = result.insights.targeting_texts
    return tuple(
        f"{text} {said[name]}" if name in said else text for name, text in zip(outcomes, texts, strict=True)
    )


def what_was_done(analysis: OtherAnalysis) -> str:
    """Say in words what was done otherwise."""
    return wording.ANALYSES[analysis.kind].format(what=analysis.what)
