"""The kinds of values that a recipe holds: scalars, numbers, periods, and the base of its models."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

Number = int | float


def _scalar(value: object) -> object:
    is_finite = not isinstance(value, float) or math.isfinite(value)
    if not isinstance(value, (bool, int, float, str)) or not is_finite:
        raise ValueError("must be a text, a finite number or true/false")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be a number")
    try:
        is_finite = math.isfinite(value)
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise ValueError("must be a finite number")
    return value


ScalarValue = Annotated[Any, BeforeValidator(_scalar)]
Edge = Annotated[Any, BeforeValidator(_number)]


def _period(value: object) -> object:
    """Turn a day, or a first and a last day, into a pair of days."""
    pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    try:
        days = tuple(date.fromisoformat(d) if isinstance(d, str) else d for d in pair)
    except ValueError:
        days = ()
    if len(days) != 2 or not all(type(d) is date for d in days):
        raise ValueError("must be a day such as 2024-12-31, or a first and a last day in a list")
    if days[1] < days[0]:
        raise ValueError(f"the last day, {days[1]}, is before the first, {days[0]}")
    return days


Period = tuple[date, date]
Measured = Annotated[Period | None, BeforeValidator(lambda v: None if v is None else _period(v))]


class Declared(BaseModel):
    """Base of every part of a recipe: frozen, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=False)
