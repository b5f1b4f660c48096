"""A recipe's text changed where the recipe changed: comments and order of everything else stay."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit


def edited(text: str, before: str, after: str) -> str:
    r"""The text of a recipe with the differences between two plain TOML texts applied.

    `before` is the recipe of `text` as `Recipe.to_toml` writes it, `after` the changed one. A table that is
    removed takes the comment with it that stands before the next one: TOML has it at its end.

    Examples
    --------
    >>> text = "[model]  # by BIC\nseed = 1 # fixed\nsegments = 3\n"
    >>> print(edited(text, text, "[model]\nseed = 1\nsegments = 4"), end="")
    [model]  # by BIC
    seed = 1 # fixed
    segments = 4
    """
    document = tomlkit.parse(text)
    _apply(document, tomlkit.parse(before).unwrap(), tomlkit.parse(after).unwrap())
    return tomlkit.dumps(document)


def _apply(place: MutableMapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for key in before.keys() - after.keys():
        place.pop(key, None)
    for key, value in after.items():
        old, here = before.get(key), place.get(key)
        if value == old:
            continue
        if isinstance(value, Mapping) and isinstance(here, MutableMapping):
            _apply(here, old or {}, value)
        else:
            place[key] = value
