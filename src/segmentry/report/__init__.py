"""Facts (typed) to charts to templates to one HTML file that opens offline."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segmentry.segmentation import Segmentation

__all__ = ["charts_of", "save_charts", "warm_up", "write_report"]


def charts_of(result: Segmentation) -> dict[str, Any]:
    """Return the charts of a segmentation as Altair charts, by name."""
    from segmentry.report.charts import charts_of
    from segmentry.report.facts import facts_of

    return charts_of(result, facts_of(result))


def save_charts(result: Segmentation, folder: Path) -> dict[str, str]:
    """Draw every chart into `folder` as SVG and PNG; return the SVG texts by name."""
    from segmentry.report.drawing import save_all

    folder.mkdir(parents=True, exist_ok=True)
    charts = charts_of(result)
    return save_all(charts, {name: folder / file_name(name) for name in charts})


def warm_up() -> Future[None]:
    """Start what draws charts, on a second thread, while something else is being computed."""
    from segmentry.report.drawing import warm_up

    pool = ThreadPoolExecutor(1)
    started = pool.submit(warm_up)
    pool.shutdown(wait=False)
    return started


def file_name(name: str) -> str:
    """A chart's name as a file name: letters, digits, - and _ alone.

    Examples
    --------
    >>> file_name("outcomes_a/b c")
    'outcomes_a_b_c'
    """
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)


def write_report(result: Segmentation, path: Path, drawn: dict[str, str] | None = None) -> Path:
    """Write the report to `path`, with the charts in `drawn` where they are already drawn."""
    from segmentry.report.facts import facts_of
    from segmentry.report.page import SHOWN, page

    if drawn is None:
        from segmentry.report.drawing import svg_of

        drawn = {name: svg_of(c) for name, c in charts_of(result).items() if name in SHOWN}
    path.write_text(page(facts_of(result), drawn), encoding="utf-8")
    return path
