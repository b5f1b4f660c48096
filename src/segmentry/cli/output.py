"""What commands write on the terminal: results on the standard output, all else on the error output."""

from __future__ import annotations

import io
import sys

import typer

from segmentry.text import plain_letters
from segmentry.text.one_line import one_line, printable

CLOSED = 141
"""Exit code of programs whose reader has gone: 128 and the signal of a closed pipe."""


def say(text: str) -> None:
    """Write a line of the result, in which names of the user's cannot steer the terminal."""
    typer.echo(printable(text))


def say_aside(text: str) -> None:
    """Write a message on the error output, in one line."""
    typer.echo(one_line(f"segmentry: {text}"), err=True)


def hand_over(text: str) -> None:
    """Write a text that is a file of its own, such as SQL, unchanged; on a terminal it is made printable."""
    typer.echo(printable(text) if sys.stdout.isatty() else text, nl=False)


def is_closed() -> bool:
    """Whether the reader of the output has gone, as `head` does: the command line's library then keeps silent, and ends with 1."""
    return type(sys.stdout).__name__ == "PacifyFlushWrapper"


def write_any_letter() -> None:
    """Have the output replace letters that its encoding lacks, where it would stop at them."""
    plain_letters.register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors=plain_letters.HANDLER)
