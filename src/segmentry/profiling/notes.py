"""What has to be known about the outcomes beside their figures, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from segmentry.patterns import Cleaning, ValueCounts
from segmentry.text.numbers import format_number

if TYPE_CHECKING:
    import pandas as pd

NoteKind = Literal[
    "timing", "negative", "correction", "reversal", "small", "missing", "withheld", "sample", "ids"
]


@dataclass(frozen=True)
class Note:
    """A remark: what `kind` it is of, the outcomes that it is about (names of columns), and the sentence."""

    kind: NoteKind
    outcomes: tuple[str, ...]
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", tuple(self.outcomes))


def id_notes(cleaning: Cleaning, least: int = 1) -> tuple[Note, ...]:
    """Say that rows share an id, or have none, of `least` rows or more."""
    return tuple(Note("ids", (), text) for text in cleaning.said_of_ids(least))


def outcome_notes(
    outcomes: pd.DataFrame,
    strata: pd.DataFrame,
    counts: Sequence[ValueCounts],
    labels: Mapping[str, str],
    features: Mapping[str, str],
    fold_share: float = 1.0,
) -> tuple[Note, ...]:
    """Say what is unusual about outcomes.

    Parameters
    ----------
    outcomes, strata
        What `outcome_table` and `strata_table` made.
    counts
        How often values occur; empty where the customers were not asked.
    labels, features
        What the outcomes and the features are called.
    fold_share
        Which share of the customers the halves of the pattern table hold.
    """
    return (
        *_timing(outcomes, labels),
        *_negative(outcomes, counts, labels),
        *_sample(counts, fold_share),
        *_out_of_range(outcomes, labels),
        *reversal_notes(strata, labels, features),
        *_small(outcomes, labels),
    )


def _timing(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    texts = {
        "before": "measured before the features: the segments cannot have led to it",
        "overlaps": "measured over a time in which features were, too: they may hold what came out",
    }
    notes = []
    for timing, text in texts.items():
        names = tuple(dict.fromkeys(outcomes.loc[outcomes["timing"] == timing, "outcome"]))
        if names:
            notes.append(Note("timing", names, f"{_listed(names, labels)}: {text}."))
    return notes


def _sample(counts: Sequence[ValueCounts], fold_share: float) -> list[Note]:
    """That quartiles and held-out figures are those of a part of the customers."""
    share = min((c.share for c in counts), default=1.0)
    what = ["quartiles", "shares of customers with any"] if share < 1 else []
    what += ["held-out checks"] if fold_share < 1 else []
    return [sample_note(what, min(share, fold_share))] if what else []


def sample_note(what: Sequence[str], share: float) -> Note:
    """The note that says what (in the plural) is made from a part of the customers."""
    listed = " and ".join(filter(None, (", ".join(what[:-1]), what[-1])))
    text = (
        f"{listed[0].upper()}{listed[1:]} are those of a sample: {format_number(share, '.2g')} of the customers, "
        "taken by a hash of the id. Counts, rates, means and their intervals are those of all."
    )
    return Note("sample", (), text)


def _negative(outcomes: pd.DataFrame, counts: Sequence[ValueCounts], labels: Mapping[str, str]) -> list[Note]:
    """Values below 0: how many customers, or, where only sums are known, that there must be some."""
    notes = [
        Note("negative", (c.outcome,), f"{labels[c.outcome]}: {format_number(c.n_negative, ',')} customers have a value below 0; "
             "they count as they are, and shares of a total are of the net.")
        for c in counts if c.n_negative
    ]  # fmt: skip
    known = {c.outcome for c in counts}
    below = dict.fromkeys(outcomes.loc[outcomes["total"] < 0, "outcome"])
    return notes + [
        Note("negative", (name,), f"{labels[name]}: has values below 0; they count as they are.")
        for name in below
        if name not in known
    ]


def _out_of_range(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    odd = outcomes[outcomes["correction"].str.contains(",", regex=False)]
    notes = []
    for (segment, correction), rows in odd.groupby(["segment", "correction"]):
        names = tuple(rows["outcome"])
        text = (
            f"Segment {segment}: corrected for misclassification, {_listed(names, labels)} would be "
            f"{str(correction).split(', ')[1]}. Values are not clipped; the true ones are near that bound."
        )
        notes.append(Note("correction", names, text))
    return notes


def reversal_notes(
    strata: pd.DataFrame, labels: Mapping[str, str], features: Mapping[str, str]
) -> list[Note]:
    """Say which differences turn round among customers who are alike in a feature; `labels` are the outcomes'."""
    if not len(strata):
        return []
    notes = []
    for (segment, feature), rows in strata[strata["finding"] == "reversed"].groupby(["segment", "feature"]):
        names = tuple(rows["outcome"])
        text = (
            f"Segment {segment}: beside customers who are alike in {features[str(feature)]}, the difference from the "
            f"rest turns round, for {_listed(names, labels)}. It comes from who is in the segment."
        )
        notes.append(Note("reversal", names, text))
    return notes


def _small(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    few = outcomes[outcomes["is_small"] & (outcomes["n"] > 0)]
    names = tuple(dict.fromkeys(few["outcome"]))
    if not names:
        return []
    text = f"{_listed(names, labels)}: {len(few)} figures rest on fewer than 10 customers with a value."
    return [Note("small", names, text)]


def _listed(names: Sequence[str], labels: Mapping[str, str]) -> str:
    return ", ".join(labels[name] for name in names)
