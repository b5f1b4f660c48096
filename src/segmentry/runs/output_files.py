"""The files that a run leaves: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segmentry.engine import LoggedQuery
from segmentry.engine.targets import as_csv
from segmentry.errors import DataError
from segmentry.report.pictures import Drawer
from segmentry.segmentation import Segmentation
from segmentry.system.progress import Progress

MAYBE = (
    "report.xlsx", "report.pdf", "assignments.csv", "assignments.parquet", "features.csv", "outcomes.csv", "selection.csv",
    "targeting.csv", "strata.csv", "missing.csv", "migration.csv", "associations.csv", "rules.csv", "questions.csv",
    "comparison.csv", "ranking.csv", "gains.csv",
)  # fmt: skip
"""Files that some runs write and others do not."""


@dataclass(frozen=True)
class Work:
    """What is still to be done while files are written.

    `begin` completes the segmentation, while `assign` writes the assignments to the path that it is given
    (None where customers cannot be told apart); `finish` adds what is known when both are done.
    """

    begin: Callable[[], Segmentation]
    assign: Callable[[Path], None] | None
    finish: Callable[[Segmentation], Segmentation]


def write_outputs(
    result: Segmentation,
    work: Work,
    out: Path,
    drawer: Drawer,
    progress: Progress,
    *,
    csv: bool = False,
    excel: bool = False,
    pdf: bool = False,
) -> Segmentation:
    """Write every file of a run into the folder `out`, and return the completed segmentation.

    Charts are drawn by a process of their own and customers assigned by the engine, both while the work goes on.

    Parameters
    ----------
    result
        The segmentation as the charts show it.
    work
        What completes it.
    out
        The folder; it is made if need be. Files of an earlier run in it are replaced, and those that this one does
        not write are removed: they would tell of other segments.
    drawer
        Draws the charts.
    progress
        Called with a line of text at the start of each stage.
    csv
        Whether to write the assignments as CSV, too.
    excel, pdf
        Whether to write the report as a workbook and as PDF, too.

    Raises
    ------
    DataError
        The folder cannot be written.
    """
    from segmentry.report import compose
    from segmentry.report.page import prepare

    is_again = (out / "segmentation.json").is_file()
    with whole_or_nothing(out) as folder:
        (folder / "charts").mkdir()
        drawer.draw(compose(result).drawings(), folder / "charts")
        with ThreadPoolExecutor(1) as pool:
            assigned = pool.submit(work.assign, folder / "assignments.parquet") if work.assign else None
            prepare()
            result = work.begin()
            if assigned is not None:
                progress("Assigning every customer")
                assigned.result()
            if assigned is not None and csv:
                as_csv(folder / "assignments.parquet", folder / "assignments.csv")
        result = work.finish(result)
        write_tables(result, folder)
        result.save(folder / "segmentation.json")
        (folder / "queries.sql").write_text(queries_text(result.queries), encoding="utf-8")
        progress("Writing the report")
        report = compose(result)
        drawer.draw(report.drawings(), folder / "charts")
        report.write_dark(folder / "charts" / "dark")
        report.write_page(folder / "report.html")
        report.write_json(folder / "report.json")
        report.write_markdown(folder / "report.md")
        if excel:
            report.write_excel(folder / "report.xlsx")
        if pdf:
            progress("Printing the report")
            report.write_pdf(folder / "report.pdf")
        progress("Drawing the charts")
        drawer.finish()
        stale = [name for name in MAYBE if not (folder / name).exists()] if is_again else []
    for name in stale:
        (out / name).unlink(missing_ok=True)
    return result


@contextmanager
def whole_or_nothing(out: Path) -> Iterator[Path]:
    """Give a folder to write into; its content moves to `out` when all went well, and vanishes otherwise."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out}: is a file; --out needs a folder")
    made = [p for p in (out, *out.parents) if not p.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise DataError(f"{out}: cannot write there: {error.strerror}") from None
    try:
        folder.chmod(0o755)
        yield folder
        out.mkdir(exist_ok=True)
        for item in sorted(folder.iterdir()):
            _put(item, out / item.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write one file to; it moves to `path` when all went well, and vanishes otherwise."""
    if not path.parent.is_dir():
        raise DataError(f"{path}: there is no folder {str(path.parent)!r}")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _put(item: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    item.replace(target)


def write_tables(result: Segmentation, folder: Path) -> None:
    """Write the tables as CSV; those without rows, such as targeting without costs, are left out."""
    tables = {
        "segments": segments_frame(result),
        "features": result.features,
        "outcomes": result.outcomes,
        "selection": result.selection,
        "targeting": result.targeting,
        "strata": result.strata,
        "missing": result.missing,
        "migration": result.migration,
        **({} if result.insights is None else result.insights.tables()),
    }
    for name, table in tables.items():
        if len(table):
            table.to_csv(folder / f"{name}.csv", index=False)


def segments_frame(result: Segmentation) -> pd.DataFrame:
    """One row per segment: number, name, customers, share, certainty, most frequent pattern."""
    patterns = result.patterns
    typical = [f.name for f in patterns.features] if patterns is not None else []
    rows = [
        {
            "segment": s.id,
            "name": s.name,
            "size": s.size,
            "share": s.share,
            "certainty": s.certainty,
            **({"label": s.label} if s.label is not None else {}),
            **{f"typical_{n}": level for n, level in zip(typical, s.typical, strict=False)},
        }
        for s in result.segments
    ]
    return pd.DataFrame(rows)


def queries_text(queries: tuple[LoggedQuery, ...]) -> str:
    """All queries that ran, numbered, each with the question that it answered."""
    parts = [f"-- {i}. {_one_line(q.purpose)}{_rows(q.rows)}\n{q.sql};\n" for i, q in enumerate(queries, 1)]
    return "\n".join(parts) or "-- No query ran: the patterns were given.\n"


def _rows(n: int | None) -> str:
    return "" if n is None else f" ({n:,} row{'s' if n != 1 else ''})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
