"""Calls as nobody means them end with a sentence: no traceback, no other exit code than those that are told, nothing left or lost."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import called
from odd_calls import FEW, calls, cut_model, make_files

pytestmark = [
    pytest.mark.usefixtures("few_null_tables", "no_own_pictures"),
    pytest.mark.filterwarnings("ignore::segmentry.errors.SegmentryWarning"),
]
CODES = {0, 2, 3, 4, 75}
N_OF_EACH = int(os.environ.get("SEGMENTRY_ODD_CALLS", "13"))
"""One call of so many is made; `make soak` makes all."""
CHOSEN = [call for i, call in enumerate(calls()) if i % N_OF_EACH == 0]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that calls name, made once."""
    folder = tmp_path_factory.mktemp("odd")
    make_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert called("run", "t.csv", "-r", "r.toml", *FEW, "-o", "made").returncode == 0
        assert called("collect", "t.csv", "-r", "r.toml", "-o", "p.parquet").returncode == 0
    (folder / "made" / "segmentation.json").rename(folder / "m.json")
    shutil.rmtree(folder / "made")
    cut_model(folder)
    gc.collect()
    gc.freeze()  # what is loaded by now is not looked at after every call
    return folder


@pytest.fixture
def place(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of them, as the working folder."""
    work = tmp_path / "outer" / "work"
    shutil.copytree(files, work, symlinks=True)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(work)
    yield work
    gc.collect()  # an engine that nobody closed removes its folder then
    assert list(temporary.iterdir()) == []


def content(folder: Path) -> dict[str, bytes | None]:
    return {str(p): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.mark.parametrize("call", CHOSEN, ids=[" ".join(call).replace("\0", "0")[:60] for call in CHOSEN])
def test_an_odd_call_ends_with_a_sentence(call: tuple[str, ...], place: Path) -> None:
    before = content(place.parent)
    done = called(*call)
    assert done.returncode in CODES, done.stderr
    after = content(place.parent)
    is_told = done.stderr.startswith(("Usage: ", "segmentry: ")) and len(done.stderr) < 2_000
    assert done.returncode not in (2, 75) or is_told, done.stderr
    assert not [path for path in after if Path(path).name.startswith(".segmentry-")]
    if done.returncode in (2, 75):
        assert after == before
    else:
        assert {path for path in before if path not in after} == set()


def test_the_catalogue_is_a_large_one() -> None:
    assert len(set(calls())) > 1_000
