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
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands import segmentry
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
    "score to CSV": ("score", "m.json", "{version}.csv", "-o", "out.csv"),
    "score to Parquet": ("score", "m.json", "{version}.csv", "-o", "out.parquet"),
    "sql": ("sql", "m.json", "--table", "t{version}", "-o", "out.sql", "--overwrite"),
    "dbt": ("sql", "m.json", "--table", "t{version}", "--dbt", "out", "--overwrite"),
    "drift": ("drift", "m.json", "{version}.csv", "-o", "out"),
    "audit": ("audit", "{version}.csv", "-o", "out"),
    "init": ("init", "{version}.csv", "-o", "out.toml", "--overwrite"),
    "run": ("run", "{version}.csv", "-r", "households", *FEW, "-o", "out"),
}
"""Commands that write, each in two versions whose outputs differ."""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables and a model."""
    folder = tmp_path_factory.mktemp("inputs")
    for version in (1, 2):
        segmentry("sample", "--rows", 400, "--seed", version, "-o", folder / f"{version}.csv")
    segmentry("run", folder / "1.csv", "-r", "households", *FEW, "-o", folder / "made")
    (folder / "made" / "segmentation.json").rename(folder / "m.json")
    shutil.rmtree(folder / "made")
    return folder


@pytest.fixture
def place(inputs: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with the inputs, and one for temporary files."""
    work = tmp_path / "work"
    shutil.copytree(inputs, work)
    (tmp_path / "temporary").mkdir()
    yield work
    assert list((tmp_path / "temporary").iterdir()) == []


def started(place: Path, name: str, version: int) -> subprocess.Popen[Any]:
    arguments = [part.format(version=version) for part in COMMANDS[name]]
    environment = {
        **os.environ,
        "TMPDIR": str(place.parent / "temporary"),
        "XDG_STATE_HOME": str(place.parent / "state"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "segmentry", *arguments],
        cwd=place,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def done(process: subprocess.Popen[Any]) -> int:
    said = process.communicate()[1]
    assert b"Traceback" not in said, said.decode()
    return process.returncode


def outputs(place: Path, inputs: Path) -> dict[str, bytes]:
    """The files beside the inputs, without what differs between two runs: times, and the last digits of sums."""
    known = {p.name for p in inputs.iterdir()}
    files = (p for p in place.rglob("*") if p.is_file())
    named = ((p.relative_to(place).as_posix(), p.read_bytes()) for p in files)
    return {
        name: TIMES.sub(b"", DIGITS.sub(rounded, content)) for name, content in named if name not in known
    }


def rounded(number: re.Match[bytes]) -> bytes:
    return b"%.9f" % float(number[0])


def versions(place: Path, inputs: Path, name: str) -> tuple[list[dict[str, bytes]], float]:
    """What the two versions of a command write, and how many seconds the second takes."""
    found = []
    for version in (2, 1):
        began = time.monotonic()
        assert done(started(place, name, version)) in (0, 3, 4)
        found.append(outputs(place, inputs))
        seconds = time.monotonic() - began
    assert found[0] != found[1]
    return found, seconds


@pytest.mark.parametrize("seed", seeds(N_KILLS)[:N_KILLS])
def test_a_killed_command_leaves_the_earlier_output_or_the_new_one(
    seed: int, inputs: Path, place: Path
) -> None:
    draw = random.Random(seed)  # noqa: S311
    name = draw.choice(list(COMMANDS))
    (new, old), seconds = versions(place, inputs, name)
    for _ in range(2):
        process = started(place, name, 2)
        time.sleep(seconds * draw.uniform(0.3, 1.05))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        segmentry_next = started(place, "sql", 9) if name != "sql" else started(place, "sample", 9)
        assert done(segmentry_next) == 0  # any command sweeps what is left beside its own output
        (place / ("out.sql" if name != "sql" else "out.parquet")).unlink()
        assert outputs(place, inputs) in (old, new), f"{name}, seed {seed}"


@pytest.mark.parametrize("seed", seeds(N_PAIRS)[:N_PAIRS])
def test_two_commands_that_write_to_one_place_leave_one_whole_output(
    seed: int, inputs: Path, place: Path
) -> None:
    name = random.Random(f"pair {seed}").choice(list(COMMANDS))  # noqa: S311
    (new, old), _ = versions(place, inputs, name)
    both = [started(place, name, version) for version in (1, 2)]
    assert {done(process) for process in both} <= {0, 3, 4}
    assert outputs(place, inputs) in (old, new), f"{name}, seed {seed}"
