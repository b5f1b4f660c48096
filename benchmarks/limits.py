"""Cases at the limits: each command ends within three minutes and 2 GB, or refuses within ten seconds, and is never silent for long.

    python benchmarks/limits.py [CASE ...]

prints a line per command: how it ended, processor and elapsed seconds, the peak of its memory, and its longest silence at a terminal.
"""

from __future__ import annotations

import gzip
import os
import pty
import re
import resource
import select
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MOST_SECONDS = 200
"""Processor seconds after which a command is killed."""
Commands = list[list[str]]


@dataclass(frozen=True)
class Measured:
    """How a command ended at a terminal."""

    code: int
    cpu: float
    elapsed: float
    peak_mb: float
    silence: float
    before_silence: str
    last_line: str


def _levels(n_rows: int, n_columns: int, n_levels: int, name: str = "f") -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    return {f"{name}{j}": draw.integers(0, n_levels, n_rows) for j in range(n_columns)}


def _recipe(n_features: int, n_outcomes: int = 0) -> str:
    text = "".join(f'[features.f{j}]\ncolumn = "f{j}"\n' for j in range(n_features))
    names = ", ".join(f'"o{j}"' for j in range(n_outcomes))
    return text + (f'[outcomes.o]\nrole = "flags"\ncolumns = [{names}]\n' if n_outcomes else "")


def _run(*more: str) -> list[str]:
    return ["run", "t.parquet", "-r", "r.toml", "-o", "out", "--overwrite", *more]


COLLECT = ["collect", "t.parquet", "-r", "r.toml", "-o", "p.parquet", "--overwrite"]


def patterns() -> Commands:
    pq.write_table(pa.table(_levels(1_000_000, 20, 10)), "t.parquet")
    Path("r.toml").write_text(_recipe(20))
    return [_run(), COLLECT]


def outcomes(n: int) -> Commands:
    pq.write_table(pa.table({**_levels(2_000, 4, 3), **_levels(2_000, n, 2, "o")}), "t.parquet")
    Path("r.toml").write_text(_recipe(4, n))
    return [COLLECT, _run("--segments", "3")]


def features() -> Commands:
    pq.write_table(pa.table(_levels(5_000, 30, 4)), "t.parquet")
    Path("r.toml").write_text(_recipe(30))
    return [COLLECT, _run()]


def columns(n: int, n_rows: int) -> Commands:
    names = ",".join(f"c{j}" for j in range(n))
    lines = [",".join(str((i * j) % 7) for j in range(n)) for i in range(n_rows)]
    Path("t.csv").write_text("\n".join([names, *lines]) + "\n")
    return [["init", "t.csv", "-o", "new.toml", "--overwrite"], ["audit", "t.csv", "-o", "audit"]]


def levels() -> Commands:
    pq.write_table(pa.table({"f0": np.arange(200_000) % 100_000, "f1": np.arange(200_000) % 3}), "t.parquet")
    listed = ", ".join(map(str, range(100_000)))
    Path("r.toml").write_text(
        f'[features.f0]\ncolumn = "f0"\nlevels = [{listed}]\n[features.f1]\ncolumn = "f1"\n'
    )
    return [_run(), COLLECT]


def bomb() -> Commands:
    with gzip.open("t.csv.gz", "wb") as packed:
        packed.write(b"a,b\n")
        for _ in range(3_000):
            packed.write(b"1,2\n" * 250_000)
    return [["init", "t.csv.gz", "-o", "new.toml"], ["audit", "t.csv.gz", "-o", "audit"]]


def far_cell() -> Commands:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile("t.xlsx", "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        relation = '<Relationships xmlns="{}/relationships"><Relationship Id="r1" Type="{}/{}" Target="{}"/></Relationships>'
        book.writestr("_rels/.rels", relation.format(package, office, "officeDocument", "xl/workbook.xml"))
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            relation.format(package, office, "worksheet", "worksheets/sheet1.xml"),
        )
        sheet = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
        book.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}">{sheet}</workbook>')
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        )
    return [["init", "t.xlsx", "-o", "new.toml"], ["audit", "t.xlsx", "-o", "audit"]]


def sql(expression: str) -> Commands:
    pq.write_table(pa.table(_levels(1_000, 2, 3)), "t.parquet")
    Path("r.toml").write_text(f"{_recipe(1)}[features.x]\nsql = '''{expression}'''\nedges = [1]\n")
    return [_run(), COLLECT]


CASES: dict[str, tuple[str, Callable[[], Commands]]] = {
    "far-cell": ("a workbook with one far cell", far_cell),
    "bomb": ("3 GB packed into 3 MB", bomb),
    "nested": ("CASE nested 50 deep", lambda: sql("CASE WHEN f1 > 1 THEN " * 50 + "1" + " END" * 50)),
    "terms": ("a sum of 10,000 terms", lambda: sql("+".join(["f1"] * 10_000))),
    "columns-100000": ("100,000 columns", lambda: columns(100_000, 3)),
    "levels": ("100,000 listed levels", levels),
    "outcomes-2000": ("2,000 outcomes", lambda: outcomes(2_000)),
    "outcomes-1000": ("1,000 outcomes", lambda: outcomes(1_000)),
    "columns-2000": ("2,000 columns, 1,000 rows", lambda: columns(2_000, 1_000)),
    "features": ("30 features, 5,000 patterns", features),
    "patterns": ("1,000,000 patterns of 20 features", patterns),
}


def measured(arguments: list[str]) -> Measured:
    """Run a command at a terminal of its own."""
    began = heard = time.monotonic()
    child, terminal = pty.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execv(sys.executable, [sys.executable, "-m", "segmentry", *arguments])
    said, silence, before = "", 0.0, ""
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        now = time.monotonic()
        if _processor_seconds(child) > MOST_SECONDS:
            os.kill(child, signal.SIGKILL)
        if ready:
            try:
                part = os.read(terminal, 65_536).decode("utf-8", "replace")
            except OSError:
                part = ""
            if now - heard > silence:
                silence, before = now - heard, _last_line(said)
            heard, said = now, said + part
            if not part:
                break
    _, status, used = os.wait4(child, 0)
    elapsed, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    return Measured(
        os.waitstatus_to_exitcode(status),
        cpu,
        elapsed,
        used.ru_maxrss / 1_000,
        silence,
        before,
        _last_line(said),
    )


def _processor_seconds(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _last_line(said: str) -> str:
    lines = [line.strip() for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said))]
    return next((line for line in reversed(lines) if line), "")[:200]


def main() -> None:
    """Measure the cases that are named, or all."""
    for name in sys.argv[1:] or CASES:
        title, make = CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for arguments in make():
                found = measured(arguments)
                print(
                    f"| {title} | {arguments[0]} | {found.code} | {found.cpu:.1f} | {found.elapsed:.1f} | {found.peak_mb:,.0f} | "
                    f"{found.silence:.1f} after {found.before_silence!r} | {found.last_line} |",
                    flush=True,
                )
            os.chdir("/")


if __name__ == "__main__":
    main()
