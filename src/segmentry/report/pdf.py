"""The report as PDF, printed by the machine's Chromium."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from segmentry.errors import DataError
from segmentry.system.owned_folders import OwnedFolder

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120


def browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    DataError
        There is none.
    """
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise DataError(
            f"--pdf needs a browser to print with, and none of {', '.join(_NAMES)} is on the PATH"
        )
    return found


def write_pdf(page: Path, path: Path) -> None:
    """Print a page.

    Raises
    ------
    DataError
        There is no browser, or it does not print.
    """
    program = browser()
    with OwnedFolder.temporary() as profile:
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            f"--user-data-dir={profile}", "--no-pdf-header-footer", "--virtual-time-budget=5000",
            f"--print-to-pdf={path}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise DataError(f"{program} did not finish in {_SECONDS} seconds", source="--pdf") from None
    if not path.is_file() or not path.stat().st_size:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise DataError(f"{program} printed nothing: {last}", source="--pdf")
