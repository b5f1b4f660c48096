"""The page of results: Markdown tables, one section per case; a section can be measured again alone."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path

from processes import Result

PAGE = Path(__file__).with_name("RESULTS.md")
_VERSIONED = ("segmentry", "duckdb", "numpy", "scipy", "scikit-learn")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def contest_table(results: Sequence[Result], yardstick: str, judge: Callable[[Result], str]) -> str:
    """Return one row per contestant; times are also given as multiples of the first one's."""
    base = next((result.seconds for result in results if not result.failed), 1.0)
    header = ["", "seconds", "× first", "peak MB", "imports, s", "runs", yardstick]
    return table(header, [_contest_row(result, base, judge) for result in results])


def _contest_row(result: Result, base: float, judge: Callable[[Result], str]) -> list[str]:
    title = result.contestant.title
    if result.failed:
        return [title, result.failed, "", "", "", "", ""]
    figures = [seconds(result.seconds), f"{result.seconds / base:,.1f}", f"{result.peak_mb:,.0f}"]
    return [title, *figures, seconds(result.loading), str(result.n_runs), judge(result)]


def write(sections: dict[str, str]) -> None:
    """Write the sections, keeping those of the page that were not measured now, in the order given."""
    old = _read() if PAGE.exists() else {}
    kept = {title: text or old.get(title, "") for title, text in sections.items()}
    body = "\n\n".join(f"## {title}\n\n{text.strip()}" for title, text in kept.items() if text)
    PAGE.write_text(f"{_head()}\n\n{body}\n", encoding="utf-8")


def _read() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _head() -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _VERSIONED)
    return f"""# Measured

`make bench` writes this page; `python benchmarks/run.py --only NAME` measures one section again, `--list` shows
the names. {os.cpu_count()} cores, Python {platform.python_version()}, {versions}.

Every contestant runs in a process of its own on the same data; medians of the runs that are counted in the tables,
fewer for slow ones. Seconds are those of the work, with the data in memory where not said otherwise; importing libraries
is a column of its own. Libraries that compile at their first call do so before the clock starts. The peak is
of the whole process, data and imports included. Costs, likelihoods and agreement are
computed by one function for all, from the modes, parameters or labels that a library hands out. Times on
shared machines vary by a third; the ratios are what holds."""
