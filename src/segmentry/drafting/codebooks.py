"""What a statistics file says of its columns, brought into the draft: labels, order of values, tick-boxes, weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import words_of
from segmentry.drafting.codes import MissingCode
from segmentry.drafting.columns import judge_columns
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.outcomes import DraftedGroup
from segmentry.drafting.words import shortened_value
from segmentry.drafting.writing import Plan
from segmentry.engine import Codebook

_LONGEST = 60
_TELLING = 6
"""Labels of up to so many words name a thing; longer ones are questions, in which any word may stand."""
_WEIGHT = re.compile(
    r"(p|f|a|d|post|pop)?(weights?|weighting|wgts?|wghts?|wts?)|(gewicht|hochrechnung|poids|ponder|peso|pesos)\w*|\w+(weight|wgt|wght|gewicht)"
)
_MEAN_OF_WEIGHTS = (0.5, 2.0)
_DESIGN = frozenset({
    "weighting", "design", "survey", "sample", "sampling", "population", "stratification", "poststratification", "post", "grossing",
    "analysis", "factor", "gewichtung", "hochrechnung", "gewichtungsfaktor", "ponderation", "sondage", "ponderacion", "ponderacao",
})  # fmt: skip


def judge_labelled(
    facts: Sequence[ColumnFacts], codes: Mapping[str, MissingCode], book: Codebook | None
) -> tuple[JudgedColumn, ...]:
    """Judge the columns; those whose names say nothing, such as v1, by their labels, where these are short and differ."""
    by_name = judge_columns(facts, codes)
    labels = {} if book is None else {c: t for c, t in book.labels.items() if len(t.split()) <= _TELLING}
    texts = list(labels.values())
    names = {f.name: labels[f.name] for f in facts if texts.count(labels.get(f.name, "")) == 1}
    if len({names.get(f.name, f.name) for f in facts}) < len(facts) or not names:
        return by_name
    named = [replace(f, name=names.get(f.name, f.name)) for f in facts]
    by_label = judge_columns(named, {names.get(column, column): code for column, code in codes.items()})
    return tuple(
        replace(labelled, facts=replace(labelled.facts, name=f.name))
        if judged.sense == "unknown" and (labelled.sql is None or labelled.code is not None)
        else judged
        for f, judged, labelled in zip(facts, by_name, by_label, strict=True)
    )


def with_codebook(columns: Sequence[JudgedColumn], book: Codebook | None) -> tuple[JudgedColumn, ...]:
    """Return the columns with the order of their labels; the tick-boxes of a set are a battery."""
    if book is None:
        return tuple(columns)
    batteries = {column: label for label, members in book.sets.items() for column in members}
    return tuple(
        replace(
            c,
            order=book.levels.get(c.name, ()),
            is_ordinal=c.name in book.ordered,
            battery=shortened_value(batteries[c.name], 20) if c.name in batteries else c.battery,
        )
        for c in columns
    )


def with_labels(plan: Plan, book: Codebook | None) -> Plan:
    """Return the plan with the labels that the file gives features, outcomes and sets of tick-boxes."""
    if book is None:
        return plan
    return replace(
        plan,
        features=[_named_feature(f, book) for f in plan.features],
        outcomes=[_named(group, book) for group in plan.outcomes],
        offered=[(_named_feature(f, book), why) for f, why in plan.offered],
    )


def _named_feature(f: DraftedFeature, book: Codebook) -> DraftedFeature:
    label = book.labels.get(f.columns[0]) if len(f.columns) == 1 else None
    return f if label is None else replace(f, keys={**f.keys, "label": _label(label)})


def _named(group: DraftedGroup, book: Codebook) -> DraftedGroup:
    columns = {name: _named_column(column, book.labels.get(name)) for name, column in group.columns.items()}
    whole = next((label for label, members in book.sets.items() if set(group.reads) <= set(members)), None)
    if whole is None and len(group.reads) == 1:
        whole = book.labels.get(group.reads[0])
    return replace(group, columns=columns, label=group.label if whole is None else _label(whole))


def _named_column(column: str | Mapping[str, Any], label: str | None) -> str | dict[str, Any]:
    if isinstance(column, str):
        return column if label is None else _label(label)
    return {**column} if label is None else {**column, "label": _label(label)}


def _label(text: str) -> str:
    return shortened_value(text, _LONGEST)


def find_weight(facts: Sequence[ColumnFacts], book: Codebook | None) -> tuple[str, str] | None:
    """Return the column of a statistics file that weighs its rows, and why it is taken for one.

    Its name or label says weight, its values are positive, and their mean is about 1 or its label speaks of a sample. So what
    people weigh is none.
    """
    for f in facts if book is not None else ():
        label = book.labels.get(f.name, "") if book is not None else ""
        words = [*words_of(f.name), *words_of(label)]
        says = any(_WEIGHT.fullmatch(word) for word in words)
        if not says or f.kind != "number" or f.n_distinct < 2 or f.lowest < 0 or f.mean is None:
            continue
        is_about_one = _MEAN_OF_WEIGHTS[0] <= f.mean <= _MEAN_OF_WEIGHTS[1] and not f.is_whole
        if is_about_one or _DESIGN & set(words):
            named = f" ({shortened_value(label)})" if label else ""
            return f.name, (
                f"{shortened_value(f.name)}{named} weighs the rows: mean {f.mean:.3g}, from {f.lowest:.3g} to {f.highest:.3g}. "
                "Alternative: remove weight, and every row counts once."
            )
    return None
