"""Facts (typed) to charts to templates to one HTML file that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segmentry.segmentation import Segmentation

__all__ = ["charts_of", "write_report"]


def charts_of(result: Segmentation) -> dict[str, dict[str, Any]]:
    """Return the charts of a segmentation as Vega-Lite, by name."""
    from segmentry.report.charts import charts_of
    from segmentry.report.facts import facts_of

    return charts_of(result, facts_of(result))


def write_report(result: Segmentation, path: Path, charts: Path | None = None) -> Path:
    """Write the report to `path`, with the charts of the folder `charts` where they are already drawn."""
    from segmentry.report.facts import facts_of
    from segmentry.report.page import SHOWN, page

    if charts is None:
        from segmentry.report.drawing import svg_of

        drawn = {name: svg_of(chart) for name, chart in charts_of(result).items() if name in SHOWN}
    else:
        files = {name: charts / f"{name}.svg" for name in SHOWN}
        drawn = {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.is_file()}
    path.write_text(page(facts_of(result), drawn), encoding="utf-8")
    return path
