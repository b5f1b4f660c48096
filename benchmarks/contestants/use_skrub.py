"""skrub's TableReport of a Parquet file, read by pandas and written as a page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from common import Found, Task, main


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    import pandas as pd
    import skrub

    return pd, skrub


def solve(library: Any, task: Task, k: int, table: Any, weights: Any) -> Found:  # noqa: ARG001
    pd, skrub = library
    page, started = Path(task.out).with_name("skrub.html"), time.process_time()
    skrub.TableReport(pd.read_parquet(table), verbose=0).write_html(page)
    return {"cpu": time.process_time() - started, "bytes": page.stat().st_size}


if __name__ == "__main__":
    main(load, solve)
