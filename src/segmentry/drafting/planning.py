"""Plan of a drafted recipe: from the facts of a table to features, outcomes and reasons."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segmentry.auditing.columns import ColumnFacts, describe_columns
from segmentry.auditing.session import Session
from segmentry.drafting import bins
from segmentry.drafting.batteries import with_batteries
from segmentry.drafting.behaviour import with_behaviour
from segmentry.drafting.candidates import Headline, with_targets
from segmentry.drafting.choosing import ChosenFeatures, choose_features
from segmentry.drafting.cleaning import DraftedStep, draft_steps
from segmentry.drafting.codebooks import find_weight, judge_labelled, with_codebook, with_labels
from segmentry.drafting.codes import find_codes
from segmentry.drafting.column_queries import describe_as_numbers, with_examples
from segmentry.drafting.columns import judge_columns, sensitive_columns
from segmentry.drafting.derived import with_derived
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.features import draft_children, draft_feature, draft_one_of
from segmentry.drafting.judged_column import FORMING, JudgedColumn, Sense, Use
from segmentry.drafting.keys import id_reason
from segmentry.drafting.outcomes import group_outcomes
from segmentry.drafting.outliers import find_far_values
from segmentry.drafting.parts import with_parts
from segmentry.drafting.restating import restated
from segmentry.drafting.transactions import Transactions, find_transactions
from segmentry.drafting.wishes import Wishes
from segmentry.drafting.words import readable, shortened_value, slug
from segmentry.drafting.writing import Plan
from segmentry.engine import TIME_ZONE, Engine, check_fields, codebook_of, reading_notes
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.sql.expressions import relation

_ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
RFM_WORTH = 4.0
"""Worth of recency, frequency and spend, above that of all other columns."""
_RFM = {
    "recency": "how recently they bought",
    "orders": "how often they bought",
    "spend": "how much they spent",
}
_FEWEST_AMOUNTS = 20
"""Numbers with more different values may be amounts, others may be codes."""
_MOST_OFFERED = 60
"""Largest number of columns without room among the outcomes that are offered as features."""

_WHO = (
    "Features form the segments: who the customers are, not what they do, because a difference in what formed the "
    "segments proves nothing."
)
_UNNAMED = (
    "Features form the segments. No column says by its name who the customers are, so these are a first guess: keep "
    "what describes customers, and move what they do to the outcomes."
)
_BOUGHT = (
    "Features form the segments: how recently, how often and for how much customers bought, each in fifths with round "
    "edges. Alternative: leave the spend out and compare it as an outcome."
)
_COUNTED = (
    "Features form the segments: how recently and how often customers bought, in fifths with round edges."
)
_RANGES = (
    "A range begins at its edge and ends before the next. Alternative to edges and labels: quantiles = 4."
)
_LISTS = (
    "Values in one list are one level: merge levels by merging lists. A value in no list is counted and has no level; "
    'unseen = "error" would stop instead.'
)
_OUTCOMES_WHY = (
    "Outcomes: what customers do. Segments are compared on them and never formed by them. A column may move to the "
    "features, but cannot be in both.",
)


@dataclass(frozen=True)
class _Customers:
    """A table with one row per customer.

    Attributes
    ----------
    session
        Session that asks the table.
    columns
        Its columns with their uses.
    candidates
        Features drafted from them.
    source
        Keys of ``[source]``, with their comment lines.
    size
        Number of rows and columns, for people.
    headline
        The headline outcome, if there is one, and what it could be instead.
    """

    session: Session
    columns: Sequence[JudgedColumn]
    candidates: Sequence[DraftedFeature]
    source: dict[str, Any]
    source_why: tuple[str, ...]
    size: str
    headline: Headline


def plan_recipe(
    engine: Engine,
    wishes: Wishes | None = None,
    encoding: str | None = None,
    as_of: datetime.date | None = None,
) -> Plan:
    """Plan the recipe of an engine's table.

    Parameters
    ----------
    engine
        Engine that holds the table.
    wishes
        Columns that are to be the headline outcome, features, outcomes, or left out.
    encoding
        Encoding that was given for the file.
    as_of
        Day to which the days since the last purchase are counted; by default the last one in the table.

    Raises
    ------
    DataError
        The table has no rows, or no column that can form segments; or the target is not a column to compare.
    """
    wishes, session = wishes or Wishes(), Session(engine)
    facts = with_examples(session, describe_columns(session))
    n_rows = facts[0].n_rows if facts else 0
    if n_rows == 0:
        raise DataError(
            "the table has no rows", source=engine.name, hint="a recipe is drafted from what the columns hold"
        )
    check_fields(engine, [f.name for f in facts])
    transactions = find_transactions(session, facts, as_of)
    if transactions is not None:
        table = _customers_of_transactions(engine, facts, transactions, wishes)
    else:
        table = _customers_of_rows(engine, facts, session, wishes)
    if encoding is not None:
        table = replace(table, source={**table.source, "encoding": encoding})
    return with_labels(_plan(engine, table), codebook_of(engine))


def _customers_of_rows(
    engine: Engine, facts: Sequence[ColumnFacts], session: Session, wishes: Wishes
) -> _Customers:
    wishes.check([f.name for f in facts])
    book = codebook_of(engine)
    weight = find_weight(facts, book)
    codes = find_codes(session, facts)
    weighed = [f for f in facts if weight is None or f.name != weight[0]]
    judged = wishes.left(with_codebook(judge_labelled(weighed, codes, book), book))
    related = with_parts(session, with_derived(session, judged))
    columns, headline = with_targets(with_batteries(related), wishes, engine.short_name)
    columns = wishes.granted(with_behaviour(columns, headline.name))
    columns = _without_far_values(session, columns)
    key = next((c for c in columns if c.use == "id"), None)
    source, why = ({} if key is None else {"id": key.name}), id_reason(key, columns)
    if weight is not None:
        source, why = {**source, "weight": weight[0]}, (*why, weight[1])
    return _Customers(
        session,
        columns,
        _draft_candidates(describe_as_numbers(session, columns, ("feature",))),
        source,
        why,
        f"{facts[0].n_rows:,} rows, {len(facts)} columns",
        headline,
    )


def _without_far_values(session: Session, columns: Sequence[JudgedColumn]) -> tuple[JudgedColumn, ...]:
    """Columns in which what would make up a mean alone is read as missing; the last level of a feature bears it."""
    means = [c.facts for c in columns if c.use in ("amounts", "counts") and c.sql is None]
    far = find_far_values(session, means)
    return tuple(replace(c, sql=far[c.name].sql, code=far[c.name]) if c.name in far else c for c in columns)


def _customers_of_transactions(
    engine: Engine, facts: Sequence[ColumnFacts], transactions: Transactions, wishes: Wishes
) -> _Customers:
    source = {"id": transactions.customer, "sql": transactions.sql}
    any_feature = {"name": "any", "sql": "1 > 0", "yes_no": True}
    recipe = Recipe.from_dict({"source": source, "features": [any_feature]})
    session = Session(engine, relation=relation(recipe, dict(engine.tables)).select_all())
    judged = _judge_made_columns(describe_columns(session), transactions)
    wishes.check([c.name for c in judged])
    columns, headline = with_targets(wishes.left(judged), wishes, engine.short_name, is_made=True)
    if not transactions.is_purchases:
        columns = with_behaviour(columns, headline.name)
    columns = wishes.granted(columns)
    target = headline.name
    taken: set[str] = set()
    measures = {transactions.made.get(m) for m in _RFM}
    rfm = [
        draft_feature(c, slug(c.name, taken), bins.FIFTHS)
        for c in columns
        if c.name in measures and c.name != target and c.use == "feature" and c.form == "number"
    ]
    others = _draft_candidates(
        [c for c in columns if c.form != "number" or not transactions.is_purchases], taken
    )
    return _Customers(
        session,
        columns,
        [*(f for f in rfm if f is not None), *others],
        source,
        transactions.why,
        f"{facts[0].n_rows:,} rows, {len(facts)} columns, {columns[0].facts.n_rows:,} customers",
        headline,
    )


def _judge_made_columns(facts: Sequence[ColumnFacts], transactions: Transactions) -> tuple[JudgedColumn, ...]:
    """Judge the columns of the customers' table by what the query makes them of."""
    columns = list(judge_columns(facts))
    for i, c in enumerate(columns):
        meaning = next((m for m, name in transactions.made.items() if name == c.name), None)
        if c.name == transactions.customer:
            columns[i] = JudgedColumn(c.facts, "id", "one row each")
        elif meaning is None or c.facts.n_distinct < 2:
            continue
        elif meaning in _RFM:
            columns[i] = JudgedColumn(c.facts, "feature", _RFM[meaning], "number", RFM_WORTH)
        else:
            use: Use = "amounts" if c.facts.n_negative else "counts"
            sense: Sense = "process" if meaning == "rows" else "unknown"
            columns[i] = JudgedColumn(c.facts, use, "what the customers do", "number", 0.2, sense=sense)
    return tuple(columns)


