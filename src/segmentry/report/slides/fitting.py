"""Texts made to fit a box: broken into lines, measured, and cut at a word where even the smallest size is too large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segmentry.report.figures.svg import width_of
from segmentry.text.inert import for_xml

POINT = 12_700
"""English metric units, in which files of slides measure, in a point."""
LINE = 1.2
"""Height of a line, in sizes of its letters."""
INDENT = 14.0
"""Points by which an item of a list is set in."""
_BOLD = 1.06
"""How much wider bold letters are."""


@dataclass(frozen=True)
class Box:
    """A rectangle on a slide, in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[int, int, int, int]:
        """The box in the units of files of slides."""
        left, top, width, height = (round(v * POINT) for v in (self.left, self.top, self.width, self.height))
        return left, top, width, height

    def columns(self, *parts: float, gap: float = 24.0) -> tuple[Box, ...]:
        """Divide the box into columns, as wide as `parts` are to each other."""
        room, left, made = self.width - gap * (len(parts) - 1), self.left, []
        for part in parts:
            width = room * part / sum(parts)
            made.append(Box(left, self.top, width, self.height))
            left += width + gap
        return tuple(made)

    def below(self, height: float) -> Box:
        """Return what is left under the uppermost `height` points."""
        height = min(height, self.height)
        return Box(self.left, self.top + height, self.width, self.height - height)

    def upper(self, height: float) -> Box:
        """Return the uppermost `height` points."""
        return Box(self.left, self.top, self.width, min(height, self.height))


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; an item has a bullet, a quiet one is less dark."""

    text: str
    is_bold: bool = False
    is_quiet: bool = False
    is_item: bool = False

    @property
    def plain(self) -> Paragraph:
        """The same in one line, with characters that a file of slides can hold."""
        return replace(self, text=plain(self.text))


def plain(words: str) -> str:
    r"""Return a text in one line, with characters that a file of slides can hold; spaces that do not break stay.

    Examples
    --------
    >>> plain("a\n b\x00") == "a b\N{REPLACEMENT CHARACTER}"
    True
    """
    line = words.replace("\r", "\n").replace("\t", " ").replace("\n", " ").replace("\x85", " ")
    return " ".join(part for part in for_xml(line).split(" ") if part)


def lines_of(words: str, width: float, size: float, *, is_bold: bool = False) -> list[str]:
    """Break a text into lines that fit a width; a word that is wider is broken where the line is full.

    Examples
    --------
    >>> lines_of("one two three", 50, 11)
    ['one two', 'three']
    >>> lines_of("x" * 9, 32, 11)
    ['xxxxx', 'xxxx']
    """
    wide = _BOLD if is_bold else 1.0
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer, size) * wide <= width:
            lines[-1] = longer
            continue
        pieces = _pieces(word, width, size * wide)
        lines += pieces if lines[-1] else []
        if not lines[0]:
            lines = pieces
    return lines


def _pieces(word: str, width: float, size: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def height_of(paragraphs: Sequence[Paragraph], width: float, size: float) -> float:
    """Compute the height of paragraphs, with half a line between two."""
    n = sum(len(lines_of(p.text, width - INDENT * p.is_item, size, is_bold=p.is_bold)) for p in paragraphs)
    return (n + max(len(paragraphs) - 1, 0) / 2) * size * LINE


def fitted(
    paragraphs: Sequence[Paragraph], box: Box, sizes: Sequence[float]
) -> tuple[float, list[Paragraph]]:
    """Find the largest size at which paragraphs fit; at the smallest the last ones are left out, and the last is cut.

    Parameters
    ----------
    paragraphs
        Paragraphs, the most important first.
    box
        Room for them.
    sizes
        Sizes of letters, the largest first.
    """
    for size in sizes:
        if height_of(paragraphs, box.width, size) <= box.height:
            return size, list(paragraphs)
    size, kept = sizes[-1], list(paragraphs)
    while len(kept) > 1 and height_of(kept[:-1], box.width, size) + 1.5 * size * LINE > box.height:
        kept.pop()
    room = box.height - (height_of(kept[:-1], box.width, size) + size * LINE / 2 if len(kept) > 1 else 0)
    last = kept[-1]
    words = cut(last.text, box.width - INDENT * last.is_item, size, int(room / (size * LINE) + 1e-9))
    return size, [*kept[:-1], replace(last, text=words)]


def cut(words: str, width: float, size: float, most: int, *, is_bold: bool = False) -> str:
    """Cut a text to a number of lines, before a word: a number that is cut would be another one.

    Examples
    --------
    >>> cut("one two three four", 50, 11, 1), cut("one two", 50, 11, 1)
    ('one two…', 'one two')
    """
    most = max(most, 1)
    if len(lines_of(words, width, size, is_bold=is_bold)) <= most:
        return words
    kept = words.split(" ")
    while len(kept) > 1 and len(lines_of(f"{' '.join(kept)}…", width, size, is_bold=is_bold)) > most:
        kept.pop()
    short = f"{' '.join(kept)}…"
    while len(short) > 1 and len(lines_of(short, width, size, is_bold=is_bold)) > most:
        short = short[:-2].rstrip("0123456789.,") + "…"
    return short
