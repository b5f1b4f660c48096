"""Texts on terminals and in pipes that cannot write every letter: the nearest letters that they have."""

from __future__ import annotations

import codecs
import unicodedata

HANDLER = "segmentry.plain_letters"
"""Name of the error handler, for streams; it is there once `register` was called."""
_PLAIN = {
    "–": "-", "—": "-", "−": "-", "…": "...", "×": "x", "·": "-", "“": '"', "”": '"', "’": "'", "‘": "'", "≤": "<=", "≥": ">=",
    "≈": "about", "→": "->", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "ß": "ss", "€": "EUR", "•": "*",
}  # fmt: skip


def register() -> None:
    """Make the handler known to Python's codecs."""
    codecs.register_error(HANDLER, _replaced)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_plain(letter, error.encoding) for letter in letters), error.end


def _plain(letter: str, encoding: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter]
    base = unicodedata.normalize("NFKD", letter)
    return base.encode(encoding, "ignore").decode(encoding) or "?"
