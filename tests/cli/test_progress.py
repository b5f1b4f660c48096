"""What a command says while it works, where its output is no terminal."""

from __future__ import annotations

import pytest

from segmentry.cli import progress
from segmentry.cli.progress import ProgressLine


class Clock:
    """Stands in for the clock of `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize("lines", [True, False])
def test_lines_are_written_where_asked_for_and_not_too_often(
    lines: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    with ProgressLine(lines=lines) as say:
        for seconds, text in ((1, "one"), (1, "two"), (1, "three"), (60, "four")):
            clock.now += seconds
            say(text)
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err == ("1 s: one\n3 s: three\n63 s: four\n" if lines else "")
