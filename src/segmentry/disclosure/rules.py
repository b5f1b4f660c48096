"""What may be shown of each field of a segmentation: a rule per field, and nothing without a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from segmentry.disclosure.customers import shown_evidence, shown_migration, shown_population
from segmentry.disclosure.features import shown_segments
from segmentry.disclosure.known import KNOWN_MIGRATION, KNOWN_SELECTION, check_known, check_model
from segmentry.disclosure.notes import shown_notes, withheld_note
from segmentry.disclosure.outcomes import shown_design, shown_targeting
from segmentry.disclosure.partial import Partial, check_large_enough
from segmentry.disclosure.policy import Policy
from segmentry.engine import LoggedQuery
from segmentry.errors import DisclosureError
from segmentry.patterns import PatternTable
from segmentry.profiling import Note, Population
from segmentry.segmentation import Segmentation

if TYPE_CHECKING:
    import pandas as pd

Rule = Callable[[Any, Partial], Any]
"""Makes of a field's complete value what may be shown of it."""


def disclosed(result: Segmentation, policy: Policy) -> Segmentation:
    """Return what may be shown of a segmentation.

    Figures that stay are those of the complete table; what would depend on withheld ones is made anew of those
    that are shown (ranks, adjusted p-values, names), or is withheld as well.

    Parameters
    ----------
    result
        Complete segmentation. One that was disclosed for every file, or loaded from a model file, is returned
        unchanged for a model file.
    policy
        Smallest count that may be shown, and where.

    Returns
    -------
    Segmentation
        Its `withheld` says what a model file leaves out, its last note what every file leaves out.

    Raises
    ------
    DataError
        The policy is for every file, and a segment has fewer customers, or a level whose share the model would tell.
    DisclosureError
        A field has no rule; or figures were withheld before, so that another policy cannot be applied.
    """
    if policy.shows_all or _is_disclosed(result, policy):
        return result
    if policy.is_for_every_file:
        check_large_enough(result, policy)
    unruled = {f.name for f in fields(result)} - set(RULES)
    if unruled:
        raise DisclosureError(
            "no rule says what may be shown of it",
            source=f"Segmentation.{min(unruled)}",
            hint="nothing is shown until segmentry.disclosure has one",
        )
    partial = Partial(result, policy)
    shown = {f.name: RULES[f.name](getattr(result, f.name), partial) for f in fields(result)}
    check_model(shown["core"])
    for name, value in shown.items():
        if name not in OPAQUE:
            check_known(value, name)
    return replace(result, **shown)


def _is_disclosed(result: Segmentation, policy: Policy) -> bool:
    is_disclosed = result.min_cell is not None or result.withheld is not None
    if is_disclosed and policy.is_for_every_file and result.min_cell != policy.floor:
        raise DisclosureError(
            "figures of this segmentation are withheld already, so it cannot be told which others would give them away",
            source=f"min_cell {policy.floor}",
            hint="run the segmentation again",
        )
    return is_disclosed


def _whole(value: Any, _: Partial) -> Any:
    return value


def _nothing(_value: Any, _: Partial) -> None:
    return None


def _no_rows(table: pd.DataFrame, _: Partial) -> pd.DataFrame:
    return table.iloc[:0]


def _min_cell(_value: int | None, partial: Partial) -> int | None:
    return partial.policy.floor if partial.policy.is_for_every_file else None


def _n_comparisons(n: int, partial: Partial) -> int:
    return int(partial.outcomes["p_adjusted"].notna().sum()) if partial.hidden.rows else n


def _selection(table: pd.DataFrame, partial: Partial) -> pd.DataFrame:
    table, least = KNOWN_SELECTION.of(table), partial.policy.floor
    if "smallest" in table:
        is_shown = table["smallest"] * partial.result.n_customers >= least
        table = table.assign(smallest=table["smallest"].where(is_shown))
    if not partial.has_telling_centres:
        return table
    # these tell distances within segments: the cost of the chosen number, and the gaps of every number
    is_chosen = table["k"] == partial.result.choice.k
    costs = {
        n: table[n].mask(is_chosen) for n in ("cost", "inertia", "lower_bound", "cost_gap") if n in table
    }
    return table.assign(**costs)[[name for name in table if not name.startswith("gap")]]


