"""The columns of the table as the page lists them: what each is for, and what it could be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from segmentry.drafting.offers import ColumnOffer
from segmentry.recipe import Recipe
from segmentry.runs.columns import Reads, reads_of
from segmentry.workbench.column_moves import ColumnRole, declared_offers, role_of
from segmentry.workbench.state import State


@dataclass(frozen=True)
class ColumnShown:
    """A column: its role, those that it could have, and what it is taken for."""

    name: str
    role: ColumnRole
    roles: tuple[ColumnRole, ...]
    is_sensitive: bool
    said: str


def offers_of(recipe: Recipe, offered: Iterable[ColumnOffer]) -> dict[str, ColumnOffer]:
    """Return what columns could be, by name: what a recipe declares for one of them, else what is offered."""
    found = {offer.column: offer for offer in offered}
    for column, (feature, outcome) in declared_offers(recipe).items():
        offer = found.get(column, ColumnOffer(column))
        found[column] = replace(offer, feature=feature or offer.feature, outcome=outcome or offer.outcome)
    return found


def columns_shown(state: State, offers: Mapping[str, ColumnOffer]) -> tuple[ColumnShown, ...]:
    """List the columns of the table, as far as they are known, and those that the recipe reads."""
    reads = reads_of(state.whole)
    read = (c for columns in (*reads.features.values(), *reads.outcomes.values()) for c in columns)
    return tuple(
        _shown(name, state, reads, offers.get(name, ColumnOffer(name)))
        for name in dict.fromkeys((*offers, *read))
    )


def _shown(name: str, state: State, reads: Reads, offer: ColumnOffer) -> ColumnShown:
    role = role_of(state.whole, reads, state.off, name)
    can_form = offer.feature is not None or bool(reads.features_of(name))
    can_be_compared = offer.outcome is not None or bool(reads.outcomes_of(name))
    roles: list[ColumnRole] = [
        *(("feature",) if can_form else ()),
        *(("outcome", "headline") if can_be_compared else ()),
        "off",
    ]
    parts = [f.title for f in state.whole.features if name in reads.features[f.name] != (name,)]
    said = f"part of {' and '.join(parts)}" if role == "feature" and parts else offer.said
    return ColumnShown(name, role, tuple(roles), name in state.whole.sensitive, said)
