"""The one conversion to JSON: what each kind of value becomes, and that no other module has one of its own."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry
from segmentry.text.plain_json import json_text, plain_value, value_of

SOURCE = Path(segmentry.__file__).parent


@dataclass(frozen=True)
class _Found:
    values: np.ndarray
    name: str = "a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64("nan"), None), (float("-inf"), None), (np.int64(3), 3), (np.bool_(True), True), (np.str_("é"), "é"),
        (np.array([[1.5, np.nan], [2.0, np.inf]]), [[1.5, None], [2.0, None]]), (np.array([1, 2], np.int32), [1, 2]),
        (pd.Series(["a", None]), ["a", None]), (pd.NaT, None), (pd.Timestamp("2024-05-01 12:30"), "2024-05-01T12:30:00"),
        (datetime(2024, 5, 1, 7), "2024-05-01T07:00:00"), (date(2024, 5, 1), "2024-05-01"),
        (_Found(np.array([np.nan])), {"values": [None], "name": "a"}), ({1: ((2,), [None])}, {"1": [[2], [None]]}),
    ],
)  # fmt: skip
def test_a_value_becomes_what_json_has(value: object, expected: object) -> None:
    found = plain_value(value)
    assert found == expected
    assert json.loads(json_text(value)) == expected
    assert type(found) in (type(None), bool, int, float, str, list, dict)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="JSON has no value for object"):
        plain_value([object()])


def test_no_other_module_writes_files_of_json() -> None:
    """`json.dumps` elsewhere makes no file that people read: a key, a comparison, a message between processes or to a scheduler, a journal,
    a list of files, a line of a recipe, a text in YAML."""
    inside = {"text/plain_json.py", "patterns/merging.py", "patterns/files.py", "patterns/roll_up.py", "recipe/definitions.py", "text/inert.py",
              "segmentation/plain_values.py", "segmentation/result.py", "system/worker.py",
              "system/manifest.py", "system/folder_swap.py", "report/pictures.py",
              "cli/scores.py", "scoring/digest.py", "selection/choice.py"}  # fmt: skip
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("dump", "dumps")
        and ast.unparse(node.value) == "json"
    }
    assert found <= inside


def test_halves_of_letters_are_no_value_and_two_of_them_are_a_letter() -> None:
    assert value_of('{"a": ["\\ud83d\\ude00", "\\\\ud800", "\\u00e9"]}') == {
        "a": ["\U0001f600", "\\ud800", "é"]
    }
    assert value_of(b'"\\ud83d\\ude00"') == "\U0001f600"
    for text in ('"\\ud800"', '["a\\uDFFF"]', '{"\\udbff": 1}', b'"\\uDe00\\ud83d"'):
        with pytest.raises(ValueError, match="half a letter"):
            value_of(text)
