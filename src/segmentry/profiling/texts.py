"""Texts about segments: sentences whose numbers all stand in the tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segmentry.patterns import PatternTable
from segmentry.profiling import wording as say
from segmentry.profiling.conditions import level_names
from segmentry.profiling.intervals import ALPHA
from segmentry.profiling.name_options import HOLDS
from segmentry.profiling.names import SegmentName, distinguishing_levels
from segmentry.profiling.rows import rows_of
from segmentry.profiling.rules import QuestionSet
from segmentry.profiling.simple_cuts import ALL_OUTCOMES
from segmentry.text import numbers
from segmentry.text.levels import LevelNames
from segmentry.text.words import isolated, listed

if TYPE_CHECKING:
    import pandas as pd

_LEVELS_IN_TEXT = 3
_NOTABLE = 0.1
"""Texts name outcomes whose lift differs from 1 by this much."""
MOST_ABOUT_OUTCOMES = 3
"""Largest number of sentences on what the customers of a segment do."""
REDUNDANT_FEATURES = 0.7
STAND_IN_STRONG, STAND_IN_SOME = 0.5, 0.2

Row = Mapping[Any, Any]
"""A row of a table, by its columns."""


@dataclass(frozen=True)
class SegmentText:
    """A segment in up to five sentences, and a line on what to do with it."""

    segment: int
    sentences: tuple[str, ...]
    action: str


@dataclass(frozen=True)
class Names:
    """Labels of features and of outcomes, by name, what writes levels, and the outcome that texts speak of first."""

    features: Mapping[str, str]
    outcomes: Mapping[str, str]
    levels: LevelNames = field(default_factory=LevelNames)
    headline: str = ""

    @classmethod
    def of(cls, patterns: PatternTable, headline: str = "") -> Names:
        """Take the labels from a pattern table."""
        return cls(
            {f.name: f.label for f in patterns.features},
            {o.name: o.label for o in patterns.outcomes},
            level_names(patterns),
            headline,
        )


def segment_text(
    segment: int,
    name: SegmentName,
    size: tuple[float, float],
    n_segments: int,
    rows: Mapping[str, Sequence[Row]],
    labels: Names,
) -> SegmentText:
    """Describe a segment by its rows of the tables (features, outcomes, targeting, ranking).

    `size` is the number of its customers and their share.
    """
    sentences = [_who(size, rows["features"], n_segments, labels)]
    sentences += _named(name)
    if n_segments > 1:
        sentences += _does(rows["outcomes"], labels)
    return SegmentText(segment, tuple(sentences), _action(rows, n_segments, labels))


def _who(size: tuple[float, float], features: Sequence[Row], n_segments: int, labels: Names) -> str:
    counted = {"size": numbers.count(size[0]), "share": numbers.share(size[1])}
    if n_segments == 1:
        return say.EVERYBODY.format(**counted)
    best = distinguishing_levels(features)[:_LEVELS_IN_TEXT]
    if not best:
        return say.WHO_ALIKE.format(**counted)
    levels = [
        say.LEVEL_SHARE.format(
            share=numbers.share(row["share"]),
            level=isolated(labels.levels.level(labels.features[row["feature"]], str(row["level"]))),
            base=numbers.share(row["base_share"]),
        )
        for row in best
    ]
    return say.SIZE_AND_LEVELS.format(levels=listed(levels), **counted)


def _named(name: SegmentName) -> list[str]:
    """Say of how many customers the name is true."""
    if name.share is None or name.base_share is None:
        return []
    form = say.NAME_HOLDS if name.share >= HOLDS else say.NAME_FALLS_SHORT
    shares = {"share": numbers.share(name.share), "base": numbers.share(name.base_share)}
    return [form.format(name=isolated(name.text), **shares)]


def _does(outcomes: Sequence[Row], labels: Names) -> list[str]:
    if all(row["determined_by"] != "" for row in outcomes):
        return []
    differing = [row for row in outcomes if row["p_adjusted"] < ALPHA and _is_notable(row, labels)]
    if not differing:
        return [say.NO_DIFFERENCE]
    others = [row for row in differing if row["outcome"] != labels.headline]
    first = [row for row in differing if row["outcome"] == labels.headline]
    means = [row for row in others if row["role"] != "flags"]
    rest = [
        *_means([row for row in means if row["is_mean_known"]], labels),
        *_rate([row for row in others if row["role"] == "flags"], labels),
    ]
    said = [*_headline(first, labels), *rest][:MOST_ABOUT_OUTCOMES]
    return said or _typical([row for row in others if not row["is_mean_known"]], labels)


def _is_notable(row: Row, labels: Names) -> bool:
    is_far = abs(row["lift"] - 1) >= _NOTABLE  # not where there is no lift
    return bool(row["outcome"] == labels.headline or is_far or not row["is_mean_known"])


def _headline(rows: Sequence[Row], labels: Names) -> list[str]:
    if not rows:
        return []
    row = rows[0]
    if row["role"] == "flags":
        return _rate(rows, labels)
    if not row["is_mean_known"]:
        return _typical(rows, labels)
    return [_mean_sentence(say.ABOVE_ALL if row["lift"] > 1 else say.BELOW_ALL, row, labels)]


def _typical(rows: Sequence[Row], labels: Names) -> list[str]:
    """Say by its median what differs, where no mean that is known does."""
    if not rows:
        return []
    row = min(rows, key=lambda r: float(r["p_adjusted"]))
    median, any_share = numbers.number(float(row["median"])), numbers.share(float(row["any_share"]))
    return [say.TYPICAL.format(outcome=labels.outcomes[row["outcome"]], median=median, any=any_share)]


def _means(rows: Sequence[Row], labels: Names) -> list[str]:
    if not rows:
        return []
    most, least = max(rows, key=lambda r: float(r["lift"])), min(rows, key=lambda r: float(r["lift"]))
    sentences = []
    if most["lift"] > 1:
        sentences.append(_mean_sentence(say.FURTHEST_ABOVE, most, labels))
    if least["lift"] < 1:
        sentences.append(_mean_sentence(say.FURTHEST_BELOW if sentences else say.ONLY_LEAST, least, labels))
    return sentences


def _mean_sentence(form: str, row: Row, labels: Names) -> str:
    values = {"value": numbers.number(float(row["value"])), "base": numbers.number(float(row["base_value"]))}
    return form.format(outcome=labels.outcomes[row["outcome"]], **values)


def _rate(rows: Sequence[Row], labels: Names) -> list[str]:
    if not rows:
        return []
    row = max(rows, key=lambda r: abs(float(r["value"]) - float(r["base_value"])))
    return [
        say.ACCEPTS.format(
            outcome=labels.outcomes[row["outcome"]],
            rate=numbers.percent(row["value"]),
            low=numbers.percent(row["low"]),
            high=numbers.percent(row["high"]),
            base=numbers.percent(row["base_value"]),
        )
    ]


def _action(mine: Mapping[str, Sequence[Row]], n_segments: int, labels: Names) -> str:
    if mine["targeting"]:
        return " ".join(_decided(row, labels) for row in mine["targeting"])
    if n_segments == 1:
        return say.NO_OTHER
    ranking = mine["ranking"]
    if any(row["outcome"] == labels.headline for row in ranking):
        ranking = [row for row in ranking if row["outcome"] == labels.headline]
    first = [row for row in ranking if row["rank"] == 1]
    if not ranking:
        return say.NO_CAMPAIGN
    if not first:
        return say.NO_CHOICE
    row = max(first, key=lambda r: float(r["probability_best"]))
    return say.FIRST_CHOICE.format(
        outcome=labels.outcomes[row["outcome"]], probability=numbers.share(row["probability_best"])
    )


def _decided(row: Row, labels: Names) -> str:
    if not row["n"] > 0:
        return say.NOTHING_KNOWN.format(outcome=labels.outcomes[row["outcome"]])
    forms = {"contact": say.CONTACT, "leave out": say.LEAVE_OUT}
    unclear = say.TRY if row["shrunken_rate"] >= row["break_even"] else say.DOUBT
    return forms.get(row["decision"], unclear).format(
        outcome=labels.outcomes[row["outcome"]],
        shrunken=numbers.percent(row["shrunken_rate"]),
        **{name: numbers.percent(row[name]) for name in ("rate", "low", "high", "break_even")},
    )


def targeting_texts(
    gains: pd.DataFrame, targeting: pd.DataFrame, names: Sequence[str], labels: Names
) -> tuple[str, ...]:
    """Write a text per campaign with cost and revenue: which segments to contact, and the expected profit."""
    made = []
    for outcome, rows in targeting.groupby("outcome", sort=False):
        steps = gains[gains["outcome"] == outcome]
        break_even = numbers.percent(float(rows["break_even"].iloc[0]))
        label = labels.outcomes[str(outcome)]
        at = steps.loc[steps["is_best"].idxmax() if steps["is_best"].any() else steps["profit"].idxmax()]
        if not at["profit"] > 0:
            made.append(say.NO_SET.format(outcome=label, break_even=break_even))
            continue
        chosen = steps[steps["step"] <= at["step"]]["segment"].tolist()
        sure = set(rows.loc[rows["decision"] == "contact", "segment"])
        form = say.BEST_SET if at["is_best"] else say.SURE_ALONE if sure else say.MAYBE_SET
        text = form.format(
            outcome=label,
            break_even=break_even,
            sure=_quoted([s for s in chosen if s in sure], names),
            segments=_quoted(chosen, names),
            n=numbers.count(at["n"]),
            share=numbers.share(at["share"]),
            acceptances=numbers.share(at["share_of_acceptances"]),
            profit=numbers.number(at["profit"]),
            low=numbers.number(at["profit_low"]),
            high=numbers.number(at["profit_high"]),
        )
        further = [say.LOSS] if at["is_best"] and at["profit_low"] < 0 else []
        unsure = [s for s in chosen if s not in sure] if at["is_best"] or sure else []
        further += [say.IN_PART.format(segments=_quoted(unsure, names))] if unsure else []
        if not math.isnan(at["held_out_set_profit"]):
            further.append(say.HELD_OUT.format(profit=numbers.number(at["held_out_set_profit"])))
        made.append(" ".join([text, *further]))
    return tuple(made)


def _quoted(segments: Sequence[int], names: Sequence[str]) -> str:
    return listed([f"“{isolated(names[s - 1])}”" for s in segments])


def comparison_text(comparison: pd.DataFrame) -> str:
    """Write whether the segments explain more than simple cuts; empty where nothing was compared."""
    mean = comparison[comparison["outcome"] == ALL_OUTCOMES].set_index("cut")
    if not len(mean):
        return ""
    explained = mean["explained"]
    cuts = [
        say.CUT.format(
            cut=say.CUT_NAMES[str(cut)].format(detail=mean.loc[cut, "detail"]),
            explained=numbers.percent(float(value)),
        )
        for cut, value in explained.items()
        if cut != "segments"
    ]
    simple = explained.drop(["segments", "all patterns"]).max()
    verdict = say.WINS if explained["segments"] >= simple else say.LOSES
    return say.BEATS.format(
        segments=numbers.percent(float(explained["segments"])), cuts="; ".join(cuts), verdict=verdict
    )


def questions_text(asked: QuestionSet, n_features: int, labels: Names) -> str:
    """Write how few features assign a customer."""
    if not asked.is_enough:
        return say.NOT_ENOUGH.format(agreement=numbers.share(asked.agreement))
    return say.ASKED.format(
        n=len(asked.features),
        total=n_features,
        agreement=numbers.share(asked.agreement),
        features=listed([labels.features[name] for name in asked.features]) or "none has to be asked",
    )


def redundancy_texts(associations: pd.DataFrame, labels: Names) -> tuple[str, ...]:
    """Write a sentence per pair of redundant features."""
    pairs = associations[
        (associations["kind"] == "features") & (associations["cramers_v"] >= REDUNDANT_FEATURES)
    ]
    return tuple(
        say.SAME.format(
            feature=labels.features[row["feature"]],
            other=labels.features[row["other"]],
            v=numbers.ratio(row["cramers_v"]),
        )
        for row in rows_of(pairs)
    )


def sensitive_texts(
    associations: pd.DataFrame, sensitive: Mapping[str, object], unseen: Sequence[str], labels: Names
) -> tuple[str, ...]:
    """Write how far the segments stand in for each protected column, and a note on where that matters."""
    rows = rows_of(associations[associations["kind"] == "sensitive"])
    made = []
    for row in rows:
        v = row["cramers_v"]
        form = say.SENSITIVE_LITTLE
        if v >= STAND_IN_SOME:
            form = say.SENSITIVE_STRONG if v >= STAND_IN_STRONG else say.SENSITIVE_SOME
        made.append(
            form.format(
                column=row["feature"],
                feature=labels.features.get(str(sensitive[row["feature"]]), row["feature"]),
                v=numbers.ratio(v),
                guessed=numbers.share(row["guessed"]),
                without=numbers.share(row["guessed_without"]),
            )
        )
    made += [say.SENSITIVE_UNSEEN.format(column=column) for column in unseen]
    return (*made, say.SENSITIVE_NOTE) if made else ()