def _plan(engine: Engine, table: _Customers) -> Plan:
    columns = table.columns
    headline = table.headline.name
    steps = draft_steps(table.session, columns)
    chosen = _choose(engine, table, steps)
    forming = {c for f in chosen.used for c in f.columns}
    compared = [c for c in columns if c.is_compared and c.name not in forming]
    if not compared:
        compared = [_unnamed_amount(c) for c in columns if c.name not in forming and _may_be_amount(c)]
    is_made = "sql" in table.source  # what a query makes of purchases goes together by nature
    said = [c for c in columns if c.name in forming or c.name == headline]
    same = {} if is_made else restated(table.session, said, [c for c in compared if c.name != headline])
    twins = [c for c in compared if c.name in same and same[c.name] != headline]
    again = f"says again what {shortened_value(headline)} says, which is compared first"
    compared = [c for c in compared if c.name not in same]
    money = [c for c in columns if c.use == "money"]
    groups, without_room = group_outcomes(compared, money, table.headline.target)
    listed = {c for g in groups for c in g.reads}
    offered = [(f, why) for f, why in chosen.offered if not listed & set(f.columns)]
    made = [*chosen.used, *(f for f, _ in offered)]
    offered += _offered_outcomes(table.session, without_room, made, "there is no room for more outcomes")
    offered += _offered_outcomes(
        table.session, twins, [*made, *(f for f, _ in offered)], "says the same as a feature above"
    )
    mentioned = forming | listed | {c for f, _ in offered for c in f.columns}
    if any(g.cost is not None for g in groups):
        mentioned |= {c.name for c in money}
    left = [c for c in columns if c.use != "id" and c.name not in mentioned]
    unused = [(c.name, again if headline and same.get(c.name) == headline else c.why) for c in left]
    source, source_why = _as_read(engine, table)
    return Plan(
        n_customers=table.columns[0].facts.n_rows,
        title=readable(engine.short_name) if engine.short_name else "Customers",
        headline=groups[0].headline if headline is not None and groups else "",
        candidates=table.headline.others,
        about=(
            f"Drafted by segmentry from {shortened_value(Path(engine.name).name, 80)}: {table.size}.",
            "Every choice is a proposal with its reason: read it, change what you know better, and see what it makes of "
            "the table with `segmentry run DATA --recipe THIS --check`. `segmentry audit DATA --out DIR` shows what is wrong with it.",
        ),
        source=source,
        source_why=source_why,
        sensitive=sensitive_columns([c for c in columns if c.name not in dict(unused)]),
        steps=steps,
        features=chosen.used,
        features_why=_features_why(chosen.used),
        outcomes=groups,
        outcomes_why=_OUTCOMES_WHY if groups else (),
        offered=offered,
        unused=unused,
    )


