"""The segments: a number, a name and a size each; together they show themselves as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Self

from segmentry.profiling import Condition
from segmentry.text.numbers import count, percent

_HEADS = ("", "Segment", "Customers", "Share", "Certainty")


@dataclass(frozen=True)
class Segment:
    """A cluster with a number, a name and a size; numbered from 1, largest first unless earlier numbers are kept.

    Attributes
    ----------
    id, name, size, share, certainty
        Number, name, customers, their share of all, and their mean certainty.
    typical, label
        Most frequent combination of its levels, and the name that another tool gave it.
    conditions, name_share
        What its name says of its customers, and the share of them who meet every condition; no conditions where nothing sets
        it apart or it was named by somebody, no share where that is withheld.
    named_for, note
        Name that it would have, where the recipe gives it another, of which conditions and share are; and the recipe's note.
    """

    id: int
    name: str
    size: int
    share: float
    certainty: float
    typical: tuple[str, ...] = ()
    label: str | None = None
    conditions: tuple[Condition, ...] = ()
    name_share: float | None = None
    named_for: str = ""
    note: str = ""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a segment.

        Parameters
        ----------
        content
            Plain values of a segment; those of earlier versions have no conditions.

        Examples
        --------
        >>> saved = {"id": 1, "name": "young", "size": 60, "share": 0.6, "certainty": 0.9, "typical": []}
        >>> Segment.from_dict(saved).name
        'young'
        """
        conditions = tuple(Condition(c["feature"], tuple(c["levels"])) for c in content.get("conditions", ()))
        return cls(**{**content, "typical": tuple(content["typical"]), "conditions": conditions})


class Segments(tuple[Segment, ...]):
    """Segments by number: a tuple that shows itself as a table.

    Examples
    --------
    >>> Segments([Segment(1, "young", 60, 0.6, 0.9), Segment(2, "old", 40, 0.4, 0.85)])
       Segment  Customers  Share   Certainty
    1  young    60         60.0...%  90.0...%
    2  old      40         40.0...%  85.0...%
    """

    __slots__ = ()

    def _rows(self) -> list[tuple[str, ...]]:
        return [(str(s.id), s.name, count(s.size), percent(s.share), percent(s.certainty)) for s in self]

    def __repr__(self) -> str:
        rows = [_HEADS, *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS))]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    def _repr_html_(self) -> str:
        style = "text-align:left"
        head = "".join(f'<th scope="col" style="{style}">{word}</th>' for word in _HEADS)
        rows = "".join(
            "<tr>" + "".join(f'<td style="{style}">{escape(cell)}</td>' for cell in row) + "</tr>"
            for row in self._rows()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
