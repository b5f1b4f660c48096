"""An output that is killed or fails on its way leaves the earlier one, or is there as a whole, and leaves nothing else."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from killed import write, write_new
from segmentry.errors import DataError
from segmentry.system import folder_swap
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_file, whole_folder, write_texts
from steps import at_step

PROGRAM = Path(__file__).parents[1] / "killed.py"
NAMES = ("a", "b", "c", "charts")
OLD = {"a": "old", "b": "old", "charts/x": "old", "charts/y": "old", "mine": "mine"}
WHOLE = {"a": "new", "c": "new", "charts/x": "new", "charts/z": "new", "mine": "mine"}


def content(folder: Path) -> dict[str, str]:
    """Return the texts of a folder by name, without the manifest."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "segmentry-files.json")
    return {p.relative_to(folder).as_posix(): p.read_text() for p in files}


def an_old_folder(folder: Path) -> Path:
    out = folder / "out"
    with whole_folder(out, "kind", NAMES, Replacing()) as unfinished:
        (unfinished / "charts").mkdir()
        for name in ("a", "b", "charts/x", "charts/y"):
            (unfinished / name).write_text("old")
    (out / "mine").write_text("mine")
    return out


def killed(target: Path, step: int, way: str = "") -> bool:
    """Run the program that is killed at a step; return whether it was."""
    command = [sys.executable, str(PROGRAM), str(target), str(step), way]
    code = subprocess.run(command, check=False).returncode
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.skipif(sys.platform != "linux", reason="folders are exchanged in one step on Linux")
def test_a_folder_is_old_or_new_wherever_it_is_killed(tmp_path: Path) -> None:
    step, seen = 1, set()
    while True:
        out = an_old_folder(tmp_path / str(step))
        was_killed = killed(out, step)
        assert content(out) in (OLD, WHOLE), f"step {step}"
        seen.add(content(out) == WHOLE)
        if not was_killed:
            break
        again = out / "a"
        with whole_file(out.parent / "other.txt") as file:  # the next command clears what is left
            file.write_text("")
        assert again.is_file()
        assert sorted(p.name for p in out.parent.iterdir()) == ["other.txt", "out"], f"step {step}"
        step += 1
    assert seen == {True, False}
    assert step > 10


def test_a_folder_that_cannot_be_exchanged_is_completed_by_the_next_command(tmp_path: Path) -> None:
    step, seen = 1, set()
    while True:
        out = an_old_folder(tmp_path / str(step))
        was_killed = killed(out, step, "journal")
        with pytest.raises(ZeroDivisionError), whole_folder(out, "kind", NAMES, Replacing()):
            raise ZeroDivisionError  # the next command, which writes nothing
        assert content(out) in (OLD, WHOLE), f"step {step}"
        assert [p.name for p in out.parent.iterdir()] == ["out"], f"step {step}"
        seen.add(content(out) == WHOLE)
        if not was_killed:
            break
        step += 1
    assert seen == {True, False}
    assert step > 20


def test_files_that_belong_together_are_old_or_new_wherever_they_are_killed(tmp_path: Path) -> None:
    step, seen = 1, set()
    while True:
        out = tmp_path / str(step)
        out.mkdir()
        for name in ("a", "b", "mine"):
            (out / name).write_text("old")
        was_killed = killed(out, step, "texts")
        with whole_file(out / "mine") as file:  # the next command
            file.write_text("old")
        assert content(out) in ({"a": v, "b": v, "mine": "old"} for v in ("old", "new")), f"step {step}"
        seen.add(content(out)["a"])
        if not was_killed:
            break
        step += 1
    assert seen == {"old", "new"}
    assert step > 8


def test_a_full_disk_leaves_files_that_belong_together_at_every_step(tmp_path: Path) -> None:
    step, failed, end = 1, 0, 10_000
    while step <= end:
        out = tmp_path / str(step)
        out.mkdir()
        for name in ("a", "b"):
            (out / name).write_text("old")
        with at_step(step, full) as seen:
            try:
                write_texts({"a": "new", "b": "new"}, out)
            except DataError:
                failed += 1
                assert content(out) == {"a": "old", "b": "old"}, f"step {step}"
            else:
                assert content(out) == {"a": "new", "b": "new"}, f"step {step}"
        assert sorted(p.name for p in out.iterdir()) == ["a", "b"], f"step {step}"
        end = min(end, len(seen)) if step > 1 and len(seen) < step else end
        step += 1
    assert failed > 5


def test_a_file_is_old_or_new_wherever_it_is_killed(tmp_path: Path) -> None:
    target, step = tmp_path / "a.txt", 1
    while True:
        target.write_text("old")
        was_killed = killed(target, step)
        assert target.read_text() in ("old", "new")
        with pytest.raises(ZeroDivisionError), whole_file(target):
            raise ZeroDivisionError
        assert list(tmp_path.iterdir()) == [target]
        if not was_killed:
            break
        step += 1
    assert step > 3
    assert target.read_text() == "new"


def full(event: str, path: str) -> None:
    """Fail as a full disk does, where something is written, not where something is removed."""
    if event not in ("os.remove", "os.rmdir", "shutil.rmtree", "os.chmod"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


@pytest.mark.parametrize("way", ["exchange", "journal"])
def test_a_full_disk_leaves_the_old_folder_at_every_step(way: str, tmp_path: Path) -> None:
    step, failed, end = 1, 0, 10_000
    while step <= end:
        out = an_old_folder(tmp_path / str(step))
        refused = (
            patch.object(folder_swap, "exchange", side_effect=OSError)
            if way == "journal"
            else patch.object(folder_swap, "_OLD", "old")
        )
        with refused, at_step(step, full) as seen:
            try:
                write(out)
            except DataError:
                failed += 1
                assert content(out) == OLD, f"step {step}"
            else:
                assert content(out) == WHOLE, f"step {step}"
        assert [p.name for p in out.parent.iterdir()] == ["out"], f"step {step}"
        end = min(end, len(seen)) if step > 1 and len(seen) < step else end
        step += 1
    assert failed > 5


def test_a_full_disk_leaves_the_old_file_at_every_step(tmp_path: Path) -> None:
    target, step, failed = tmp_path / "a.txt", 1, 0
    while True:
        target.write_text("old")
        with at_step(step, full) as seen:
            try:
                write(target)
            except DataError:
                failed += 1
                assert target.read_text() == "old"
        assert list(tmp_path.iterdir()) == [target]
        if len(seen) < step:
            break
        step += 1
    assert failed >= 2


def test_files_of_two_that_end_together_do_not_mix(tmp_path: Path) -> None:
    out = an_old_folder(tmp_path)
    with whole_folder(out, "kind", NAMES, Replacing()) as one:
        (one / "a").write_text("one")
        with whole_folder(out, "kind", NAMES, Replacing()) as other:
            write_new(other)
        assert content(out) == WHOLE
    assert content(out) == {"a": "one", "mine": "mine"}
