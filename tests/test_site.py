"""The documentation site builds without a warning, and the commands of its first page do what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from commands import segmentry

ROOT = Path(__file__).parents[1]


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
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
        str(tmp_path / "doctrees"),
    ]
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(tmp_path / "site")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    pages = {p.stem for p in (ROOT / "docs").glob("*.md")}
    assert {p.stem for p in (tmp_path / "site").glob("*.html")} >= pages
    assert "Segment a customer table" in (tmp_path / "site" / "reference" / "python.html").read_text("utf-8")
    assert (tmp_path / "site" / "_static" / "demo" / "report.html").stat().st_size > 100_000


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
