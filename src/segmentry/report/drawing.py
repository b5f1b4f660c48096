"""Charts as SVG and PNG, drawn without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

PNG_SCALE = 2


def svg_of(chart: Any) -> str:
    """Draw an Altair chart as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)))


def save_all(charts: Mapping[str, Any], stems: Mapping[str, Path]) -> dict[str, str]:
    """Write charts as ``stem.svg`` and ``stem.png``, pictures on a second thread; return the SVG texts."""
    drawn: dict[str, str] = {}
    pictures: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:
        for name, chart in charts.items():
            drawn[name] = svg_of(chart)
            stems[name].with_suffix(".svg").write_text(drawn[name], encoding="utf-8")
            pictures.append(pool.submit(_save_png, drawn[name], stems[name].with_suffix(".png")))
    for picture in pictures:
        picture.result()
    return drawn


def warm_up() -> None:
    """Start the drawing engine, which takes half a second, before it is needed."""
    import vl_convert

    import segmentry.report.charts  # noqa: F401 - so that it is loaded

    vl_convert.vegalite_to_svg({"mark": "point"})


def _save_png(svg: str, path: Path) -> None:
    import vl_convert

    path.write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
