"""Facts as plain values."""

from __future__ import annotations

import math
from typing import Any


def plain(value: Any) -> Any:
    """Tuples as lists, numbers of numpy as Python's, not-a-number and infinity as None.

    Examples
    --------
    >>> plain({"a": (1.0, float("nan")), "b": "x"})
    {'a': [1.0, None], 'b': 'x'}
    """
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
