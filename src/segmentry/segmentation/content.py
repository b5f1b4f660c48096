"""The content of a model file: a segmentation as plain values, and the fields that it is made of again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segmentry.engine import LoggedQuery
from segmentry.patterns import Cleaning
from segmentry.profiling import Note
from segmentry.recipe import Recipe
from segmentry.segmentation.plain_values import (
    LATER_TABLES,
    SAVED_TABLES,
    insights_from_dict,
    model_from_dict,
    model_to_dict,
    patterns_from_dict,
    patterns_to_dict,
    population_from_dict,
    scoring_from_dict,
    table_from_dict,
    table_to_dict,
    withheld_from_dict,
)
from segmentry.segmentation.segments import Segment
from segmentry.selection import Choice, Evidence, Verdict
from segmentry.text.plain_json import plain_value

if TYPE_CHECKING:
    from segmentry.segmentation.result import Segmentation


def content_of(safe: Segmentation) -> dict[str, Any]:
    """Return the plain values of a segmentation of which everything may be shown."""
    return {
        "versions": safe.versions,
        "method": safe.method,
        "seed": safe.seed,
        "source": safe.source,
        "choice": plain_value(safe.choice),
        "verdict": None if safe.verdict is None else safe.verdict.to_dict(),
        "evidence": plain_value(safe.evidence),
        "withheld": plain_value(safe.withheld),
        "cleaning": plain_value(safe.cleaning),
        "segments": plain_value(safe.segments),
        "recipe": safe.recipe.to_dict(),
        "model": model_to_dict(safe.core),
        "scoring": {"limit": safe.limit, **safe.kinds},
        "patterns": patterns_to_dict(safe.patterns, safe.labels, safe.certainty),
        "population": None if safe.population is None else safe.population.to_dict(),
        "tables": {name: table_to_dict(getattr(safe, name)) for name in (*SAVED_TABLES, *LATER_TABLES)},
        "n_comparisons": safe.n_comparisons,
        "notes": plain_value(safe.notes),
        "min_cell": safe.min_cell,
        "insights": None if safe.insights is None else safe.insights.to_dict(table_to_dict),
        "queries": plain_value(safe.queries),
    }


def fields_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the segmentation whose plain values these are."""
    cleaning = Cleaning.from_dict(content["cleaning"])
    segments = tuple(Segment.from_dict(s) for s in content["segments"])
    return dict(
        recipe=Recipe.from_dict(content["recipe"]),
        method=content["method"],
        seed=content["seed"],
        source=content["source"],
        segments=segments,
        choice=Choice(**{**content["choice"], "cautions": tuple(content["choice"].get("cautions", ()))}),
        verdict=None if content["verdict"] is None else Verdict(**content["verdict"]),
        evidence=None if content["evidence"] is None else Evidence.from_dict(content["evidence"]),
        cleaning=cleaning,
        core=model_from_dict(content["method"], content["model"]),
        queries=tuple(LoggedQuery(**q) for q in content["queries"]),
        versions=content["versions"],
        insights=insights_from_dict(content.get("insights")),
        population=population_from_dict(content.get("population")),
        withheld=withheld_from_dict(content.get("withheld")),
        **scoring_from_dict(content.get("scoring")),
        **{name: table_from_dict(content["tables"][name]) for name in SAVED_TABLES},
        **{name: table_from_dict(content["tables"].get(name, {})) for name in LATER_TABLES},
        n_comparisons=content.get("n_comparisons", 0),
        notes=tuple(Note(**n) for n in content.get("notes", ())),
        min_cell=content.get("min_cell"),
        **patterns_from_dict(content["patterns"], cleaning),
    )
