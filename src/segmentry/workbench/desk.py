"""The studio behind its server: takes moves, keeps the states, and puts what was found on the board."""

from __future__ import annotations

import re
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from segmentry.drafting.offers import ColumnOffer
from segmentry.errors import DataError
from segmentry.recipe import METHODS
from segmentry.runs.cleaning_offers import CleaningOffer
from segmentry.runs.moved import Moved
from segmentry.segmentation import Segmentation
from segmentry.system.whole_files import write_text
from segmentry.text.numbers import count
from segmentry.workbench.board import Board
from segmentry.workbench.changes import Found
from segmentry.workbench.cleaning import offers_shown, steps_shown
from segmentry.workbench.columns import columns_shown, offers_of
from segmentry.workbench.comparing import Comparison, Settled, curve_shown
from segmentry.workbench.exporting import Exports
from segmentry.workbench.moves import after_move, read_move
from segmentry.workbench.naming import named_segments
from segmentry.workbench.opening import Opened
from segmentry.workbench.panel import Panel
from segmentry.workbench.saving import restored_history, save_history
from segmentry.workbench.stages import Events, Sizes, Stages, Wanted, Whole
from segmentry.workbench.state import State
from segmentry.workbench.survival import Survived, Tried, survival_shown
from segmentry.workbench.tabs import Tabs

MOST_PAGES = 4
NAME = re.compile(r"[^\W_][\w .()+-]{0,60}")
"""Names of files that Save and Export take."""
RESTORED = "The states of the last session are here again; undo leads back to them."
CHANGED = "The data have changed; they are read again."
SAVED = "Recipe saved: {path}"
NOT_PINNED = "Not pinned as A: the recipe was changed before its segments were worked out."
NO_PIN = "Not pinned as A: these segments cannot be worked out."


