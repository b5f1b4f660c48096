"""SVG as text: elements whose values are escaped, widths of texts, and a figure with its words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import Any

from segmentry.text.inert import for_xml

TEXT = 12.0
"""Size of the texts in a drawing, in pixels."""
_NARROW = "fijlrtI.,:;'|!()[]-·/ "
_WIDE = "mwMWOQGCD@%&—…ABDEHKNRSUVXYZ"


@dataclass(frozen=True)
class HeatCell:
    """A number of a table: as it is shown, and exactly."""

    shown: str
    value: float


@dataclass(frozen=True)
class FigureTable:
    """The numbers of a drawing as a table: each row a name and numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str | HeatCell, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A drawing with its words: the finding as title, what is shown as subtitle, and the source with its n.

    `body` is what stands inside the ``svg`` element of `width` and `height`; `alt` says in words what is drawn.
    `table` has the numbers of a drawing that stand nowhere else on the page.
    """

    name: str
    eyebrow: str
    title: str
    subtitle: str
    source: str
    alt: str
    width: float
    height: float
    body: str
    table: FigureTable | None = None

    @property
    def svg(self) -> str:
        """The drawing for the page, which has the words outside it."""
        size = f'viewBox="0 0 {self.width:g} {self.height:g}" style="max-width:{self.width * 1.35:.0f}px"'
        return f'<svg {size} role="img" aria-label="{escape(for_xml(self.alt))}">{self.body}</svg>'


def element(tag: str, content: str = "", /, **attributes: Any) -> str:
    """Write one element; ``_`` in the names of attributes stands for ``-``, and a trailing ``_`` is dropped.

    Examples
    --------
    >>> element("circle", r=2.50, class_="dot", stroke_width=1)
    '<circle r="2.5" class="dot" stroke-width="1"/>'
    >>> element("text", "a", x=None)
    '<text>a</text>'
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{given}>{content}</{tag}>" if content else f"<{tag}{given}/>"


def text_element(words: str, x: float, y: float, **attributes: Any) -> str:
    """Write a line of text; `words` are escaped, because they may come from the data."""
    return element("text", _escaped(words), **{"x": x, "y": y, **attributes})


def title(words: str) -> str:
    """Write the text that is shown when somebody points at an element."""
    return element("title", _escaped(words))


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> str:
    """Write a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(points: list[tuple[float, float]], content: str = "", **attributes: Any) -> str:
    """Write a polyline through the points."""
    steps = " ".join(f"{'M' if i == 0 else 'L'}{_number(x)} {_number(y)}" for i, (x, y) in enumerate(points))
    return element("path", content, d=steps, **attributes)


def width_of(words: str, size: float = TEXT) -> float:
    """Estimate how wide a line of text is, rather too wide, so that it also fits in other fonts.

    Examples
    --------
    >>> width_of("ill") < width_of("WWW")
    True
    """
    return sum(_advance(c) for c in words) * size


def fitted(words: str, width: float, size: float = TEXT) -> str:
    """Cut a text to a width, with an ellipsis where something is left out.

    Examples
    --------
    >>> fitted("children", 200), fitted("a very long label indeed", 60)
    ('children', 'a very l…')
    """
    words = " ".join(words.split())
    if width_of(words, size) <= width:
        return words
    room, kept = width - width_of("…", size), ""
    for character in words:
        if width_of(kept + character, size) > room:
            break
        kept += character
    return kept + "…"


def narrowed(words: str, width: float, size: float = TEXT) -> str:
    """Leave out the middle of a text that does not fit: levels of one feature often differ at their ends.

    Examples
    --------
    >>> narrowed("children", 200), narrowed("a very long label, level 19", 80)
    ('children', 'a…el 19')
    """
    words = " ".join(words.split())
    if width_of(words, size) <= width:
        return words
    start = fitted(words, width * 0.45, size).removesuffix("…")
    end = fitted(words[::-1], width * 0.55, size).removesuffix("…")[::-1]
    # a number that is cut would be another one
    start = start[: start.rfind(" ") + 1].rstrip() or start
    first, *others = end.split(" ")
    if others and any(c.isdigit() for c in first):
        end = " ".join(others)
    return f"{start}…{end}"


def _advance(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.34
    return 0.76 if character in _WIDE else 0.58


def _escaped(words: str) -> str:
    return escape(for_xml(words), quote=False)


def _value(value: object) -> str:
    return _number(value) if isinstance(value, float) else escape(for_xml(str(value)))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
