"""Files and folders are written whole, or not at all, in one place."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segmentry.errors import DataError
from segmentry.system.whole_files import whole_file, whole_folder, write_text

SOURCE = Path(__file__).parents[2] / "src" / "segmentry"


def test_a_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with whole_file(target) as unfinished:
        assert (unfinished.parent, unfinished.suffix, unfinished.exists()) == (tmp_path, ".csv", False)
        unfinished.write_text("new")
        assert (target.read_text(), unfinished.name.startswith(".")) == ("old", True)
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_leaves_the_earlier_file(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_file(target) as unfinished:  # noqa: PT012 - the error comes after it
        unfinished.write_text("new")
        raise KeyboardInterrupt
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.csv", "old")]


def test_a_file_may_be_read_by_whom_the_system_lets(tmp_path: Path) -> None:
    write_text("ä\n", tmp_path / "a.txt")
    (tmp_path / "b.txt").touch()
    assert (tmp_path / "a.txt").read_bytes() == "ä\n".encode()
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


def test_a_folder_gets_all_files_or_none(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with pytest.raises(RuntimeError), whole_folder(out) as unfinished:  # noqa: PT012 - the error comes after it
        (unfinished / "a").touch()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with whole_folder(out) as unfinished:
        (unfinished / "a").touch()
        (unfinished / "charts").mkdir()
        (unfinished / "charts" / "new").touch()
    (out / "mine").touch()
    (out / "charts" / "old").touch()
    with whole_folder(out) as unfinished:
        (unfinished / "charts").mkdir()
    assert sorted(p.name for p in out.rglob("*")) == ["a", "charts", "mine"]
    assert list(out.parent.iterdir()) == [out]


def test_what_cannot_be_written_is_said_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cases = [
        (whole_file, tmp_path / "none" / "a.csv", r"a\.csv: there is no folder '.*none'"),
        (whole_file, tmp_path, "is a folder; a file is needed"),
        (whole_folder, tmp_path / "file", "is a file; a folder is needed"),
        (whole_folder, tmp_path / "file" / "out", "cannot write there: "),
    ]
    for whole, target, message in cases:
        with pytest.raises(DataError, match=message), whole(target):
            pytest.fail("nothing may be done")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("whole", [whole_file, whole_folder])
@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.ENOSPC, DataError, r"out: cannot write there: No space left"),
        (errno.ECHILD, OSError, "No child"),
    ],
)
def test_a_full_disk_is_said_and_other_errors_stay_what_they_are(
    whole: Any, number: int, kind: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message), whole(tmp_path / "out"):
        raise OSError(number, os.strerror(number))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that may be read and not written, also where the tests run as the superuser."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65_534)  # the superuser may write everywhere
        yield Path(folder)
        if user == 0:
            os.seteuid(user)
        Path(folder).chmod(0o700)


def test_a_folder_without_permission_is_said(closed_folder: Path) -> None:
    for whole in (whole_file, whole_folder):
        with (
            pytest.raises(DataError, match="cannot write there: Permission denied"),
            whole(closed_folder / "a"),
        ):
            pytest.fail("nothing may be done")


def test_nobody_else_makes_files_that_are_not_finished() -> None:
    words = ("mkstemp", "mkdtemp", "os.replace", "token_hex", "uuid4")
    texts = {f.relative_to(SOURCE).as_posix(): f.read_text(encoding="utf-8") for f in SOURCE.rglob("*.py")}
    found = {file for file, text in texts.items() if any(word in text for word in words)}
    tables = {
        "engine/postgresql.py",
        "engine/postgresql_table.py",
        "engine/spark.py",
        "engine/spark_table.py",
    }
    assert found - tables == {"system/whole_files.py"}
