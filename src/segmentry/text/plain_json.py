"""Values in the form that JSON has: the one conversion for every file and every `to_dict`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from typing import Any

_SINGLE = (str, int, float, date, time)


def plain_value(value: Any) -> Any:
    """Convert a value, with everything in it, to values that JSON has.

    Dataclasses become objects of their fields, arrays and tuples lists, numbers of numpy those of Python, dates
    ISO texts. Not-a-number and infinity become None, because JSON has neither.

    Examples
    --------
    >>> from datetime import date
    >>> plain_value({"a": (1.0, float("nan"), float("inf")), 2: date(2024, 5, 1)})
    {'a': [1.0, None, None], '2': '2024-05-01'}
    """
    if value is None or isinstance(value, _SINGLE):
        return _plain_single(value)
    if isinstance(value, (list, tuple)):
        return [plain_value(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(key): plain_value(inner) for key, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain_value(getattr(value, f.name)) for f in fields(value)}
    if hasattr(value, "tolist"):  # arrays and scalars of numpy, columns of pandas
        return plain_value(value.tolist())
    raise TypeError(f"JSON has no value for {type(value).__name__}")


def _plain_single(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (date, time)):
        return value.isoformat() if value == value else None  # noqa: PLR0124 - pandas' NaT is unequal to itself
    return str(value) if isinstance(value, str) else value


def json_text(value: Any, indent: int | None = None) -> str:
    """Return the JSON of a value; letters beyond ASCII are not escaped.

    Examples
    --------
    >>> json_text({"é": (1, float("nan"))})
    '{"é": [1, null]}'
    """
    return json.dumps(plain_value(value), ensure_ascii=False, allow_nan=False, indent=indent)


_HALVES = re.compile(r"\\u[dD][89a-fA-F]")


def value_of(text: str | bytes) -> Any:
    """Return the value of a JSON text that may come from anybody.

    Escapes of JSON can name halves of a letter, which no file, page or table can hold: that raises ValueError, as
    other text does that is no JSON.
    """
    value = json.loads(text)
    written = text if isinstance(text, str) else text.decode("utf-8", "replace")
    if _HALVES.search(written):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half a letter") from None
    return value
