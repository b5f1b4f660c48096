"""Parts of a segmentation as plain values for JSON, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.patterns import Cleaning, FeatureLevels, OutcomeInfo, PatternTable, as_codes
from segmentry.profiling import Insights, Population
from segmentry.text.plain_json import plain_value

if TYPE_CHECKING:
    import pandas as pd

MAX_SAVED_PATTERNS = 20_000
ARRAYS: dict[str, type] = {
    "codes": np.int32,
    "counts": np.int64,
    "n_values": np.int64,
    "sums": np.float64,
    "squares": np.float64,
    "cubes": np.float64,
    "origins": np.float64,
    "weights": np.float64,
    "squared_weights": np.float64,
    "value_weights": np.float64,
}
SAVED_TABLES = ("features", "outcomes", "targeting", "selection")
LATER_TABLES = (
    "strata",
    "missing",
    "splits",
    "histograms",
    "migration",
    "design",
)  # files of earlier versions lack them


@dataclass(frozen=True)
class Withheld:
    """Numbers of patterns, of their customers, and of cells of tables that count fewer than `least` customers.

    A model file does not hold them.
    """

    least: int
    n_patterns: int
    n_customers: int
    n_cells: int


def model_to_dict(model: Any) -> dict[str, Any] | None:
    """Return the settings and fitted attributes of a model."""
    if model is None:
        return None
    return {"parameters": plain_value(model.settings()), "fitted": plain_value(model.fitted_state())}


def model_from_dict(method: str, content: dict[str, Any] | None) -> Any:
    """Rebuild the model of a method."""
    if content is None:
        return None
    from segmentry.cluster import MODELS

    model = MODELS[method](**content["parameters"])
    for name, value in content["fitted"].items():
        setattr(model, name, _as_arrays(name, value))
    return model


def scoring_from_dict(content: dict[str, Any] | None) -> dict[str, Any]:
    """Rebuild the limit and the kinds; files of earlier versions have neither."""
    return (
        {}
        if content is None
        else {"limit": content["limit"], "kinds": {k: dict(v) for k, v in content.items() if k != "limit"}}
    )


def fingerprint(content: dict[str, Any]) -> str:
    """Return the SHA-256 of what a model file says, without its layout and the names of segments.

    It differs where a file was damaged, or edited in more than these names.
    """
    import hashlib

    sealed = {key: value for key, value in content.items() if key != "fingerprint"}
    sealed["segments"] = [{k: v for k, v in s.items() if k != "name"} for s in content["segments"]]
    numbers_alike = json.loads(json.dumps(sealed), parse_int=float)
    return hashlib.sha256(json.dumps(numbers_alike, sort_keys=True).encode()).hexdigest()


def _as_arrays(name: str, value: Any) -> Any:
    if name in ("categories_", "response_proba_", "joined_proba_", "level_codes_"):
        return [np.asarray(v) for v in value]
    return np.asarray(value) if isinstance(value, list) else value


def table_to_dict(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the columns of a table as lists."""
    return {str(name): plain_value(table[name]) for name in table.columns}


def table_from_dict(content: dict[str, list[Any]]) -> pd.DataFrame:
    """Rebuild a table, whose columns have one length."""
    import pandas as pd

    if (
        not all(isinstance(values, list) for values in content.values())
        or len({*map(len, content.values())}) > 1
    ):
        raise ValueError("the columns of a table have different lengths")
    empty = {name: "float64" for name, values in content.items() if not any(v is not None for v in values)}
    return pd.DataFrame({name: pd.Series(v, dtype=empty.get(name)) for name, v in content.items()})


def insights_from_dict(content: dict[str, Any] | None) -> Insights | None:
    """Rebuild the insights; None where the file has none."""
    return None if content is None else Insights.from_dict(content, table_from_dict)


def population_from_dict(content: dict[str, Any] | None) -> Population | None:
    """Rebuild the population; None where the file has none."""
    return None if content is None else Population.from_dict(content)


def withheld_from_dict(content: dict[str, Any] | None) -> Withheld | None:
    """Rebuild what is withheld; None where the file has no such entry."""
    return None if content is None else Withheld(**content)


def patterns_from_dict(content: dict[str, Any] | None, cleaning: Cleaning) -> dict[str, Any]:
    """Rebuild the pattern table, with the segment and certainty of every pattern."""
    if content is None:
        return {}
    n, m = len(content["counts"]), len(content["outcomes"])
    shapes = {"codes": (n, len(content["features"])), "origins": (m,)}
    shapes |= dict.fromkeys(("n_values", "sums", "squares", "cubes", "value_weights"), (n, m))
    arrays: dict[str, Any] = {
        name: None
        if content.get(name) is None
        else np.asarray(content[name], kind).reshape(shapes.get(name, (n,)))
        for name, kind in ARRAYS.items()
    }
    table = PatternTable(
        features=tuple(FeatureLevels.from_dict(f) for f in content["features"]),
        outcomes=tuple(OutcomeInfo(**o) for o in content["outcomes"]),
        cleaning=cleaning,
        fold_share=content.get("fold_share", 1.0),
        **{**arrays, "codes": as_codes(arrays["codes"])},
    )
    certainty = content["certainty"]
    return {
        "patterns": table,
        "labels": np.asarray(content["labels"], np.intp),
        "certainty": None if certainty is None else np.asarray(certainty),
    }


def patterns_to_dict(
    table: PatternTable | None, labels: npt.NDArray[np.intp] | None, certainty: npt.NDArray[np.float64] | None
) -> dict[str, Any] | None:
    """Return the pattern table with the segment of every pattern; None where there are too many to save."""
    if table is None or labels is None or table.n_patterns > MAX_SAVED_PATTERNS:
        return None
    return {
        "features": plain_value(table.features),
        "outcomes": plain_value(table.outcomes),
        **{name: plain_value(getattr(table, name)) for name in ARRAYS},
        "fold_share": table.fold_share,
        "labels": plain_value(labels),
        "certainty": plain_value(certainty),
    }
