"""The public surface: what `segmentry` offers, and that each of it is documented."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
from functools import cached_property
from typing import Any

import pytest

import segmentry as sg


def own_members(one: type) -> list[str]:
    """Public methods and properties that segmentry defines."""
    found = {}
    for parent in reversed(one.__mro__):
        if parent.__module__.startswith("segmentry"):
            found |= {n: m for n, m in vars(parent).items() if not n.startswith(("_", "model_"))}
    kinds = (property, classmethod, staticmethod, cached_property)
    return [n for n, m in found.items() if inspect.isfunction(m) or isinstance(m, kinds)]


def sections_of(one: Any) -> dict[str, str]:
    """A numpydoc text by its sections, the first being the summary."""
    one = getattr(one, "__func__", one)
    parts = re.split(r"\n\n?([A-Z][A-Za-z ]+)\n-+\n", "\n\n" + (inspect.getdoc(one) or ""))
    return {"Summary": parts[0].strip(), **dict(zip(parts[1::2], parts[2::2], strict=True))}


def described(section: str) -> list[str]:
    """Names in a section, in their order."""
    heads = [line.partition(" : ")[0] for line in section.splitlines() if line and not line.startswith(" ")]
    return [name for head in heads for name in head.split(", ")]


FUNCTIONS = [
    "run",
    "profile",
    "score",
    "type_customers",
    "check",
    "audit",
    "draft",
    "collect",
    "load",
    "studio",
]
TYPES = [name for name in sg.__all__ if isinstance(getattr(sg, name), type)]


def test_the_surface_is_the_functions_the_types_and_the_version() -> None:
    assert dir(sg) == sorted([*FUNCTIONS, *TYPES, "__version__"])
    assert {name for name in FUNCTIONS if not inspect.isfunction(getattr(sg, name))} == set()


def test_using_it_shows_nothing_more() -> None:
    code = "import segmentry as sg; sg.run, sg.Drift; import segmentry.cli; print(*dir(sg))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == dir(sg)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'segment'"):
        sg.segment  # noqa: B018


def test_the_command_line_says_the_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segmentry", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"segmentry {sg.__version__}\n"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_documented(name: str) -> None:
    function = getattr(sg, name)
    sections = sections_of(function)
    assert next(iter(sections)) == "Summary"
    assert sections["Summary"].splitlines()[0].endswith(".") or ":" in sections["Summary"]
    assert {"Parameters", "Returns", "Raises", "Examples"} <= set(sections)
    assert "\n>>> " in "\n" + sections["Examples"]
    assert sorted(described(sections["Parameters"])) == sorted(inspect.signature(function).parameters)


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_documented(name: str) -> None:
    one = getattr(sg, name)
    sections = sections_of(one)
    assert sections["Summary"]
    if dataclasses.is_dataclass(one):
        names = set(described(sections["Attributes"]))
        fields = {f.name for f in dataclasses.fields(one) if not f.name.startswith("_")}
        assert fields - names == set()


@pytest.mark.parametrize(("owner", "name"), [(t, n) for t in TYPES for n in own_members(getattr(sg, t))])
def test_a_member_is_documented(owner: str, name: str) -> None:
    member = inspect.getattr_static(getattr(sg, owner), name)
    sections = sections_of(member)
    assert sections["Summary"]
    function = getattr(member, "__func__", member)
    if inspect.isfunction(function):
        taken = [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]
        described_here = described(sections.get("Parameters", ""))
        named = set(described_here) | set(re.findall(r"`(\w+)`", sections["Summary"]))
        assert described_here in ([], taken)
        assert set(taken) - named == set()
