"""Errors of the machine, of drivers and servers are one line and an exit code, without customers' rows."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands import segmentry, segmentry_process
from recipes import HOUSEHOLDS
from segmentry import cli
from segmentry.cli.failures import failure_of
from segmentry.datasets import write_sample
from segmentry.errors import DataError, UnavailableError
from segmentry.text.one_line import LONGEST

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")

SOURCE = Path(cli.__file__).parent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of customers and a model."""
    folder = tmp_path_factory.mktemp("made")
    write_sample(folder / "t.csv", 500)
    (folder / "r.toml").write_text(HOUSEHOLDS.to_toml(), encoding="utf-8")
    few = ("--segments", 3, "--analyses", 0)
    segmentry("run", folder / "t.csv", "-r", folder / "r.toml", *few, "-o", folder / "o")
    (folder / "o" / "segmentation.json").rename(folder / "m.json")
    return folder


@pytest.fixture
def model(made: Path, tmp_path: Path) -> Path:
    """A copy of the model, beside one of its table."""
    for name in ("t.csv", "m.json"):
        shutil.copy(made / name, tmp_path / name)
    return tmp_path / "m.json"


def _arrow_error() -> Exception:
    import pyarrow as pa

    try:
        pa.array(["Ada Lovelace"]).cast(pa.int64())
    except pa.ArrowInvalid as error:
        return error
    raise AssertionError


ERRORS: list[tuple[BaseException, int, str]] = [
    (DataError("no such file", source="a.csv"), 2, "a.csv: no such file"),
    (UnavailableError("gone", source="server"), 75, "server: gone"),
    (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "data/a"), 75, "data/a: No space left on device"),
    (PermissionError(errno.EACCES, "Permission denied", "a"), 2, "a: Permission denied"),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), 75, "Connection reset by peer"),
    (MemoryError(), 75, "memory"),
    (RecursionError("maximum recursion depth exceeded"), 2, "nested too deeply"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 2, "utf-8: invalid start byte"),
    (sqlite3.DatabaseError("file is not a database"), 2, "sqlite3: file is not a database"),
]


@pytest.mark.parametrize(("error", "code", "text"), ERRORS, ids=[type(e).__name__ for e, *_ in ERRORS])
def test_an_error_has_a_line_and_a_code(error: BaseException, code: int, text: str) -> None:
    found = failure_of(error)
    assert found is not None
    assert found.code == code
    assert text in found.text


def test_a_driver_does_not_show_values_and_a_defect_is_none_of_these() -> None:
    found = failure_of(_arrow_error())
    assert found is not None
    assert (found.code, "Ada" in found.text) == (2, False)
    assert [failure_of(error) for error in (KeyError("x"), ValueError("x"), AssertionError())] == [None] * 3


def test_nothing_else_writes_on_the_terminal() -> None:
    own = {"output.py", "arguments.py"}
    texts = {p.name: p.read_text(encoding="utf-8") for p in SOURCE.glob("*.py")}
    assert [name for name, text in texts.items() if "typer.echo" in text and name not in own] == []


def test_names_of_columns_do_not_steer_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each command in this process, where libraries have written nothing past it either, and a run in one of its own."""
    data = tmp_path / "a.csv"
    rows = "\n".join(f"{i},{'ab'[i % 2]}\x1b[2J,{i % 3}" for i in range(60))
    data.write_text(f"id,\x1b[31mcolour\x1b[0m,size\x07\u202e\n{rows}\n", encoding="utf-8")
    recipe = tmp_path / "r.toml"
    commands: list[tuple[Any, ...]] = [
        ("init", data, "-o", recipe, "--overwrite"),
        ("audit", data, "-o", tmp_path / "a"),
        ("run", data, "-r", recipe, "--check"),
        ("run", data, "-r", recipe, "--analyses", 0, "-o", tmp_path / "o"),
        ("drift", tmp_path / "o" / "segmentation.json", data),
        ("score", tmp_path / "o" / "segmentation.json", data, "-o", tmp_path / "s.csv"),
    ]
    for command in commands:
        start = segmentry_process if "-r" in command else segmentry
        done = start(*command, code=3 if command[0] == "drift" else 0)
        shown = done.stdout + done.stderr
        assert "".join(capfd.readouterr()) == ""
        assert not set(shown) & {"\x1b", "\x07", "\u202e"}, command
        assert shown


@pytest.mark.parametrize(
    "line",
    ["Ada Lovelace,London,1815,too,many", '"Ada Lovelace', "Ada Lovelace\x00,b"],
    ids=["fields", "quote", "zero"],
)
def test_a_csv_file_with_a_bad_line_does_not_show_the_line(line: str, tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("id,a\n" + "1,x\n" * 200 + line + "\n" + "2,y\n" * 200)
    done = segmentry("run", data, "-r", "households", "-o", tmp_path / "o", code=2)
    assert "Ada" not in done.stderr
    assert len(done.stderr.strip()) <= LONGEST
    assert done.stderr.count("\n") == 1


def test_a_long_message_is_cut(tmp_path: Path) -> None:
    done = segmentry("run", "x" * 5_000, "-r", "households", "-o", tmp_path / "o", code=2)
    assert len(done.stderr.strip()) == LONGEST


def test_a_locked_database_and_a_server_that_is_away_are_to_be_tried_again(
    model: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("CREATE TABLE other (a)")
        connection.commit()
        connection.execute("BEGIN EXCLUSIVE")
        target = f"sqlite:///{tmp_path}/a.sqlite?table=scores"
        done = segmentry("score", model, tmp_path / "t.csv", "-o", target, code=75)
        assert "locked" in done.stderr
    away = "postgresql://nobody@127.0.0.1:1/none?table=t"
    assert "refused" in segmentry("drift", model, away, code=75).stderr
    assert "refused" in segmentry("score", model, tmp_path / "t.csv", "-o", away, code=75).stderr


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from segmentry.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("most", [0, 2_000])
def test_files_that_cannot_grow_leave_the_old_output(most: int, model: Path, tmp_path: Path) -> None:
    commands = [
        ("score", model, tmp_path / "t.csv", "-o", tmp_path / "s.parquet"),
        ("score", model, tmp_path / "t.csv", "-o", tmp_path / "s.csv"),
        ("drift", model, tmp_path / "t.csv", "-o", tmp_path / "d"),
    ]
    for command in commands:
        segmentry(*command)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for command in commands:
        arguments = [sys.executable, "-c", LIMITED, str(most), *map(str, command)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (75, 1, False), (
            done.stderr
        )
        assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("arguments", [["--help"], ["demo", "--help"]])
def test_a_reader_who_goes_away_is_no_defect(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "segmentry", *arguments]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_panic_of_a_library_is_a_sentence() -> None:
    panic = type("PanicException", (BaseException,), {})
    found = failure_of(panic("index out of bounds"))
    assert found is not None
    assert (found.code, "gave up" in found.text) == (2, True)
    assert failure_of(GeneratorExit()) is None


def test_the_parser_of_sql_writes_nothing_of_a_recipe_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n2\n")
    recipe = tmp_path / "r.toml"
    recipe.write_text('[source]\nsql = "SHOW \\u001b]0;x"\n[features.a]\ncolumn = "a"\nedges = [2]\n')
    done = segmentry_process("run", tmp_path / "t.csv", "-r", recipe, "--check", code=2)
    assert done.stderr.startswith("segmentry: source.sql: ")
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
