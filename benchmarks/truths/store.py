"""What was found, table by table, in a file of JSON lines: a run goes on where an earlier one stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from truths.cells import Cell, Effort, Found

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Task:
    """One table of a cell."""

    cell: Cell
    i: int
    seed: int
    effort: Effort


@dataclass
class Store:
    """Found by code, seed, cell and number of the table; `code` says which product and which processes."""

    path: Path
    code: str
    seed: int
    effort: Effort = field(default_factory=Effort)
    found: dict[tuple[str, int], Found] = field(default_factory=dict)

    def read(self) -> Store:
        """Read what the file has of this code, seed and effort; a line that was cut short is left out."""
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if (entry["code"], entry["seed"]) == (self.code, self.seed) and self._is_alike(entry):
                    self.found[entry["cell"], entry["i"]] = entry["found"]
        return self

    def add(self, task: Task, found: Found) -> None:
        """Append what was found for one table."""
        self.found[task.cell.key, task.i] = found
        entry = {
            "code": self.code,
            "seed": self.seed,
            "effort": vars(self.effort),
            "cell": task.cell.key,
            "i": task.i,
            "found": found,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def of(self, cell: Cell, n_tables: int) -> list[Found]:
        """Return what was found for the first tables of a cell."""
        return [self.found[cell.key, i] for i in range(n_tables) if (cell.key, i) in self.found]

    def _is_alike(self, entry: dict[str, Any]) -> bool:
        return not entry["cell"].startswith("stability/") or entry["effort"] == vars(self.effort)


def code_of(*folders: Path) -> str:
    """Return ten digits that change with any Python file of the folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


def judge_task(task: Task) -> Found:
    """Judge one table; where the product refuses or fails, or does not say it yet, that is what was found."""
    import warnings

    from truths.readings import NotThereError
    from truths.sections import SECTIONS

    judge = SECTIONS[task.cell.section].judge
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return judge(task.cell, task.cell.rng(task.seed, task.i), task.i, task.effort)
    except NotThereError as error:
        return {"not_there": str(error)}
    except Exception as error:  # noqa: BLE001 - the other tables are judged all the same
        return {"error": f"{type(error).__name__}: {error}"}


def work(store: Store, tasks: Iterable[Task], jobs: int) -> None:
    """Judge the tables that the store has not, in so many processes; here where it is one."""
    missing = (task for task in tasks if (task.cell.key, task.i) not in store.found)
    if jobs == 1:
        for task in missing:
            store.add(task, judge_task(task))
        return
    os.environ.update(dict.fromkeys(THREADS, "1"))
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(judge_task, task): task for task in islice(missing, 2 * jobs)}
        while running:
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                store.add(running.pop(done), done.result())
                running |= {pool.submit(judge_task, task): task for task in islice(missing, 1)}
