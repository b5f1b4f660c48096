"""What is fitted beside a run: dependence inside classes, null curves of the scan, and the evidence for the segments; for the studio the scan's classes, too.

They are many small tables: work for an interpreter, whose lock threads would share. So a run that writes files has a
process for them, which answers while models are fitted and profiles are made.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, fields, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

import numpy as np

from segmentry.arrays import Floats
from segmentry.errors import SegmentryWarning
from segmentry.patterns import Cleaning, Codes, FeatureLevels, PatternTable
from segmentry.selection.confusable_pairs import PatternSegments
from segmentry.selection.evidence import Gathered, Otherwise, gather_evidence
from segmentry.selection.inner_dependence import InnerDependence, measure_inner_dependence
from segmentry.selection.null_curves import DrawnTables, NullCurves, draw_null_curves
from segmentry.selection.other_analyses import Part, SmallLabels
from segmentry.selection.scan import ClassFits, ScanWatch, ScanWish, scan
from segmentry.system.progress import Progress, silent
from segmentry.system.worker import Parcel, WorkerEndedError, WorkerProcess, can_start, worker_process

if TYPE_CHECKING:
    from segmentry.recipe.models import ModelSettings

Found = TypeVar("Found", InnerDependence, ClassFits, NullCurves, Gathered)
_PARTS = 5
"""Parts of the other analyses: each process makes those that the other has not begun."""
_PATTERNS = ("codes", "counts", "weights", "squared_weights")
_SEGMENTS = ("labels", "second", "is_close")
"""The arrays that go over: of the pattern table those that are there, and those of the segments."""


def null_table_worker() -> AbstractContextManager[WorkerProcess | None]:
    """Start a process that draws null tables; None where no process can be started."""
    return worker_process(__name__, "scipy.optimize") if can_start() else nullcontext()


class Shared(Protocol):
    """Parts of an answer that both processes work on."""

    def take(self, progress: Progress) -> bool:
        """Do one part here that the other process has not begun; return whether there was one."""

    def complete(self, found: Any) -> Any:
        """Return the answer, of what the other process has found besides and of all parts."""


@dataclass(frozen=True)
class Pending(Generic[Found]):
    """An answer that is being worked on; without a process it is worked out when it is asked for."""

    here: Callable[[Progress], Found]
    read: Callable[[dict[str, Any]], Found]
    future: Future[Parcel] | None = None
    shared: Shared | None = None
    """What both processes work on, and what completes the answer; None where the other process does all of it."""
    answers: list[Found] | None = None
    """Where the answer is kept for whoever asks again; None to keep none."""

    @property
    def is_there(self) -> bool:
        """Whether the process has answered."""
        return self.future is not None and self.future.done()

    def kept(self) -> Self:
        """Return what works the answer out once, however often it is asked for."""
        return replace(self, answers=[])

    def worked_out(self, progress: Progress = silent, until: Callable[[], bool] = lambda: False) -> Self:
        """Return what has the answer already; where the process is at it, do parts of it here, until something else has come."""
        if self.answers:
            return self
        if self.future is not None or self.shared is not None:
            while self.shared is not None and not until() and self.shared.take(progress):
                pass
            return self
        if until():
            return self
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
        future, shared = self.future, self.shared
        is_left_to_this_one = shared is None if future is None else future.cancel()
        if is_left_to_this_one:
            return self.here(progress)
        try:
            while shared is not None and shared.take(progress):
                pass
            answer: Any = None if future is None else self.read(future.result().values)
            return answer if shared is None else shared.complete(answer)
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
        The pattern table; its counts and its cleaning are needed.
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

    @classmethod
    def of(cls, patterns: PatternTable, settings: ModelSettings, worker: WorkerProcess | None) -> Self:
        """Return those of a recipe's model."""
        return cls(patterns, settings.method, settings.seed, worker)

    def inner_dependence(self) -> Pending[InnerDependence]:
        """Measure how customers differ inside classes; see `measure_inner_dependence`."""
        future = self._submit(measure_in_worker, {}, {})
        return Pending(lambda _: _measure(self), InnerDependence.from_dict, future)

    def classes(self, wanted: ScanWish) -> Pending[ClassFits]:
        """Search for the latent classes of a scan."""
        future = self._submit(search_in_worker, asdict(wanted), {})
        return Pending(lambda say: _search(self, wanted, say), ClassFits.from_dict, future)

    def curves(self, numbers: list[int], *, costs: bool) -> Pending[NullCurves]:
        """Draw the curves that stand beside a scan; see `draw_null_curves`."""
        values = {"numbers": numbers, "costs": costs}
        future = self._submit(draw_in_worker, values, {})
        return Pending(lambda say: _draw(self, values, say), NullCurves.from_dict, future)

    def evidence(self, segments: PatternSegments, n_analyses: int = 0) -> Pending[Gathered]:
        """Gather the evidence for segments; see `gather_evidence`. Other analyses are made by both processes."""
        arrays = {name: getattr(segments, name) for name in _SEGMENTS}
        future = self._submit(gather_in_worker, {"k": segments.k}, arrays)
        asked = Otherwise(self.patterns, segments, self.method, n_analyses, self.seed)
        values = {"k": segments.k, "n_analyses": n_analyses}
        futures = [
            self._submit(analyse_in_worker, {**values, "part": i}, arrays)
            for i in range(_PARTS if n_analyses else 0)
        ]
        theirs = [found for found in futures if found is not None]
        return Pending(
            lambda say: _gather(self, segments, n_analyses, say),
            Gathered.from_dict,
            future,
            SharedAnalyses(asked, theirs) if theirs else None,
        )

    def _submit(
        self, function: Callable[[Parcel], Parcel], values: dict[str, Any], arrays: dict[str, Any]
    ) -> Future[Parcel] | None:
        if self.worker is None:
            return None
        found = {name: getattr(self.patterns, name) for name in _PATTERNS}
        arrays = {**arrays, **{name: array for name, array in found.items() if array is not None}}
        about = {"method": self.method, "seed": self.seed, "cleaning": asdict(self.patterns.cleaning)}
        features = [asdict(feature) for feature in self.patterns.features]
        return self.worker.submit(function, Parcel({**values, **about, "features": features}, arrays))


