"""Start, or stop, the PostgreSQL server that tests talk to; say whether Spark will find Java.

`make services` runs it. The server is a fresh cluster in a temporary folder, on the loopback address alone, with a
password of its own; it needs PostgreSQL's programs (Debian: `apt-get install postgresql`) and no rights. The folder
`.services` beside this checkout's Makefile holds where it is: `postgresql.url`, which tests read, and `postgresql.folder`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

STATE = Path(__file__).parents[1] / ".services"
URL, FOLDER = STATE / "postgresql.url", STATE / "postgresql.folder"


def start() -> None:
    """Start the server, unless it runs, and write its URL."""
    if URL.is_file() and _is_running(Path(FOLDER.read_text())):
        return _say("PostgreSQL: runs already")
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    folder = Path(tempfile.mkdtemp(prefix="segmentry-postgresql-"))
    password = folder / "password"
    password.write_text(secrets.token_hex(12))
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        for path in (folder, password):
            shutil.chown(path, "postgres", "postgres")
    data, port = folder / "data", _free_port()
    made = [initdb, "--pgdata", data, "--username", "segmentry", "--pwfile", password, "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C", "--no-sync"]  # fmt: skip
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off "
        "-c shared_buffers=64MB"
    )
    _run(made)
    _run([pg_ctl, "--pgdata", data, "--log", folder / "log", "--options", options, "--wait", "start"])
    STATE.mkdir(exist_ok=True)
    FOLDER.write_text(str(folder))
    URL.touch(mode=0o600)
    URL.write_text(f"postgresql://segmentry:{password.read_text()}@127.0.0.1:{port}/postgres")
    return _say(f"PostgreSQL: port {port} of the loopback address, files in {folder}")


def stop() -> None:
    """Stop the server and remove its files."""
    if not FOLDER.is_file():
        return
    folder = Path(FOLDER.read_text())
    if _is_running(folder):
        _run([_program("pg_ctl"), "--pgdata", folder / "data", "--mode", "immediate", "stop"])
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(STATE)


def check_java() -> None:
    """Say which Java there is for Spark."""
    java = Path(os.environ.get("JAVA_HOME", "/usr")) / "bin" / "java"
    found = str(java) if java.is_file() else shutil.which("java")
    _say(
        f"Spark: Java is {found}" if found else "Spark: no Java; Debian: apt-get install default-jre-headless"
    )


def _program(name: str) -> str:
    found = shutil.which(name) or next(
        iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[::-1]), None
    )
    if found is None:
        sys.exit(f"{name} is not installed; Debian: apt-get install postgresql")
    return str(found)


def _is_running(folder: Path) -> bool:
    done = _done([_program("pg_ctl"), "--pgdata", folder / "data", "status"])
    return done.returncode == 0


def _run(command: list[str | Path]) -> None:
    done = _done(command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def _done(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a command, as the user postgres where root asks; the server must not hold this process's pipes."""
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(part) for part in command], stdout=output, stderr=output, cwd="/", check=False, **user
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["stop"]:
        stop()
    else:
        start()
        check_java()
