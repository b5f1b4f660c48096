"""Connection URLs taken apart: what is no URL, and what holds what no name has, is refused before a driver sees it."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from segmentry.errors import DataError
from segmentry.system.passwords import without_password


def split_url(url: str) -> SplitResult:
    """Split a URL into its parts.

    Raises
    ------
    DataError
        It is none, as where a bracket is not closed, or holds a zero character, which no name has.
    """
    if "\0" in unquote(url):
        raise DataError("holds a zero character (%00), which no name has", source=without_password(url))
    try:
        return urlsplit(url)
    except ValueError as error:
        raise DataError(f"cannot be read as a URL ({error})", source=without_password(url)) from None


def split_server_url(url: str) -> SplitResult:
    """Split the URL of a server, whose names are letters; files alone may be called by any bytes.

    Raises
    ------
    DataError
        It is no URL, or holds bytes that are no letters.
    """
    check_is_text(url)
    return split_url(url)


def check_is_text(url: str) -> None:
    """Raise DataError where a URL, its password apart, holds bytes that are no letters."""
    shown = without_password(url)
    if not _is_text(shown):
        raise DataError("holds bytes that are no letters", source=shown)


def table_in(parts: SplitResult, url: str) -> str:
    """Return the table that a URL names.

    Raises
    ------
    DataError
        It names none, or by bytes that are no letters.
    """
    table, shown = parse_qs(parts.query).get("table", [""])[-1], url_without_query(url)
    if not table:
        raise DataError(f"which table? write {shown}?table=NAME", source=shown)
    if not _is_text(table):
        raise DataError("the name of the table holds bytes that are no letters", source=shown)
    return table


def url_without_query(url: str) -> str:
    """Return a URL without its password and query, for a message."""
    return without_password(url).split("?", maxsplit=1)[0]


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
