"""The colours of a deck: those of its theme, so that a deck in another's template looks like the other slides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segmentry.pages.palette import DARK, LIGHT, tone

_N_ACCENTS = 6
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PLAIN = {
    "dk1": "000000", "lt1": "ffffff", "dk2": "44546a", "lt2": "e7e6e6", "accent1": "4472c4", "accent2": "ed7d31",
    "accent3": "a5a5a5", "accent4": "ffc000", "accent5": "5b9bd5", "accent6": "70ad47",
}  # fmt: skip
"""What a theme that lacks a colour is read as."""


@dataclass(frozen=True)
class Look:
    """Colours as six hexadecimal digits: of letters, of the ground, and the six that the theme gives to series."""

    ink: str
    ground: str
    accents: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        """Whether the theme has the report's colours."""
        return self.accents == tuple(LIGHT[tone(i)].removeprefix("#") for i in range(1, _N_ACCENTS + 1))

    @property
    def width_of_letters(self) -> float:
        """How much wider letters may be than those that texts are measured in: fonts of others are not known here."""
        return 1.0 if self.is_own else 1.15

    @property
    def is_dark(self) -> bool:
        """Whether letters are lighter than the ground."""
        return luminance(self.ink) > luminance(self.ground)

    @property
    def quiet(self) -> str:
        """Colour of letters that come second."""
        return mixed(self.ink, self.ground, 0.7)

    @property
    def line(self) -> str:
        """Colour of lines between rows."""
        return mixed(self.ink, self.ground, 0.18)

    @property
    def rest(self) -> str:
        """Colour of bars that stand for all customers."""
        return mixed(self.ink, self.ground, 0.35)

    @property
    def accent(self) -> str:
        """Colour of bars that stand for no segment."""
        return self.accents[0]

    def segment(self, segment: int) -> str:
        """Return the colour of a segment, by its number from 1."""
        if self.is_own:
            return LIGHT[tone(segment)].removeprefix("#")
        return self.accents[(segment - 1) % _N_ACCENTS]

    def on(self, ground: str) -> str:
        """Return the letters' colour that is easier to read on a ground: light or dark."""
        light, dark = sorted((self.ink, self.ground), key=luminance, reverse=True)
        return light if contrast(light, ground) >= contrast(dark, ground) else dark

    def shaded(self, direction: str, strength: float) -> str | None:
        """Return the ground of a cell that is above or below all customers; None where it is neither."""
        if direction == "same" or strength <= 0:
            return None
        scheme = DARK if self.is_dark else LIGHT
        return mixed(scheme[direction].removeprefix("#"), self.ground, 0.75 * strength)

    def theme_name(self, colour: str) -> str | None:
        """Return the theme's name of a colour, so that it changes with the theme; None for another colour."""
        return f"accent{self.accents.index(colour) + 1}" if colour in self.accents else None


def look_of(master: Any) -> Look:
    """Read the colours of a slide master's theme."""
    named = dict(_PLAIN)
    for element in _theme(master).iter(f"{_DRAWING}clrScheme"):
        for one in element:
            name = one.tag.removeprefix(_DRAWING)
            value = one[0].get("lastClr") or one[0].get("val") if len(one) else None
            if name in named and _is_hexadecimal(value):
                named[name] = str(value).lower()
    mapping = master._element.find(".//{http://schemas.openxmlformats.org/presentationml/2006/main}clrMap")
    mapped = {} if mapping is None else dict(mapping.attrib)
    ink, ground = (named.get(mapped.get(name, ""), named[plain]) for name, plain in _MAPPED)
    accents = tuple(
        named.get(mapped.get(f"accent{i}", ""), named[f"accent{i}"]) for i in range(1, _N_ACCENTS + 1)
    )
    return Look(ink, ground, accents)


_MAPPED = (("tx1", "dk1"), ("bg1", "lt1"))


def _theme(master: Any) -> Any:
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.oxml import parse_xml

    return parse_xml(master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob)


def _is_hexadecimal(value: str | None) -> bool:
    return value is not None and len(value) == 6 and all(c in "0123456789abcdefABCDEF" for c in value)


def mixed(colour: str, ground: str, part: float) -> str:
    """Mix a colour with a ground.

    Examples
    --------
    >>> mixed("000000", "ffffff", 0.2)
    'cccccc'
    """
    return "".join(
        f"{round(a * part + b * (1 - part)):02x}" for a, b in zip(_parts(colour), _parts(ground), strict=True)
    )


def luminance(colour: str) -> float:
    """Compute the relative luminance of a colour (WCAG 2)."""
    red, green, blue = ((v / 255) ** 2.2 for v in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours (WCAG 2), from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
    return red, green, blue
