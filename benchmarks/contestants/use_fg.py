"""fg-data-profiling's minimal report of a Parquet file, read by pandas and written as a page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from common import Found, Task, main


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    import pandas as pd
    from data_profiling import ProfileReport

    return pd, ProfileReport


def solve(library: Any, task: Task, k: int, table: Any, weights: Any) -> Found:  # noqa: ARG001
    pd, profile = library
    page, started = Path(task.out).with_name("fg.html"), time.process_time()
    profile(pd.read_parquet(table), minimal=True, progress_bar=False).to_file(page)
    return {"cpu": time.process_time() - started, "bytes": page.stat().st_size}


if __name__ == "__main__":
    main(load, solve)
