"""A model in a few characters: equal where the same customers get the same segments."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from segmentry.scoring.placing import formula_of
from segmentry.segmentation import Segmentation

_LENGTH = 12


def model_digest(segmentation: Segmentation) -> str:
    """Return the first digits of the SHA-256 of what assigns: recipe and formula; names of segments do not count."""
    formula = asdict(formula_of(segmentation)) | {"segments": None}
    return _digest([formula, _recipe(segmentation)])


def recipe_digest(segmentation: Segmentation) -> str:
    """Return the same of the recipe alone: equal of the models that are fitted with it, one night after the other."""
    return _digest(_recipe(segmentation))


def _recipe(segmentation: Segmentation) -> dict[str, object]:
    recipe = segmentation.recipe.to_dict()
    return {key: recipe.get(key) for key in ("source", "clean", "features")}


def _digest(content: object) -> str:
    written = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:_LENGTH]
