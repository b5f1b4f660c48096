"""Commands that are killed at any moment, or run side by side: the earlier output or the new one, and nothing beside it.

A handful are drawn here; ``make soak`` draws more, and other ones (SEGMENTRY_KILLS, SEGMENTRY_FIRST_SEED).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from commands import segmentry
from forked import Ended, Launcher
from mutations import seeds

pytestmark = [
    pytest.mark.usefixtures("few_null_tables"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal"),
]
N_KILLS = int(os.environ.get("SEGMENTRY_KILLS", "6"))
N_PAIRS = int(os.environ.get("SEGMENTRY_PAIRS", "2"))
DIGITS = re.compile(rb"\d+\.\d{12,}")
TIMES = re.compile(rb'"(?:seconds|fingerprint)": [^,}\n]+')
"""How long the queries of a model took, and the seal of the whole."""
FEW = ("--segments", "3", "--analyses", "0")
COMMANDS: dict[str, tuple[str, ...]] = {
    "sample": ("sample", "--rows", "2000", "--seed", "{version}", "-o", "out.parquet", "--overwrite"),
    "collect": ("collect", "{version}.csv", "-r", "households", "-o", "out.parquet"),
    "merge": ("merge", "{version}.parquet", "1.parquet", "-o", "out.parquet"),
    "score to CSV": ("score", "m.json", "{version}.csv", "-o", "out.csv"),
    "score to Parquet": ("score", "m.json", "{version}.csv", "-o", "out.parquet"),
    "sql": ("sql", "m.json", "--table", "t{version}", "-o", "out.sql", "--overwrite"),
    "dbt": ("sql", "m.json", "--table", "t{version}", "--dbt", "out", "--overwrite"),
    "drift": ("drift", "m.json", "{version}.csv", "-o", "out"),
    "audit": ("audit", "{version}.csv", "-o", "out"),
    "init": ("init", "{version}.csv", "-o", "out.toml", "--overwrite"),
    "profile": ("profile", "{version}.csv", "-r", "households", "--segment-column", "Education", "-o", "out"),
    "type": ("type", "m.json", "{version}.csv", "-o", "out"),
    "run": ("run", "{version}.csv", "-r", "households", *FEW, "-o", "out"),
}
"""Commands that write, each in two versions whose outputs differ."""


def arguments(name: str, version: int) -> list[str]:
    return [part.format(version=version) for part in COMMANDS[name]]


@dataclass
class Place:
    """A folder with two tables and a model, in which commands run; what they write is told from what was there."""

    work: Path
    launcher: Launcher
    known: set[str] = field(default_factory=set)
    versions: dict[str, tuple[dict[str, bytes], dict[str, bytes], Ended]] = field(default_factory=dict)

    def outputs(self) -> dict[str, bytes]:
        """What commands wrote, without what differs between two runs: times, and the last digits of sums."""
        files = (p for p in self.work.rglob("*") if p.is_file())
        named = ((p.relative_to(self.work).as_posix(), content_of(p)) for p in files)
        return {name: content for name, content in named if name not in self.known}

    def clear(self) -> None:
        """Remove what commands wrote."""
        for path in self.work.iterdir():
            if path.name not in self.known:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def run(self, name: str, version: int, **killed: Any) -> Ended:
        """Run a command, or kill it on its way; what it says is no traceback."""
        if name == "dbt":
            (self.work / "out").mkdir(exist_ok=True)  # a project has its folder of models
        ended = self.launcher.run(arguments(name, version), self.work, **killed)
        assert "Traceback" not in ended.said, ended.said
        assert ended.code in ((0, 3, 4, -signal.SIGKILL) if killed else (0, 3, 4)), ended.said
        return ended

    def of_both(self, name: str) -> tuple[dict[str, bytes], dict[str, bytes], Ended]:
        """What the two versions of a command write, and how the second ended; the first is there at the end."""
        keep = self.work.parent / f"first of {name}"
        if name not in self.versions:
            self.clear()
            self.run(name, 1)
            old = self.outputs()
            shutil.copytree(self.work, keep, ignore=lambda *_: self.known)
            ended = self.run(name, 2)
            self.versions[name] = old, self.outputs(), ended
            assert old != self.outputs()
        self.clear()
        shutil.copytree(keep, self.work, dirs_exist_ok=True)
        return self.versions[name]

    def of_process(self, name: str, version: int) -> dict[str, bytes]:
        """What a command writes that draws as many null tables as users' do: the launcher's draw few."""
        self.clear()
        if name == "dbt":
            (self.work / "out").mkdir(exist_ok=True)
        assert done(started(self.work, name, version)) in (0, 3, 4)
        return self.outputs()


def content_of(path: Path) -> bytes:
    """The content of a file without the time at which it was made."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return b"".join(book.read(name) for name in book.namelist() if name != "docProps/core.xml")
    return TIMES.sub(b"", DIGITS.sub(rounded, path.read_bytes()))


