"""Charts as SVG and PNG, drawn without a browser; for a run by a process that gets ready while it computes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

PNG_SCALE = 2


def svg_of(chart: dict[str, Any]) -> str:
    """Draw a Vega-Lite chart as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(chart))


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
    """A process that gets ready to draw at once, and draws charts when they are there.

    The drawing engine needs most of a second to get ready, in which the segmentation is computed, and it
    holds the interpreter's lock, so that a thread would not do. A context manager: leaving it ends the
    process, whatever it is at.
    """

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(  # noqa: S603 - this module, by this interpreter
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        with self._process:
            pass  # closes the pipes and waits for the end

    def begin(self, charts: dict[str, dict[str, Any]], folder: Path) -> None:
        """Begin to draw every chart into `folder`, which exists."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - for the type checker
        jobs = [(str(folder / f"{file_name(name)}.svg"), chart) for name, chart in charts.items()]
        stdin.write(json.dumps(jobs, allow_nan=False).encode() + b"\n")
        stdin.flush()

    def finish(self) -> None:
        """Wait for the drawings, and help to make the pictures of them: first to last, the process last to first.

        Raises
        ------
        RuntimeError
            The process failed.
        """
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - for the type checker
        for line in stdout:
            save_png(Path(json.loads(line)))
        if self._process.wait():
            raise RuntimeError("the process that draws the charts failed; its last words stand above")


def _serve() -> None:
    """Get ready, wait for charts on standard input, draw, and make pictures until those of the other side meet."""
    svg_of(_REHEARSAL)
    jobs = json.loads(sys.stdin.buffer.readline() or "[]")
    for path, chart in jobs:
        Path(path).write_text(svg_of(chart), encoding="utf-8")
        sys.stdout.buffer.write(json.dumps(path).encode() + b"\n")  # to the process that waits for it
        sys.stdout.buffer.flush()
    for path, _ in reversed(jobs):
        save_png(Path(path))
    os._exit(0)  # the drawing engine takes its time to end


_REHEARSAL: dict[str, Any] = {
    "data": {"values": [{"x": 1, "row": "a"}]},
    "facet": {"row": {"field": "row", "type": "nominal"}},
    "spec": {
        "layer": [
            {"mark": "rule", "encoding": {"x": {"aggregate": "mean", "field": "x", "type": "quantitative"}}},
            {"mark": "circle", "encoding": {"x": {"field": "x", "type": "quantitative"},
                                            "color": {"field": "row", "type": "nominal"}}},
        ]
    },
}  # fmt: skip
"""Something small of every kind: what is slow only the first time is over before the job comes."""


if __name__ == "__main__":
    _serve()
