"""Arguments to pipeline to exit code: 0, 2 with one line on a user's mistake, 1 on a defect."""

from __future__ import annotations

import sys

import typer

from segmentry.cli import drift, examples, segments, tables
from segmentry.cli.arguments import app
from segmentry.errors import SegmentryError

__all__ = ["app", "drift", "examples", "main", "segments", "tables"]


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SegmentryError as error:
        typer.echo(f"segmentry: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
