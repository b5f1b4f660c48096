"""Passwords of connection URLs: found and hidden, so that no message shows them."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, unquote_plus

from segmentry.errors import DataError

_SECRET = re.compile(
    r"passw|pwd|passphrase|passcode|token|secret|credential|private_?key|api_?key|access_?key", re.IGNORECASE
)
"""What the key of a setting in a URL holds if its value is a secret, whichever driver's it is."""
_NO_SECRETS = ("", "true", "false")
"""Values of settings that only switch something, as `client_option.cache_mfa_token=true` does."""
_IN_QUERY = re.compile(r"(?<=[?&])([^=&]*)=([^&]*)")
_UNSAFE = re.compile(r"[/?#@:\s]|%(?![0-9A-Fa-f]{2})")
HIDDEN = "***"
_VARIABLES = {
    "clickhouse": "CLICKHOUSE_PASSWORD", "snowflake": "SNOWFLAKE_PASSWORD", "databricks": "DATABRICKS_TOKEN",
}  # fmt: skip
"""Where an engine looks for a password that the URL lacks; PostgreSQL's looks in PGPASSWORD."""


def secrets_of(url: str) -> tuple[str, ...]:
    """Find everything in a URL that must not be shown, longest first: passwords as written, and decoded."""
    in_query = [value for key, value in _settings(url) if _is_secret(key)]
    both = {
        text
        for part in (_password(url), *in_query)
        for text in (part, unquote(part), unquote_plus(part) if part in in_query else "")
        if text not in _NO_SECRETS
    }
    return tuple(sorted(both, key=len, reverse=True))


def hide_secrets(text: str, url: str) -> str:
    """Return the text without the secrets of the URL."""
    shown = text.replace(url, without_password(url))
    for secret in secrets_of(url):
        shown = shown.replace(secret, HIDDEN)
    return shown


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    written = _password(url)
    shown = url.replace(f":{written}@", f":{HIDDEN}@", 1) if written else url
    return _IN_QUERY.sub(_hidden, shown) if "://" in url else shown


def check_password(url: str) -> None:
    """Refuse a password with characters that end it in a URL: the rest would be read as the server's name.

    A zero character is in no password: no environment takes it.
    """
    if "\0" in unquote(_password(url) + _password_in_query(url)):
        raise DataError(
            "the password holds a zero character (%00), which none has", source=without_password(url)
        )
    if _UNSAFE.search(_password(url)):
        raise DataError(
            "write / ? # @ : % and spaces of the password as %2F %3F %23 %40 %3A %25 %20, or "
            "leave it out and set PGPASSWORD",
            source=without_password(url),
        )


def with_password_in_environment(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a command without the password of a URL, and set the variable of its server to it.

    So no message about the arguments can show it. Arguments with different passwords for one kind of server are unchanged.

    Raises
    ------
    DataError
        A password holds characters that have to be encoded in a URL.
    """
    for argument in arguments:
        check_password(argument)
    given = [_password(argument) or _password_in_query(argument) for argument in arguments]
    found: dict[str, set[str]] = {}
    for argument, password in zip(arguments, given, strict=True):
        if password:
            name = _VARIABLES.get(argument.partition("://")[0], "PGPASSWORD")
            found.setdefault(name, set()).add(unquote(password))
    if not found or any(len(passwords) > 1 for passwords in found.values()):
        return list(arguments)
    os.environ.update({name: passwords.pop() for name, passwords in found.items()})
    hide_from_other_users(given)
    return [_without(argument, password) for argument, password in zip(arguments, given, strict=True)]


def hide_from_other_users(secrets: Sequence[str]) -> None:
    """Overwrite secrets in the list of processes, where the system lets a process write there, as Linux does.

    They stand there for the moment in which Python starts, so that a password is better given in PGPASSWORD or ~/.pgpass.
    """
    try:
        fields = (
            Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        start, end = int(fields[45]), int(fields[46])
        shown = ctypes.string_at(start, end - start)
    except (OSError, ValueError, IndexError):
        return
    for secret in filter(None, secrets):
        written = os.fsencode(secret)
        place = shown.find(written)
        while place >= 0:
            ctypes.memset(start + place, ord("*"), len(written))
            place = shown.find(written, place + 1)


def _is_secret(key: str) -> bool:
    return _SECRET.search(unquote(key)) is not None


def _settings(query: str) -> Iterator[tuple[str, str]]:
    """Yield keys and values of a query, also those in a value, where a ? stands twice."""
    for key, value in _IN_QUERY.findall(query):
        yield key, value
        yield from _settings(value)


def _hidden(setting: re.Match[str]) -> str:
    key, value = setting.groups()
    return f"{key}={HIDDEN if _is_secret(key) else _IN_QUERY.sub(_hidden, value)}"


def _without(url: str, password: str) -> str:
    if not password:
        return url
    shorter = url.replace(f":{password}@", "@", 1)
    return re.sub(r"([?&])password=[^&]*&?", r"\1", shorter, count=1).rstrip("?&")


def _password_in_query(url: str) -> str:
    found = re.search(r"[?&]password=([^&]*)", url) if re.match(r"postgres(ql)?://", url) else None
    return found[1] if found else ""


def _password(url: str) -> str:
    """Return the part of a URL between the user's name and the last @, as it is written there."""
    found = re.match(r"[a-z0-9+.-]*:?//[^:/@?]*:(.*)@", url, re.IGNORECASE | re.DOTALL)
    return found[1] if found else ""
