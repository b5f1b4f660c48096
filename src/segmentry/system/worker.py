"""A second process that runs functions of segmentry; it exchanges plain values and arrays, and no pickle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from queue import SimpleQueue
from threading import Lock, Thread
from typing import IO, Any, Self

from segmentry.system.ending import helpers
from segmentry.system.progress import UnwantedError

_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # what `process_group` is on Windows


@dataclass(frozen=True)
class Parcel:
    """Values sent to the process or back: plain values, as JSON has them, and arrays by name."""

    values: dict[str, Any]
    arrays: dict[str, Any] = field(default_factory=dict)

    def send(self, stream: IO[bytes], **head: str | int) -> None:
        """Write the parcel to a stream: a line of JSON, then the arrays."""
        packed = BytesIO()
        if self.arrays:
            import numpy as np

            np.savez(packed, **self.arrays)
        line = {**head, "values": self.values, "n_bytes": packed.tell()}
        stream.write(json.dumps(line, default=_as_list).encode() + b"\n")
        stream.write(packed.getbuffer())  # no copy: an array may be as large as the memory allows
        stream.flush()

    @classmethod
    def received(cls, line: bytes, stream: IO[bytes]) -> Self:
        """Read a parcel whose first line has been read."""
        head = json.loads(line)
        packed = stream.read(head["n_bytes"])
        if not packed:
            return cls(head["values"])
        import numpy as np

        with np.load(BytesIO(packed), allow_pickle=False) as arrays:
            return cls(head["values"], dict(arrays))


def _as_list(value: Any) -> Any:
    return value.tolist()  # arrays and numbers of numpy among the values


Function = Callable[[Parcel], Parcel]


class WorkerProcess:
    """A process that starts at once and runs one function after the other.

    A context manager: leaving it ends the process, whatever it is doing. The process runs this interpreter with this
    process's libraries, and imports nothing from the current folder. An interrupt from the keyboard does not reach it.

    Parameters
    ----------
    *modules
        Modules that the process imports before the first function is called.
    """

    def __init__(self, *modules: str) -> None:
        path = os.pathsep.join(str(path) for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603 - this package, by this interpreter
            [sys.executable, "-P", "-m", __name__, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            process_group=0,
            creationflags=_OWN_GROUP,
        )
        helpers.add(self._process)
        self._talk = ThreadPoolExecutor(1)
        self._lock, self._sending = Lock(), Lock()
        self._n_asked = 0
        self._open: dict[int, Future[Parcel]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.shutdown(wait=False, cancel_futures=True)
        for future in list(self._open.values()):
            future.cancel()
        self.end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # nobody reads what is left
                    pipe.close()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Exit code of the process; None while it runs."""
        return self._process.poll()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def drop(self) -> None:
        """Give up all that was asked, because nobody wants the answers any more: futures raise `UnwantedError` at once.

        The process ends what it is at where Python can, and goes on with what is asked next.
        """
        with self._lock:
            last, unwanted = self._n_asked, list(self._open.values())
            for future in unwanted:
                if not future.done():
                    future.set_exception(UnwantedError())
        if unwanted and self._process.stdin is not None:
            with suppress(OSError, ValueError), self._sending:
                Parcel({}).send(self._process.stdin, drop=last)

    def submit(self, function: Function, parcel: Parcel) -> Future[Parcel]:
        """Have the process call a module's function with a parcel; the future holds what it returns.

        It can be cancelled until its turn has come. It raises `WorkerEndedError` where the process ended before it answered.
        """
        future: Future[Parcel] = Future()
        with self._lock:
            self._n_asked += 1
            number = self._n_asked
            self._open[number] = future
        name = f"{function.__module__}:{function.__qualname__}"
        self._talk.submit(self._answer, number, name, parcel)
        return future

    def _answer(self, number: int, function: str, parcel: Parcel) -> None:
        """Fill the future of a number, unless it was cancelled or given up meanwhile."""
        future = self._open[number]
        try:
            with self._lock:
                if future.done() or not future.set_running_or_notify_cancel():
                    return
            found = self._ask(number, function, parcel)
            with self._lock:
                if not future.done():
                    future.set_result(found)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
            with self._lock:
                if not future.done():
                    future.set_exception(error)
        finally:
            del self._open[number]

    def _ask(self, number: int, function: str, parcel: Parcel) -> Parcel:
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None and received is not None  # noqa: S101, PT018 - for the type checker
        with suppress(OSError):
            with self._sending:
                parcel.send(sent, function=function, number=number)
            if line := received.readline():
                return Parcel.received(line, received)
        raise WorkerEndedError(self._process.wait())


class WorkerEndedError(RuntimeError):
    """The process ended before it answered, with an exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"ended with {exit_code}")


_begun: dict[tuple[str, ...], WorkerProcess] = {}


@contextmanager
def begun(*modules: str) -> Iterator[None]:
    """Start a process before it is asked for, so that it imports `modules` while this one imports what asks: `worker_process` hands it over."""
    if can_start():
        _begun[modules] = WorkerProcess(*modules)
    try:
        yield
    finally:
        left = _begun.pop(modules, None)
        if left is not None:
            left.__exit__()


def worker_process(*modules: str) -> WorkerProcess:
    """Return a process that imports `modules`: the one that has begun, or a new one."""
    return _begun.pop(modules, None) or WorkerProcess(*modules)


def can_start() -> bool:
    """Whether there is an interpreter to start; there is none where Python is part of another program."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


class _DroppedError(BaseException):
    """What the process is at is not wanted any more."""


@dataclass
class _Calls:
    """The calls of the process in their turn: the number of the one that it is at, 0 of none, and the last that was given up."""

    queue: SimpleQueue[tuple[int, str, Parcel]] = field(default_factory=SimpleQueue)
    current: int = 0
    dropped: int = 0

    def read(self, received: IO[bytes]) -> None:
        """Read calls; at the end of the stream nobody waits for an answer, and the process ends, whatever it is doing."""
        for line in received:
            head, parcel = json.loads(line), Parcel.received(line, received)
            if "drop" in head:
                self.dropped = head["drop"]
                interrupt_main(signal.SIGINT)
            else:
                self.queue.put((head["number"], head["function"], parcel))
        os._exit(0)

    def interrupted(self, *_: object) -> None:
        """End the call that the process is at, if it was given up; Python calls this between two steps of that call."""
        if 0 < self.current <= self.dropped:
            self.current = 0
            raise _DroppedError

    def answer(self) -> Parcel:
        """Wait for the next call, and return what its function returns; nothing of one that was given up."""
        number, name, parcel = self.queue.get()
        module, _, function = name.partition(":")
        try:
            self.current = number
            self.interrupted()
            found: Parcel = getattr(import_module(module), function)(parcel)
            self.current = 0
        except _DroppedError:
            return Parcel({})
        return found


def _serve(received: IO[bytes], sent: IO[bytes]) -> None:
    """Call the functions that come in, one after the other, and send what they return."""
    calls = _Calls()
    signal.signal(signal.SIGINT, calls.interrupted)
    Thread(target=calls.read, args=(received,), daemon=True).start()
    for module in sys.argv[1:]:
        import_module(module)
    while True:
        calls.answer().send(sent)


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # so that prints of libraries do not mix with answers
    _serve(sys.stdin.buffer, answers.buffer)
