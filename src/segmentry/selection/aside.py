"""Null curves and evidence from a process of their own, while models are fitted and files are written.

They draw and fit many small tables: work for an interpreter, whose lock threads would share.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from io import BytesIO
from typing import Any, Protocol, Self

import numpy as np

from segmentry.patterns import PatternTable
from segmentry.processes import end, start
from segmentry.selection.confusion import Segments
from segmentry.selection.evidence import Evidence, gather
from segmentry.selection.null_curves import Curves, draw_curves
from segmentry.selection.refits import refit_of

PATTERNS = ("codes", "counts", "weights", "squared_weights")
SEGMENTS = ("labels", "second", "is_close")
"""The arrays that go over: of the pattern table, those that are there, and of the segments."""


class Aide(Protocol):
    """Who draws and fits null tables. Every method returns at once; what it returns waits for the answer."""

    def curves(
        self, patterns: PatternTable, method: str, numbers: list[int], *, seed: int, costs: bool
    ) -> Callable[[], Curves]:
        """Draw the curves that stand beside a scan, see `draw_curves`."""

    def evidence(
        self, patterns: PatternTable, method: str, segments: Segments, *, seed: int
    ) -> Callable[[], Evidence]:
        """Gather the evidence for segments, see `gather`."""


class Here:
    """An aide in this process: it works when it is asked for its answer."""

    def curves(
        self, patterns: PatternTable, method: str, numbers: list[int], *, seed: int, costs: bool
    ) -> Callable[[], Curves]:
        """Draw the curves when asked for them."""
        return lambda: draw_curves(patterns, method, numbers, seed=seed, costs=costs)

    def evidence(
        self, patterns: PatternTable, method: str, segments: Segments, *, seed: int
    ) -> Callable[[], Evidence]:
        """Gather the evidence when asked for it."""
        return lambda: gather(patterns, segments, refit_of(method, patterns), seed=seed)


class Aside:
    """An aide in a process of its own, which gets ready at once; it answers one question after the other.

    A context manager: leaving it ends the process, whatever it is at. Waiting for an answer raises RuntimeError
    where the process failed.
    """

    def __init__(self) -> None:
        self._process = start("segmentry.selection.answering", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._talk = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.shutdown(wait=False, cancel_futures=True)
        end(self._process)

    def curves(
        self, patterns: PatternTable, method: str, numbers: list[int], *, seed: int, costs: bool
    ) -> Callable[[], Curves]:
        """Have the curves drawn."""
        arguments = {"method": method, "numbers": numbers, "seed": seed, "costs": costs}
        answer = self._talk.submit(self._ask, "curves", arguments, patterns, {})
        return lambda: Curves.from_dict(answer.result())

    def evidence(
        self, patterns: PatternTable, method: str, segments: Segments, *, seed: int
    ) -> Callable[[], Evidence]:
        """Have the evidence gathered."""
        arguments = {"method": method, "k": segments.k, "seed": seed}
        arrays = {name: getattr(segments, name) for name in SEGMENTS}
        answer = self._talk.submit(self._ask, "evidence", arguments, patterns, arrays)
        return lambda: Evidence.from_dict(answer.result())

    def _ask(
        self, question: str, arguments: dict[str, Any], patterns: PatternTable, arrays: dict[str, Any]
    ) -> dict[str, Any]:
        given = {name: getattr(patterns, name) for name in PATTERNS}
        packed = BytesIO()
        np.savez(packed, **arrays, **{name: array for name, array in given.items() if array is not None})
        features = [asdict(feature) for feature in patterns.features]
        head = {"question": question, **arguments, "features": features, "n_bytes": packed.tell()}
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None and received is not None  # noqa: S101, PT018 - for the type checker
        try:
            sent.write(json.dumps(head).encode() + b"\n" + packed.getvalue())
            sent.flush()
            answer: dict[str, Any] = json.loads(received.readline())
        except (OSError, json.JSONDecodeError):
            raise RuntimeError(
                "the process that draws null tables failed; its last words stand above"
            ) from None
        return answer
