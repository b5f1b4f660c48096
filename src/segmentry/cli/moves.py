"""What a run changed in a history of scores, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmentry.text.numbers import count

if TYPE_CHECKING:
    from segmentry.engine.history import Kept


def kept_lines(kept: Kept | None) -> list[str]:
    """Lines about new and gone customers, and about who is in another segment than before."""
    if kept is None:
        return []
    lines = [
        f"History: {count(kept.n_new)} new customers, {count(kept.n_gone)} gone, {count(kept.n_changed)} with other scores than before, "
        f"{count(kept.n_moved)} of them in another segment"
    ]
    lines += [
        f"  from segment {move.before} to {move.after}: {count(move.customers)} customers, "
        f"{count(move.to_second)} of them to what was their second segment"
        for move in kept.moves
    ]
    if kept.is_other_model:
        lines.append("The earlier rows are of another model: a segment of the same number may be another one")
    return lines
