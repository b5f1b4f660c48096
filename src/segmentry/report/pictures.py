"""Charts as files: SVG, and PNG beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PNG_SCALE = 2


def file_name(name: str) -> str:
    """Return a chart's name as a file name: letters, digits, - and _ alone.

    Examples
    --------
    >>> file_name("outcomes_a/b c")
    'outcomes_a_b_c'
    """
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)


def write_drawings(drawings: Mapping[str, str], folder: Path) -> None:
    """Write drawings as SVG files into a folder, which is made if need be."""
    folder.mkdir(exist_ok=True)
    for name, drawing in drawings.items():
        (folder / f"{file_name(name)}.svg").write_text(drawing, encoding="utf-8")


def write_pictures(drawings: Mapping[str, str], folder: Path) -> None:
    """Write drawings as SVG files, and as PNG files beside them."""
    import vl_convert

    write_drawings(drawings, folder)
    for name, drawing in drawings.items():
        picture = vl_convert.svg_to_png(drawing, scale=PNG_SCALE)
        (folder / f"{file_name(name)}.png").write_bytes(picture)
