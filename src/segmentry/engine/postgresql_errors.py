"""Errors of a PostgreSQL server and its driver in one line, with what to do about them."""

from __future__ import annotations

import re

from segmentry.engine.values_in_errors import DATA_STATES

_BROKEN = "terminating connection|server closed|no connection to the server"
_BROKEN_STATES = ("57P01", "57P02", "08006", "08003")
_FRAMES = (
    r"^[A-Z_]+: ",
    r"^(\[libpq\] )?(Failed to [^:]*|could not [^:]*): ",
    r"^(\[libpq\] )?(Execution error )?\[?PGRES_FATAL_ERROR\]?:? +",
    r"(could not begin COPY|ERROR|FATAL|DETAIL): +",
)
_VALUES = (
    r'(invalid input (?:syntax|value) for [^:"]*): ".*"',
    r"(Key \([^)]*\))=\(.*?\)",
    r'(value) ".*?"(?= is out of range)',
)
"""What quotes a customer's value; the group stays."""
_QUOTES_VALUES = ("22", "P0")
"""Beginnings of the states of errors whose first line may quote values; that of others of data quotes names of tables and constraints."""
_FURTHER = re.compile(r"\n[^\W\d]+ ?:")
"""Where DETAIL, CONTEXT or HINT begins, in the language of the server: a whole row may be in each."""
_OF_THE_CONNECTION = {
    "in an error state": "an earlier query of the connection's transaction failed; call rollback() on it, then try again",
    "must call AdbcConnectionInit": "the connection is closed; open another",
}
_ADVICE = {
    "password authentication failed|no password supplied": "set PGUSER and PGPASSWORD, or keep the password in ~/.pgpass",
}
_OF_A_TIMEOUT = "raise it for this user, or lift it for one job: PGOPTIONS='-c statement_timeout=0'"


def explain_postgresql_error(error: Exception, privilege: str = "SELECT on what the recipe reads") -> str:
    """Write the message of the server or the driver without its prefixes, and what to do about it."""
    state = state_of(error)
    text = _without_frames(str(error), state or "")
    for said, instead in _OF_THE_CONNECTION.items():
        if said in text:
            return instead
    if state in _BROKEN_STATES or re.search(_BROKEN, text):
        why = re.sub(r"^\[libpq\] .*?: ", "", text).split(" server closed the connection")[0]
        return f"the connection broke off ({why}); nothing was written, run again"
    if state == "57014" and "user request" not in text:  # whatever the server's language
        return f"{text}; {_OF_A_TIMEOUT}"
    if state == "42501":
        return f"{text}; ask for {_grant(text, privilege)}"
    return next((f"{text}; {advice}" for said, advice in _ADVICE.items() if re.search(said, text)), text)


def state_of(error: Exception) -> str | None:
    """Return the SQL state of an error; None where the driver knows none."""
    return getattr(error, "sqlstate", None)


def _without_frames(text: str, state: str) -> str:
    text = text.split("\n\nQuery was:", maxsplit=1)[0].split(". SQLSTATE:", maxsplit=1)[0]
    text = re.split(r"\nLINE \d+:", text)[0]
    if state.startswith(DATA_STATES):
        text = _FURTHER.split(text)[0]
    if state.startswith(_QUOTES_VALUES):
        text = re.sub(r'".*"|".*$|(?<!\w)\d[\w.:-]*', "…", text, flags=re.DOTALL)
    for frame in _FRAMES:
        text = re.sub(frame, "", text)
    for quoted in _VALUES:
        text = re.sub(quoted, r"\1", text, flags=re.DOTALL)
    return " ".join(text.split())


def _grant(text: str, privilege: str) -> str:
    if "temporary tables" in text:
        return "GRANT TEMPORARY on the database"
    schema = re.search("for schema (.*)", text)
    granted = f"USAGE on the schema {schema[1]!r}" if schema else privilege
    return f"GRANT {granted}, or give a user who has it"
