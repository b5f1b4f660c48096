"""What every case gets: a folder for its data, and a way to run contestants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import REPEATS, Contestant, Result, compete


@dataclass(frozen=True)
class Bench:
    """`is_quick` asks for small data and one run each: to see that all works, not to measure."""

    folder: Path
    is_quick: bool = False

    def size(self, rows: int, quick: int) -> int:
        return quick if self.is_quick else rows

    def compete(self, contestants: Iterable[Contestant], **task: Any) -> list[Result]:
        repeats = 1 if self.is_quick else REPEATS
        return [compete(one, task, self.folder, repeats) for one in contestants]


def fits(data: Path, *numbers: int) -> list[dict[str, Any]]:
    """Name the models to fit: one per number of clusters."""
    return [{"data": str(data), "k": k} for k in numbers]
