"""Segmentations fitted in a moment: no scan of numbers of segments, no verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.collecting.collection import collect_patterns
from segmentry.disclosure import Policy
from segmentry.recipe import Recipe
from segmentry.runs.partition import Partition
from segmentry.runs.profiles import profile_segments
from segmentry.runs.reading import Reading
from segmentry.runs.result import Tested, segmentation_of
from segmentry.runs.sources import Customers, Source
from segmentry.scoring import kinds_of, limit_of, open_data, score_patterns
from segmentry.selection import Choice, fit_model

METHODS = ("latent-class", "k-modes", "k-means")


def segment(data: Any, recipe: Recipe | str, method: str, k: int) -> sg.Segmentation:
    engine = open_data(data, Recipe.load(recipe))
    try:
        collected = collect_patterns(engine, Recipe.load(recipe))
    finally:
        engine.close()
    patterns = collected.patterns
    effort = {"n_init": 5} if method != "k-modes" else {"n_init": 2}
    model = fit_model(patterns, method, k, **effort)  # type: ignore[arg-type]
    labels, certainty = score_patterns(model, patterns.codes)
    choice = Choice(k, True, k, "asked for")
    customers = Customers(Source("test"), collected.matched.recipe, patterns, collected)
    partition = Partition(method, choice, labels, certainty, model)
    profile = profile_segments(customers.recipe, patterns, partition, Reading(), Policy.for_files(None))
    tested = Tested(limit=limit_of(model, patterns), kinds=kinds_of(collected.matched))
    return segmentation_of(customers, partition, profile, tested, Reading(), None)


@pytest.fixture(scope="session")
def make() -> Callable[..., sg.Segmentation]:
    return segment


@pytest.fixture(scope="session")
def households() -> dict[str, sg.Segmentation]:
    from segmentry.datasets import sample_households

    rows = sample_households(rows=2_500, seed=5)
    return {method: segment(rows, HOUSEHOLDS, method, 4) for method in METHODS}
