"""How a result with many values shows itself: a line that says what it is, and a few lines of what it holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from html import escape

MAX_NAMED = 8
"""Largest number of names that are written out; of further ones only their number is."""


class Shown(ABC):
    """Base of results that show themselves in a few lines, in a terminal and in a notebook."""

    @abstractmethod
    def _shown(self) -> tuple[str, Mapping[str, str]]:
        """Return a phrase that says what the result is, and what it holds: texts by a word that names each."""

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
