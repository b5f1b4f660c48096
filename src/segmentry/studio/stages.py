"""The thread that works: collect, a first look, the whole run. The newest state wins, and older work ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any

from segmentry.errors import SegmentryError
from segmentry.patterns import PatternTable
from segmentry.report import compose
from segmentry.report.page import report_page
from segmentry.runs.live import LiveSource, live_source
from segmentry.runs.sources import Customers
from segmentry.segmentation import Segmentation
from segmentry.studio.panel import Panel, panel_of
from segmentry.studio.state import State
from segmentry.system.progress import UnwantedError
from segmentry.text.locales import writing_in

IDLE_SECONDS = 0.25
"""So long after a first look the whole run begins, unless a further move comes."""
PATIENCE_SECONDS = 3.0
"""So long the end waits for the work."""
DEFECT = "segmentry made a mistake with this recipe ({what}); undo the last move, and please report it"


@dataclass(frozen=True)
class Wanted:
    """A state, and the number of the move that led to it."""

    turn: int
    state: State


@dataclass(frozen=True)
class Events:
    """Functions that are called with what was found, each with the turn that it belongs to."""

    say: Callable[[int, str], None]
    panel: Callable[[int, Panel], None]
    first: Callable[[int, str], None]
    whole: Callable[[int, str, Segmentation], None]
    problem: Callable[[int, str], None]


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
        self._changed = Condition()
        self._wanted: Wanted | None = None
        self._is_closed = False
        self._live: LiveSource | None = None
        self._panel: Panel | None = None
        self._n_segments = 0
        self._refined = ""
        self._opened: Future[None] = Future()
        self._thread = Thread(target=self._run, name="studio", daemon=True)

    def open(self, first: Wanted) -> None:
        """Open the data and begin with a state.

        Raises
        ------
        SegmentryError
            The data cannot be read.
        """
        self._wanted = first
        self._thread.start()
        self._opened.result()

    def want(self, wanted: Wanted) -> None:
        """Take a newer state; work on an older one ends at its next step."""
        with self._changed:
            self._wanted = wanted
            self._changed.notify_all()
        self._stop_worker()

    def close(self) -> bool:
        """End the work and the thread; return whether it has ended, which a query may keep it from."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._stop_worker()
        self._thread.join(timeout=PATIENCE_SECONDS)
        return not self._thread.is_alive()

    def _stop_worker(self) -> None:
        live = self._live
        if live is not None:
            live.stop()

    def _run(self) -> None:
        assert self._wanted is not None  # noqa: S101 - `open` gave it one
        try:
            with live_source(self._data, self._wanted.state.recipe) as live:
                self._live = live
                self._opened.set_result(None)
                while (wanted := self._next()) is not None:
                    self._work(live, wanted)
        except BaseException as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)
        finally:
            self._live = None

    def _next(self) -> Wanted | None:
        """Wait for a state that was not worked on; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted is not None or self._is_closed)
            wanted, self._wanted = self._wanted, None
            return None if self._is_closed else wanted

    def _is_old(self) -> bool:
        return self._wanted is not None or self._is_closed

    def _work(self, live: LiveSource, wanted: Wanted) -> None:
        turn, recipe = wanted.turn, wanted.state.recipe

        def say(text: str) -> None:
            if self._is_old():
                raise UnwantedError
            self._events.say(turn, text)

        try:
            with writing_in(recipe.locale):
                self._stages(live, wanted, say)
        except UnwantedError:
            return
        except SegmentryError as error:
            self._events.problem(turn, str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("a state could not be worked out")
            self._events.problem(turn, DEFECT.format(what=type(error).__name__))

    def _stages(self, live: LiveSource, wanted: Wanted, say: Callable[[str], None]) -> None:
        turn, state = wanted.turn, wanted.state
        say("Reading the table")
        customers, fine = live.quick_customers(state.recipe)
        self._show_panel(turn, state, customers, fine)
        asked = state.recipe.model.segments
        k = asked if isinstance(asked, int) else min(self._n_segments, customers.patterns.n_patterns)
        if k > 1 and self._n_segments:
            say(f"Fitting {k} segments")
            look = live.first_look(customers, k)
            say("Drawing the segments")
            self._events.first(turn, _page(look))
            self._wait_idle()
        say("Reading the table")
        result = live.whole_run(live.customers(state.recipe), say)
        say("Drawing the report")
        self._n_segments = len(result.segments)
        self._events.whole(turn, _page(result), result)
        if fine is None:
            self._refine(live, wanted)

    def _refine(self, live: LiveSource, wanted: Wanted) -> None:
        """Collect finer levels while nothing else is asked for, so that the next moves need not read the table."""
        state = wanted.state
        if self._is_old() or state.text == self._refined or not live.refine([state.whole, state.recipe]):
            return
        self._refined = state.text
        customers, fine = live.quick_customers(state.recipe)
        if not self._is_old():
            self._show_panel(wanted.turn, state, customers, fine)

    def _show_panel(self, turn: int, state: State, customers: Customers, fine: PatternTable | None) -> None:
        self._panel = panel_of(state, customers.recipe, customers.patterns, fine, self._panel)
        self._events.panel(turn, self._panel)

    def _wait_idle(self) -> None:
        """Wait a moment, in which a further move ends the work."""
        with self._changed:
            if self._changed.wait_for(self._is_old, timeout=IDLE_SECONDS):
                raise UnwantedError


def _page(result: Segmentation) -> str:
    report = compose(result)
    return report_page(report.facts, report.figures)
