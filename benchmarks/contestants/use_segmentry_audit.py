"""segmentry's audit: from a file to audit.html, audit.json and audit.sql."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from common import Found, Task, main


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    import duckdb  # noqa: F401 - segmentry imports it when used; imports are not on the clock
    import pyarrow  # noqa: F401

    from segmentry.runs import audit

    return audit


def solve(library: Any, task: Task, k: int, table: Any, weights: Any) -> Found:  # noqa: ARG001
    folder, started = Path(task.out).with_name("audit"), time.process_time()
    library.audit(table, out=folder)
    return {
        "cpu": time.process_time() - started,
        "bytes": (folder / "audit.html").stat().st_size,
    }


if __name__ == "__main__":
    main(load, solve)