class Desk:
    """Takes what pages ask, one after the other, and tells all pages what came of it through the board.

    Parameters
    ----------
    opened
        Data and recipe.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened, self.board = opened, Board()
        self._lock = Lock()
        restored = restored_history(opened.autosave, opened.start)
        self._history = restored.history
        self._turn = 1
        self._tabs = Tabs()
        self._panel: Panel | None = None
        self._pages: OrderedDict[str, str] = OrderedDict()
        self._offers = offers_of(opened.start.whole, ())
        self._cleaning: tuple[CleaningOffer, ...] = ()
        self._settled: Settled | None = None
        self._comparison = Comparison()
        self._failed = 0
        self._tried = Tried()
        self._verdicts: dict[str, str] = {}
        self._saved = {opened.start.text}
        self._exports = Exports(opened.data, self._notice)
        self._notice(RESTORED if restored.is_restored else restored.said or opened.note)
        self._stages = Stages(
            opened.data,
            Events(
                self._say,
                self._put_panel,
                self._put_sizes,
                self._put_glance,
                self._put_first,
                self._put_whole,
                self._put_problem,
                self._read_again,
                self._put_offers,
                self._put_findings,
                self._pinned,
                self._put_compared,
                self._tried.others,
                self._put_survived,
            ),
        )

    def open(self) -> None:
        """Read the data and begin.

        Raises
        ------
        SegmentryError
            The data cannot be read.
        """
        self._put_state()
        self._put_columns()
        self._stages.open(Wanted(self._turn, self._history.now))

    def close(self) -> bool:
        """End all work, and return whether it has ended; the states are saved already."""
        return self._stages.close() and not self._exports.is_busy

    @property
    def now(self) -> State:
        """The state that is shown."""
        return self._history.now

    def page(self, stage: str, turn: str) -> str | None:
        """Return the report's page of a stage (``first`` or ``whole``) and a turn; None where it is gone."""
        return self._pages.get(f"{stage}-{turn}")

    def move(self, content: Any) -> int:
        """Make a move that a page asks for; return the number of the turn.

        Parameters
        ----------
        content
            ``tab`` (text), ``n`` (number of the tab's moves so far), ``gesture`` (text, equal for moves that are one step), ``move``.

        Raises
        ------
        SegmentryError
            The move cannot be made, or is older than one that the tab has made.
        """
        tab, n, gesture = _text(content, "tab"), content.get("n"), _text(content, "gesture")
        move = read_move(content.get("move"))
        with self._lock:
            known = self._tabs.of(tab)
            if not isinstance(n, int) or n <= known.last:
                raise DataError("is older than one that was made", source="move")
            goes_on = bool(gesture) and gesture == known.gesture
            found = Found(self._panel.found if self._panel is not None else {}, self._offers, self._cleaning)
            history = after_move(self._history, move, found, replaces=goes_on)
            known.last = n
            self._tabs.goes_on(known, gesture)
            if history == self._history:
                return self._turn
            self._history = history
            self._turn += 1
            self._unpin_late(NOT_PINNED)
            wanted = Wanted(self._turn, history.now)
            self._put_state()
            self._stages.want(wanted)
            self._put_columns()
            self._keep()
            return wanted.turn

    def save(self, name: str) -> str:
        """Write the recipe that is shown to a file; return its path.

        Raises
        ------
        DataError
            The file holds something else: it was changed elsewhere; or it cannot be written.
        """
        path = self._beside(name, self.opened.recipe_file)
        with self._lock:
            state = self._history.now
            if not self._is_own(path):
                raise DataError("holds another recipe", source=path, hint="save under another name")
            write_text(state.saved_text, path)
            self._saved.add(state.saved_text)
        self._notice(SAVED.format(path=path))
        return str(path)

    def pin(self, *, is_on: bool) -> None:
        """Pin the segments that are shown, as those that later ones are compared with; or take the pin out.

        Where they are not worked out yet they are pinned once they are, unless a move comes before.

        Raises
        ------
        DataError
            They cannot be worked out.
        """
        with self._lock:
            if is_on and self._failed == self._turn:
                raise DataError(
                    "these segments cannot be worked out", source="Compare", hint="undo leads out"
                )
            if is_on:
                self._comparison.pin(self._turn, self._shown())
            else:
                self._comparison.unpin()
            self.board.put(compare=self._comparison.shown())

    def _unpin_late(self, text: str) -> None:
        """Give up a pin that waits for its segments. The caller holds the lock."""
        if self._comparison.give_up():
            self.board.put(compare=self._comparison.shown())
            self._notice(text)

    def _is_own(self, path: Path) -> bool:
        """Whether Save may write there: no file, or the recipe as it was opened, or that of a state."""
        if path.is_symlink() and not path.exists():
            return False
        if not path.is_file():
            return True
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            return False
        return text in {state.saved_text for state in self._history.states} | self._saved

    def export(self, name: str, *, csv: bool = False) -> str:
        """Write all files of `run` for the recipe that is shown into a folder; return its path at once.

        Where its report is shown, its segments are not fitted again. With `csv` the list of all customers is there as CSV, too.

        Raises
        ------
        DataError
            Files are being written already.
        """
        folder = self._beside(name, self.opened.export_folder)
        with self._lock:
            state, shown = self._history.now, self._shown()
        self._exports.write_files(state.recipe, None if shown is None else shown.fit, folder, csv=csv)
        return str(folder)

    def list_customers(self, segments: Any) -> str:
        """Write the customers of some of the segments that are shown as CSV, beside the data; return the path at once.

        Raises
        ------
        DataError
            The segments are not worked out yet, there are no customers to list, or files are being written already.
        """
        with self._lock:
            shown = self._shown()
        if shown is None:
            raise DataError(
                "these segments are not worked out yet", source="list", hint="wait for the report"
            )
        return str(self._exports.write_list(shown, segments, self.opened.export_folder))

    def _shown(self) -> Settled | None:
        """Return the state that is shown with its segments; None where they are not worked out. The caller holds the lock."""
        settled = self._settled
        return settled if settled is not None and settled.turn == self._turn else None

    def _keep(self) -> None:
        """Write the states beside the data; where that is not possible, say so and go on."""
        if self.opened.autosave is None:
            return
        try:
            save_history(self._history, self.opened.autosave, self.opened.origin)
        except DataError as error:
            self._notice(f"The states are not kept: {error}")

    def _beside(self, name: str, usual: Path) -> Path:
        """Return where to write: the usual place, or another name in its folder."""
        if not name:
            return usual
        if not NAME.fullmatch(name) or Path(name).name != name:
            raise DataError(
                "is no name of a file: letters, digits, spaces, dots and dashes make one, and a letter or a digit begins it",
                source=repr(name),
                hint=f"it is written into {usual.parent}",
            )
        return usual.parent / name

    def _put_state(self) -> None:
        """Tell the pages which state is shown. The caller holds the lock."""
        history, recipe = self._history, self._history.now.recipe
        self.board.put(
            state={
                "turn": self._turn,
                "can_undo": history.can_undo,
                "can_redo": history.can_redo,
                "position": history.position,
                "tried": [
                    {"what": s.what, "verdict": self._verdicts.get(s.saved_text, "")} for s in history.states
                ],
                "segments": recipe.model.segments,
                "method": recipe.model.method,
                "methods": METHODS,
                "off": history.now.off,
                "data": self.opened.name,
                "recipe_file": str(self.opened.recipe_file),
                "export_folder": str(self.opened.export_folder),
                "no_lists": self._exports.no_lists,
            },
            problem=None,
        )

    def _put_columns(self) -> None:
        """Tell the pages what the columns of the table are for. The caller holds the lock."""
        self.board.renew(columns=columns_shown(self._history.now, self._offers))

    def _put_offers(self, offers: tuple[ColumnOffer, ...]) -> None:
        with self._lock:
            self._offers = offers_of(self.opened.start.whole, offers)
            self._put_columns()

    def _put_findings(self, found: tuple[CleaningOffer, ...]) -> None:
        with self._lock:
            self._cleaning = found
        self._put_cleaning()

    def _put_cleaning(self) -> None:
        """Tell the pages the steps of the recipe, with the counts of the newest panel."""
        clean = self._history.now.recipe.clean
        counts = None if self._panel is None else self._panel.cleaning
        self.board.renew(
            cleaning={"steps": steps_shown(clean, counts), "offers": offers_shown(self._cleaning, clean)}
        )

    def _is_old(self, turn: int) -> bool:
        return turn != self._turn

    def _say(self, turn: int, text: str) -> None:
        self.board.put(progress={"turn": turn, "text": text})

    def _put_panel(self, turn: int, panel: Panel) -> None:
        self._panel = panel
        self.board.put(panel={"turn": turn, **panel.shown()})
        self._put_cleaning()

    def _put_sizes(self, turn: int, sizes: Sizes) -> None:
        self.board.put(sizes={"turn": turn, "shares": sizes.shares, "searched": sizes.is_searched})

    def _put_glance(self, turn: int, table: str) -> None:
        self.board.put(glance={"turn": turn, "table": table})

    def _put_first(self, turn: int, page: str) -> None:
        self._put_page("first", turn, page)

    def _put_whole(self, turn: int, whole: Whole) -> None:
        result = whole.result
        with self._lock:
            if not self._is_old(turn):
                self._settled = Settled(turn, self._history.now, result, whole.fit)
                self._tried.add(self._settled)
                if self._comparison.settle(self._settled):
                    self.board.put(compare=self._comparison.shown())
                found = f"{count(len(result.segments))} segments, {result.verdict}"
                self._verdicts[self._history.now.saved_text] = found
                self._put_state()
        self._put_page("whole", turn, whole.page)
        named = named_segments(result, result.recipe)
        self.board.put(
            progress={"turn": turn, "text": ""},
            names={"turn": turn, "segments": named},
            curve={"turn": turn, **curve_shown(result)},
        )

    def _put_compared(self, turn: int, found: Moved | str) -> None:
        with self._lock:
            settled = self._settled
            if settled is not None and settled.turn == turn:
                self._comparison.compare(settled, found)
                self.board.put(compare=self._comparison.shown())

    def _pinned(self) -> Segmentation | None:
        pinned = self._comparison.pinned
        return None if pinned is None else pinned.result

    def _put_survived(self, turn: int, result: Segmentation, found: tuple[Survived, ...]) -> None:
        self.board.put(survival={"turn": turn, **survival_shown(result, found)})

    def _put_page(self, stage: str, turn: int, page: str) -> None:
        self._pages[f"{stage}-{turn}"] = page
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        self.board.put(**{stage: {"turn": turn}})

    def _read_again(self) -> None:
        """Begin anew with the state that is shown, because the data have changed."""
        with self._lock:
            self._turn += 1
            self._tried.forget()
            self._put_state()
            self._stages.want(Wanted(self._turn, self._history.now))
        self._notice(CHANGED)

    def _put_problem(self, turn: int, text: str) -> None:
        with self._lock:
            if not self._is_old(turn):
                self._failed = turn
                self.board.put(problem={"turn": turn, "text": text}, progress={"turn": turn, "text": ""})
                self._unpin_late(NO_PIN)

    def _notice(self, text: str) -> None:
        self.board.put(notice={"text": text})


def _text(content: Any, key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str) or len(value) > 100:
        raise DataError("must be a short text", source=key)
    return value
