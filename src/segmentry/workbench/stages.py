"""The thread that works: collect, a first look, the whole run. The newest state wins, and older work ends."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Protocol

import numpy as np

from segmentry.drafting.offers import ColumnOffer
from segmentry.errors import SegmentryError
from segmentry.patterns import PatternTable
from segmentry.recipe.editing import read_ahead
from segmentry.report import compose
from segmentry.report.page import glance_part, look_part, report_page
from segmentry.runs.cleaning_offers import CleaningOffer
from segmentry.runs.first_looks import at_a_glance, first_look, looks_alike
from segmentry.runs.fitting import KeptFit
from segmentry.runs.live import LiveSource, live_source
from segmentry.runs.moved import Moved
from segmentry.runs.partition import Partition
from segmentry.runs.sources import Customers
from segmentry.segmentation import Segmentation
from segmentry.system.progress import UnwantedError
from segmentry.text.locales import writing_in
from segmentry.workbench.comparing import Settled
from segmentry.workbench.newest import Newest
from segmentry.workbench.panel import Panel, panel_of
from segmentry.workbench.state import State
from segmentry.workbench.survival import Survived

IDLE_SECONDS = 0.1
"""So long after a first look the whole run begins, unless a further move comes."""
MOST_SHOWN = 4
"""So many whole reports are kept, so that undo shows them at once."""
PAUSE_SECONDS = 1.0
"""So long after everything is shown the states that were tried are compared with it."""
LOOK_SECONDS = 1.0
"""So often it is looked whether the files of the data have changed."""
PATIENCE_SECONDS = 3.0
"""So long the end waits for the work."""
DEFECT = "segmentry made a mistake with this recipe ({what}); undo the last move, and please report it"


@dataclass(frozen=True)
class Wanted:
    """A state, and the number of the move that led to it."""

    turn: int
    state: State


@dataclass(frozen=True)
class Whole:
    """The report of a state: its page, its segments, and what spares another run to fit them."""

    page: str
    result: Segmentation
    fit: KeptFit | None


@dataclass(frozen=True)
class Sizes:
    """Shares of the segments; `is_searched` says whether these were searched for, or are those before that go on."""

    shares: tuple[float, ...]
    is_searched: bool = True


@dataclass(frozen=True)
class Events:
    """Functions that are called with what was found, each with the turn that it belongs to."""

    say: Callable[[int, str], None]
    panel: Callable[[int, Panel], None]
    sizes: Callable[[int, Sizes], None]
    glance: Callable[[int, str], None]
    first: Callable[[int, str], None]
    whole: Callable[[int, Whole], None]
    problem: Callable[[int, str], None]
    changed: Callable[[], None]
    offers: Callable[[tuple[ColumnOffer, ...]], None]
    findings: Callable[[tuple[CleaningOffer, ...]], None]
    pinned: Callable[[], Segmentation | None]
    compared: Callable[[int, Moved | str], None]
    tried: Callable[[Segmentation], tuple[Settled, ...]]
    survived: Callable[[int, Segmentation, tuple[Survived, ...]], None]


class Show(Protocol):
    """Shows segments, those that were searched for or those before that go on."""

    def __call__(
        self, turn: int, customers: Customers, partition: Partition, *, is_searched: bool = True
    ) -> None:
        """Show segments of these customers."""


class Stages:
    """A thread that takes the newest state through its stages; `want` gives it one, `close` ends it.

    Parameters
    ----------
    data
        Data of `run`.
    events
        What is called with what was found.
    """

    def __init__(self, data: Any, events: Events) -> None:
        self._data, self._events = data, events
        self._wanted: Newest[Wanted] = Newest()
        self._taking = Lock()
        self._live: LiveSource | None = None
        self._panel: Panel | None = None
        self._n_segments = 0
        self._refined = ""
        self._looked: set[str] = set()
        self._shown: OrderedDict[str, Whole] = OrderedDict()
        self._thread: Thread | None = None

    def open(self, first: Wanted) -> None:
        """Open the data and begin with a state.

        Raises
        ------
        SegmentryError
            The data cannot be read.
        """
        opened: Future[None] = Future()
        self._wanted.put(first)
        self._thread = Thread(target=self._run, args=(first, opened), name="studio", daemon=True)
        self._thread.start()
        opened.result()

    def want(self, wanted: Wanted) -> None:
        """Take a newer state; work on an older one ends at its next step."""
        with self._taking:  # so that what is stopped is never the work on this state
            self._wanted.put(wanted)
            self._stop_run()

    def close(self) -> bool:
        """End the work and the thread; return whether it has ended, which a query of a server may keep it from."""
        self._wanted.close()
        self._stop_run()
        if self._thread is None:
            return True
        self._thread.join(timeout=PATIENCE_SECONDS)
        return not self._thread.is_alive()

    def _stop_run(self) -> None:
        live = self._live
        if live is not None:
            live.stop()

    def _run(self, last: Wanted, opened: Future[None]) -> None:
        """Open the data, and again whenever they have changed; errors of the first time are those of `opened`."""
        while not self._wanted.is_closed:
            try:
                with live_source(self._data, last.state.recipe) as live:
                    self._live, self._panel, self._refined = live, None, ""
                    self._looked.clear()
                    self._shown.clear()
                    if not opened.done():
                        opened.set_result(None)
                    last = self._serve(live, last)
            except BaseException as error:
                if not opened.done():
                    opened.set_exception(error)
                    return
                if not isinstance(error, SegmentryError):
                    raise
                last = self._take() or last
                self._events.problem(last.turn, str(error))
                self._wanted.wait(LOOK_SECONDS)
                self._wanted.put_back(last)
            finally:
                self._live = None

    def _take(self) -> Wanted | None:
        with self._taking:
            if self._live is not None:
                self._live.resume()
            return self._wanted.take()

    def _serve(self, live: LiveSource, last: Wanted) -> Wanted:
        """Work on one state after the other until the data change or the end comes; return the last state."""
        while not self._wanted.is_closed:
            if live.has_changed():
                self._events.changed()
                return last
            if self._wanted.wait(LOOK_SECONDS):
                last = self._take() or last
                if not live.has_changed():
                    self._work(live, last)
        return last

    def _work(self, live: LiveSource, wanted: Wanted) -> None:
        turn, recipe = wanted.turn, wanted.state.recipe

        def say(text: str) -> None:
            self._go_on()
            self._events.say(turn, text)

        try:
            with writing_in(recipe.locale):
                self._stages(live, wanted, say)
        except UnwantedError:
            return
        except SegmentryError as error:
            if not self._wanted.has_come:  # else a query may have been ended for that
                self._events.problem(turn, str(error))
        except Exception as error:
            if self._wanted.has_come:
                return
            logging.getLogger(__name__).exception("a state could not be worked out")
            self._events.problem(turn, DEFECT.format(what=type(error).__name__))

    def _stages(self, live: LiveSource, wanted: Wanted, say: Callable[[str], None]) -> None:
        turn, state = wanted.turn, wanted.state
        if state.saved_text in self._shown:
            self._show_again(live, wanted, self._shown[state.saved_text])
            return
        say("Reading the table")
        counted = live.counted(state.recipe, may_read=self._panel is None)
        if counted is not None:  # the panel and the sizes come before the outcomes are read
            self._show_panel(turn, state, *counted)
            self._show_segments(live, turn, counted[0], self._show_sizes)
            self._go_on()
        customers, fine = live.quick_customers(state.recipe)
        self._show_panel(turn, state, customers, counted[1] if fine is None and counted else fine)
        partition = self._show_segments(live, turn, customers, self._show_glance)
        if partition is not None:
            say("Profiling the segments")
            look = compose(first_look(customers, partition))
            self._events.first(turn, look_part(look.facts, look.figures))
        shown = time.monotonic()
        if partition is not None and not live.ends_queries:  # else a move ends the reading at once
            self._wait_idle()
        say("Reading the table")
        customers = live.customers(state.recipe)
        if partition is not None:
            self._wait_idle(max(shown + IDLE_SECONDS - time.monotonic(), 0.0))
        result = live.whole_run(customers, say)
        if live.has_changed():
            raise UnwantedError
        say("Drawing the report")
        self._show_whole(turn, state, Whole(_page(result), result, live.fit))
        read_ahead(state.text)
        self._compare(live, turn, result)
        if fine is None:
            self._refine(live, wanted)
        self._look(live, state)
        self._survive(live, turn, result)

    def _show_whole(self, turn: int, state: State, whole: Whole) -> None:
        """Show a whole report, and keep it for whoever comes back to its recipe."""
        self._n_segments = len(whole.result.segments)
        self._events.sizes(turn, Sizes(tuple(s.share for s in whole.result.segments)))
        self._events.whole(turn, whole)
        self._shown[state.saved_text] = whole
        self._shown.move_to_end(state.saved_text)
        while len(self._shown) > MOST_SHOWN:
            self._shown.popitem(last=False)

    def _show_again(self, live: LiveSource, wanted: Wanted, whole: Whole) -> None:
        """Show the report of a recipe that was shown before: nothing is worked out but the panel."""
        turn, state = wanted.turn, wanted.state
        self._show_whole(turn, state, whole)
        live.fit = whole.fit
        customers, fine = live.quick_customers(state.recipe)
        self._show_panel(turn, state, customers, fine)
        self._compare(live, turn, whole.result)
        if fine is None:
            self._refine(live, wanted)
        self._look(live, state)
        self._survive(live, turn, whole.result)

    def _show_segments(
        self, live: LiveSource, turn: int, customers: Customers, show: Show
    ) -> Partition | None:
        """Show as many segments as are shown, or asked for; return them, None where no number is known.

        Those before, as they go on here, are shown at once, and then those that a search finds, if they look otherwise.
        """
        asked = customers.recipe.model.segments
        k = asked if isinstance(asked, int) else min(self._n_segments, customers.patterns.n_patterns)
        if k < 2 or not self._n_segments:
            return None
        self._go_on()
        carried = live.carried_on(customers, k)
        if carried is not None:
            show(turn, customers, carried, is_searched=False)
            self._go_on()
        live.begin(customers)
        self._events.say(turn, f"Fitting {k} segments")
        found = live.fitted(customers, k)
        is_shown = carried is not None and looks_alike(carried, found, customers.patterns)
        (self._show_sizes if is_shown else show)(turn, customers, found)
        self._go_on()
        return found

    def _show_sizes(
        self, turn: int, customers: Customers, partition: Partition, *, is_searched: bool = True
    ) -> None:
        patterns = customers.patterns
        weights = np.bincount(partition.labels, patterns.sample_weight, minlength=partition.choice.k)
        shares = tuple((weights / weights.sum()).tolist())  # as `Segment.share` has them
        self._events.sizes(turn, Sizes(shares, is_searched))

    def _show_glance(
        self, turn: int, customers: Customers, partition: Partition, *, is_searched: bool = True
    ) -> None:
        self._show_sizes(turn, customers, partition, is_searched=is_searched)
        self._events.glance(turn, glance_part(at_a_glance(customers, partition)))

    def _survive(self, live: LiveSource, turn: int, result: Segmentation) -> None:
        """Find out how much of the segments other states have that were tried, once the analyst pauses."""
        tried = self._events.tried(result)
        if len(result.segments) < 2 or not tried:
            return
        self._wait_idle(PAUSE_SECONDS)
        found = []
        for one in tried:
            self._go_on()
            with suppress(SegmentryError):  # not of the same levels
                found.append(Survived.of(one, live.moved(one.result, result, may_read=False)))
        self._events.survived(turn, result, tuple(found))

    def _compare(self, live: LiveSource, turn: int, result: Segmentation) -> None:
        """Find out who has moved since the segments that are pinned, if any are."""
        pinned = self._events.pinned()
        if pinned is None or self._wanted.has_come:
            return
        try:
            self._events.compared(turn, live.moved(pinned, result))
        except SegmentryError as error:
            self._go_on()
            self._events.compared(turn, str(error))

    def _go_on(self) -> None:
        """Raise UnwantedError where a newer state has come."""
        if self._wanted.has_come:
            raise UnwantedError

    def _refine(self, live: LiveSource, wanted: Wanted) -> None:
        """Collect finer levels while nothing else is asked for, so that the next moves need not read the table."""
        state = wanted.state
        if (
            self._wanted.has_come
            or state.text == self._refined
            or not live.refine([state.whole, state.recipe], self._go_on)
        ):
            return
        self._refined = state.text
        customers, fine = live.quick_customers(state.recipe)
        if not self._wanted.has_come:
            self._show_panel(wanted.turn, state, customers, fine)

    def _look(self, live: LiveSource, state: State) -> None:
        """Look once at what else is in the table, while nothing is asked for: its columns, and what is wrong with it."""
        self._go_on()
        if "columns" not in self._looked:
            offers = live.offers(state.recipe, self._go_on)
            self._go_on()
            self._events.offers(offers)
            self._looked.add("columns")
        if "findings" not in self._looked:
            findings = live.findings(state.recipe, self._go_on)
            self._go_on()
            self._events.findings(findings)
            self._looked.add("findings")

    def _show_panel(self, turn: int, state: State, customers: Customers, fine: PatternTable | None) -> None:
        self._panel = panel_of(state, customers.recipe, customers.patterns, fine, self._panel)
        self._events.panel(turn, self._panel)

    def _wait_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Wait a moment, in which a further move ends the work."""
        if self._wanted.wait(seconds):
            raise UnwantedError


def _page(result: Segmentation) -> str:
    report = compose(result)
    return report_page(report.facts, report.figures, is_framed=True)
