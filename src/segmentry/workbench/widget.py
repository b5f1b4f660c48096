"""The studio in a notebook: its page in a frame of the notebook's own page, which talks to the desk through the kernel."""

from __future__ import annotations

import atexit
import json
import time
from threading import Lock
from typing import Any

import anywidget
import traitlets

from segmentry.errors import DataError, SegmentryError
from segmentry.pages import page_script
from segmentry.workbench.desk import Desk
from segmentry.workbench.opening import Opened
from segmentry.workbench.pages import PAGE, framed_page


class StudioWidget(anywidget.AnyWidget):
    """A desk with its page. No port is opened: what the page asks comes as messages of the notebook.

    Parameters
    ----------
    opened
        Data and recipe.

    Raises
    ------
    SegmentryError
        The data cannot be read.
    """

    _esm = page_script(PAGE, "widget")
    page = traitlets.Unicode("").tag(sync=True)

    def __init__(self, opened: Opened) -> None:
        desk = Desk(opened)
        try:
            desk.open()
        except BaseException:
            desk.close()
            raise
        super().__init__(page=framed_page(opened))
        self._desk, self._change, self._telling = desk, 0, Lock()
        self._leave = desk.board.listen(self._tell)
        self.on_msg(self._asked)
        atexit.register(self._end)

    @property
    def recipe(self) -> str:
        """Text of the recipe that is shown, as Save would write it."""
        return self._desk.now.saved_text

    def close(self) -> None:
        """End the studio's work, wait for files that are being written, and take its page away."""
        self._leave()
        self._end()
        atexit.unregister(self._end)
        super().close()

    def _end(self) -> None:
        """End the work before Python does: a thread that is in a query or writes files then would abort the process."""
        while not self._desk.close():
            time.sleep(0.05)

    def _tell(self) -> None:
        """Send what is new to all views."""
        with self._telling:
            self._change, newer = self._desk.board.since(self._change)
            for name, text in newer:
                self.send({"event": name, "value": json.loads(text)})

    def _asked(self, _: Any, asked: Any, __: Any) -> None:
        """Answer a message of a view."""
        if not isinstance(asked, dict):
            return
        if asked.get("what") == "listen":
            with self._telling:  # what is being sent just now would count as told to the new view
                self._change = 0
            self._tell()
            return
        content = asked.get("content")
        try:
            answer = self._done(str(asked.get("what")), content if isinstance(content, dict) else {})
        except SegmentryError as error:
            answer = {"problem": str(error)}
        except (ValueError, OverflowError, RecursionError, OSError) as error:
            answer = {"problem": f"cannot be done: {type(error).__name__}"}
        self.send({"id": asked.get("id"), "answer": answer})

    def _done(self, what: str, content: dict[str, Any]) -> dict[str, Any]:
        if what == "report":
            return {"page": self._desk.page(str(content.get("stage")), str(content.get("turn")))}
        if what == "move":
            return {"turn": self._desk.move(content)}
        if what == "pin":
            self._desk.pin(is_on=content.get("on") is True)
            return {}
        if what == "list":
            return {"path": self._desk.list_customers(content.get("segments"))}
        name = content.get("name", "")
        if not isinstance(name, str) or len(name) > 200:
            raise DataError("must be a short text", source="name")
        if what == "save":
            return {"path": self._desk.save(name)}
        if what == "export":
            return {"path": self._desk.export(name, csv=content.get("csv") is True)}
        raise DataError("is nothing that the studio does", source=what)