def _as_read(engine: Engine, table: _Customers) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Keys of ``[source]`` with how the file is read, and their comments with what has to be known of it."""
    source, notes = dict(table.source), reading_notes(engine)
    if (thousands := getattr(engine, "thousands", ())) and "sql" not in source:
        source["thousands"] = list(thousands)
    if dates := dict(getattr(engine, "dates", {})):
        source["dates"] = dates
    zoned = [shortened_value(c.name) for c in table.columns if c.facts.sql_type.upper() in _ZONED]
    said = [f"{note.sentence} {note.advice}" for note in notes]
    if zoned:
        source["timezone"] = TIME_ZONE
        said.append(
            f"{', '.join(zoned)}: times with a zone, of which days and years are those of {TIME_ZONE}."
        )
    return source, (*table.source_why, *said)


def _choose(engine: Engine, table: _Customers, steps: Sequence[DraftedStep]) -> ChosenFeatures:
    """Choose features; where fewer than two can be had, also from what customers do; what happened only where there is none."""
    base = {"source": table.source, "clean": [{"step": s.name, "keep": s.keep} for s in steps]}
    n_rows = table.columns[0].facts.n_rows
    chosen = choose_features(engine, base, table.candidates, n_rows)
    target = table.headline.name
    behaviour = [
        c
        for c in table.columns
        if c.is_compared and c.name != target and (c.sense != "happened" or not chosen.used)
    ]
    if len(chosen.used) < 2 and behaviour:
        taken = {f.name for f in table.candidates}
        as_numbers = describe_as_numbers(table.session, behaviour)
        more = [f for c in as_numbers if (f := draft_feature(c, slug(c.name, taken))) is not None]
        chosen = choose_features(engine, base, [*table.candidates, *more], n_rows)
    if not chosen.used:
        raise _nothing_forms(engine, table.columns)
    return chosen


def _features_why(features: Sequence[DraftedFeature]) -> tuple[str, ...]:
    worth = max(f.worth for f in features)
    bought = _BOUGHT if len(features) >= len(_RFM) else _COUNTED
    lines = [bought if worth == RFM_WORTH else _WHO if worth >= FORMING else _UNNAMED]
    if any("edges" in f.keys for f in features):
        lines.append(_RANGES)
    if any("groups" in f.keys for f in features):
        lines.append(_LISTS)
    return tuple(lines)


def _draft_candidates(columns: Sequence[JudgedColumn], taken: set[str] | None = None) -> list[DraftedFeature]:
    """Draft every feature that can be drafted; columns of children make one feature."""
    taken = set() if taken is None else taken
    found, kids = list[DraftedFeature | None](), [c for c in columns if c.form == "kids"]
    for c in columns:
        if c.use != "feature":
            continue
        if c.form == "one_of":
            members = [m for m in columns if m.form == "one_of" and m.whole == c.whole]
            found += [draft_one_of(members, slug(c.whole, taken))] if c is members[0] else []
        elif c.form != "kids":
            found.append(draft_feature(c, slug(c.name, taken)))
        elif c is kids[0]:
            found.append(draft_children(kids, slug("children", taken)))
    return [f for f in found if f is not None]


def _may_be_amount(c: JudgedColumn) -> bool:
    """Whether a number that forms no segments, and whose name says nothing, can be compared where nothing else is."""
    is_plain = c.use == "feature" and c.form == "number" and c.is_unnamed and not c.battery
    return is_plain and c.facts.n_negative == 0 and c.facts.n_distinct > _FEWEST_AMOUNTS


def _unnamed_amount(c: JudgedColumn) -> JudgedColumn:
    return replace(c, use="amounts")


def _offered_outcomes(
    session: Session, columns: Sequence[JudgedColumn], made: Sequence[DraftedFeature], why: str
) -> list[tuple[DraftedFeature, str]]:
    """Features of the columns that are not compared, for this reason, up to a number that can be read."""
    taken = {f.name for f in made}
    as_numbers = describe_as_numbers(session, columns[:_MOST_OFFERED])
    return [(f, why) for c in as_numbers if (f := draft_feature(c, slug(c.name, taken))) is not None]


def _nothing_forms(engine: Engine, columns: Sequence[JudgedColumn]) -> DataError:
    reasons = [f"{shortened_value(c.name)}: {c.why}" for c in columns[:5]]
    more = f"; and {len(columns) - 5} more" if len(columns) > 5 else ""
    return DataError(
        f"no column can form segments ({'; '.join(reasons)}{more})",
        source=engine.name,
        hint="a column with at least two values that customers share is needed",
    )
