"""Calls in a text of SQL, found by its words, however a parser understands them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import Token, TokenType

from segmentry.sql.functions import KEYWORDS, TYPES

_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)


@dataclass(frozen=True)
class Call:
    """A name before a parenthesis.

    Attributes
    ----------
    name
        In small letters.
    start, end
        Positions of the first and last word between the parentheses, the last excluded.
    arguments
        The words of each argument.
    is_method
        Whether it is written behind what it is given, as in ``a.lower()``.
    """

    name: str
    start: int
    end: int
    arguments: tuple[tuple[Token, ...], ...]
    is_method: bool


def calls_in(tokens: Sequence[Token]) -> tuple[Call, ...]:
    """Find names that stand before a parenthesis and are no words of the language, in their order."""
    closing = _closing(tokens)
    found = []
    for i, token in enumerate(tokens[:-1]):
        if tokens[i + 1].token_type is TokenType.L_PAREN and _is_name(token, tokens[i - 1] if i else None):
            start, end = i + 2, closing.get(i + 1, len(tokens))
            is_method = i > 0 and tokens[i - 1].token_type is TokenType.DOT
            arguments = _arguments(tokens, start, end, closing)
            found.append(Call(token.text.casefold(), start, end, arguments, is_method))
    return tuple(found)


def _is_name(token: Token, before: Token | None) -> bool:
    if token.token_type is TokenType.IDENTIFIER:
        return True
    is_word = token.token_type is TokenType.VAR or token.text[:1].isalpha() or token.text[:1] == "_"
    name = token.text.casefold()
    if name == "replace":  # behind a star, or what it leaves out, it replaces columns
        return before is None or before.token_type not in (TokenType.STAR, TokenType.R_PAREN)
    return is_word and token.token_type is not TokenType.STRING and name.split()[-1] not in KEYWORDS | TYPES


def _closing(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each bracket is closed."""
    found, opened = {}, []
    for i, token in enumerate(tokens):
        if token.token_type in _OPENING:
            opened.append(i)
        elif token.token_type in _CLOSING and opened:
            found[opened.pop()] = i
    return found


def _arguments(
    tokens: Sequence[Token], start: int, end: int, closing: dict[int, int]
) -> tuple[tuple[Token, ...], ...]:
    """The words between the commas, but not the words in brackets."""
    if start >= end:
        return ()
    parts: list[list[Token]] = [[]]
    i = start
    while i < end:
        if tokens[i].token_type is TokenType.COMMA:
            parts.append([])
        else:
            parts[-1].append(tokens[i])
            i = closing.get(i, i)
        i += 1
    return tuple(tuple(part) for part in parts)
