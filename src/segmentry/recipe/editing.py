"""Edits of a recipe's text where the recipe changed; all other text keeps its comments and order."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit


def edited(text: str, before: str, after: str) -> str:
    r"""Apply the differences between two plain TOML texts to the text of a recipe.

    `before` is the recipe of `text` as `Recipe.to_toml` writes it, `after` the changed one. With a table that is
    removed the comment before the next table is removed, too, because TOML counts it to the end of the first.

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
