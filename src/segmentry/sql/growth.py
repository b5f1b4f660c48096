"""How many times longer than what they are given functions inside each other make a value: bounded, as a recipe's size is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import Token, TokenType

from segmentry.errors import Place, RecipeError
from segmentry.sql.boundary import TRUST
from segmentry.sql.functions import SIZED
from segmentry.sql.words import Call

LONGEST = 1_000
"""Largest length that is written out, and largest number of times that a value grows."""
_UNKNOWN = 100
"""Number of times that a value is taken to grow by another value."""
_PER_ELEMENT = 30
_BY_NAME = {
    "hex": 2, "to_hex": 2, "base64": 2, "to_base64": 2, "regexp_escape": 2, "nfc_normalize": 3, "url_encode": 3, "json_quote": 6,
    "to_json": 6, "json_array": 6, "json_object": 6, "bin": 8, "to_binary": 8,
}  # fmt: skip
_TEXT_INSERTED = {"replace": 2, "regexp_replace": 2, "array_to_string": 1}
"""Position of the text that is put in, once or often."""
_LAMBDAS = frozenset(
    {"list_transform", "array_transform", "list_apply", "array_apply", "list_filter", "array_filter"}
)
_REDUCTIONS = frozenset({"list_reduce", "array_reduce", "reduce"})
_OF_NUMBERS = frozenset(
    {"abs", "ceil", "coalesce", "floor", "greatest", "if", "ifnull", "least", "round", "sqrt"}
)


def check_growth(calls: Sequence[Call], place: Place) -> None:
    """Refuse calls inside each other that make a value of any length.

    Raises
    ------
    RecipeError
        The name of the function.
    """
    around: list[tuple[int, float]] = []
    for call in calls:
        while around and around[-1][0] <= call.start:
            around.pop()
        if call.name in SIZED:
            _check_length(call, place)
        if call.name in _REDUCTIONS:
            _check_reduction(call, calls, place)
        times = (around[-1][1] if around else 1.0) * _times(call)
        if times > LONGEST:
            raise RecipeError(
                f"{call.name}() within other functions makes a long value of a long one",
                place=place,
                hint=TRUST,
            )
        around.append((call.end, times))


def _times(call: Call) -> float:
    if call.name in SIZED:
        return float(call.arguments[1][0].text)
    if call.name in _TEXT_INSERTED:
        position = _TEXT_INSERTED[call.name]
        inserted = _text(call, position)
        if inserted is None:
            return _UNKNOWN
        replaced = _text(call, 1) if call.name == "replace" else ""
        return max(1.0, len(inserted) / len(replaced) if replaced else 1.0 + len(inserted))
    return _PER_ELEMENT if call.name in _LAMBDAS else _BY_NAME.get(call.name, 1)


def _text(call: Call, position: int) -> str | None:
    """A text that is written out as an argument; None of any other."""
    if call.is_method or position >= len(call.arguments) or len(call.arguments[position]) != 1:
        return None
    token = call.arguments[position][0]
    return token.text if token.token_type is TokenType.STRING else None


def _check_length(call: Call, place: Place) -> None:
    given = call.arguments[1] if len(call.arguments) > 1 and not call.is_method else ()
    is_small = len(given) == 1 and given[0].token_type is TokenType.NUMBER and given[0].text.isdigit()
    if not is_small or int(given[0].text) > LONGEST:
        raise RecipeError(
            f"{call.name}() needs a length that is written out, up to {LONGEST:,}", place=place, hint=TRUST
        )


def _check_reduction(call: Call, calls: Sequence[Call], place: Place) -> None:
    """What is made of each element and what was made before may be a number alone: texts would double each time."""
    words: list[Token] = [token for argument in call.arguments[1:] for token in argument]
    makes_more = any(
        token.token_type in (TokenType.DPIPE, TokenType.L_BRACKET, TokenType.L_BRACE) for token in words
    )
    inside = [c.name for c in calls if call.start <= c.start and c.end <= call.end and c is not call]
    if makes_more or not _OF_NUMBERS.issuperset(inside):
        raise RecipeError(
            f"{call.name}() may compute with {', '.join(sorted(_OF_NUMBERS))} and + - * / alone",
            place=place,
            hint=TRUST,
        )
