"""No command destroys what it reads, or what somebody else wrote; its own earlier output it replaces without being asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import segmentry
from segmentry.datasets import write_sample

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with customers, a model and a pattern table."""
    folder = tmp_path_factory.mktemp("made")
    write_sample(folder / "t.csv", 500)
    run = ("run", folder / "t.csv", "-r", "households", "--segments", 3, "--analyses", 0)
    segmentry(*run, "--csv", "-o", folder / "o")
    segmentry("collect", folder / "t.csv", "-r", "households", "-o", folder / "p.parquet")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with copies, which is the current one."""
    monkeypatch.chdir(tmp_path)
    for name, source in (("t.csv", "t.csv"), ("m.json", "o/segmentation.json"), ("p.parquet", "p.parquet")):
        (tmp_path / name).write_bytes((made / source).read_bytes())
    (tmp_path / "note.txt").write_text("mine")
    return tmp_path


INPUTS = [
    ("score m.json t.csv -o t.csv", "t.csv"),
    ("score m.json t.csv -o ./link.csv", "t.csv"),
    ("score m.json t*.csv -o t.csv", "t.csv"),
    ("collect t.csv -r households -o t.csv", "t.csv"),
    ("merge p.parquet p.parquet -o p.parquet", "p.parquet"),
    ("sql m.json -o m.json", "m.json"),
    ("sql m.json --python -o m.json", "m.json"),
    ("sql m.json -o t.csv", "t.csv"),
    ("sample -o t.csv --rows 10", "t.csv"),
    ("init t.csv -o t.csv", "t.csv"),
    ("score m.json t.csv -o other.csv", "other.csv"),
    ("collect t.csv -r households -o other.parquet", "other.parquet"),
    ("sql m.json -o note.txt", "note.txt"),
    ("sql m.json --dbt .", "customer_segments.yml"),
    ("run t.csv -r households --segments 3 --out .", "charts/mine.svg"),
    ("profile t.csv -r households --segment-column ID --out .", "charts/mine.svg"),
    ("demo --out .", "charts/mine.svg"),
    ("audit t.csv --out .", "audit.html"),
    ("drift m.json t.csv --out .", "drift.json"),
]


@pytest.mark.parametrize(("command", "name"), INPUTS)
def test_a_command_replaces_nothing_that_it_reads_or_that_others_wrote(
    command: str, name: str, place: Path
) -> None:
    (place / "link.csv").symlink_to("t.csv")
    (place / "charts").mkdir()
    for mine in (
        "other.csv",
        "other.parquet",
        "customer_segments.yml",
        "audit.html",
        "drift.json",
        "charts/mine.svg",
    ):
        (place / mine).write_text("mine")
    before = {p: p.read_bytes() for p in place.rglob("*") if p.is_file()}
    done = segmentry(*command.split(), code=2)
    assert {p: p.read_bytes() for p in place.rglob("*") if p.is_file()} == before
    assert "--overwrite" in done.stderr
    assert name.split("/", maxsplit=1)[0].replace("t.csv", "") in done.stderr


def test_a_run_keeps_its_own_input_that_an_earlier_run_wrote(made: Path) -> None:
    assignments = made / "o" / "assignments.csv"
    before = assignments.read_bytes()
    segmentry("run", assignments, "-r", "households", "--out", made / "o", code=2)
    assert assignments.read_bytes() == before


OURS = [
    "score m.json t.csv -o s.csv",
    "score m.json t.csv -o s.parquet",
    "collect t.csv -r households -o q.parquet",
    "merge p.parquet p.parquet -o q.parquet",
    "sql m.json -o s.sql",
    "sql m.json --python -o s.sql",
    "sql m.json --dbt .",
    "run p.parquet -r households --segments 2 --analyses 0 --out o",
    "audit t.csv --out o",
    "drift m.json t.csv --out o",
]


@pytest.mark.parametrize("command", OURS)
def test_a_command_replaces_its_own_earlier_output(command: str, place: Path) -> None:
    code = 0
    for _ in range(2):
        before = {p.name for p in place.iterdir()}
        done = segmentry(*command.split(), code=code)
        assert "--overwrite" not in done.stderr
    assert {p.name for p in place.iterdir()} == before


@pytest.mark.parametrize(
    "command",
    [
        "score m.json t.csv -o t.csv",
        "sql m.json -o note.txt",
        "sample -o t.csv --rows 10",
        "merge p.parquet -o p.parquet",
    ],
)
def test_overwrite_replaces_it(command: str, place: Path) -> None:
    target = place / command.rsplit(maxsplit=1)[-1] if not command.startswith("sample") else place / "t.csv"
    before = target.read_bytes()
    segmentry(*command.split(), "--overwrite")
    assert target.read_bytes() != before or command.startswith("merge")
    assert not list(place.glob(".segmentry-*"))


@pytest.mark.parametrize(
    "command",
    ["score m.json no.csv -o no/s.csv", "collect no.csv -r households -o no/q.parquet", "init no.csv -o no/r.toml",
     "run no.csv -r households --out t.csv", "audit no.csv --out t.csv/o", "drift m.json no.csv --out t.csv",
     "score m.json no.csv -o duckdb:///no/s.duckdb?table=s", "profile no.csv -r households --segment-column a --out t.csv"],
)  # fmt: skip
def test_a_target_is_checked_before_the_data_are_opened(command: str, place: Path) -> None:
    done = segmentry(*command.split(), code=2)
    assert "no such file" not in done.stderr
    assert "no.csv" not in done.stderr
