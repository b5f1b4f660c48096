"""Charts as SVG and PNG, drawn without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PNG_SCALE = 2


def svg_of(chart: Any) -> str:
    """Draw an Altair chart as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def save_svg_and_png(svg: str, stem: Path) -> None:
    """Write a drawn chart as ``stem.svg`` and ``stem.png``."""
    import vl_convert

    stem.with_suffix(".svg").write_text(svg, encoding="utf-8")
    stem.with_suffix(".png").write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
