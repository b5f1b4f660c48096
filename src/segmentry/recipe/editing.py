"""Edits of a recipe's text where the recipe changed; all other text keeps its comments and order."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import tomlkit

_UNORDERED = ("model", "source")
"""Tables of settings, whose order says nothing."""


_read_ahead: deque[tuple[str, tomlkit.TOMLDocument]] = deque(maxlen=1)


def read_ahead(text: str) -> None:
    """Read the text that will be edited next: it takes longer than the edit. Any thread may call it."""
    _read_ahead.append((text, tomlkit.parse(text)))


def _read(text: str) -> tomlkit.TOMLDocument:
    with suppress(IndexError):
        known, document = _read_ahead.pop()
        if known == text:
            return document
    return tomlkit.parse(text)


def edited(text: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    r"""Apply the differences between two recipes, as plain values, to the text of the first.

    `before` is the recipe of `text` as `Recipe.toml_content` returns it, `after` the changed one. With a table that is
    removed the comment before the next table is removed, too, because TOML counts it to the end of the first.

    Examples
    --------
    >>> text = "[model]  # by BIC\nseed = 1 # fixed\nsegments = 3\n"
    >>> print(edited(text, {"model": {"seed": 1, "segments": 3}}, {"model": {"seed": 1, "segments": 4}}), end="")
    [model]  # by BIC
    seed = 1 # fixed
    segments = 4
    """
    document = _read(text)
    _apply(document, before, after)
    return tomlkit.dumps(document)


def _apply(place: MutableMapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for key in before.keys() - after.keys():
        place.pop(key, None)
    for key, value in after.items():
        old, here = before.get(key), place.get(key)
        if value == old and _is_ordered_alike(value, old):
            continue
        is_free = key in _UNORDERED or (isinstance(value, Mapping) and _keeps_order(old or {}, value))
        if is_free and isinstance(value, Mapping) and isinstance(here, MutableMapping):
            _apply(here, old or {}, value)
        else:
            place[key] = value


def _is_ordered_alike(one: Any, other: Any) -> bool:
    """Whether the keys of equal values are in one order, those of tables within them, too."""
    if not isinstance(one, Mapping):
        return True
    return list(one) == list(other) and all(_is_ordered_alike(one[key], other[key]) for key in one)


def _keeps_order(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether new keys come last, as they do when they are added to a table; groups are levels in their order."""
    return [*(key for key in before if key in after), *(key for key in after if key not in before)] == list(
        after
    )
