"""The fonts of drawings: those that a drawing asks for, and the package's own, which pictures are drawn in."""

from __future__ import annotations

from pathlib import Path

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
OWN_FONT = "Segmentry Sans"
"""As wide as the fonts that drawings ask for."""


def own_font_files() -> list[bytes]:
    """Read the files of the own font, one for each weight."""
    return [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.ttf"))]
