"""A MariaDB database by the server's own client: statements in, rows of texts out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Row = tuple[str | None, ...]
_TYPES = {
    "string": "VARCHAR(60)",
    "large_string": "VARCHAR(60)",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "int64": "BIGINT",
    "int32": "INT",
}


@dataclass(frozen=True)
class MariaDB:
    """A server's URL and one of its databases."""

    url: str
    database: str = ""

    def __call__(self, statements: str) -> list[Row]:
        """Execute statements, and return the rows of those that have some."""
        parts = urlsplit(self.url)
        command = [
            "mariadb",
            "--no-defaults",
            "--batch",
            "--skip-column-names",
            "--default-character-set=utf8mb4",
        ]
        server = [
            f"--host={parts.hostname}",
            f"--port={parts.port}",
            f"--user={parts.username}",
            "--protocol=tcp",
        ]
        done = subprocess.run(
            [*command, *server, *([self.database] if self.database else [])],
            input=statements,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "MYSQL_PWD": parts.password or ""},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [tuple(_value(v) for v in line.split("\t")) for line in done.stdout.splitlines()]

    def fill(self, table: str, rows: Any) -> None:
        """Make a table of a pyarrow.Table, in place of an earlier one."""
        columns = ", ".join(f"`{f.name}` {_TYPES[str(f.type)]}" for f in rows.schema)
        values = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        made = f"DROP TABLE IF EXISTS {table};\nCREATE TABLE {table} ({columns}) CHARACTER SET utf8mb4;\n"
        self(made + "".join(f"INSERT INTO {table} VALUES {part};\n" for part in _parts(values)))  # noqa: S608


def _parts(rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    written = ["(" + ", ".join(map(_literal, row)) + ")" for row in rows]
    return (",".join(written[at : at + 2_000]) for at in range(0, len(written), 2_000))


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return repr(value) if not isinstance(value, bool) else str(int(value))


def _value(text: str) -> str | None:
    if text == "NULL":
        return None
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in text else text
