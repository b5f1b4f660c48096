"""A second process that runs functions of segmentry; it exchanges plain values and arrays, and no pickle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, Self

from segmentry.system.ending import helpers
from segmentry.system.progress import UnwantedError

_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # what `process_group` is on Windows


@dataclass(frozen=True)
class Parcel:
    """Values sent to the process or back: plain values, as JSON has them, and arrays by name."""

    values: dict[str, Any]
    arrays: dict[str, Any] = field(default_factory=dict)

    def send(self, stream: IO[bytes], **head: str) -> None:
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
        self._is_unwanted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.shutdown(wait=False, cancel_futures=True)
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

    def stop(self) -> None:
        """End the process because nobody wants its answers any more: futures that wait for one raise `UnwantedError`."""
        self._is_unwanted = True
        self.end()

    def submit(self, function: Function, parcel: Parcel) -> Future[Parcel]:
        """Have the process call a module's function with a parcel; the future holds what it returns.

        The future raises `WorkerEndedError` where the process ended before it answered.
        """
        return self._talk.submit(self._ask, f"{function.__module__}:{function.__qualname__}", parcel)

    def _ask(self, function: str, parcel: Parcel) -> Parcel:
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None and received is not None  # noqa: S101, PT018 - for the type checker
        with suppress(OSError):
            parcel.send(sent, function=function)
            if line := received.readline():
                return Parcel.received(line, received)
        if self._is_unwanted:
            raise UnwantedError
        raise WorkerEndedError(self._process.wait())


class WorkerEndedError(RuntimeError):
    """The process ended before it answered, with an exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"ended with {exit_code}")


def can_start() -> bool:
    """Whether there is an interpreter to start; there is none where Python is part of another program."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def _serve(received: IO[bytes], sent: IO[bytes]) -> None:
    """Call the functions that come in, one after the other, and send what they return."""
    calls: SimpleQueue[tuple[str, Parcel]] = SimpleQueue()
    Thread(target=_read, args=(received, calls), daemon=True).start()
    for module in sys.argv[1:]:
        import_module(module)
    while True:
        name, parcel = calls.get()
        module, _, function = name.partition(":")
        getattr(import_module(module), function)(parcel).send(sent)


def _read(received: IO[bytes], calls: SimpleQueue[tuple[str, Parcel]]) -> None:
    """Read calls; at the end of the stream nobody waits for an answer, and the process ends, whatever it is doing."""
    for line in received:
        calls.put((json.loads(line)["function"], Parcel.received(line, received)))
    os._exit(0)


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # so that prints of libraries do not mix with answers
    _serve(sys.stdin.buffer, answers.buffer)
