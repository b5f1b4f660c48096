"""Notes on the outcomes: what their figures alone do not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from segmentry.patterns import Cleaning, ValueCounts
from segmentry.profiling import wording
from segmentry.profiling.misclassification import PASSED_BOUND
from segmentry.profiling.outcomes import FLOOR
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.text import numbers
from segmentry.text.words import counted, listed

if TYPE_CHECKING:
    import pandas as pd

NoteKind = Literal[
    "timing",
    "negative",
    "correction",
    "reversal",
    "small",
    "missing",
    "medians",
    "withheld",
    "sample",
    "ids",
    "tail",
    "determined",
    "design",
]


@dataclass(frozen=True)
class Note:
    """A sentence about some outcomes (names of columns), or about none in particular, and its kind."""

    kind: NoteKind
    outcomes: tuple[str, ...]
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", tuple(self.outcomes))


def id_notes(cleaning: Cleaning) -> tuple[Note, ...]:
    """Note that rows share an id, or have none."""
    return tuple(Note("ids", (), text) for text in cleaning.said_of_ids())


def design_notes(
    segmented: SegmentedPatterns, table: pd.DataFrame, declared: Mapping[str, str]
) -> tuple[Note, ...]:
    """Note what the sample is made of, and what that does to intervals; `table` is that of `design_table`."""
    design = segmented.design
    if not declared:
        return ()
    if design is None:
        return (Note("design", (), wording.NO_DESIGN.format(columns=listed(declared))),)
    unit = "cluster" if design.has_clusters else "customer"
    is_all, is_share = table["segment"] == 0, table["outcome"] == ""
    effects = table.loc[is_all, "design_effect"].dropna()
    widths = (table["high"] - table["low"])[is_share].dropna()
    units = counted(int(design.n_units.sum()), unit)
    said = [wording.DESIGN.format(units=units, strata=_strata(len(design.n_units)))]
    if len(effects):
        least, most = (numbers.number(v) for v in (effects.min(), effects.max()))
        said.append(wording.DESIGN_EFFECTS.format(effects=least if least == most else f"{least} to {most}"))
    if len(widths):
        reach = numbers.number(100 * widths.max() / 2)
        said.append(wording.DESIGN_OF_SHARES.format(reach=reach, space=wording.NO_BREAK))
    said.append(wording.DESIGN_OF_WEIGHTS)
    if design.n_lonely:
        said.append(wording.LONELY.format(strata=_strata(design.n_lonely), unit=unit))
    return (Note("design", (), " ".join(said)),)


def _strata(n: int) -> str:
    return f"{numbers.count(n)} strata" if n != 1 else "1 stratum"


def outcome_notes(
    outcomes: pd.DataFrame,
    strata: pd.DataFrame,
    counts: Sequence[ValueCounts],
    labels: Mapping[str, str],
    features: Mapping[str, str],
    fold_share: float = 1.0,
) -> tuple[Note, ...]:
    """Note what is unusual about outcomes.

    Parameters
    ----------
    outcomes
        Table that `outcome_table` made.
    strata
        Table that `strata_table` made.
    counts
        Counts of values per segment; empty where they were not collected.
    labels
        Labels of the outcomes, by name.
    features
        Labels of the features, by name.
    fold_share
        Share of the customers that the halves of the pattern table hold.
    """
    return (
        *_timing_notes(outcomes, labels),
        *_negative_notes(outcomes, counts, labels),
        *_sample_notes(counts, fold_share),
        *_correction_notes(outcomes, labels),
        *reversal_notes(strata, labels, features),
        *_determined_notes(outcomes, labels, features),
        *_tail_notes(outcomes, labels),
        *_small_notes(outcomes, labels),
    )


def _timing_notes(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    notes = []
    for timing, text in wording.TIMING.items():
        names = tuple(dict.fromkeys(outcomes.loc[outcomes["timing"] == timing, "outcome"]))
        if names:
            notes.append(Note("timing", names, text.format(outcomes=_list_labels(names, labels))))
    return notes


def _sample_notes(counts: Sequence[ValueCounts], fold_share: float) -> list[Note]:
    """Note which figures are those of a part of the customers."""
    share = min((c.share for c in counts), default=1.0)
    what = ["quartiles", "shares of customers with any"] if share < 1 else []
    what += ["held-out checks"] if fold_share < 1 else []
    return [sample_note(what, min(share, fold_share))] if what else []


def sample_note(what: Sequence[str], share: float) -> Note:
    """Note that figures, named in the plural, are those of a share of the customers."""
    parts = listed(what)
    named = f"{parts[0].upper()}{parts[1:]}"
    return Note("sample", (), wording.SAMPLED.format(what=named, share=numbers.share(share)))


def _negative_notes(
    outcomes: pd.DataFrame, counts: Sequence[ValueCounts], labels: Mapping[str, str]
) -> list[Note]:
    """Note how many customers have values below 0; without counts of values, that a total is below 0."""
    texts = {
        c.outcome: wording.NEGATIVE.format(outcome=labels[c.outcome], n=numbers.count(c.n_negative))
        for c in counts
        if c.n_negative
    }
    known = {c.outcome for c in counts}
    for name in dict.fromkeys(outcomes.loc[outcomes["total"] < 0, "outcome"]):
        if name not in known:
            texts[name] = wording.NEGATIVE_TOTAL.format(outcome=labels[name])
    return [Note("negative", (name,), text) for name, text in texts.items()]


def _correction_notes(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    odd = outcomes[outcomes["correction"].isin(PASSED_BOUND)]
    notes = []
    for (segment, correction), rows in odd.groupby(["segment", "correction"]):
        names = tuple(rows["outcome"])
        text = wording.OUT_OF_RANGE.format(
            segment=segment, outcomes=_list_labels(names, labels), bound=PASSED_BOUND[str(correction)]
        )
        notes.append(Note("correction", names, text))
    return notes


def reversal_notes(
    strata: pd.DataFrame, labels: Mapping[str, str], features: Mapping[str, str]
) -> list[Note]:
    """Note which differences are reversed among customers who are alike in a feature; `labels` are those of outcomes."""
    if not len(strata):
        return []
    notes = []
    for (segment, feature), rows in strata[strata["finding"] == "reversed"].groupby(["segment", "feature"]):
        names = tuple(rows["outcome"])
        text = wording.REVERSED.format(
            segment=segment, feature=features[str(feature)], outcomes=_list_labels(names, labels)
        )
        notes.append(Note("reversal", names, text))
    return notes


def _determined_notes(
    outcomes: pd.DataFrame, labels: Mapping[str, str], features: Mapping[str, str]
) -> list[Note]:
    """Note which outcomes are not tested, because features that form the segments determine them."""
    notes = []
    rows = outcomes[outcomes["determined_by"] != ""]
    for feature, mine in rows.groupby("determined_by", sort=False):
        names = tuple(dict.fromkeys(mine["outcome"]))
        label = features.get(str(feature), wording.FEATURES_TOGETHER)
        text = wording.DETERMINED.format(outcomes=_list_labels(names, labels), feature=label)
        notes.append(Note("determined", names, text))
    return notes


def _tail_notes(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    """Note which means cannot be known, because few customers make up most of the sum."""
    rows = outcomes[~outcomes["is_mean_known"] & (outcomes["n"] >= FLOOR)]
    names = tuple(dict.fromkeys(rows["outcome"]))
    text = wording.TAILED.format(outcomes=_list_labels(names, labels), n=len(rows))
    return [Note("tail", names, text)] if names else []


def _small_notes(outcomes: pd.DataFrame, labels: Mapping[str, str]) -> list[Note]:
    few = outcomes[outcomes["is_small"] & (outcomes["n"] > 0)]
    names = tuple(dict.fromkeys(few["outcome"]))
    if not names:
        return []
    text = wording.SMALL.format(outcomes=_list_labels(names, labels), n=len(few), floor=FLOOR)
    return [Note("small", names, text)]


def _list_labels(names: Sequence[str], labels: Mapping[str, str]) -> str:
    return ", ".join(labels[name] for name in names)
