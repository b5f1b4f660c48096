"""Small changes to valid files, drawn by a seed: what a careless hand, a broken disk or a stranger does to them."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from segmentry.errors import SegmentryError

STRANGE = [
    None, [], {}, "", "x", '"; --\n\\', "\x00\x1b[31m", "a" * 300, True, False, -1, 0, 1, 7, -1.5, 0.5, 2.5, 1e-300, 1e300, -1e300,
    10**30, float("nan"), float("inf"), [1, 2, 3], [[]], ["x"], {"a": 1}, "2024-01-01",
]  # fmt: skip


def n_mutations(usual: int) -> int:
    """How many mutations a test draws: by default what fits into a minute, with SEGMENTRY_MUTATIONS as many as it says."""
    return int(os.environ.get("SEGMENTRY_MUTATIONS", str(usual)))


def seeds(usual: int) -> range:
    """Seeds of the mutations; SEGMENTRY_FIRST_SEED begins elsewhere, so that a long run sees new ones."""
    first = int(os.environ.get("SEGMENTRY_FIRST_SEED", "0"))
    return range(first, first + n_mutations(usual))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a JSON value; of long lists the first, the last and some between."""
    if path:
        yield path
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        chosen = sorted(
            {*range(min(len(value), 6)), len(value) // 2, len(value) - 1} & set(range(len(value)))
        )
        items = [(i, value[i]) for i in chosen]
    else:
        items = []
    for key, inner in items:
        yield from places(inner, (*path, key))


def mutated(content: Any, draw: random.Random, within: tuple[Any, ...] = ()) -> tuple[Any, str]:
    """The content with one thing deleted, doubled, turned round, moved a little, or made another thing."""
    content = copy.deepcopy(content)
    part = content
    for step in within:
        part = part[step]
    *path, last = draw.choice(list(places(part)))
    parent = part
    for step in path:
        parent = parent[step]
    how = draw.choice(["delete", "double", "turn", "nudge", "nudge", "other", "other"])
    value = parent[last]
    if how == "delete":
        del parent[last]
    elif how == "double" and isinstance(parent, list):
        parent.insert(last, value)
    elif how == "turn" and isinstance(value, list):
        value.reverse()
    elif how == "nudge" and isinstance(value, (int, float)) and not isinstance(value, bool):
        parent[last] = draw.choice([value + 1, value - 1, -value, value * 1_000, value / 2, float(value)])
    else:
        parent[last] = draw.choice(STRANGE)
    return content, f"{how} {[*within, *path, last]}"


def refusal(use: Callable[[], object], how: str) -> SegmentryError | None:
    """The sentence with which a changed file is refused, None where it is used; any other error fails the test."""
    try:
        use()
    except SegmentryError as error:
        found = str(error)
        if "\n" in found or len(found) > 900:
            pytest.fail(f"{how}: no sentence: {found[:900]}")
        return error
    except Exception as error:  # noqa: BLE001
        pytest.fail(f"{how}: {type(error).__name__}: {error}")
    return None
