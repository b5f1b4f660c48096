"""The pages that ask: each numbers its moves, and moves of one gesture are one step of undo."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_TABS = 50


@dataclass
class Tab:
    """What is known of a page: the number of its last move, and the gesture that it belongs to."""

    last: int = 0
    gesture: str = ""


class Tabs:
    """Pages by their names, the last ones."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Tab] = OrderedDict()

    def of(self, name: str) -> Tab:
        """Return a page, which may be new."""
        tab = self._known.setdefault(name, Tab())
        self._known.move_to_end(name)
        while len(self._known) > MOST_TABS:
            self._known.popitem(last=False)
        return tab

    def goes_on(self, tab: Tab, gesture: str) -> None:
        """Note the gesture of a page's move, which ends those of all others."""
        for other in self._known.values():
            other.gesture = ""
        tab.gesture = gesture
