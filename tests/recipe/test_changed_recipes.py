"""Recipes that were changed: refused in a sentence, or they collect tables that can be, and are written as they were read."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from mutations import changed_text, mutated, refusals
from segmentry.collecting.collection import collect_sums
from segmentry.engine import Engine
from segmentry.engine.opening import open_engine
from segmentry.patterns.checking import check_table
from segmentry.recipe import Recipe
from segmentry.recipe.editing import edited

TEXT = """
title = "Shop"
headline = "bought"
sensitive = ["kind"]
strata = ["size", { name = "age", column = "age", edges = [30, 60] }]
names = [{ of = "large", name = "Big ones", note = "x" }]
[source]
id = "id"
sql = "SELECT *, a + 1 AS b FROM data WHERE a > 0"
weight = "w"
[[clean]]
step = "known"
drop_missing = ["a"]
[[clean]]
step = "adults"
keep = "age >= 18 OR age IS NULL"
[[clean]]
step = "kinds"
replace = { column = "kind", values = [["x", "y"], ["z", "q"]] }
[features.size]
column = "a"
edges = [2, 5]
labels = ["small", "middle", "large"]
missing = "level"
[features.kind]
column = "kind"
groups = { one = ["y"], other = ["q", "r"] }
rest = "Rest"
[features.ages]
sql = "age / 10"
quantiles = 3
distribution = "ordered"
[features.level]
column = "kind"
levels = ["y", "q"]
unseen = "missing"
[outcomes.bought]
role = "flags"
cost_per_contact = 1.5
revenue_per_acceptance = 20
[outcomes.bought.columns]
yes = "Bought it"
[outcomes.spent]
role = "amounts"
columns = { s = { label = "Spent", sql = "s * 1.0" } }
[model]
method = "latent-class"
range = [1, 4]
seed = 3
joined = [["kind", "level"]]
"""
WORDS = [
    "[", "]", "{", "}", '"', "'", '"""', "=", ",", "\\u0000", "\\", "#", "\n", "-1", "0", "1e999", "nan", "inf", "1979-05-27", "true", "[[clean]]",
    "[features.size]", "[outcomes.x]", "quantiles", "equal_widths = 3", "yes_no = true", "edges", "levels", "groups", "rest", "missing", "error", "drop",
    "keep", "weight", "id", "random()", "--", "/*", ";", "SELECT", "FROM data", "x" * 300, "\x1b[31m", "é", "column", "sql", "column = 'a'", "\ufeff",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A table that the recipe fits."""
    draw = np.random.default_rng(3)
    n = 60
    frame = pd.DataFrame({
        "id": range(n), "a": draw.integers(0, 9, n), "kind": draw.choice(["x", "y", "z", "q", "r", None], n),
        "age": draw.integers(15, 90, n), "w": draw.uniform(0.5, 2, n), "yes": draw.integers(0, 2, n), "s": draw.uniform(0, 90, n),
    })  # fmt: skip
    opened = open_engine(frame)
    yield opened
    opened.close()


def behave(recipe: Recipe, engine: Engine, *, collects: bool) -> None:
    """What is accepted is written as it was read, and collects a table that customers can make."""
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    if not collects:
        return
    patterns = collect_sums(engine, recipe).patterns
    check_table(patterns)
    assert 0 < patterns.n_customers <= 60
    assert [f.name for f in patterns.features] == [f.name for f in recipe.features]


def test_a_changed_recipe_is_refused_in_a_sentence_or_behaves(engine: Engine) -> None:
    content = tomllib.loads(TEXT)

    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        made, how = mutated(content, draw)
        collects = draw.random() < 0.1
        return lambda: behave(Recipe.from_dict(made), engine, collects=collects), how

    refused = refusals(100, change)
    assert any(refused)
    assert not all(refused)


def test_the_text_of_a_recipe_that_was_changed(engine: Engine) -> None:
    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        text = changed_text(TEXT, draw, WORDS)
        collects = draw.random() < 0.1

        def use() -> None:
            recipe = Recipe.from_toml(text)
            behave(recipe, engine, collects=collects)
            other = recipe.with_(title="Other", model={"segments": 2})
            assert Recipe.from_toml(edited(text, recipe.toml_content(), other.toml_content())) == other

        return use, repr(text)

    refused = refusals(100, change)
    assert any(refused)
    assert not all(refused)
