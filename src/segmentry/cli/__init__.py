"""The command line: arguments in, exit code out: 0, 2 with one line on a mistake, 75 to try again, 141 where nobody reads on, 1 on a defect."""

from __future__ import annotations

import gc
import logging
import sys
import warnings

from segmentry.cli import (
    auditing,
    drift,
    examples,
    production,
    recipes,
    segments,
    studio,
    tables,
    typing_tool,
)
from segmentry.cli.arguments import app
from segmentry.cli.failures import failure_of
from segmentry.cli.output import CLOSED, is_closed, say_aside, write_any_letter
from segmentry.errors import SegmentryWarning
from segmentry.system.ending import ended_by_signals
from segmentry.system.passwords import with_password_in_environment

__all__ = [
    "app",
    "auditing",
    "drift",
    "examples",
    "main",
    "production",
    "recipes",
    "segments",
    "studio",
    "tables",
    "typing_tool",
]


def main() -> None:
    """Run the command line."""
    write_any_letter()
    warnings.showwarning = _warn_in_words
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would write a recipe's SQL on the terminal
    with ended_by_signals():
        try:
            sys.argv[1:] = with_password_in_environment(sys.argv[1:])
            app()
        except SystemExit as ended:
            if ended.code == 1 and is_closed():
                sys.exit(CLOSED)
            raise
        except BaseException as error:
            failure = failure_of(error)
            if failure is None:
                raise
            say_aside(failure.text)
            sys.exit(failure.code)
        finally:
            gc.freeze()  # at its end Python would look for cycles among all objects: a quarter of a second after a run


def _warn_in_words(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    """Write a warning of ours as a sentence; others are for developers."""
    if issubclass(category, SegmentryWarning):
        say_aside(f"warning: {message}")
