"""Every library that comes with segmentry states a licence that lets it be used and passed on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "bill.py"
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|PSF|Python Software|Zlib|Unlicense|0BSD|OFL|Unicode", re.IGNORECASE
)
COPYLEFT = re.compile(r"(?<!L)GPL|AGPL|SSPL|Commercial|Proprietary", re.IGNORECASE)


def test_every_library_states_a_licence_that_lets_it_be_passed_on() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM)], capture_output=True, text=True, check=True)
    bill = json.loads(done.stdout)
    licences = {c["name"]: c["licenses"][0]["license"]["name"] for c in bill["components"]}
    assert {"segmentry", "numpy", "duckdb", "pyarrow", "typer"} <= set(licences)
    bad = {n: text for n, text in licences.items() if not PERMISSIVE.search(text) or COPYLEFT.match(text)}
    assert bad == {}
