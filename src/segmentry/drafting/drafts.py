"""From a table to a commented recipe that runs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr

from segmentry.auditing.columns import ColumnFacts, described
from segmentry.auditing.roles import repeated_id
from segmentry.auditing.session import Session
from segmentry.drafting import bins, cleaning, outcomes
from segmentry.drafting.choosing import choose_features
from segmentry.drafting.codes import find_codes
from segmentry.drafting.columns import FORMING, UNNAMED, Judged, Use, judge_columns, sensitive
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.examples import with_examples
from segmentry.drafting.features import children, feature
from segmentry.drafting.text_numbers import as_numbers
from segmentry.drafting.transactions import Transactions, transactions
from segmentry.drafting.words import means, readable, shortened_value, slug
from segmentry.drafting.writing import Plan, recipe_text
from segmentry.engine import Engine, check_fields, open_engine
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.recipe.editing import edited
from segmentry.sql.expressions import relation


class Draft(Recipe):
    """A recipe drafted from a table; `text` is the recipe with a comment for every choice.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> recipe = Recipe.draft(sample_households(rows=2_000))
    >>> [f.name for f in recipe.features]
    ['income', 'year_birth', 'children', 'education', 'marital_status']
    >>> print(recipe.text.splitlines()[0])
    # Drafted by segmentry from pandas table in memory: 2,000 rows, 29 columns.
    """

    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """The recipe as it was drafted: TOML with comments, which stay when `with_` changes it."""
        return self._text

    def with_(self, **changes: Any) -> Self:
        """Return a validated copy in which the given top-level keys are replaced; comments elsewhere stay."""
        changed = super().with_(**changes)
        changed._text = edited(self._text, self.to_toml(), changed.to_toml())
        return changed


def draft(data: Any) -> Draft:
    """Draft a recipe from a table: see `Recipe.draft`."""
    engine = open_engine(data)
    try:
        written = recipe_text(plan(engine))
    finally:
        engine.close()
    recipe = Draft.from_toml(written, where="the drafted recipe")
    recipe._text = written
    return recipe


def plan(engine: Engine) -> Plan:
    """Plan the recipe of an engine's table.

    Raises
    ------
    DataError
        The table has no rows, or no column that can form segments.
    """
    session = Session(engine)
    facts = with_examples(session, described(session))
    n_rows = facts[0].n_rows if facts else 0
    if n_rows == 0:
        raise DataError(
            f"{engine.name}: the table has no rows; a recipe is drafted from what the columns hold"
        )
    check_fields(engine.name, [f.name for f in facts])
    found = transactions(facts)
    if found is not None:
        return _of_transactions(engine, facts, found)
    return _of_customers(engine, facts, session)


def _of_customers(engine: Engine, facts: Sequence[ColumnFacts], session: Session) -> Plan:
    columns = judge_columns(facts, find_codes(session, facts))
    source: dict[str, Any] = {}
    key = next((c for c in columns if c.use == "id"), None)
    if key is not None:
        source["id"] = key.name
    why = _id_reason(key, columns)
    about = f"{facts[0].n_rows:,} rows, {len(facts)} columns"
    return _planned(
        engine, columns, _candidates(as_numbers(engine, columns, ("feature",))), source, why, about, session
    )


def _of_transactions(engine: Engine, facts: Sequence[ColumnFacts], found: Transactions) -> Plan:
    source = {"id": found.customer, "sql": found.sql}
    query = relation(
        Recipe.from_dict({"source": source, "features": [_ANY]}), dict(engine.tables)
    ).select_all()
    session = Session(engine, relation=query)
    columns = _as_made(described(session), found)
    measures = ("recency", "orders", "spend")
    taken: set[str] = set()
    rfm = [
        feature(c, slug(c.name, taken), bins.FIFTHS)
        for c in columns
        if c.name in {found.made.get(m) for m in measures} and c.form == "number"
    ]
    others = _candidates([c for c in columns if c.form != "number"], taken)
    candidates = [*(f for f in rfm if f is not None), *others]
    about = f"{facts[0].n_rows:,} rows, {len(facts)} columns, {columns[0].facts.n_rows:,} customers"
    return _planned(engine, columns, candidates, source, found.why, about, session)


_ANY = {"name": "any", "sql": "1 > 0", "yes_no": True}


def _as_made(facts: Sequence[ColumnFacts], found: Transactions) -> tuple[Judged, ...]:
    """The columns of the customers' table, judged by what the query makes them of."""
    columns = list(judge_columns(facts))
    for i, c in enumerate(columns):
        meaning = next((m for m, name in found.made.items() if name == c.name), None)
        if c.name == found.customer:
            columns[i] = Judged(c.facts, "id", "one row each")
        elif meaning is None or c.facts.n_distinct < 2:
            continue
        elif meaning in ("recency", "orders", "spend"):
            columns[i] = Judged(c.facts, "feature", _RFM[meaning], "number", RFM_WORTH)
        else:
            use: Use = "amounts" if c.facts.n_negative else "counts"
            columns[i] = Judged(c.facts, use, "what the customers do", "number", 0.2)
    return tuple(columns)


RFM_WORTH = 4.0
"""Recency, frequency and spend come before whatever else is known of a customer."""
_RFM = {
    "recency": "how recently they bought",
    "orders": "how often they bought",
    "spend": "how much they spent",
}


