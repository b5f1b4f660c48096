"""Null curves and evidence from a process of their own, while models are fitted and files are written.

They draw and fit many small tables: work for an interpreter, whose lock threads would share.
"""

from __future__ import annotations

import json
import subprocess
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from io import BytesIO
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from segmentry.errors import SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.selection.confusion import Segments
from segmentry.selection.evidence import Evidence, gather
from segmentry.selection.null_curves import Curves, draw_curves
from segmentry.selection.refits import refit_of
from segmentry.system.processes import end, start

Answer = TypeVar("Answer", Curves, Evidence)
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

    A context manager: leaving it ends the process, whatever it is at. Where the process fails, a warning says so, and
    the work is done in this one.
    """

    def __init__(self) -> None:
        self._process = start("segmentry.selection.answering", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._talk = ThreadPoolExecutor(1)
        self._known: PatternTable | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.shutdown(wait=False, cancel_futures=True)
        end(self._process)

    def curves(
        self, patterns: PatternTable, method: str, numbers: list[int], *, seed: int, costs: bool
    ) -> Callable[[], Curves]:
        """Have the curves drawn."""
        arguments = {"question": "curves", "method": method, "numbers": numbers, "seed": seed, "costs": costs}
        answer = self._talk.submit(self._ask, arguments, patterns, {})
        here = Here().curves(patterns, method, numbers, seed=seed, costs=costs)
        return lambda: self._read(answer, Curves.from_dict, here)

    def evidence(
        self, patterns: PatternTable, method: str, segments: Segments, *, seed: int
    ) -> Callable[[], Evidence]:
        """Have the evidence gathered."""
        arguments = {"question": "evidence", "method": method, "k": segments.k, "seed": seed}
        arrays = {name: getattr(segments, name) for name in SEGMENTS}
        answer = self._talk.submit(self._ask, arguments, patterns, arrays)
        here = Here().evidence(patterns, method, segments, seed=seed)
        return lambda: self._read(answer, Evidence.from_dict, here)

    def _read(
        self,
        answer: Future[dict[str, Any]],
        made: Callable[[dict[str, Any]], Answer],
        here: Callable[[], Answer],
    ) -> Answer:
        try:
            return made(answer.result())
        except (OSError, json.JSONDecodeError):
            ended = f"ended with {self._process.wait()}"
        warnings.warn(
            f"the process that draws null tables {ended}; they are drawn in this one, which takes longer",
            SegmentryWarning,
            stacklevel=2,
        )
        return here()

    def _ask(
        self, arguments: dict[str, Any], patterns: PatternTable, arrays: dict[str, Any]
    ) -> dict[str, Any]:
        """Send a question, with the pattern table if it is another than before, and wait for the answer."""
        if patterns is not self._known:
            found = {name: getattr(patterns, name) for name in PATTERNS}
            arrays = {**arrays, **{name: array for name, array in found.items() if array is not None}}
            arguments = {**arguments, "features": [asdict(feature) for feature in patterns.features]}
            self._known = patterns
        packed = BytesIO()
        np.savez(packed, **arrays)
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None and received is not None  # noqa: S101, PT018 - for the type checker
        sent.write(json.dumps({**arguments, "n_bytes": packed.tell()}).encode() + b"\n" + packed.getvalue())
        sent.flush()
        answer: dict[str, Any] = json.loads(received.readline())
        return answer
