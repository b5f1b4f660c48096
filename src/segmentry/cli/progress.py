"""What is being done, and for how long."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class Progress:
    """A line that says what is being done and for how long; silent where nobody watches."""

    def __enter__(self) -> Callable[[str], None]:
        self._bar: Any = None
        if not sys.stderr.isatty():
            return lambda _: None
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("Starting", total=None)
        return lambda text: self._bar.update(task, description=text)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
