"""Whether the product's claims hold on tables whose truth is known: `python benchmarks/trust.py [--section S] ...`.

Works through the cells in several processes and prints the table of claims with their bars. What was found is kept, so
that a run that was stopped goes on; it counts as long as neither the product's code nor the processes change, or under the
name that `--label` gives. The processes are described in benchmarks/truths/README.md, and by `--list`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from truths.cells import Cell, Effort, Wish, cells_of
from truths.sections import SECTIONS
from truths.store import Store, Task, code_of, work
from truths.summary import summary

import segmentry

FOLDER = Path(__file__).parent
FOUND = FOLDER / ".trust" / "found.jsonl"


def main(arguments: list[str] | None = None) -> str:
    given = _parser().parse_args(arguments)
    if given.list:
        print(text := listed())
        return text
    wish = Wish(given.section, given.process, given.n, given.asked, given.method)
    cells = cells_of(SECTIONS, wish)
    if not cells:
        raise SystemExit("no cell is so; --list shows the sections and their processes")
    code = given.label or code_of(Path(segmentry.__file__).parent, FOLDER / "truths")
    store = Store(given.store, code, given.seed, Effort(given.redraws, given.starts, given.seeds)).read()
    if not given.show:
        work(store, _tasks(cells, store, given.tables), given.jobs)
    text = summary(SECTIONS, cells, store, given.tables)
    head = f"Code {code}, seed {given.seed}. *Kept* is open where more tables could still show it."
    print(f"{head}\n\n{text}")
    if given.page:
        given.page.write_text(
            f"# Claims on tables whose truth is known\n\n{head}\n\n{text}\n", encoding="utf-8"
        )
    return text


def listed() -> str:
    """Return the sections, and each process with what it is."""
    lines = []
    for name, section in SECTIONS.items():
        lines.append(f"{name}: {section.title}")
        for process, make in section.processes.items():
            said = (getattr(make, "func", make).__doc__ or "").strip().splitlines()[0]
            lines.append(f"  {process:26}{said}")
    return "\n".join(lines)


def _tasks(cells: list[Cell], store: Store, tables: int | None) -> Iterator[Task]:
    for cell in cells:
        for i in range(tables or SECTIONS[cell.section].tables):
            yield Task(cell, i, store.seed, store.effort)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Options that may be repeated choose among the cells.",
    )
    parser.add_argument("--section", action="append", choices=SECTIONS, default=[], help="may be repeated")
    parser.add_argument("--process", action="append", default=[], help="may be repeated")
    parser.add_argument(
        "--n", action="append", type=int, default=[], help="number of customers; may be repeated"
    )
    parser.add_argument(
        "--asked", action="append", default=[], help="number of segments, or auto; may be repeated"
    )
    parser.add_argument("--method", action="append", default=[], help="latent-class, k-modes, k-means, given")
    parser.add_argument("--tables", type=int, help="of each cell; by default as the bars ask for")
    parser.add_argument("--seed", type=int, default=2026, help="seed of the tables")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes that work at a time")
    parser.add_argument("--label", help="name under which findings count, instead of a digest of the code")
    parser.add_argument("--store", type=Path, default=FOUND, help="file of what was found, JSON lines")
    parser.add_argument("--show", action="store_true", help="show what was found so far, judge nothing")
    parser.add_argument("--page", type=Path, help="file for the table, Markdown")
    parser.add_argument("--list", action="store_true", help="show sections and processes")
    parser.add_argument(
        "--redraws", type=int, default=20, help="redrawn tables that stability is compared on"
    )
    parser.add_argument("--starts", type=int, default=50, help="full starts of each of their refits")
    parser.add_argument("--seeds", type=int, default=5, help="seeds whose verdicts are compared")
    return parser


if __name__ == "__main__":
    main()
