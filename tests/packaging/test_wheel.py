"""The wheel, made of the source archive and installed outside the checkout, holds all that running needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
from pathlib import Path

import pytest

import segmentry

CHECKOUT = Path(__file__).parents[2]
SOURCE = CHECKOUT / "src" / "segmentry"
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "COV_"))
}


def output_of(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the source archive and of the wheel that is made of it."""
    folder = tmp_path_factory.mktemp("dist")
    output_of(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def home(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel; libraries are this environment's, without its editable segmentry."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (wheel,) = built.glob("*.whl")
    output_of(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=folder,
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    # .pth files of a folder that such a line names are not read: that of the editable install is one of them
    (packages / "libraries.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8"
    )
    return folder


def test_segmentry_is_the_wheels_and_has_every_file(home: Path) -> None:
    code = "import segmentry; print(segmentry.__file__)"
    installed = Path(output_of(home / "bin" / "python", "-c", code, cwd=home).strip()).parent
    assert installed.is_relative_to(home)
    files = {
        path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    names = {path.name for path in files}
    assert {
        "py.typed",
        "base.html",
        "base.css",
        "households.toml",
        "locales.toml",
        "SegmentrySans-Bold.ttf",
    } <= names
    for path in files:
        assert (installed / path).read_bytes() == (SOURCE / path).read_bytes()
    (licences,) = installed.parent.glob("segmentry-*.dist-info/licenses")
    wanted = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "license-files"
    ]
    assert sorted(
        path.relative_to(licences).as_posix() for path in licences.rglob("*") if path.is_file()
    ) == sorted(wanted)


def test_the_command_runs(home: Path, tmp_path: Path) -> None:
    command = home / "bin" / "segmentry"
    assert segmentry.__version__ in output_of(command, "--version", cwd=tmp_path)
    output_of(command, "demo", "--out", "demo", "--rows", "1000", cwd=tmp_path)
    found = tmp_path / "demo"
    for name in ("report.html", "segmentation.json", "assignments.parquet", "segments.csv", "charts/map.png"):
        assert (found / name).stat().st_size > 0
    signs = "from segmentry.text.locales import numerals_of; print(numerals_of('de').decimal)"
    assert output_of(home / "bin" / "python", "-c", signs, cwd=tmp_path) == ",\n"


def test_the_source_archive_has_what_its_tests_need(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {
        "pyproject.toml",
        "Makefile",
        "LICENSE",
        "src/segmentry/py.typed",
        "tests/conftest.py",
        "tests/packaging/oldest.py",
    } <= names
    assert not [name for name in names if ".venv" in name or "__pycache__" in name]
