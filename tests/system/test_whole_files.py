"""Files and folders are written whole, or not at all, in one place."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from segmentry.errors import DataError
from segmentry.system.manifest import Manifest
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_file, whole_folder, write_text

SOURCE = Path(__file__).parents[2] / "src" / "segmentry"


def folder_of(out: Path, *names: str, overwrite: bool = False) -> AbstractContextManager[Path]:
    """Give a folder of the one kind of output that these tests write."""
    return whole_folder(out, "kind", names or ("a", "charts"), Replacing(overwrite=overwrite))


def test_a_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with whole_file(target) as unfinished:
        assert (unfinished.parent.parent, unfinished.name, unfinished.exists()) == (tmp_path, "a.csv", False)
        unfinished.write_text("new")
        assert (target.read_text(), unfinished.parent.name.startswith(".")) == ("old", True)
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
    with pytest.raises(RuntimeError), folder_of(out) as unfinished:  # noqa: PT012 - the error comes after it
        (unfinished / "a").touch()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with folder_of(out) as unfinished:
        (unfinished / "a").touch()
        (unfinished / "charts").mkdir()
        (unfinished / "charts" / "old").touch()
    assert Manifest.read(out).files == {"kind": ("a", "charts/old")}
    (out / "mine").touch()
    with folder_of(out) as unfinished:
        (unfinished / "b").touch()
    assert sorted(p.name for p in out.rglob("*")) == ["b", "mine", "segmentry-files.json"]
    assert list(out.parent.iterdir()) == [out]


def test_kinds_of_output_share_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for kind, name in (("one", "a"), ("other", "b"), ("one", "c")):
        with whole_folder(out, kind, (name,), Replacing()) as unfinished:
            (unfinished / name).touch()
    assert sorted(p.name for p in out.iterdir()) == ["b", "c", "segmentry-files.json"]
    assert Manifest.read(out).files == {"one": ("c",), "other": ("b",)}


def test_what_others_wrote_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "charts").mkdir()
    mine = tmp_path / "charts" / "mine.svg"
    mine.write_text("mine")
    monkeypatch.chdir(tmp_path)  # a folder in which a terminal stands keeps its place
    with pytest.raises(DataError, match=r"charts: is there already"), folder_of(Path()):
        pytest.fail("nothing may be done")
    for _ in range(2):
        with folder_of(Path(), overwrite=True) as unfinished:
            (unfinished / "charts").mkdir()
            (unfinished / "charts" / "new.svg").touch()
        assert sorted(p.name for p in Path("charts").iterdir()) == ["mine.svg", "new.svg"]
    with folder_of(Path()):
        pass
    assert [p.name for p in Path("charts").iterdir()] == ["mine.svg"]
    assert mine.read_text() == "mine"


def test_what_appears_during_the_work_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with folder_of(out) as unfinished:
        (unfinished / "a").touch()
    with folder_of(out) as unfinished:
        (out / "mine").write_text("mine")
        (out / "own").mkdir()
        (out / "own" / "further").write_text("mine")
    assert sorted(p.name for p in out.rglob("*")) == ["further", "mine", "own", "segmentry-files.json"]
    with pytest.raises(DataError, match="b: is there already"), folder_of(out) as unfinished:  # noqa: PT012
        (unfinished / "b").touch()
        (out / "b").write_text("mine")
    assert (out / "b").read_text() == "mine"


def test_a_manifest_lists_files_of_its_folder_alone(tmp_path: Path) -> None:
    out, secret = tmp_path / "out", tmp_path / "secret"
    secret.touch()
    out.mkdir()
    for text in ('{"files": {"kind": ["../secret", "/etc/passwd", "a"]}}', "[]", "{", '{"files": 3}'):
        (out / "segmentry-files.json").write_text(text)
        assert Manifest.read(out).all - {"segmentry-files.json"} in ({"a"}, set())
    (out / "segmentry-files.json").write_text('{"files": {"kind": ["../secret", "c:x", "d\\\\e"]}}')
    with folder_of(out, "a", overwrite=True) as unfinished:
        (unfinished / "a").touch()
    assert secret.exists()


def test_mode_group_and_links_stay(tmp_path: Path) -> None:
    target, link, out = tmp_path / "a.csv", tmp_path / "link.csv", tmp_path / "out"
    target.touch()
    target.chmod(0o640)
    link.symlink_to("a.csv")
    write_text("new", link)
    assert (link.is_symlink(), target.read_text(), target.stat().st_mode & 0o777) == (True, "new", 0o640)
    (tmp_path / "real").mkdir()
    out.symlink_to("real")
    for _ in range(2):
        with folder_of(out) as unfinished:
            (unfinished / "a").touch()
        (out / "a").chmod(0o660)
        out.chmod(0o750)
    with folder_of(out) as unfinished:
        (unfinished / "a").touch()
    modes = [p.stat().st_mode & 0o777 for p in (tmp_path / "real", out / "a")]
    assert (out.is_symlink(), modes) == (True, [0o750, 0o660])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with names")
def test_a_pipe_gets_the_bytes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text)
        write_text("through", pipe)
        assert read.result() == "through"
    write_text("gone", Path(os.devnull))
    assert (pipe.is_fifo(), Path(os.devnull).is_char_device()) == (True, True)


def test_a_link_to_itself_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for whole in (whole_file, folder_of):
        with pytest.raises(DataError, match="is a link that leads back to itself"), whole(tmp_path / "loop"):
            pytest.fail("nothing may be done")


def test_what_cannot_be_written_is_said_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cases = [
        (whole_file, tmp_path / "none" / "a.csv", r"a\.csv: there is no folder '.*none'"),
        (whole_file, tmp_path / ("x" * 300), "cannot write there: File name too long"),
        (whole_file, tmp_path, "is a folder; a file is needed"),
        (folder_of, tmp_path / "file", "is a file; a folder is needed"),
        (folder_of, tmp_path / "file" / "out", "cannot write there: "),
    ]
    for whole, target, message in cases:
        with pytest.raises(DataError, match=message), whole(target):
            pytest.fail("nothing may be done")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("whole", [whole_file, folder_of])
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
    for whole in (whole_file, folder_of):
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
        "engine/clickhouse.py",
        "engine/clickhouse_runners.py",
        "engine/postgresql.py",
        "engine/postgresql_table.py",
        "engine/spark.py",
        "engine/spark_table.py",
        "engine/target_tables.py",
    }
    assert found - tables == {"system/owned_folders.py"}
