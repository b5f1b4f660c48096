"""What came with a folder from elsewhere, a journal or a list of files, makes no command write or remove anything outside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from segmentry.errors import DataError, SegmentryWarning
from segmentry.system.manifest import NAME, Manifest
from segmentry.system.protection import Replacing
from segmentry.system.seal import is_sealed, seal_of
from segmentry.system.whole_files import whole_file, whole_folder

STAGE = ".segmentry-0123456789abcdef"


def home(folder: Path) -> Path:
    """A folder of somebody else, with a file to keep."""
    place = folder / "home"
    (place / "docs").mkdir(parents=True)
    (place / "docs" / "thesis.txt").write_text("keep")
    return place


def planted(folder: Path, left: dict[str, object], seal: str | None = None) -> Path:
    """Make a folder as a killed command of ours would leave it, with a journal of somebody else."""
    stage = folder / STAGE
    (stage / "new").mkdir(parents=True)
    (stage / "owner").touch()
    (stage / "new" / "bashrc").write_text("evil")
    text = json.dumps({"stage": str(stage.absolute()), **left})
    journal = {"left": text, "seal": seal_of(text) if seal is None else seal}
    (stage / "journal.json").write_text(json.dumps(journal))
    return stage


@pytest.mark.parametrize("place", ["../home", "home", "ABSOLUTE"])
@pytest.mark.parametrize("seal", ["", "0" * 64])
def test_a_journal_that_this_user_did_not_write_is_left_alone(
    tmp_path: Path, place: str, seal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, victim = tmp_path / "work", home(tmp_path)
    work.mkdir()
    (work / "home").symlink_to(victim)
    stage = planted(work, {"out": place.replace("ABSOLUTE", str(victim)), "stale": ["docs/thesis.txt"]}, seal)
    monkeypatch.chdir(work)
    with pytest.warns(SegmentryWarning, match="is left alone"), whole_file(Path("out.txt")) as file:
        file.write_text("mine")
    with (
        pytest.warns(SegmentryWarning, match="is left alone"),
        whole_folder(Path("out"), "kind", ("a",), Replacing()),
    ):
        pass
    assert [p.name for p in victim.iterdir()] == ["docs"]
    assert (victim / "docs" / "thesis.txt").read_text() == "keep"
    assert (stage / "new" / "bashrc").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"left": 1, "seal": 2}', '{"out": "x", "stale": []}'])
def test_a_damaged_journal_is_left_alone(tmp_path: Path, text: str) -> None:
    (planted(tmp_path, {}, "") / "journal.json").write_text(text)
    with pytest.warns(SegmentryWarning, match="is left alone"), whole_file(tmp_path / "out.txt") as file:
        file.write_text("mine")
    assert sorted(p.name for p in tmp_path.iterdir()) == [STAGE, "out.txt"]


def test_a_sealed_journal_that_was_carried_elsewhere_is_left_alone(tmp_path: Path) -> None:
    stage = planted(tmp_path, {"out": "out", "stale": []})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stage.rename(elsewhere / STAGE)
    with pytest.warns(SegmentryWarning, match="is left alone"), whole_file(elsewhere / "out.txt") as file:
        file.write_text("mine")
    assert sorted(p.name for p in elsewhere.iterdir()) == [STAGE, "out.txt"]


def test_no_link_leads_a_sealed_journal_out_of_its_folder(tmp_path: Path) -> None:
    victim, out = home(tmp_path), tmp_path / "out"
    out.mkdir()
    (out / "docs").symlink_to(victim / "docs")
    planted(tmp_path, {"out": "out", "stale": ["docs/thesis.txt", "../home/docs/thesis.txt"]})
    with whole_file(tmp_path / "other.txt") as file:
        file.write_text("mine")
    assert (victim / "docs" / "thesis.txt").read_text() == "keep"
    assert (out / "bashrc").read_text() == "evil"  # what the user's own command had left to do


def test_a_list_of_files_names_none_behind_a_link(tmp_path: Path) -> None:
    victim, out = home(tmp_path), tmp_path / "out"
    out.mkdir()
    (out / "charts").symlink_to(victim / "docs")
    listed = [
        "charts/thesis.txt",
        "../home/docs/thesis.txt",
        str(victim / "docs" / "thesis.txt"),
        "a",
    ]
    (out / NAME).write_text(json.dumps({"files": {"kind": listed}}))
    assert Manifest.read(out).files == {"kind": ("a",)}
    with whole_folder(out, "kind", ("a",), Replacing()) as folder:
        (folder / "a").write_text("new")
    with pytest.raises(DataError, match="charts"), whole_folder(out, "other", ("charts",), Replacing()):
        pass
    assert (victim / "docs" / "thesis.txt").read_text() == "keep"


def test_a_seal_is_of_one_text_and_one_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "one"))
    seal = seal_of("text")
    assert is_sealed("text", seal)
    assert not is_sealed("texts", seal)
    assert (tmp_path / "one" / "segmentry" / "key").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    assert not is_sealed("text", seal)
    assert not (tmp_path / "other").exists()
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    assert (seal_of("text"), is_sealed("text", "")) == ("", False)
