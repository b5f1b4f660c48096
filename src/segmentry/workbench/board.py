"""What all pages see: named values that change; a page that was away gets the latest of each, and no older ones."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from segmentry.text.plain_json import json_text


class Board:
    """Named values as JSON, each with the number of the change that put it there. Any thread may call it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._change = 0
        self._parts: dict[str, tuple[int, str]] = {}
        self._listeners: set[Callable[[], None]] = set()

    def put(self, **parts: Any) -> None:
        """Replace values, and tell those who listen."""
        texts = {name: json_text(value) for name, value in parts.items()}
        with self._lock:
            self._change += 1
            self._parts |= {name: (self._change, text) for name, text in texts.items()}
            listeners = list(self._listeners)
        for tell in listeners:
            tell()

    def renew(self, **parts: Any) -> None:
        """Replace those values that are others than before, and tell those who listen if there are any."""
        texts = {name: json_text(value) for name, value in parts.items()}
        with self._lock:
            known = {name: text for name, (_, text) in self._parts.items()}
        changed = {name: value for name, value in parts.items() if known.get(name) != texts[name]}
        if changed:
            self.put(**changed)

    def since(self, change: int) -> tuple[int, list[tuple[str, str]]]:
        """Return the number of the last change, and the values that are newer than a change, by name."""
        with self._lock:
            newer = [(name, text) for name, (number, text) in self._parts.items() if number > change]
            return self._change, newer

    def listen(self, tell: Callable[[], None]) -> Callable[[], int]:
        """Have a function called at each change; return what ends this, and says how many listen still."""
        with self._lock:
            self._listeners.add(tell)

        def leave() -> int:
            with self._lock:
                self._listeners.discard(tell)
                return len(self._listeners)

        return leave
