"""What runs queries for ClickHouse: the engine in this process, and a server by HTTP."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from http.client import HTTPException, IncompleteRead, InvalidURL
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from segmentry.errors import DataError

_SECONDS = 3_600
_SESSION = {"session_timeout": str(_SECONDS)}
"""Temporary tables outlive the fits between two queries; the server's own default is a minute, and this the most that it allows."""


class Refused(Exception):  # noqa: N818 - what a database says, before it is made into a sentence
    """What ClickHouse says instead of a result."""


class Runner(Protocol):
    """Runs statements in one session."""

    def table(self, text: str) -> Any:
        """Return the result of a query as a pyarrow.Table."""
        ...

    def stream(self, text: str) -> tuple[Any, Iterator[Any]]:
        """Return the schema of a query's result, and its record batches one by one."""
        ...

    def execute(self, text: str) -> None:
        """Run a statement that has no result."""
        ...

    def fill(self, name: str, table: Any) -> None:
        """Put the rows of a pyarrow.Table into a table of the session."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


class InProcess:
    """ClickHouse in this process, over a folder of its own tables."""

    def __init__(self, folder: Path) -> None:
        try:
            import chdb
        except ImportError:
            raise DataError(
                "needs the extra `clickhouse`: pip install 'segmentry[clickhouse]'", source="chdb://"
            ) from None
        try:
            self._connection = chdb.connect(str(folder))
        except Exception as error:  # noqa: BLE001 - chdb raises what it likes
            raise DataError(
                f"cannot be opened by chdb: {' '.join(str(error).split())[:300]}", source=folder
            ) from None

    def table(self, text: str) -> Any:
        """Return the result of a query."""
        return self._done(lambda: self._connection.query(text, "ArrowTable"))

    def stream(self, text: str) -> tuple[Any, Iterator[Any]]:
        """Return the schema of a result, and its batches."""
        reader = self._done(lambda: self._connection.send_query(text, "Arrow").record_batch())
        return reader.schema, iter(reader)

    def execute(self, text: str) -> None:
        """Run a statement."""
        self._done(lambda: self._connection.query(text))

    def fill(self, name: str, table: Any) -> None:
        """Insert the rows of a table."""
        given = table  # noqa: F841 - chdb looks the name up in this frame
        try:
            self._connection.query(f"INSERT INTO {name} SELECT * FROM Python(given)")  # noqa: S608 - a name of ours
        except RuntimeError as error:
            raise Refused(str(error)) from None

    def close(self) -> None:
        """Give the folder free."""
        self._connection.close()

    def _done(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except RuntimeError as error:  # chdb's own errors are some
            raise Refused(str(error)) from None


class Server:
    """A server's HTTP interface; one session, in which its temporary tables live."""

    def __init__(self, url: str, user: str, password: str, database: str) -> None:
        self._url = url
        password = password or os.environ.get("CLICKHOUSE_PASSWORD", "")
        user = user or os.environ.get("CLICKHOUSE_USER", "default")
        self._headers = {"X-ClickHouse-User": _header(user), "X-ClickHouse-Key": _header(password)}
        self._settings = {"session_id": secrets.token_hex(12), "default_format": "ArrowStream", **_SESSION}
        if database:
            self._settings["database"] = database

    def table(self, text: str) -> Any:
        """Return the result of a query."""
        schema, batches = self.stream(text)
        import pyarrow as pa

        return pa.Table.from_batches(list(batches), schema)

    def stream(self, text: str) -> tuple[Any, Iterator[Any]]:
        """Return the schema of a result, and its batches."""
        import pyarrow as pa

        response = self._asked(text.encode())
        try:
            reader = pa.ipc.open_stream(response)
        except pa.ArrowInvalid as error:
            response.close()
            raise Refused(f"broke off: {error}") from None
        except HTTPException as error:
            response.close()
            raise _not_http(error) from None
        return reader.schema, _batches(reader)

    def execute(self, text: str) -> None:
        """Run a statement."""
        self._read(text.encode())

    def fill(self, name: str, table: Any) -> None:
        """Insert the rows of a table."""
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        self._read(sink.getvalue().to_pybytes(), query=f"INSERT INTO {name} FORMAT ArrowStream")

    def close(self) -> None:
        """A session ends by itself, an hour after its last query."""

    def _read(self, body: bytes, **parameters: str) -> bytes:
        response = self._asked(body, **parameters)
        try:
            return bytes(response.read())
        except HTTPException as error:
            raise _not_http(error) from None

    def _asked(self, body: bytes, **parameters: str) -> Any:
        query = urlencode({**self._settings, **parameters})
        request = Request(f"{self._url}/?{query}", data=body, headers=self._headers)  # noqa: S310 - http or https, by `opening`
        try:
            return urlopen(request, timeout=_SECONDS)  # noqa: S310
        except HTTPError as error:
            raise Refused(_said(error)) from None
        except (URLError, OSError) as error:
            raise Refused(f"cannot be reached ({getattr(error, 'reason', error)})") from None
        except HTTPException as error:
            raise _not_http(error) from None


def _header(text: str) -> str:
    """Write a name or password so that http.client, which encodes as Latin-1, sends UTF-8."""
    if any(ord(c) < ord(" ") or c == "\x7f" for c in text):
        raise DataError(
            "the user or the password holds a line break or another control character",
            source="clickhouse://",
            hint="was a line break copied with it, as into CLICKHOUSE_PASSWORD?",
        )
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _said(error: HTTPError) -> str:
    with error:
        try:
            return error.read().decode("utf-8", "replace")
        except IncompleteRead as broken:
            return broken.partial.decode("utf-8", "replace") or "the connection broke off; run again"


def _not_http(error: HTTPException) -> Refused:
    if isinstance(error, InvalidURL):
        return Refused("the host in its URL is no name of a host")
    if isinstance(error, IncompleteRead):
        return Refused("the connection broke off; run again")
    return Refused("what answers there does not speak HTTP as ClickHouse does; its HTTP port is usually 8123")


def _batches(reader: Any) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        raise Refused(f"the connection broke off ({error}); run again") from None
    except HTTPException as error:
        raise _not_http(error) from None
