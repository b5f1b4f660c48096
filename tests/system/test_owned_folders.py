"""Folders of a process are cleared when it is done, and by the next process when it was killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from segmentry.system.owned_folders import OwnedFolder, sweep

PROGRAM = """
import os, signal, sys
from pathlib import Path
from segmentry.system.owned_folders import OwnedFolder
folder = OwnedFolder.temporary() if sys.argv[1] == "temporary" else OwnedFolder(Path(sys.argv[1]))
(folder.path / "customers.csv").write_text("Ada")
print(folder.path, flush=True)
sys.stdin.read()
os.kill(os.getpid(), signal.SIGKILL)
"""


def started(where: str) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that has a folder until its input ends, and is killed then."""
    command = [sys.executable, "-c", PROGRAM, where]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_stays_while_its_process_lives_and_is_cleared_afterwards(tmp_path: Path) -> None:
    process, path = started(str(tmp_path))
    sweep(tmp_path)
    assert (path / "customers.csv").read_text() == "Ada"
    process.communicate()
    assert path.is_dir()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_next_process_clears_copies_of_customers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    process, path = started("temporary")
    assert (path.parent, path.stat().st_mode & 0o777) == (tmp_path, 0o700)
    process.communicate()
    with OwnedFolder.temporary() as folder:
        assert [p for p in tmp_path.iterdir() if p != folder] == []
    assert list(tmp_path.iterdir()) == []


def test_folders_of_others_stay(tmp_path: Path) -> None:
    names = ("segmentry-work", "segmentry-0123456789abcdef", "segmentry-0123456789abcde", "other")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "owner").touch()
    (tmp_path / "segmentry-00000000000000ff").symlink_to(elsewhere)
    sweep(tmp_path, "segmentry-")
    assert all((tmp_path / name / "mine").exists() for name in names)
    assert (elsewhere / "owner").exists()
