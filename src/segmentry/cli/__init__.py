"""The command line: arguments in, exit code out: 0, 2 with one line on a user's mistake, 1 on a defect."""

from __future__ import annotations

import io
import sys
import warnings

import typer

from segmentry.cli import auditing, drift, examples, production, recipes, segments, tables
from segmentry.cli.arguments import app
from segmentry.errors import SegmentryError, SegmentryWarning
from segmentry.system.ending import ended_by_signals
from segmentry.system.passwords import with_password_in_environment
from segmentry.text import plain_letters

__all__ = ["app", "auditing", "drift", "examples", "main", "production", "recipes", "segments", "tables"]


def main() -> None:
    """Run the command line."""
    _write_any_letter()
    warnings.showwarning = _warn_in_words
    with ended_by_signals():
        _run()


def _run() -> None:
    try:
        sys.argv[1:] = with_password_in_environment(sys.argv[1:])
        app()
    except SegmentryError as error:
        typer.echo(f"segmentry: {' '.join(str(error).split())}", err=True)
        sys.exit(2)


def _warn_in_words(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    """Write a warning of ours as a sentence; others are for developers."""
    if issubclass(category, SegmentryWarning):
        typer.echo(f"segmentry: warning: {' '.join(str(message).split())}", err=True)


def _write_any_letter() -> None:
    """Have the output replace letters that its encoding lacks, where it would stop at them."""
    plain_letters.register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors=plain_letters.HANDLER)
