"""Whether plain values are what annotations say: values that were read from a file have to show it."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def has_kinds(part: Any) -> bool:
    """Whether every field of a dataclass, and of those inside it, holds what its annotation says.

    Not-a-number is None in files, so that None stands for any floating-point number.
    """
    hints = get_type_hints(type(part))
    return all(is_of_kind(getattr(part, field.name), hints[field.name]) for field in fields(part))


def is_of_kind(value: Any, hint: Any) -> bool:
    """Whether a value is what an annotation says: a number, a text, a tuple or mapping of them, one of some words.

    Examples
    --------
    >>> is_of_kind(("a", "b"), tuple[str, ...]), is_of_kind(True, int), is_of_kind(3, float), is_of_kind("c", Literal["a"])
    (True, False, True, False)
    """
    origin, arguments = get_origin(hint), get_args(hint)
    named = origin or hint
    if hasattr(named, "__value__"):  # a name for a type, as numpy's NDArray is from Python 3.12 on
        return is_of_kind(value, get_origin(named.__value__) or named.__value__)
    if origin is tuple:
        kinds = (
            (arguments[0],) * len(value) if arguments[-1] is ... and isinstance(value, tuple) else arguments
        )
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(is_of_kind, value, kinds))
    if origin is Literal:
        return isinstance(value, (str, int)) and value in arguments
    if origin in (Union, types.UnionType):
        return any(is_of_kind(value, argument) for argument in arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            is_of_kind(k, arguments[0]) and is_of_kind(v, arguments[1]) for k, v in value.items()
        )
    return _is_single(value, origin or hint)


def _is_single(value: Any, kind: Any) -> bool:
    if kind is float:
        return value is None or is_number(value)
    if kind is int:
        return is_number(value) and value == int(value)  # some programs write every number with a point
    if kind in (bool, str):
        return type(value) is kind
    if is_dataclass(kind):
        return isinstance(value, kind) and has_kinds(value)  # type: ignore[arg-type]
    return kind is Any or isinstance(value, kind)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, and no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
