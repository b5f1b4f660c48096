"""Pictures of the charts, made by a process of their own while the run goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Self

from segmentry.system.processes import end, start

PNG_SCALE = 2


def save_png(svg: Path) -> None:
    """Put the PNG of an SVG file beside it, if it is not there yet."""
    import vl_convert

    target = svg.with_suffix(".png")
    if target.exists():
        return
    picture = vl_convert.svg_to_png(svg.read_text(encoding="utf-8"), scale=PNG_SCALE)
    unfinished = target.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(picture)
    unfinished.replace(target)


def file_name(name: str) -> str:
    """A chart's name as a file name: letters, digits, - and _ alone.

    Examples
    --------
    >>> file_name("outcomes_a/b c")
    'outcomes_a_b_c'
    """
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)


class Drawer:
    """A process that makes pictures of drawings; it loads what it needs at once, before there are any.

    The engine that makes pictures holds the interpreter's lock, so that a thread would not do. A context
    manager: leaving it ends the process, whatever it is at.
    """

    def __init__(self) -> None:
        self._drawn: dict[Path, str] = {}
        self._process = start(__name__, stdin=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)

    def draw(self, drawings: dict[str, str], folder: Path) -> None:
        """Write drawings as SVG files into `folder`, which exists, and have pictures made of those that are new."""
        paths = {folder / f"{file_name(name)}.svg": text for name, text in drawings.items()}
        new = {path: text for path, text in paths.items() if self._drawn.get(path) != text}
        for path, text in new.items():
            path.write_text(text, encoding="utf-8")
            path.with_suffix(".png").unlink(missing_ok=True)
        self._drawn.update(new)
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        self._process.stdin.write(json.dumps([str(p) for p in new]).encode() + b"\n")
        self._process.stdin.flush()

    def finish(self) -> None:
        """Help with the pictures, from the last to the first, until those of the process meet.

        Raises
        ------
        RuntimeError
            The process failed.
        """
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        self._process.stdin.close()
        for path in reversed(self._drawn):
            save_png(path)
        if self._process.wait():
            raise RuntimeError("the process that makes the pictures failed; its last words stand above")


def _serve() -> None:
    """Get ready, then make pictures of the drawings whose paths come on standard input."""
    import vl_convert

    vl_convert.svg_to_png(_REHEARSAL)
    for line in sys.stdin.buffer:
        for path in json.loads(line):
            save_png(Path(path))
    os._exit(0)  # the engine takes its time to end


_REHEARSAL = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">a</text></svg>'
"""The first picture looks for the machine's fonts."""


if __name__ == "__main__":
    _serve()