def rounded(number: re.Match[bytes]) -> bytes:
    return b"%.9f" % float(number[0])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two tables, their patterns, and a model."""
    work = tmp_path_factory.mktemp("kills") / "work"
    work.mkdir()
    for version in (1, 2):
        table = work / f"{version}.csv"
        segmentry("sample", "--rows", 400, "--seed", version, "-o", table)
        segmentry("collect", table, "-r", "households", "-o", table.with_suffix(".parquet"))
    segmentry("run", work / "1.csv", "-r", "households", *FEW, "-o", work / "made")
    (work / "made" / "segmentation.json").rename(work / "m.json")
    shutil.rmtree(work / "made")
    (work.parent / "temporary").mkdir()
    launcher = Launcher(work.parent)
    yield Place(work, launcher, {p.name for p in work.iterdir()})
    launcher.close()


@pytest.fixture(autouse=True)
def _nothing_is_left(place: Place) -> Iterator[None]:
    place.clear()
    yield
    assert list((place.work.parent / "temporary").iterdir()) == []


@pytest.mark.parametrize("seed", seeds(N_KILLS)[:N_KILLS])
def test_a_killed_command_leaves_the_earlier_output_or_the_new_one(seed: int, place: Place) -> None:
    draw = random.Random(seed)  # noqa: S311
    name = draw.choice(list(COMMANDS))
    old, new, ended = place.of_both(name)
    last = max(
        1, len(ended.steps) - draw.choice([0, 8, 8, 20])
    )  # the new output takes its place in the last steps
    at = (
        {"seconds": ended.seconds * draw.uniform(0.02, 1.05)}
        if draw.random() < 0.4
        else {"step": draw.randint(last, len(ended.steps))}
    )
    place.run(name, 2, **at)
    after = place.work / ("out" if name == "dbt" else "") / "after.sql"
    swept = place.launcher.run(["sql", "m.json", "--table", "t", "-o", str(after)], place.work)
    assert swept.code == 0, swept.said  # any command sweeps what is left beside its own output
    after.unlink()
    assert place.outputs() in (old, new), f"{name}, {at}"


@pytest.mark.parametrize("seed", seeds(N_PAIRS)[:N_PAIRS])
def test_two_commands_that_write_to_one_place_leave_one_whole_output(seed: int, place: Place) -> None:
    name = random.Random(f"pair {seed}").choice(list(COMMANDS))  # noqa: S311
    new, old = (place.of_process(name, version) for version in (2, 1))
    both = [started(place.work, name, version) for version in (1, 2)]
    assert {done(process) for process in both} <= {0, 3, 4}
    assert place.outputs() in (old, new), f"{name}, seed {seed}"


def started(work: Path, name: str, version: int) -> subprocess.Popen[Any]:
    """Start a command as users do."""
    places = {"TMPDIR": str(work.parent / "temporary"), "XDG_STATE_HOME": str(work.parent / "state")}
    return subprocess.Popen(
        [sys.executable, "-m", "segmentry", *arguments(name, version)],
        cwd=work,
        env={**os.environ, **places},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def done(process: subprocess.Popen[Any]) -> int:
    said = process.communicate()[1]
    assert b"Traceback" not in said, said.decode()
    return process.returncode
