"""The fitted result: segments with their model, profile and evidence. Frozen; saved as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.engine import LoggedQuery
from segmentry.errors import ModelError
from segmentry.patterns import Cleaning, CleaningStep, FeatureLevels, OutcomeInfo, PatternTable, as_codes
from segmentry.profile.population import Population
from segmentry.recipe import Recipe
from segmentry.selection import Choice, Evidence, Verdict
from segmentry.withholding import MIN_CELL, Withheld, without_small_counts

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.drift import Drift

SCHEMA = 1
"""Version of the JSON; it goes up when an older segmentry could not read it rightly."""
MAX_SAVED_PATTERNS = 20_000
_MODELS = {"latent-class": "LatentClassCore", "k-modes": "KModesCore", "k-means": "OrdinalKMeansCore"}
_ARRAYS: dict[str, type] = {
    "codes": np.int32,
    "counts": np.int64,
    "n_values": np.int64,
    "sums": np.float64,
    "squares": np.float64,
    "origins": np.float64,
    "weights": np.float64,
    "squared_weights": np.float64,
    "value_weights": np.float64,
}
_TABLES = ("features", "outcomes", "targeting", "selection", "migration")


@dataclass(frozen=True)
class Segment:
    """A cluster with a number, a name and a size; numbered from 1, largest first.

    `certainty` is the mean over its customers of how clearly they belong to it (see `scoring`);
    `typical` is its most frequent combination of levels, and `label` what another tool called it.
    """

    id: int
    name: str
    size: int
    share: float
    certainty: float
    typical: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True)
class Segmentation:
    """Segments of a customer table, with everything that they rest on.

    Attributes
    ----------
    segments
        The segments, largest first.
    features, outcomes, targeting, selection
        DataFrames; their columns are described in the reference of the files that a run leaves.
    migration
        Where a previous segmentation was given: its segments and the new ones, with the customers of then in
        both, and whether they move; else empty.
    choice
        The number of segments with its reason.
    verdict
        ``natural``, ``reproducible``, ``constructive`` or ``none``, with its `reason`; None for given segments.
    evidence
        What the verdict rests on; None where nothing had to be tested.
    recipe
        The recipe, with every level filled in as it was on the data.
    method
        ``latent-class``, ``k-modes``, ``k-means``, or ``given`` for segments made elsewhere.
    core
        What assigns patterns: a fitted estimator without scikit-learn's base; None for given segments.
    patterns, labels, certainty
        The pattern table; the segment (counted from 0) and the certainty of each pattern. None after
        loading where there were too many patterns to save.
    min_cell, withheld
        A saved file holds no count of customers below `min_cell`; what a file that was loaded did not hold.
    population
        The customers in sums: what `drift` compares later customers with; None for given segments.
    """

    recipe: Recipe
    method: str
    seed: int
    source: str
    segments: tuple[Segment, ...]
    features: pd.DataFrame
    outcomes: pd.DataFrame
    targeting: pd.DataFrame
    selection: pd.DataFrame
    choice: Choice
    cleaning: Cleaning
    core: Any = None
    patterns: PatternTable | None = None
    labels: npt.NDArray[np.intp] | None = None
    certainty: npt.NDArray[np.float64] | None = None
    population: Population | None = None
    verdict: Verdict | None = None
    evidence: Evidence | None = None
    queries: tuple[LoggedQuery, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    migration: pd.DataFrame = field(default_factory=lambda: _table_from_dict({}))
    min_cell: int = MIN_CELL
    withheld: Withheld | None = None

    @property
    def n_customers(self) -> int:
        """Customers in all segments together."""
        return sum(s.size for s in self.segments)

    @property
    def model(self) -> Any:
        """The fitted estimator as scikit-learn knows it; None for given segments."""
        from segmentry.cluster import estimator_of

        return None if self.core is None else estimator_of(self.core)

    def assign(self, data: Any) -> pd.DataFrame:
        """Assign new customers: their id, ``segment`` (from 1) and ``certainty`` (0 to 1), by id.

        Parameters
        ----------
        data
            Whatever `segmentry.run` takes. Rows that the recipe's cleaning drops get no segment.

        Raises
        ------
        DataError, ModelError
            The data lack a column, or the recipe names no id column.
        """
        from segmentry.scoring import assign

        return assign(self, data)

    def drift(self, data: Any, *, out: str | Path | None = None, outcomes: bool = True) -> Drift:
        """Measure whether the customers of `data` have moved away from the segments.

        Parameters
        ----------
        data
            Whatever `segmentry.run` takes; read in one scan.
        out
            A folder for the page and the JSON.
        outcomes
            Whether to compare outcomes; without them the data need not have their columns.

        Raises
        ------
        DataError, ModelError
            The data lack a column; or the segments were given, and have no model.
        """
        from segmentry.pipeline.drifting import drift

        return drift(self, data, out=out, outcomes=outcomes)

    @property
    def charts(self) -> dict[str, Any]:
        """The report's charts as Altair charts, by name."""
        import altair

        from segmentry.report import charts_of

        self._need_patterns()
        return {name: altair.Chart.from_dict(chart) for name, chart in charts_of(self).items()}

    def report(self, path: str | Path) -> Path:
        """Write the report: one HTML file that opens offline."""
        from segmentry.report import write_report

        self._need_patterns()
        return write_report(self, Path(path))

    def _need_patterns(self) -> None:
        if self.patterns is None:
            raise ModelError(
                f"the patterns were not saved, there were more than {MAX_SAVED_PATTERNS:,}; "
                "run the segmentation again for its report and charts"
            )

    def save(self, path: str | Path) -> Path:
        """Save as JSON; `segmentry.load` reads it back."""
        target = Path(path)
        if not target.parent.is_dir():
            raise ModelError(f"{target}: there is no folder {str(target.parent)!r}")
        parts = [f"{json.dumps(key)}: {_json(value)}" for key, value in self.to_dict().items()]
        text = "{\n" + ",\n".join(parts) + "\n}\n"
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(target)
        return target

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, in the schema that the reference documents."""
        safe, withheld = without_small_counts(self)
        return {
            "schema": SCHEMA,
            "versions": self.versions,
            "method": self.method,
            "seed": self.seed,
            "source": self.source,
            "choice": asdict(self.choice),
            "verdict": None
            if self.verdict is None
            else {"kind": str(self.verdict), "reason": self.verdict.reason},
            "evidence": None if self.evidence is None else _plain(asdict(self.evidence)),
            "withheld": asdict(withheld),
            "cleaning": asdict(safe.cleaning),
            "segments": [asdict(s) for s in safe.segments],
            "recipe": self.recipe.to_dict(),
            "model": _model_to_dict(self.core),
            "patterns": safe._patterns_to_dict(),
            "population": None if safe.population is None else safe.population.to_dict(),
            "tables": {name: _table_to_dict(getattr(safe, name)) for name in _TABLES},
            "queries": [asdict(q) for q in self.queries],
        }

    def _patterns_to_dict(self) -> dict[str, Any] | None:
        table = self.patterns
        if table is None or self.labels is None or table.n_patterns > MAX_SAVED_PATTERNS:
            return None
        arrays = {name: _plain(getattr(table, name)) for name in _ARRAYS}
        return {
            "features": [asdict(f) for f in table.features],
            "outcomes": [asdict(o) for o in table.outcomes],
            **arrays,
            "labels": self.labels.tolist(),
            "certainty": _plain(self.certainty),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Segmentation:
        """Rebuild a segmentation from what `to_dict` returned."""
        cleaning = content["cleaning"]
        withheld = Withheld(**content["withheld"]) if content.get("withheld") else None
        steps = tuple(CleaningStep(**s) for s in cleaning["steps"])
        segments = tuple(Segment(**{**s, "typical": tuple(s["typical"])}) for s in content["segments"])
        return cls(
            recipe=Recipe.from_dict(content["recipe"]),
            method=content["method"],
            seed=content["seed"],
            source=content["source"],
            segments=segments,
            choice=Choice(**content["choice"]),
            verdict=None if content["verdict"] is None else Verdict(**content["verdict"]),
            evidence=None if content["evidence"] is None else Evidence.from_dict(content["evidence"]),
            cleaning=Cleaning(cleaning["n_rows"], steps),
            min_cell=(withheld or Withheld(1, 0, 0, 0)).min_cell,
            withheld=withheld,
            core=_model_from_dict(content["method"], content["model"]),
            population=_population_from_dict(content.get("population")),
            queries=tuple(LoggedQuery(**q) for q in content["queries"]),
            versions=content["versions"],
            **{name: _table_from_dict(content["tables"].get(name, {})) for name in _TABLES},
            **_patterns_from_dict(content["patterns"], Cleaning(cleaning["n_rows"], steps)),
        )


def load(path: str | Path) -> Segmentation:
    """Load a segmentation that was saved as JSON.

    Raises
    ------
    ModelError
        The file is not there, is no segmentation, is damaged, or a newer segmentry wrote it.
    """
    file = Path(path)
    if not file.is_file():
        raise ModelError(f"{file}: no such file; `segmentry run` writes segmentation.json")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{file}: damaged, not JSON ({error}); run the segmentation again") from None
    if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
        raise ModelError(f"{file}: not a segmentation; `segmentry run` writes segmentation.json")
    if content["schema"] > SCHEMA:
        raise ModelError(
            f"{file}: written by a newer segmentry (schema {content['schema']}, this one reads up to "
            f"{SCHEMA}); upgrade segmentry"
        )
    try:
        return Segmentation.from_dict(content)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise ModelError(f"{file}: damaged ({type(error).__name__}: {error}); run it again") from None


def _model_to_dict(model: Any) -> dict[str, Any] | None:
    if model is None:
        return None
    # a model loaded from an older file can lack attributes
    fitted = {name: _plain(getattr(model, name)) for name in model._fitted if hasattr(model, name)}
    return {"parameters": _plain(model.settings()), "fitted": fitted}


def _model_from_dict(method: str, content: dict[str, Any] | None) -> Any:
    if content is None:
        return None
    from segmentry import cluster

    model = getattr(cluster, _MODELS[method])(**content["parameters"])
    for name, value in content["fitted"].items():
        setattr(model, name, _as_arrays(name, value))
    return model


def _population_from_dict(content: dict[str, Any] | None) -> Population | None:
    return None if content is None else Population.from_dict(content)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Arrays as lists, numpy scalars as Python's, not-a-number as None."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _as_arrays(name: str, value: Any) -> Any:
    if name in ("categories_", "response_proba_", "level_codes_"):
        return [np.asarray(v) for v in value]
    return np.asarray(value) if isinstance(value, list) else value


def _table_to_dict(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): _plain(table[name].tolist()) for name in table.columns}


def _table_from_dict(content: dict[str, list[Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(values) for name, values in content.items()})


def _patterns_from_dict(content: dict[str, Any] | None, cleaning: Cleaning) -> dict[str, Any]:
    if content is None:
        return {}
    n, m = len(content["counts"]), len(content["outcomes"])
    shapes = {"codes": (n, len(content["features"])), "origins": (m,)}
    shapes |= dict.fromkeys(("n_values", "sums", "squares", "value_weights"), (n, m))
    arrays: dict[str, Any] = {
        name: None
        if content[name] is None
        else np.asarray(content[name], kind).reshape(shapes.get(name, (n,)))
        for name, kind in _ARRAYS.items()
    }
    table = PatternTable(
        features=tuple(FeatureLevels(**{**f, "levels": tuple(f["levels"])}) for f in content["features"]),
        outcomes=tuple(OutcomeInfo(**o) for o in content["outcomes"]),
        cleaning=cleaning,
        **{**arrays, "codes": as_codes(arrays["codes"])},
    )
    certainty = content["certainty"]
    return {
        "patterns": table,
        "labels": np.asarray(content["labels"], np.intp),
        "certainty": None if certainty is None else np.asarray(certainty),
    }
