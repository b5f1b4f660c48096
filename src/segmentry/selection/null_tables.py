"""What is fitted beside a run: dependence inside classes, null curves of the scan, and the evidence for the segments.

They are many small tables: work for an interpreter, whose lock threads would share. So a run that writes files has a
process for them, which answers while models are fitted and profiles are made.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Generic, Self, TypeVar

import numpy as np

from segmentry.errors import SegmentryWarning
from segmentry.patterns import Codes, FeatureLevels, PatternTable
from segmentry.selection.confusable_pairs import PatternSegments
from segmentry.selection.evidence import Gathered, Otherwise, gather_evidence
from segmentry.selection.inner_dependence import InnerDependence, measure_inner_dependence
from segmentry.selection.null_curves import NullCurves, draw_null_curves
from segmentry.selection.other_analyses import Part
from segmentry.system.progress import Progress, silent
from segmentry.system.worker import Parcel, WorkerEndedError, WorkerProcess, can_start, worker_process

Found = TypeVar("Found", InnerDependence, NullCurves, Gathered)
_HERE, _THERE = Part((0,), 3), Part((1, 2), 3)
"""Other analyses that this process makes, and the other one, which has less to do."""
_PATTERNS = ("codes", "counts", "weights", "squared_weights")
_SEGMENTS = ("labels", "second", "is_close")
"""The arrays that go over: of the pattern table those that are there, and those of the segments."""


def null_table_worker() -> AbstractContextManager[WorkerProcess | None]:
    """Start a process that draws null tables; None where no process can be started."""
    return worker_process(__name__, "scipy.optimize") if can_start() else nullcontext()


@dataclass(frozen=True)
class Pending(Generic[Found]):
    """An answer that is being worked on; without a process it is worked out when it is asked for."""

    here: Callable[[Progress], Found]
    read: Callable[[dict[str, Any]], Found]
    future: Future[Parcel] | None = None
    meanwhile: Callable[[Progress], Callable[[Found], Found]] | None = None
    """What this process does before it waits; it returns what completes the answer."""
    answers: list[Found] | None = None
    """Where the answer is kept for whoever asks again; None to keep none."""

    def kept(self) -> Self:
        """Return what works the answer out once, however often it is asked for."""
        return replace(self, answers=[])

    def worked_out(self, progress: Progress = silent) -> Self:
        """Return what has the answer already; where the process is at it, what has this process's part of it."""
        if self.answers:
            return self
        if self.future is not None:
            complete = None if self.meanwhile is None else self.meanwhile(progress)
            return self if complete is None else replace(self, meanwhile=lambda _: complete)
        found = self.here(progress)
        return replace(self, here=lambda _: found)

    def result(self, progress: Progress = silent) -> Found:
        """Wait for the answer; where the process has not begun yet, or ended early, work it out in this one. The latter is warned of.

        `progress` is called with a line of text at the steps of what is worked out here, and may end it.
        """
        if self.answers:
            return self.answers[0]
        found = self._found(progress)
        if self.answers is not None:
            self.answers.append(found)
        return found

    def _found(self, progress: Progress) -> Found:
        if self.future is None or self.future.cancel():
            return self.here(progress)
        complete = None if self.meanwhile is None else self.meanwhile(progress)
        try:
            answer = self.read(self.future.result().values)
            return answer if complete is None else complete(answer)
        except WorkerEndedError as ended:
            text = (
                f"the process that draws null tables {ended}; they are drawn in this one, which takes longer"
            )
        warnings.warn(text, SegmentryWarning, stacklevel=2)
        return self.here(progress)