def _queries(queries: tuple[LoggedQuery, ...], partial: Partial) -> tuple[LoggedQuery, ...]:
    """Return queries, for every file without their numbers of rows, which count patterns and values of few customers."""
    is_shown = not partial.policy.is_for_every_file
    return queries if is_shown else tuple(replace(query, rows=None) for query in queries)


def _core(core: Any, partial: Partial) -> Any:
    return None if partial.has_telling_centres else core


def _notes(_value: tuple[Note, ...], partial: Partial) -> tuple[Note, ...]:
    said = shown_notes(partial.result, partial.cleaning, partial.strata)
    counts = (len(partial.hidden.rows), partial.n_cells)
    return (*said, withheld_note(partial.policy, *counts, has_model=not partial.has_telling_centres))


def _patterns(patterns: PatternTable | None, partial: Partial) -> PatternTable | None:
    if patterns is None or partial.kept is None:
        return None
    return replace(patterns.take(partial.kept).without_outcomes(), cleaning=partial.cleaning)


def _of_patterns(values: Any, partial: Partial) -> Any:
    return None if values is None or partial.kept is None else values[partial.kept]


def _population(found: Population | None, partial: Partial) -> Population | None:
    patterns, table = partial.result.patterns, partial.outcomes
    if found is None or patterns is None or partial.policy.is_for_every_file:
        return None
    withheld = table.loc[table["is_withheld"].astype(bool), ["segment", "outcome"]]
    return shown_population(found, partial.cleaning, withheld, patterns.outcomes, partial.policy.floor)


RULES: Mapping[str, Rule] = {
    # what was declared, and what made the segments: no figure of customers
    "recipe": _whole,
    "method": _whole,
    "seed": _whole,
    "source": _whole,
    "versions": _whole,
    "kinds": _whole,
    "library": _whole,
    # figures of all customers, and of models; the reason of the choice gives no number of movers below the floor
    "choice": _whole,
    "verdict": _whole,
    "limit": _whole,
    "core": _core,
    "selection": _selection,
    # figures of segments
    "segments": lambda _, partial: shown_segments(partial.result, partial.features, partial.policy),
    "features": lambda _, partial: partial.features,
    "outcomes": lambda _, partial: partial.outcomes,
    "n_comparisons": _n_comparisons,
    "targeting": lambda table, partial: shown_targeting(table, partial.hidden, partial.outcomes),
    "strata": lambda _, partial: partial.strata,
    "design": lambda table, partial: shown_design(table, partial.hidden, partial.withheld_shares),
    "migration": lambda table, partial: shown_migration(KNOWN_MIGRATION.of(table), partial.policy.floor),
    "evidence": lambda evidence, partial: shown_evidence(
        evidence, partial.policy.floor, partial.hidden.outcomes | partial.hidden.bases
    ),
    "cleaning": lambda _, partial: partial.cleaning,
    "notes": _notes,
    "queries": _queries,
    # patterns and sums, for the model file alone
    "patterns": _patterns,
    "labels": _of_patterns,
    "certainty": _of_patterns,
    "steadiness": _of_patterns,
    "population": _population,
    # they count customers in so many ways that nothing of them can be shown
    "insights": _nothing,
    "findings": lambda *_: (),
    "missing": _no_rows,
    "splits": _no_rows,
    "histograms": _no_rows,
    # what was withheld
    "min_cell": _min_cell,
    "withheld": lambda _, partial: partial.withheld,
}
"""A rule for every field of `Segmentation`; without one nothing is shown at all."""

OPAQUE = frozenset(
    {"recipe", "core", "features", "outcomes", "targeting", "selection", "strata", "design", "migration"}
    | {"missing", "splits", "histograms"}
)
"""Fields that `check_known` does not look into: the recipe counts nobody; models and tables have allow-lists of their own."""
