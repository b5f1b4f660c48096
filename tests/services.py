"""Start, or stop, the PostgreSQL and MariaDB servers that tests talk to; say whether Spark will find Java.

`make services` runs it. Each server is a fresh one in a temporary folder, on the loopback address alone, with a password
of its own; it needs its programs (Debian: `apt-get install postgresql mariadb-server`) and no rights. The folder
`.services` beside this checkout's Makefile holds where they are: `postgresql.url`, which tests read, and
`postgresql.folder`; likewise for MariaDB.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STATE = Path(__file__).parents[1] / ".services"


@dataclass(frozen=True)
class Server:
    """How a server is made in an empty folder, seen and stopped; `make` takes the folder, a password and a port."""

    name: str
    title: str
    user: str
    make: Callable[[Path, str, int], str]
    is_running: Callable[[Path], bool]
    stop: Callable[[Path], None]

    @property
    def url(self) -> Path:
        return STATE / f"{self.name}.url"

    @property
    def folder(self) -> Path:
        return STATE / f"{self.name}.folder"


def start(server: Server) -> None:
    """Start the server, unless it runs, and write its URL."""
    if server.url.is_file() and server.is_running(Path(server.folder.read_text())):
        return _say(f"{server.title}: runs already")
    folder = Path(tempfile.mkdtemp(prefix=f"segmentry-{server.name}-"))
    if os.geteuid() == 0:  # neither server runs as root
        shutil.chown(folder, server.user, server.user)
    port = _free_port()
    url = server.make(folder, secrets.token_hex(12), port)
    STATE.mkdir(exist_ok=True)
    server.folder.write_text(str(folder))
    server.url.touch(mode=0o600)
    server.url.write_text(url)
    return _say(f"{server.title}: port {port} of the loopback address, files in {folder}")


def stop(server: Server) -> None:
    """Stop the server and remove its files."""
    if not server.folder.is_file():
        return
    folder = Path(server.folder.read_text())
    if server.is_running(folder):
        server.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)
    server.folder.unlink()
    server.url.unlink(missing_ok=True)


# ---- PostgreSQL


def _make_postgresql(folder: Path, password: str, port: int) -> str:
    initdb, pg_ctl = _postgresql("initdb"), _postgresql("pg_ctl")
    held, data = folder / "password", folder / "data"
    held.write_text(password)
    if os.geteuid() == 0:
        shutil.chown(held, "postgres", "postgres")
    made = [initdb, "--pgdata", data, "--username", "segmentry", "--pwfile", held, "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C", "--no-sync"]  # fmt: skip
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off "
        "-c shared_buffers=64MB"
    )
    _run(made, "postgres")
    started = [pg_ctl, "--pgdata", data, "--log", folder / "log", "--options", options, "--wait", "start"]
    _run(started, "postgres")
    return f"postgresql://segmentry:{password}@127.0.0.1:{port}/postgres"


def _is_postgresql_running(folder: Path) -> bool:
    asked = [_postgresql("pg_ctl"), "--pgdata", folder / "data", "status"]
    return _done(asked, "postgres").returncode == 0


def _stop_postgresql(folder: Path) -> None:
    asked = [_postgresql("pg_ctl"), "--pgdata", folder / "data", "--mode", "immediate", "stop"]
    _run(asked, "postgres")


def _postgresql(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[::-1]
    return _program(name, "postgresql", *found)


# ---- MariaDB


def _make_mariadb(folder: Path, password: str, port: int) -> str:
    data, socket_file = folder / "data", folder / "socket"
    defaults = ["--no-defaults", f"--datadir={data}"]
    plain = ["--auth-root-authentication-method=normal", "--skip-test-db", f"--tmpdir={folder}"]
    _run([_program("mariadb-install-db", "mariadb-server"), *defaults, *plain], "mysql")
    first = folder / "first.sql"
    first.write_text(
        f"CREATE USER segmentry@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO segmentry@'127.0.0.1' WITH GRANT OPTION;\n"
        "ALTER USER root@localhost ACCOUNT LOCK;\n"
    )
    settings = [
        *defaults, f"--socket={socket_file}", "--bind-address=127.0.0.1", f"--port={port}", f"--pid-file={folder / 'pid'}",
        f"--tmpdir={folder}", f"--init-file={first}", "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--performance-schema=OFF", "--local-infile=ON",
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        subprocess.Popen([_program("mariadbd", "mariadb-server"), *settings], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                         cwd="/", start_new_session=True, **_as_user("mysql"))  # fmt: skip
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and (folder / "pid").is_file():
                return f"mysql://segmentry:{password}@127.0.0.1:{port}/"
        time.sleep(0.1)
    sys.exit((folder / "log").read_text())


def _is_mariadb_running(folder: Path) -> bool:
    pid = folder / "pid"
    return pid.is_file() and Path(f"/proc/{pid.read_text().strip()}").is_dir()


def _stop_mariadb(folder: Path) -> None:
    os.kill(int((folder / "pid").read_text()), 15)
    for _ in range(100):
        if not _is_mariadb_running(folder):
            return
        time.sleep(0.1)


SERVERS = (
    Server(
        "postgresql", "PostgreSQL", "postgres", _make_postgresql, _is_postgresql_running, _stop_postgresql
    ),
    Server("mariadb", "MariaDB", "mysql", _make_mariadb, _is_mariadb_running, _stop_mariadb),
)


def check_java() -> None:
    """Say which Java there is for Spark."""
    java = Path(os.environ.get("JAVA_HOME", "/usr")) / "bin" / "java"
    found = str(java) if java.is_file() else shutil.which("java")
    _say(
        f"Spark: Java is {found}" if found else "Spark: no Java; Debian: apt-get install default-jre-headless"
    )


def _program(name: str, package: str, *further: Path) -> str:
    found = shutil.which(name) or next(iter([*further, *Path("/usr/sbin").glob(name)]), None)
    if found is None:
        sys.exit(f"{name} is not installed; Debian: apt-get install {package}")
    return str(found)


def _run(command: list[str | Path], user: str) -> None:
    done = _done(command, user)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def _done(command: list[str | Path], user: str) -> subprocess.CompletedProcess[str]:
    """Run a command, as a server's user where root asks; the server must not hold this process's pipes."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            **_as_user(user),
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def _as_user(user: str) -> dict[str, str]:
    return {"user": user, "group": user} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    for server in SERVERS:
        (stop if sys.argv[1:] == ["stop"] else start)(server)
    if sys.argv[1:] != ["stop"]:
        check_java()
