"""Charts as SVG and PNG, drawn without a browser; for a run by a process that starts while it computes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from segmentry.segmentation import Segmentation

PNG_SCALE = 2


def svg_of(chart: Any) -> str:
    """Draw an Altair chart as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)))


def draw_all(result: Segmentation, folder: Path) -> Iterator[Path]:
    """Draw every chart of a segmentation as SVG, and give the path of each when it is there."""
    from segmentry.report.charts import charts_of
    from segmentry.report.facts import facts_of

    for name, make in charts_of(result, facts_of(result)).items():
        path = folder / f"{file_name(name)}.svg"
        path.write_text(svg_of(make()), encoding="utf-8")
        yield path


def save_png(svg: Path) -> None:
    """Put the PNG of an SVG file beside it."""
    import vl_convert

    picture = vl_convert.svg_to_png(svg.read_text(encoding="utf-8"), scale=PNG_SCALE)
    svg.with_suffix(".png").write_bytes(picture)


def file_name(name: str) -> str:
    """A chart's name as a file name: letters, digits, - and _ alone.

    Examples
    --------
    >>> file_name("outcomes_a/b c")
    'outcomes_a_b_c'
    """
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)


class Drawer:
    """A process that gets ready to draw at once, and draws a segmentation's charts when it is there.

    Getting ready takes a second, in which the segmentation is computed. A context manager: leaving it ends
    the process, whatever it is at.
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

    def begin(self, result: Segmentation, folder: Path) -> None:
        """Begin to draw every chart into `folder`, which exists."""
        self._folder, self._left = folder, result
        content = replace(result, model=None, queries=()).to_dict()
        self._is_handed_over = content["patterns"] is not None  # else too many, and drawn in `finish`
        if self._is_handed_over:
            job = {"folder": str(folder), "segmentation": content}
            stdin = self._process.stdin
            assert stdin is not None  # noqa: S101 - for the type checker
            stdin.write(json.dumps(job).encode() + b"\n")
            stdin.flush()

    def finish(self) -> None:
        """Wait for the drawings, and make the pictures of them.

        Raises
        ------
        RuntimeError
            The process failed.
        """
        if not self._is_handed_over:
            for path in draw_all(self._left, self._folder):
                save_png(path)
            return
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - for the type checker
        for line in stdout:
            save_png(self._folder / line.decode().strip())
        if self._process.wait():
            raise RuntimeError("the process that draws the charts failed; its last words stand above")


def _serve() -> None:
    """Get ready, wait for a segmentation on standard input, draw."""
    from segmentry.segmentation import Segmentation

    _rehearse()
    job = json.loads(sys.stdin.buffer.readline() or "null")
    if job is not None:
        for path in draw_all(Segmentation.from_dict(job["segmentation"]), Path(job["folder"])):
            sys.stdout.buffer.write(f"{path.name}\n".encode())  # to the process that waits for it
            sys.stdout.buffer.flush()
    os._exit(0)  # the drawing engine takes its time to end


def _rehearse() -> None:
    """Draw something small of every kind: what is slow only the first time is over before the job comes."""
    import altair as alt
    import pandas as pd

    import segmentry.report.charts  # noqa: F401 - so that it is loaded

    data = pd.DataFrame([{"x": 1.0, "row": "a", "number": "1"}])
    colour = alt.Color("number:N", scale=alt.Scale(domain=["1"]), legend=alt.Legend(title=None))
    points = alt.Chart(data).mark_circle().encode(x=alt.X("x:Q", axis=alt.Axis(grid=False)), color=colour)
    rules = alt.Chart(data).mark_rule().encode(x="mean(x):Q", tooltip=[alt.Tooltip("x:Q", format=".1%")])
    chart = (rules + points).facet(row=alt.Row("row:N", header=alt.Header(labelAngle=0)))
    svg_of(chart.configure(font="Arial"))


if __name__ == "__main__":
    _serve()
