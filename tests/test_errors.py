"""Errors carry their place and fields; nobody reads them out of a sentence."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from segmentry import errors
from segmentry.errors import DataError, RecipeError, SegmentryError, TooManyLevelsError, nearest

SOURCE = Path(__file__).parents[1] / "src" / "segmentry"
OURS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, SegmentryError)
}
FIELDS = {"problem", "hint", "source"}
READING = {
    "partition",
    "rpartition",
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "split",
    "replace",
    "find",
}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    files = SOURCE.rglob("*.py")
    return {f.relative_to(SOURCE).as_posix(): ast.parse(f.read_text(encoding="utf-8")) for f in files}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DataError("the table has no rows"), "the table has no rows"),
        (DataError("no such file", source=Path("a.csv")), "a.csv: no such file"),
        (
            RecipeError(
                "edges must increase", source="shop.toml", place=("features", "age"), hint="sort them"
            ),
            "shop.toml: features.age: edges must increase; sort them",
        ),
    ],
)
def test_the_text_is_made_of_the_fields(error: SegmentryError, text: str) -> None:
    assert str(error) == text


def test_an_error_with_other_fields_is_of_the_same_kind_and_holds_nothing_of_the_old_text() -> None:
    error = TooManyLevelsError("my s3cret", place=("features", "a"), n_levels=120)
    other = error.with_(problem="too many", place=("strata", "a"))
    assert (type(other), str(other), other.n_levels) == (TooManyLevelsError, "strata.a: too many", 120)
    assert str(error) == "features.a: my s3cret"
    assert "s3cret" not in repr(other)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])  # noqa: S301
def test_an_error_is_the_same_when_it_is_copied(again) -> None:
    error = TooManyLevelsError("too many", place=("features", "a"), hint="group them", n_levels=120)
    other = again(error)
    assert (type(other), vars(other), str(other)) == (TooManyLevelsError, vars(error), str(error))


def handlers(tree: ast.AST) -> Iterator[tuple[ast.ExceptHandler, str]]:
    """Every handler of our own errors that gives them a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None and node.name is not None:
            kinds = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
            if kinds & OURS:
                yield node, node.name


def is_text_of(node: ast.AST, name: str) -> bool:
    """Whether a node is the text, or a text field, of the error called `name`."""
    if isinstance(node, ast.Call):
        return (
            isinstance(node.func, ast.Name)
            and node.func.id in ("str", "repr")
            and [a.id for a in node.args if isinstance(a, ast.Name)] == [name]
        )
    return (
        isinstance(node, ast.Attribute)
        and node.attr in FIELDS
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )


def readings(handler: ast.ExceptHandler, name: str) -> list[int]:
    """Lines that decide by the text of an error, or take it apart."""
    texts = {name}
    found = []
    for node in ast.walk(handler):
        if isinstance(node, ast.Assign) and is_text_of(node.value, name):
            texts |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    for node in ast.walk(handler):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_search = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            parts = (
                list(node.args)
                if is_search
                else [node.func.value]
                if node.func.attr in READING and node.args
                else []
            )
        if any(is_text_of(p, name) or (isinstance(p, ast.Name) and p.id in texts) for p in parts):
            found.append(node.lineno)
    return sorted(found)


def test_nobody_reads_the_text_of_an_error(trees: dict[str, ast.Module]) -> None:
    found = {
        file: [line for handler, name in handlers(tree) for line in readings(handler, name)]
        for file, tree in trees.items()
    }
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_reading_the_text_of_an_error_is_found() -> None:
    text = (
        "try:\n    f()\nexcept (DataError, KeyError) as e:\n    text = str(e)\n    a = text.partition(': ')\n"
        "    b = 'x' in e.problem\n    c = re.match('x', str(e))\n    d = str(e).startswith('outcomes.')\n    raise e"
    )
    assert [line for handler, name in handlers(ast.parse(text)) for line in readings(handler, name)] == [
        5,
        6,
        7,
        8,
    ]


def place_in_the_problem(call: ast.Call) -> bool:
    """Whether a problem begins with a key path or a value and a colon, which are fields."""
    first = call.args[0] if call.args else None
    parts = first.values if isinstance(first, ast.JoinedStr) else [first]
    head = parts[0]
    if isinstance(head, ast.FormattedValue):
        return len(parts) > 1 and isinstance(parts[1], ast.Constant) and str(parts[1].value).startswith(": ")
    return isinstance(head, ast.Constant) and str(head.value).startswith(
        ("features.", "outcomes.", "clean.", "source.", "strata.")
    )


def test_a_place_is_a_field_of_an_error(trees: dict[str, ast.Module]) -> None:
    found = {
        file: [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
               and n.func.id in OURS and place_in_the_problem(n)]
        for file, tree in trees.items()
    }  # fmt: skip
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_a_text_is_one_line_and_names_are_cut_whatever_they_hold() -> None:
    error = DataError(
        "no such column", source="a\nb.csv", place=("features", "x\r\n"), hint=nearest("q", ["r" * 900])
    )
    assert str(error) == f"a b.csv: features.x : no such column; known: {'r' * 59}…"