def _planned(
    engine: Engine,
    columns: Sequence[Judged],
    candidates: list[DraftedFeature],
    source: dict[str, Any],
    source_why: tuple[str, ...],
    about: str,
    session: Session,
) -> Plan:
    steps = cleaning.steps(session, columns)
    base = {"source": source, "clean": [{"step": s.name, "keep": s.keep} for s in steps]}
    n_rows = columns[0].facts.n_rows
    chosen = choose_features(engine, base, candidates, n_rows)
    behaviour = [c for c in columns if c.use in ("amounts", "counts", "flags")]
    if len(chosen.used) < 2 and behaviour:
        more = _behaving(as_numbers(engine, behaviour), {f.name for f in candidates})
        chosen = choose_features(engine, base, [*candidates, *more], n_rows)
    if not chosen.used:
        raise DataError(_nothing_forms(engine, columns))
    forming = {c for f in chosen.used for c in f.columns}
    compared = [_as_outcome(c) for c in columns if c.name not in forming]
    money = [c for c in columns if c.use == "money"]
    groups, left = outcomes.groups([c for c in compared if c.use in ("amounts", "counts", "flags")], money)
    listed = {c for g in groups for c in g.columns}
    offered = [(f, why) for f, why in chosen.offered if not listed & set(f.columns)]
    mentioned = forming | listed | {c for f, _ in offered for c in f.columns}
    if any(g.cost is not None for g in groups):
        mentioned |= {c.name for c in money}
    room = {c.name for c in left}
    unused = [
        (c.name, "there is no room for more outcomes" if c.name in room else c.why)
        for c in columns
        if c.use != "id" and c.name not in mentioned
    ]
    return Plan(
        title=_title(engine.name),
        about=(
            f"Drafted by segmentry from {shortened_value(Path(engine.name).name, 80)}: {about}.",
            "Every choice is a proposal with its reason: read it, change what you know better, and see what it makes of "
            "the table with `segmentry run DATA --recipe THIS --check`. `segmentry audit DATA --out DIR` shows what is wrong with it.",
        ),
        source=source,
        source_why=source_why,
        sensitive=sensitive([c for c in columns if c.name not in {u for u, _ in unused}]),
        steps=steps,
        features=chosen.used,
        features_why=_features_why(chosen.used),
        outcomes=groups,
        outcomes_why=_OUTCOMES_WHY if groups else (),
        offered=offered,
        unused=unused,
    )


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


def _features_why(features: Sequence[DraftedFeature]) -> tuple[str, ...]:
    worth = max(f.worth for f in features)
    lines = [_BOUGHT if worth == RFM_WORTH else _WHO if worth >= FORMING else _UNNAMED]
    if any("edges" in f.keys for f in features):
        lines.append(_RANGES)
    if any("groups" in f.keys for f in features):
        lines.append(_LISTS)
    return tuple(lines)


def _title(name: str) -> str:
    if name.endswith("in memory"):
        return "Customers"
    _, _, table = name.partition(", table ")
    return readable(table or Path(name).stem)


def _id_reason(key: Judged | None, columns: Sequence[Judged]) -> tuple[str, ...]:
    if key is not None:
        return (f"{shortened_value(key.name)} has a value of its own in each of {key.facts.n_rows:,} rows.",)
    doubled = [c.facts for c in columns if means(c.name, "id") and 2 * c.facts.n_distinct > c.facts.n_rows]
    repeated = repeated_id([c.facts for c in columns])
    if repeated is not None:
        return (
            f"{shortened_value(repeated.name)} has {repeated.n_distinct:,} values in {repeated.n_rows:,} rows: each occurs in several. "
            "This recipe makes segments of rows. For segments of customers make one row of each, by a query: sql under "
            "[source].",
        )
    return (
        'No column tells every customer apart, so no assignments can be written; name one here: id = "…".',
        *(
            f"{shortened_value(f.name)} is not one: {f.n_distinct:,} different values in {f.n_rows:,} rows, {f.n_missing:,} "
            "without one."
            for f in doubled
        ),
    )


def _candidates(columns: Sequence[Judged], taken: set[str] | None = None) -> list[DraftedFeature]:
    """Every feature that can be drafted; children's columns together."""
    taken = set() if taken is None else taken
    found: list[DraftedFeature | None] = []
    kids = [c for c in columns if c.form == "kids"]
    for c in columns:
        if c.use != "feature":
            continue
        if c.form != "kids":
            found.append(feature(c, slug(c.name, taken)))
        elif c is kids[0]:
            found.append(children(kids, slug("children", taken)))
    return [f for f in found if f is not None]


def _behaving(columns: Sequence[Judged], taken: set[str]) -> list[DraftedFeature]:
    """What customers do as features, for tables that hold nothing else."""
    found = [feature(c, slug(c.name, taken)) for c in columns]
    return [f for f in found if f is not None]


def _as_outcome(c: Judged) -> Judged:
    """A number that forms no segments, and whose name says nothing, is compared."""
    is_plain = c.use == "feature" and c.form == "number" and c.worth == UNNAMED
    if is_plain and c.facts.n_negative == 0 and c.facts.n_distinct > 1:
        return replace(c, use="amounts")
    return c


def _nothing_forms(engine: Engine, columns: Sequence[Judged]) -> str:
    reasons = [f"{shortened_value(c.name)}: {c.why}" for c in columns[:5]]
    more = f"; and {len(columns) - 5} more" if len(columns) > 5 else ""
    return (
        f"{engine.name}: no column can form segments ({'; '.join(reasons)}{more}); "
        "a column with at least two values that customers share is needed"
    )
