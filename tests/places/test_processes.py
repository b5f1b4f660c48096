"""Where people sit without a notebook: IPython, a pool of processes, `python -m`, terminals that know few letters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segmentry.datasets import sample_households

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


POOL = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import segmentry as sg
from segmentry.datasets import sample_households

if __name__ == "__main__":
    table = sample_households(rows=400)
    recipe = sg.Recipe.load("households").with_(model={"range": (2, 2)})
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(sg.run, table, recipe, segments=2).result()
    assert there.segments == sg.run(table, recipe, segments=2).segments
    print(there.segments)
"""


@pytest.mark.slow
def test_a_pool_of_processes_hands_results_over(tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Customers" in done.stdout


@pytest.mark.slow
def test_ipython_outside_a_notebook(tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    code = (
        "import segmentry as sg; from segmentry.datasets import sample_households;"
        "recipe = sg.Recipe.load('households').with_(model={'range': (2, 2)});"
        "print(sg.run(sample_households(rows=400), recipe, segments=2).segments)"
    )
    environment = {**ENVIRONMENT, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "-c", code],
        capture_output=True, text=True, env=environment, check=True,
    )  # fmt: skip
    assert "Customers" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_any_encoding_of_the_output(encoding: str, tmp_path: Path) -> None:
    data = tmp_path / "kunden.csv"
    table = sample_households(rows=400)
    table["Größe – €"] = ["Łódź…" if i % 2 else "≥ Köln" for i in range(len(table))]
    table.to_csv(data, index=False)
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding}
    recipe = tmp_path / "recipe.toml"
    for arguments in (
        ["init", data, "-o", recipe],
        ["audit", data, "--out", tmp_path / "audit"],
        ["run", data, "--recipe", recipe, "--check"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "segmentry", *map(str, arguments)],
            capture_output=True, env=environment, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        done.stdout.decode("utf-8" if encoding == "ascii" else encoding)  # click takes ASCII for a mistake
    assert "Łódź" in recipe.read_text(encoding="utf-8")


def test_letters_that_an_encoding_lacks_have_near_ones() -> None:
    from segmentry.text import plain_letters

    plain_letters.register()
    text = "35–44 · Łódź, Köln, 1 000 €…"
    assert text.encode("ascii", plain_letters.HANDLER) == b"35-44 - ?odz, Koln, 1 000 EUR..."
    assert (
        text.encode("latin-1", plain_letters.HANDLER).decode("latin-1") == "35-44 · ?ódz, Köln, 1 000 EUR..."
    )
