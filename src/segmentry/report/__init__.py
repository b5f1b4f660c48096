"""Facts (typed) to charts to templates to one HTML file that opens offline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segmentry.report.facts import ReportFacts
    from segmentry.report.figures import Figure
    from segmentry.segmentation import Segmentation

__all__ = ["Report", "charts_of", "compose", "write_report"]


@dataclass(frozen=True)
class Report:
    """What the report says, and its drawings by name."""

    facts: ReportFacts
    figures: dict[str, Figure]

    def write_page(self, path: Path) -> None:
        """Write the one HTML file."""
        from segmentry.report.page import page

        path.write_text(page(self.facts, self.figures), encoding="utf-8")

    def write_facts(self, folder: Path) -> None:
        """Write the facts as JSON, and their summary as Markdown."""
        from segmentry.report.facts import to_dict
        from segmentry.report.markdown import markdown

        text = json.dumps(to_dict(self.facts), ensure_ascii=False, allow_nan=False, indent=1)
        (folder / "report.json").write_text(text + "\n", encoding="utf-8")
        (folder / "report.md").write_text(markdown(self.facts), encoding="utf-8")

    def drawings(self) -> dict[str, str]:
        """Return every figure as SVG text that stands alone, by name."""
        from segmentry.report.figures.files import standalone

        return {name: standalone(figure) for name, figure in self.figures.items()}


def compose(result: Segmentation) -> Report:
    """Gather the facts of a segmentation and draw its figures."""
    from segmentry.report.facts import facts_of
    from segmentry.report.figures import figures_of

    facts = facts_of(result)
    return Report(facts, figures_of(facts))


def write_report(result: Segmentation, path: Path) -> Path:
    """Write the report to `path`: one HTML file."""
    compose(result).write_page(path)
    return path


def charts_of(result: Segmentation) -> dict[str, dict[str, Any]]:
    """Return the charts of a segmentation as Vega-Lite, by name."""
    from segmentry.report.charts import charts_of
    from segmentry.report.facts import facts_of

    return charts_of(result, facts_of(result))