class SharedAnalyses:
    """Other analyses in parts, which the other process makes one after the other, and this one from the last on.

    Parameters
    ----------
    asked
        The analyses.
    theirs
        What the process answers, part by part.
    """

    def __init__(self, asked: Otherwise, theirs: Sequence[Future[Parcel]]) -> None:
        self._asked, self._theirs = asked, theirs
        self._mine: dict[int, SmallLabels] = {}

    def take(self, progress: Progress) -> bool:
        """Make one part that the other process has not begun; return whether there was one."""
        for i in reversed(range(len(self._theirs))):
            if i not in self._mine and self._theirs[i].cancel():
                self._mine[i] = self._asked.labels(Part((i,), len(self._theirs)), progress)
                return True
        return False

    def complete(self, found: Any) -> Any:
        """Return the rest of the evidence with the analyses of both processes."""
        labels = (
            self._mine[i] if i in self._mine else future.result().arrays["labels"]
            for i, future in enumerate(self._theirs)
        )
        return found.with_analyses(*self._asked.of(reduce(np.maximum, labels)))


class SharedCurves:
    """Null curves of single numbers, which the other process draws one after the other, and this one from the last on.

    Parameters
    ----------
    tables
        The tables, of which some numbers may be drawn already.
    beside
        What asks the other process.
    drawn
        Gains (n_tables,) of the numbers that are drawn.
    numbers
        All numbers that are wanted.
    """

    def __init__(
        self, tables: DrawnTables, beside: NullTables, drawn: Mapping[int, Floats], numbers: Sequence[int]
    ) -> None:
        self._tables, self._drawn, self._numbers = tables, dict(drawn), tuple(numbers)
        asked = {k: beside.curves([k], costs=False).future for k in numbers if k not in drawn}
        self._theirs = {k: future for k, future in asked.items() if future is not None}

    def pending(self) -> Pending[NullCurves]:
        """Return what waits for them."""
        return Pending(self._here, NullCurves.from_dict, None, self)

    def take(self, progress: Progress) -> bool:
        """Draw one number that the other process has not begun; return whether there was one."""
        for k, future in reversed(self._theirs.items()):
            if k not in self._drawn and future.cancel():
                self._drawn[k] = self._tables.gains([k], progress)[0]
                return True
        return False

    def complete(self, _: object) -> NullCurves:
        """Return the curves of both processes."""
        for k, future in self._theirs.items():
            if k not in self._drawn:
                self._drawn[k] = NullCurves.from_dict(future.result().values).gains[0]
        return NullCurves(self._numbers, np.array([self._drawn[k] for k in self._numbers]))

    def _here(self, progress: Progress) -> NullCurves:
        left = [k for k in self._numbers if k not in self._drawn]
        self._drawn |= dict(zip(left, self._tables.gains(left, progress), strict=True))
        return self.complete(None)


def _search(tables: NullTables, wanted: ScanWish, progress: Progress = silent) -> ClassFits:
    found = scan(
        tables.patterns,
        "latent-class",
        wanted.numbers,
        seed=tables.seed,
        asked=wanted.asked,
        grows_to=wanted.grows_to,
        watch=ScanWatch(progress, is_for_another=True),
    )
    return ClassFits.of(found)


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


def search_in_worker(parcel: Parcel) -> Parcel:
    """Search for the latent classes of a scan in the process of a worker."""
    wanted = ScanWish(**{f.name: parcel.values[f.name] for f in fields(ScanWish)})
    return _answer(_search(_received(parcel), wanted))


def draw_in_worker(parcel: Parcel) -> Parcel:
    """Draw curves in the process of a worker."""
    return _answer(_draw(_received(parcel), parcel.values))


def gather_in_worker(parcel: Parcel) -> Parcel:
    """Gather evidence in the process of a worker."""
    return _answer(_gather(_received(parcel), _segments(parcel)))


def analyse_in_worker(parcel: Parcel) -> Parcel:
    """Make a part of the other analyses in the process of a worker."""
    tables = _received(parcel)
    asked = Otherwise(
        tables.patterns, _segments(parcel), tables.method, parcel.values["n_analyses"], tables.seed
    )
    return Parcel({}, {"labels": asked.labels(Part((parcel.values["part"],), _PARTS))})


def _segments(parcel: Parcel) -> PatternSegments:
    return PatternSegments(parcel.values["k"], *(parcel.arrays[name] for name in _SEGMENTS))


def _received(parcel: Parcel) -> NullTables:
    features = tuple(FeatureLevels.from_dict(f) for f in parcel.values["features"])
    columns = {name: parcel.arrays[name] for name in _PATTERNS if name in parcel.arrays}
    cleaning = Cleaning.from_dict(parcel.values["cleaning"])
    patterns = PatternTable(
        features, **{**columns, "codes": columns["codes"].view(Codes), "cleaning": cleaning}
    )
    return NullTables(patterns, parcel.values["method"], parcel.values["seed"])


def _answer(found: InnerDependence | ClassFits | NullCurves | Gathered) -> Parcel:
    return Parcel(asdict(found))
