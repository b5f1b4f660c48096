"""How a result with many values shows itself: one line of what it is, and a few of what is in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from html import escape

MAX_NAMED = 8
"""So many names are written out; of the others it is said how many they are."""


class Shown(ABC):
    """What shows itself in a few lines, in a terminal and in a notebook."""

    @abstractmethod
    def _shown(self) -> tuple[str, Mapping[str, str]]:
        """What it is, in a phrase; what is in it, by a word each."""

    def __repr__(self) -> str:
        head, details = self._shown()
        width = max(map(len, details), default=0)
        lines = [f"\n  {word:<{width}}  {text}" for word, text in details.items()]
        return f"<{type(self).__name__}: {head}{''.join(lines)}>"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        head, details = self._shown()
        style = "text-align:left;vertical-align:top;max-width:60em"
        rows = "".join(
            f'<tr><th style="{style}">{escape(word)}</th><td style="{style}">{escape(text)}</td></tr>'
            for word, text in details.items()
        )
        table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div><p><b>{type(self).__name__}</b>: {escape(head)}</p>{table}</div>"
