"""Small changes to valid files, drawn by a seed: what a careless hand, a broken disk or a stranger does to them."""

from __future__ import annotations

import copy
import os
import random
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
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
    """The content with one thing deleted, doubled, turned round, moved a little, or made another thing.

    What is not on the way to that thing is the content's own, not a copy: nobody may change it.
    """
    content = parent = copy.copy(content)
    chosen = content
    for step in within:
        chosen = chosen[step]
    *path, last = (*within, *draw.choice(list(places(chosen))))
    for step in path:
        parent[step] = copy.copy(parent[step])
        parent = parent[step]
    how = draw.choice(["delete", "double", "turn", "nudge", "nudge", "other", "other"])
    value = parent[last]
    if how == "delete":
        del parent[last]
    elif how == "double" and isinstance(parent, list):
        parent.insert(last, value)
    elif how == "turn" and isinstance(value, list):
        parent[last] = value[::-1]
    elif how == "nudge" and isinstance(value, (int, float)) and not isinstance(value, bool):
        parent[last] = draw.choice([value + 1, value - 1, -value, value * 1_000, value / 2, float(value)])
    else:
        parent[last] = draw.choice(STRANGE)
    return content, f"{how} {[*path, last]}"


def changed_text(text: str, draw: random.Random, words: Sequence[str]) -> str:
    """The text with up to three pieces deleted, doubled, moved, made a strange word, or one letter made another."""
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        start = draw.randrange(len(text) + 1)
        end = min(len(text), start + draw.choice([0, 1, 1, 2, 5, 20]))
        piece = text[start:end]
        made = draw.choice(
            ["", piece * 2, draw.choice(words), draw.choice(words), chr(draw.randrange(32, 127))]
        )
        if draw.random() < 0.15:
            to = draw.randrange(len(text) + 1)
            text, start, end, made = text[:start] + text[end:], to, to, piece
        text = text[:start] + made + text[end:]
    return text


def refusals(
    usual: int, change: Callable[[random.Random], tuple[Callable[[], object], str]]
) -> list[SegmentryError | None]:
    """The sentences for each seed; what ends otherwise fails the test at the end, one example of each kind.

    Parameters
    ----------
    usual
        How many are drawn by default.
    change
        Gives what uses a changed thing, and how it was changed.
    """
    found, problems, slowest = [], {}, (0.0, "")
    for seed in seeds(usual):
        use, how = change(random.Random(seed))  # noqa: S311
        began = time.monotonic()
        refused, problem = _told(use)
        slowest = max(slowest, (time.monotonic() - began, f"seed {seed}, {how}"))
        found.append(refused)
        if problem:
            problems.setdefault(problem[-120:], f"seed {seed}, {how}: {problem}")
    print(f"{len(found):,} changed, {sum(error is not None for error in found):,} refused, slowest {slowest}")  # noqa: T201
    if problems:
        pytest.fail("\n\n".join(problems.values()))
    return found


def _told(use: Callable[[], object]) -> tuple[SegmentryError | None, str]:
    """The sentence of a refusal, and what is wrong where it is none."""
    try:
        use()
    except SegmentryError as error:
        found = str(error)
        return error, f"no sentence: {found[:900]}" if "\n" in found or len(found) > 900 else ""
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        return None, f"{type(error).__name__}: {str(error)[:300]}\n{where}"
    return None, ""
