"""Model files that were damaged or edited: refused in one line, or they assign as before; never a traceback."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.errors import SegmentryError

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=60, seed=9)
STRANGE = [
    None,
    [],
    {},
    "x",
    '"; --\n\\',
    True,
    -1,
    0,
    7,
    -1.5,
    0.5,
    1e308,
    10**30,
    float("nan"),
    [1, 2, 3],
    {"a": 1},
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = sg.run(sample_households(rows=1_000, seed=5), HOUSEHOLDS, segments=3)
    return result.save(tmp_path_factory.mktemp("model") / "segmentation.json")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a JSON value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def mutated(content: dict[str, Any], draw: random.Random) -> tuple[dict[str, Any], str]:
    """The content with one thing deleted, doubled, turned round, or made another thing."""
    content = copy.deepcopy(content)
    key = draw.choice(["recipe", "model", "scoring", "segments", "patterns", "population", *content])
    *path, last = draw.choice(list(places(content[key], (key,))))
    parent: Any = content
    for step in path:
        parent = parent[step]
    how = draw.choice(["delete", "double", "turn", "other", "other"])
    if how == "delete":
        del parent[last]
    elif how == "double" and isinstance(parent, list):
        parent.insert(last, parent[last])
    elif how == "turn" and isinstance(parent[last], list):
        parent[last].reverse()
    else:
        parent[last] = draw.choice(STRANGE)
    return content, f"{how} {[*path, last]}"


def use(path: Path) -> pd.DataFrame:
    model = sg.load(path)
    assigned = model.assign(ROWS)
    model.to_sql("postgres", reason=True)
    model.to_python()
    return assigned


def test_a_file_that_was_changed_in_any_place_is_refused(saved: Path, tmp_path: Path) -> None:
    content = json.loads(saved.read_text())
    path = tmp_path / "m.json"
    for seed in range(200):
        changed, how = mutated(content, random.Random(seed))  # noqa: S311
        path.write_text(json.dumps(changed))
        if json.dumps(changed, sort_keys=True) == json.dumps(content, sort_keys=True) or "'name']" in how:
            continue
        if "fingerprint" in how:
            continue
        with pytest.raises(SegmentryError) as caught:
            sg.load(path)
        assert "\n" not in str(caught.value), how


def test_without_its_fingerprint_a_changed_file_gives_no_traceback(saved: Path, tmp_path: Path) -> None:
    content = json.loads(saved.read_text())
    del content["fingerprint"]
    path = tmp_path / "m.json"
    n_refused = 0
    for seed in range(100):
        changed, how = mutated(content, random.Random(seed))  # noqa: S311
        path.write_text(json.dumps(changed))
        try:
            use(path)
        except SegmentryError:
            n_refused += 1
        except Exception as error:  # noqa: BLE001
            pytest.fail(f"{how}: {type(error).__name__}: {error}")
    assert n_refused > 30


def test_a_file_cut_off_anywhere_is_refused(saved: Path, tmp_path: Path) -> None:
    text = saved.read_text()
    path = tmp_path / "m.json"
    for length in range(0, len(text) - 2, len(text) // 40):
        path.write_text(text[:length])
        with pytest.raises(sg.ModelError, match="damaged, not JSON|not a segmentation"):
            sg.load(path)


def test_layout_and_the_names_of_segments_may_change(saved: Path, tmp_path: Path) -> None:
    content = json.loads(saved.read_text(), parse_int=float)
    content["schema"] = 1
    for i, segment in enumerate(content["segments"]):
        segment["name"] = f"Our group {i}"
        segment["id"] = int(segment["id"])
    path = tmp_path / "m.json"
    path.write_text(json.dumps(json.loads(saved.read_text()) | {"segments": content["segments"]}, indent=4))
    loaded = sg.load(path)
    assert [s.name for s in loaded.segments] == ["Our group 0", "Our group 1", "Our group 2"]
    pd.testing.assert_frame_equal(loaded.assign(ROWS), sg.load(saved).assign(ROWS))
