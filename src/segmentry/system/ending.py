"""Ends by a signal: what is not finished is cleared, helpers end too, and nobody waits for a query that goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, current_thread, main_thread
from typing import Any
from weakref import WeakSet

from segmentry.system.owned_folders import remove_all

PATIENCE = 0.6
"""Seconds after a signal in which the work may end by itself."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
helpers: WeakSet[subprocess.Popen[Any]] = WeakSet()
"""Processes that end with this one."""
_held = 0
_waiting: int | None = None


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End with 130 on an interrupt and with 143 on SIGTERM, within a second; helpers end with this process."""
    if current_thread() is not main_thread():
        yield
        return
    read, write = socket.socketpair()
    write.setblocking(False)
    Thread(target=_watch, args=(read,), daemon=True).start()
    before = [signal.signal(number, _end) for number in _SIGNALS]
    woken = signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
        write.close()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let signals wait while files take their places."""
    global _held, _waiting  # noqa: PLW0603 - the handler of a signal has no other memory
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if not _held and _waiting is not None:
            number, _waiting = _waiting, None
            _end(number, None)


def _end(number: int, _: Any) -> None:
    global _waiting  # noqa: PLW0603
    if _held:
        _waiting = number
        return
    raise SystemExit(128 + number)


def _watch(signals: socket.socket) -> None:
    """Wait for a signal, and end the process where its main thread does not, as in a long query."""
    with signals, suppress(OSError):
        while received := signals.recv(1):
            if received[0] in _SIGNALS:
                time.sleep(PATIENCE)
                end_now(128 + received[0], "segmentry: stopped by a signal")


@contextmanager
def left_to_a_server() -> Iterator[None]:
    """Leave signals to a server in the main thread, which ends in its own time; an interrupt is its usual end."""
    woken = signal.set_wakeup_fd(-1)
    try:
        yield
    except SystemExit as ended:  # of the handler, which the server calls after it has ended
        if ended.code != 128 + signal.SIGINT:
            raise
    finally:
        signal.set_wakeup_fd(woken)


def end_now(code: int, said: str = "") -> None:
    """End the process with its helpers, whatever its threads are at."""
    for process in list(helpers):
        with suppress(OSError):
            process.kill()
    remove_all()
    sys.stderr.write(f"{said}\n" if said else "")
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
