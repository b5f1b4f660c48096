"""A figure as a file: its words above and below the drawing, colours in place of the page's variables."""

from __future__ import annotations

from segmentry.pages.palette import LIGHT, with_fixed_colours
from segmentry.report import wording
from segmentry.report.figures.svg import Figure, element, text_element, width_of
from segmentry.report.fonts import FONT

STYLE = (
    ".tick{font-size:11px;fill:var(--muted)}.name{font-size:12px;fill:var(--muted)}.level,.place{font-size:11px;"
    "fill:var(--ink)}.place{paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}.head{font-size:12px;font-weight:700;fill:var(--ink)}.badge-text{font-size:12px;"
    "font-weight:700;fill:var(--card)}"
)
_PAD = 16.0


def standalone(figure: Figure, scheme: dict[str, str] | None = None) -> str:
    """Return the figure as complete SVG text."""
    width = max(figure.width, 420.0) + 2 * _PAD
    inner, y, parts = width - 2 * _PAD, _PAD + 10, []
    parts.append(text_element(figure.eyebrow, _PAD, y, font_size=11, font_weight=700, fill="var(--accent)"))
    y += 4
    for words in wrapped(figure.title, inner, 15.5):
        y += 19
        parts.append(text_element(words, _PAD, y, font_size=15.5, font_weight=700, fill="var(--ink)"))
    y += 3
    for words in wrapped(figure.subtitle, inner, 11.5):
        y += 15
        parts.append(text_element(words, _PAD, y, font_size=11.5, fill="var(--muted)"))
    y += 12
    parts.append(element("g", figure.body, transform=f"translate({_PAD:g} {y:g})"))
    y += figure.height + 16
    parts.append(
        text_element(wording.SOURCE.format(source=figure.source), _PAD, y, font_size=11, fill="var(--muted)")
    )
    height = y + _PAD
    ground = element("rect", width=width, height=height, fill="var(--card)")
    drawing = element(
        "svg", element("style", STYLE) + ground + "".join(parts), xmlns="http://www.w3.org/2000/svg",
        width=width, height=height, viewBox=f"0 0 {width:g} {height:g}", font_family=FONT,
    )  # fmt: skip
    return with_fixed_colours(drawing, scheme or LIGHT)


def wrapped(words: str, width: float, size: float) -> list[str]:
    """Break the words into lines that fit into a width.

    Examples
    --------
    >>> wrapped("one two three", 50, 11)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in words.split(" "):  # a space that does not break stays
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
