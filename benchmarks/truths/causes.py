"""Outcomes that features determine, and differences that come from who is in a segment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import special

from truths.tables import Columns, Floats, Rng

Parts = dict[str, Any]
AGES = (30, 40, 50, 60)


@dataclass(frozen=True)
class Caused:
    """Columns of customers, the recipe's parts, and which outcomes are what.

    Attributes
    ----------
    columns, parts
        The customers; what a recipe says of them.
    spurious
        Outcomes that must not be claimed: leaks, or differences without a cause beside the confounder.
    real
        Outcomes that must be.
    """

    columns: Columns
    parts: Parts
    spurious: tuple[str, ...]
    real: tuple[str, ...]


def leaks(noise: float, rng: Rng, n: int) -> Caused:
    """Spend, banded, forms segments; spend as an expression, gross, its logarithm, a flag of it are outcomes."""
    spend = np.exp(rng.normal(4, 0.8, n))
    around = np.exp(rng.normal(0, noise, n)) if noise else np.ones(n)
    edges = np.quantile(spend, [0.25, 0.5, 0.75]).round(2).tolist()
    eager = (np.log(spend) - 4) / 0.8
    columns = {
        "spend": spend,
        "age": rng.uniform(18, 80, n),
        "visits": np.digitize(eager + rng.normal(0, 0.7, n), [-0.5, 0.5]),
        "gross": 1.2 * spend * around,
        "log_spend": 10 + np.log(spend * around),
        "is_big": (spend * around > edges[1]).astype(np.int64),
        "complaints": rng.poisson(np.exp(0.4 * eager - 0.5)),
        "gift": (rng.random(n) < special.expit(0.5 * eager - 1)).astype(np.int64),
    }
    again = {"name": "spend_again", "label": "Spend again", "sql": "spend * 1.0"}
    parts: Parts = {
        "features": {
            "spend": {"column": "spend", "edges": edges},
            "age": {"column": "age", "edges": list(AGES)},
            "visits": {"column": "visits", "levels": [0, 1, 2], "scale": "ordinal"},
        },
        "outcomes": [
            {"name": "money", "role": "amounts", "columns": [
                {"name": "gross", "label": "Gross"}, {"name": "log_spend", "label": "Log"}, *([] if noise else [again])]},
            {"name": "times", "role": "counts", "columns": ["complaints"]},
            {"name": "yes", "role": "flags", "columns": ["is_big", "gift"]},
        ],
    }  # fmt: skip
    spurious = ("gross", "log_spend", "is_big") + (() if noise else ("spend_again",))
    return Caused(columns, parts, spurious, ("complaints", "gift"))


def confounded(is_banded: bool, effect: float, rng: Rng, n: int) -> Caused:
    """Segments of different ages, and outcomes that depend on age.

    Parameters
    ----------
    is_banded
        Whether outcomes depend on the band of age that strata are made of; else on age itself, so that something remains
        within a band.
    effect
        What the first segment adds to the outcomes beside age, in standard deviations.
    """
    age = rng.uniform(20, 70, n)
    band = np.digitize(age, AGES)
    lean = rng.normal(0, 1.0, (5, 4))
    segment = (lean[band] + rng.gumbel(size=(n, 4))).argmax(axis=1)
    cause = (band - 2) / 1.4 if is_banded else (age - 45) / 14.4
    own: Floats = 0.6 * cause + effect * (segment == 0)
    flags = {f"y{j}": (rng.random(n) < special.expit(own - 1.5)).astype(np.int64) for j in range(3)}
    spent = {f"a{j}": np.exp(0.5 * own + rng.normal(0, 0.7, n)) for j in range(3)}
    parts: Parts = {
        "features": {
            "age": {"column": "age", "edges": list(AGES)},
            "region": {"column": "region", "levels": [0, 1, 2]},
        },
        "strata": ["age"],
        "outcomes": {
            "yes": {"role": "flags", "columns": list(flags)},
            "money": {"role": "amounts", "columns": list(spent)},
        },
    }
    columns = {"age": age, "region": rng.integers(0, 3, n), "segment": segment, **flags, **spent}
    names = (*flags, *spent)
    return Caused(columns, parts, () if effect else names, names if effect else ())


LEAKS: dict[str, Callable[[Rng, int], Caused]] = {
    "copies": partial(leaks, 0.0),
    "near-copies": partial(leaks, 0.05),
}
CONFOUNDED: dict[str, Callable[[Rng, int], Caused]] = {
    "explains-all": partial(confounded, True, 0.0),
    "coarse-bands": partial(confounded, False, 0.0),
    "own-cause": partial(confounded, True, 0.8),
}
