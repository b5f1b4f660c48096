"""How much of the segments that are shown other tried states have, so that trying until something looks good is visible."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segmentry.runs.moved import Moved
from segmentry.segmentation import Segmentation
from segmentry.workbench.comparing import Settled

MOST_KEPT = 8
"""So many tried states are kept with their segments."""


class Tried:
    """The segments of the last states that were worked out, by the text of their recipes; undone ones are among them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Settled] = OrderedDict()

    def add(self, settled: Settled) -> None:
        """Keep a state; those with one segment have nothing that could survive."""
        text = settled.state.saved_text
        self._kept.pop(text, None)
        if len(settled.result.segments) > 1:
            self._kept[text] = settled
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def others(self, result: Segmentation) -> tuple[Settled, ...]:
        """Return the states with other segments than a result, the newest first; another name makes no other segments."""
        return tuple(one for one in reversed(self._kept.values()) if one.result.core is not result.core)

    def forget(self) -> None:
        """Forget all: the data have changed."""
        self._kept.clear()


@dataclass(frozen=True)
class Survived:
    """A tried state, and who of the segments that are shown is in the segment of it that continues theirs."""

    what: str
    n_segments: int
    share: float
    by_segment: tuple[float, ...]

    @classmethod
    def of(cls, tried: Settled, found: Moved) -> Survived:
        """Take the shares from the customers of both; `found` has the tried state first."""
        sizes = found.overlap.sum(axis=0)
        kept = [0.0] * len(sizes)
        for i, j in enumerate(found.partner):
            if j >= 0 and sizes[j] > 0:
                kept[j] = float(found.overlap[i, j] / sizes[j])
        return cls(tried.state.what, len(tried.result.segments), 1.0 - found.share, tuple(kept))


def survival_shown(result: Segmentation, found: Sequence[Survived]) -> dict[str, Any]:
    """Return what the page says: of each segment the mean and the least share that survives, and of each state its share."""
    by_segment = list(zip(*(one.by_segment for one in found), strict=True))
    return {
        "segments": [
            {"id": s.id, "name": s.name, "mean": sum(shares) / len(shares), "least": min(shares)}
            for s, shares in zip(result.segments, by_segment, strict=False)
        ],
        "states": [{"what": one.what, "segments": one.n_segments, "share": one.share} for one in found],
    }
