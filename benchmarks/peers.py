"""The peers: pinned versions, each in an environment of its own under benchmarks/.peers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

HOME = Path(__file__).with_name(".peers")
INSTALL_SECONDS = 900


@dataclass(frozen=True)
class Peer:
    """A package to compare with; `python` is the interpreter it needs, where not the one in use.

    `beside` is what the task needs from it and it does not bring: a reader of Parquet.
    """

    package: str
    version: str
    module: str
    python: str = ""
    beside: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.package} {self.version}"


PEERS = {
    "kmodes": Peer("kmodes", "0.12.2", "kmodes.kmodes"),
    "fasterkmodes": Peer("FasterKModes", "0.1.2", "FasterKModes"),
    "kluster-fudge": Peer("kluster-fudge", "0.3.1", "kluster_fudge"),
    "stepmix": Peer("StepMix", "3.0.0", "stepmix.stepmix"),
    "polca": Peer("polca", "0.4.0", "pypolca", python="python3.12"),
    "skrub": Peer("skrub", "0.11.0", "skrub", beside=("pyarrow",)),
    "fg": Peer("fg-data-profiling", "4.20.0", "data_profiling", beside=("pyarrow",)),
}


class NotInstalledError(Exception):
    """A peer is not here, and the text says why."""


def title(name: str) -> str:
    """Return what a peer, or something in the environment in use, is called in a table."""
    return PEERS[name].title if name in PEERS else f"{name} {metadata.version(name)}"


@cache
def interpreter(name: str) -> Path:
    """Return the Python of a peer's environment, which is made where it is missing."""
    if name not in PEERS:
        return Path(sys.executable)
    peer, folder = PEERS[name], HOME / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / f".ready-{peer.version}"
    if not ready.exists():
        _install(peer, folder, python)
        ready.touch()
    return python


def environment(name: str) -> dict[str, str]:
    """Return the variables of a peer's process: what it writes into the home folder stays in its own."""
    if name not in PEERS:
        return dict(os.environ)
    own = HOME / name / "home"
    own.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "PYTHON"))}
    return {**kept, "HOME": str(own)}


def _install(peer: Peer, folder: Path, python: Path) -> None:
    print(f"installing {peer.title} into {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    requirement = f"{peer.package}=={peer.version}"
    _run([_base(peer), "-m", "venv", str(folder)], peer)
    _run([str(python), "-m", "pip", "install", "--quiet", requirement, *peer.beside], peer)


def _run(command: list[str], peer: Peer) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False, env=os.environ
        )
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"{peer.title} cannot be installed in {INSTALL_SECONDS} s") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no reason given"]
        raise NotInstalledError(f"{peer.title} cannot be installed: {errors[-1]}")


def _base(peer: Peer) -> str:
    """Return the interpreter that the environment is made of: the one in use, or the one that the peer needs."""
    if not peer.python or sysconfig.get_python_version() == peer.python.removeprefix("python"):
        return sys.executable
    for command in (peer.python, *_known_to_pyenv(peer.python)):
        found = shutil.which(command)
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
    raise NotInstalledError(f"{peer.title} needs {peer.python}, which is not here")


def _known_to_pyenv(command: str) -> list[str]:
    if not shutil.which("pyenv"):
        return []
    asked = ["pyenv", "whence", "--path", command]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
