"""The report of a segmentation: typed facts, charts drawn from them, and a page, Markdown, JSON, a workbook, slides, a PDF."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from segmentry.errors import ModelError
from segmentry.system.background import BackgroundThread
from segmentry.system.owned_folders import OwnedFolder
from segmentry.system.whole_files import whole_file
from segmentry.system.worker import Parcel, WorkerEndedError, WorkerProcess
from segmentry.text.inert import file_names
from segmentry.text.locales import writing_in
from segmentry.text.plain_json import json_text

if TYPE_CHECKING:
    from segmentry.report.facts import ReportFacts
    from segmentry.report.figures import Figure
    from segmentry.report.figures.chart import Chart
    from segmentry.segmentation import Segmentation

__all__ = [
    "Report", "Slides", "charts_of", "check_exports", "compose", "load_report", "notebook_html", "write_report",
]  # fmt: skip


@dataclass(frozen=True)
class Slides:
    """How slides are written: the deck that they renew, if it is there, and the template of a new one."""

    deck: Path
    template: Path | None = None


@dataclass(frozen=True)
class Report:
    """The facts of a report, and its figures by name."""

    facts: ReportFacts
    figures: dict[str, Figure]

    def write_page(self, path: Path) -> None:
        """Write the page as one HTML file."""
        from segmentry.report.page import report_page

        path.write_text(report_page(self.facts, self.figures), encoding="utf-8")

    def write_json(self, path: Path) -> None:
        """Write the facts as JSON."""
        path.write_text(json_text(self.facts, indent=1) + "\n", encoding="utf-8")

    def write_markdown(self, path: Path) -> None:
        """Write a summary of the facts as Markdown."""
        from segmentry.report.markdown import markdown

        path.write_text(markdown(self.facts), encoding="utf-8")

    def write_excel(self, path: Path) -> None:
        """Write the workbook."""
        from segmentry.report.excel import write_excel

        write_excel(self.facts, path)

    def write_slides(self, path: Path, slides: Slides) -> None:
        """Write the deck: an earlier one renewed, or a new one."""
        from segmentry.report.slides import write_slides

        write_slides(self.facts, path, slides.deck, slides.template)

    def write_pdf(self, path: Path) -> None:
        """Print the page as PDF."""
        from segmentry.report.pdf import write_pdf

        with OwnedFolder.temporary() as folder:
            page = folder / "report.html"
            self.write_page(page)
            write_pdf(page, path)

    def drawings(self, scheme: dict[str, str] | None = None) -> dict[str, str]:
        """Return every figure as complete SVG text, by the name of its file, in light colours or in those of a scheme."""
        from segmentry.report.figures.files import standalone

        files = file_names(self.figures)
        return {files[name]: standalone(figure, scheme) for name, figure in self.figures.items()}

    def begin_charts(self, folder: Path, worker: WorkerProcess | None) -> Future[Parcel] | None:
        """Make the folder of `write_charts`, and have a worker draw two thirds of the charts; None without a worker."""
        from segmentry.report.pictures import draw_in_worker

        folder.mkdir()
        values = {"drawings": self._parts()[1], "folder": str(folder)}
        return None if worker is None else worker.submit(draw_in_worker, Parcel(values))

    def write_charts(self, folder: Path, drawn: Future[Parcel] | None) -> None:
        """Write every figure as SVG and PNG into a folder, and as SVG in dark colours into its folder ``dark``.

        Parameters
        ----------
        folder
            Folder that `begin_charts` made.
        drawn
            Future of the worker's two thirds, which are drawn here if the worker ended before; None without a worker.
        """
        from segmentry.pages.palette import DARK
        from segmentry.report.pictures import write_drawings, write_pictures

        mine, others = self._parts()
        write_pictures(mine, folder)
        write_drawings(self.drawings(DARK), folder / "dark")
        if drawn is None or isinstance(drawn.exception(), WorkerEndedError):
            write_pictures(others, folder)
        else:
            drawn.result()

    def _parts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the drawings of this process, a third, because it also writes the page, and those of a worker."""
        drawings = list(self.drawings().items())
        n = len(drawings) // 3
        return dict(drawings[:n]), dict(drawings[n:])


_WRITERS: dict[str, Callable[[Report, Path], None]] = {
    ".html": Report.write_page,
    ".pdf": Report.write_pdf,
    ".xlsx": Report.write_excel,
    ".md": Report.write_markdown,
    ".json": Report.write_json,
}
_SLIDES = ".pptx"


def load_report(thread: BackgroundThread, worker: WorkerProcess | None) -> None:
    """Load the modules of the report in a thread, and those of its pictures in the process of a worker."""
    from segmentry.report.pictures import load_in_worker

    thread.submit(_load_pages)
    if worker is not None:
        worker.submit(load_in_worker, Parcel({}))


def _load_pages() -> None:
    """Load the modules of the page, and compile its templates."""
    import segmentry.report.facts
    import segmentry.report.figures
    import segmentry.report.page  # noqa: F401 - all for their import alone
    from segmentry.pages.rendering import compile_templates

    compile_templates("report")


def compose(result: Segmentation) -> Report:
    """Gather the facts of a segmentation and draw its figures."""
    from segmentry.report.facts import facts_of
    from segmentry.report.figures import figures_of

    facts = facts_of(result)
    return Report(facts, figures_of(facts))


def write_report(result: Segmentation, path: Path, template: Path | None = None) -> Path:
    """Write the report to `path`, as HTML, PDF, a workbook, Markdown, JSON or slides, as its suffix says.

    Raises
    ------
    ModelError
        The suffix is none of these, or a template is given for anything but slides.
    DataError
        The library or browser that the format needs is not installed; a deck or template cannot be read.
    """
    write = _writer(path, template)
    with writing_in(result.recipe.locale):
        report = compose(result)
        with whole_file(path) as unfinished:
            write(report, unfinished)
    return path


def _writer(path: Path, template: Path | None) -> Callable[[Report, Path], None]:
    suffix = path.suffix.lower()
    if suffix == _SLIDES:
        slides = Slides(path, template)
        check_exports(excel=False, pdf=False, slides=slides)
        return partial(Report.write_slides, slides=slides)
    if template is not None:
        raise ModelError(f"a template is for {_SLIDES}; the report is to be {suffix!r}", source=template)
    if suffix not in _WRITERS:
        known = ", ".join((*_WRITERS, _SLIDES))
        raise ModelError(f"a report is {known}; got {path.suffix or 'no suffix'!r}", source=path)
    return _WRITERS[suffix]


def check_exports(*, excel: bool, pdf: bool, slides: Slides | None = None) -> None:
    """Check before a run that the forms that it writes at its end can be written.

    Raises
    ------
    DataError
        xlsxwriter or python-pptx is not installed, there is no browser that prints, or a deck or template cannot be read.
    """
    if excel:
        from segmentry.report.excel import workbook

        workbook()
    if pdf:
        from segmentry.report.pdf import browser

        browser()
    if slides is not None:
        from segmentry.report.slides import check_slides

        check_slides(slides.deck, slides.template)


def notebook_html(result: Segmentation) -> str:
    """Return a segmentation as a notebook shows it."""
    from segmentry.report.facts import facts_of
    from segmentry.report.notebook import notebook_html

    with writing_in(result.recipe.locale):
        return notebook_html(facts_of(result))


def charts_of(result: Segmentation) -> dict[str, Chart]:
    """Return the charts of a segmentation by name."""
    from segmentry.report.figures.chart import Chart

    with writing_in(result.recipe.locale):
        return {name: Chart.of(figure) for name, figure in compose(result).figures.items()}