@dataclass(frozen=True)
class NullTables:
    """Null tables of a pattern table and a method.

    Parameters
    ----------
    patterns
        The pattern table; its counts alone are needed.
    method
        ``latent-class``, ``k-modes`` or ``k-means``.
    seed
        Seed of the draws.
    worker
        The process that works them out; None to do so in this one, when an answer is asked for.
    """

    patterns: PatternTable
    method: str
    seed: int
    worker: WorkerProcess | None = None

    def inner_dependence(self) -> Pending[InnerDependence]:
        """Measure how customers differ inside classes; see `measure_inner_dependence`."""
        future = self._submit(measure_in_worker, {}, {})
        return Pending(lambda _: _measure(self), InnerDependence.from_dict, future)

    def curves(self, numbers: list[int], *, costs: bool) -> Pending[NullCurves]:
        """Draw the curves that stand beside a scan; see `draw_null_curves`."""
        values = {"numbers": numbers, "costs": costs}
        future = self._submit(draw_in_worker, values, {})
        return Pending(lambda say: _draw(self, values, say), NullCurves.from_dict, future)

    def evidence(self, segments: PatternSegments, n_analyses: int = 0) -> Pending[Gathered]:
        """Gather the evidence for segments; see `gather_evidence`. Other analyses are made by both processes, a third here."""
        arrays = {name: getattr(segments, name) for name in _SEGMENTS}
        future = self._submit(gather_in_worker, {"k": segments.k}, arrays)
        asked = Otherwise(self.patterns, segments, self.method, n_analyses, self.seed)
        values = {"k": segments.k, "n_analyses": n_analyses}
        theirs = self._submit(analyse_in_worker, values, arrays) if n_analyses else None
        return Pending(
            lambda say: _gather(self, segments, n_analyses, say),
            Gathered.from_dict,
            future,
            None if theirs is None else partial(_with_theirs, asked, theirs),
        )

    def _submit(
        self, function: Callable[[Parcel], Parcel], values: dict[str, Any], arrays: dict[str, Any]
    ) -> Future[Parcel] | None:
        if self.worker is None:
            return None
        found = {name: getattr(self.patterns, name) for name in _PATTERNS}
        arrays = {**arrays, **{name: array for name, array in found.items() if array is not None}}
        about = {"method": self.method, "seed": self.seed}
        features = [asdict(feature) for feature in self.patterns.features]
        return self.worker.submit(function, Parcel({**values, **about, "features": features}, arrays))


def _with_theirs(
    asked: Otherwise, theirs: Future[Parcel], progress: Progress
) -> Callable[[Gathered], Gathered]:
    """Make this process's part of the other analyses; return what puts both parts to the rest of the evidence."""
    mine = asked.labels(_HERE, progress)
    return lambda found: found.with_analyses(*asked.of(np.maximum(mine, theirs.result().arrays["labels"])))


def _draw(tables: NullTables, values: dict[str, Any], progress: Progress = silent) -> NullCurves:
    numbers, costs = values["numbers"], values["costs"]
    return draw_null_curves(
        tables.patterns, tables.method, numbers, seed=tables.seed, costs=costs, progress=progress
    )


def _measure(tables: NullTables) -> InnerDependence:
    return measure_inner_dependence(tables.patterns, seed=tables.seed)


def _gather(
    tables: NullTables, segments: PatternSegments, n_analyses: int = 0, progress: Progress = silent
) -> Gathered:
    return gather_evidence(
        tables.patterns,
        segments,
        tables.method,
        n_analyses=n_analyses,
        seed=tables.seed,
        progress=progress,
    )


def measure_in_worker(parcel: Parcel) -> Parcel:
    """Measure dependence inside classes in the process of a worker."""
    return _answer(_measure(_received(parcel)))


def draw_in_worker(parcel: Parcel) -> Parcel:
    """Draw curves in the process of a worker."""
    return _answer(_draw(_received(parcel), parcel.values))


def gather_in_worker(parcel: Parcel) -> Parcel:
    """Gather evidence in the process of a worker."""
    return _answer(_gather(_received(parcel), _segments(parcel)))


def analyse_in_worker(parcel: Parcel) -> Parcel:
    """Make most of the other analyses in the process of a worker."""
    tables = _received(parcel)
    asked = Otherwise(
        tables.patterns, _segments(parcel), tables.method, parcel.values["n_analyses"], tables.seed
    )
    return Parcel({}, {"labels": asked.labels(_THERE)})


def _segments(parcel: Parcel) -> PatternSegments:
    return PatternSegments(parcel.values["k"], *(parcel.arrays[name] for name in _SEGMENTS))


def _received(parcel: Parcel) -> NullTables:
    features = tuple(FeatureLevels.from_dict(f) for f in parcel.values["features"])
    columns = {name: parcel.arrays[name] for name in _PATTERNS if name in parcel.arrays}
    patterns = PatternTable(features, **{**columns, "codes": columns["codes"].view(Codes)})
    return NullTables(patterns, parcel.values["method"], parcel.values["seed"])


def _answer(found: InnerDependence | NullCurves | Gathered) -> Parcel:
    return Parcel(asdict(found))
