"""The documentation site builds without a warning, and the commands of its first page do what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from commands import segmentry
from segmentry.cli import app

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without a warning: every story of the gallery has run, and none of its findings failed."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        "-d",
        str(folder / "doctrees"),
    ]
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder / "site")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


def test_the_site_has_every_page_and_a_report(site: Path) -> None:
    pages = {p.stem for p in (ROOT / "docs").glob("*.md")}
    assert {p.stem for p in site.glob("*.html")} >= pages
    assert "Segment a customer table" in (site / "reference" / "python.html").read_text("utf-8")
    assert (site / "_static" / "demo" / "report.html").stat().st_size > 100_000


def test_every_page_is_markdown_too_and_listed(site: Path) -> None:
    listed = re.findall(r"^- \[.+\]\((.+\.md)\)$", (site / "llms.txt").read_text("utf-8"), re.MULTILINE)
    assert {p.stem for p in (ROOT / "docs").glob("*.md")} <= {Path(name).stem for name in listed}
    assert [name for name in listed if len((site / name).read_text("utf-8")) < 200] == []
    assert "type_customers" in (site / "reference" / "python.md").read_text("utf-8")


def test_the_reference_has_every_command_with_its_options(site: Path) -> None:
    page = (site / "reference" / "commands.html").read_text("utf-8")
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in commands if f'<section id="{name}">' not in page] == []
    options = {
        o for c in commands.values() for p in c.params if not getattr(p, "hidden", False) for o in p.opts
    }
    assert [o for o in options if o.startswith("-") and f">{o}<" not in page] == []


def test_every_story_has_a_card_and_the_reports_picture(site: Path) -> None:
    stories = {p.stem for p in (ROOT / "docs" / "gallery").glob("*.md")} - {"index"}
    gallery = (site / "gallery" / "index.html").read_text("utf-8")
    assert len(stories) == 12
    assert {name for name in stories if f'class="card" href="{name}.html"' in gallery} == stories
    for name in stories:
        for picture in (f"{name}-1.svg", f"{name}-1-dark.svg"):
            assert (site / "_static" / "gallery" / picture).read_text("utf-8").startswith("<svg")
            assert picture in (site / "gallery" / f"{name}.html").read_text("utf-8")


def test_the_first_five_minutes_go_as_the_page_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    few_null_tables: None,
) -> None:
    page = (ROOT / "docs" / "five-minutes.md").read_text("utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    monkeypatch.chdir(tmp_path)
    for line in lines:
        segmentry(*shlex.split(line, comments=True)[1:])
    left = ("customers.csv", "recipe.toml", "result/report.html", "scores.parquet", "assign.sql")
    assert [name for name in left if not (tmp_path / name).is_file()] == []
