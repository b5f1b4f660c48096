"""The segmentation, made once from what the stages of a run found."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from segmentry.arrays import Floats
from segmentry.auditing.findings import Finding
from segmentry.profiling import Note, Population, sample_note
from segmentry.runs.partition import Partition
from segmentry.runs.profiles import Profile
from segmentry.runs.reading import Reading
from segmentry.runs.sources import Customers
from segmentry.segmentation import Segmentation
from segmentry.selection import Evidence, Verdict, with_left_out

if TYPE_CHECKING:
    import pandas as pd

_VERSIONED = ("segmentry", "duckdb", "sqlglot", "numpy")


def _no_numbers() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"k": pd.Series(dtype="int64")})


def _no_rows() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True)
class Tested:
    """Fields of `Segmentation` that come from fitting and testing; given segments have the defaults."""

    selection: pd.DataFrame = field(default_factory=_no_numbers)
    splits: pd.DataFrame = field(default_factory=_no_rows)
    verdict: Verdict | None = None
    evidence: Evidence | None = None
    steadiness: Floats | None = None
    limit: float | None = None
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)
    population: Population | None = None


def segmentation_of(
    customers: Customers,
    partition: Partition,
    profile: Profile,
    tested: Tested,
    reading: Reading,
    histograms: pd.DataFrame | None,
    findings: tuple[Finding, ...] = (),
) -> Segmentation:
    """Put together what the stages of a run found.

    Parameters
    ----------
    customers
        Customers, with their complete pattern table.
    partition, profile, tested, reading
        Results of the stages.
    histograms
        Raw values behind the features by segment; None where they were not counted.
    findings
        Findings of an audit.
    """
    engine = customers.source.engine
    return Segmentation(
        recipe=customers.recipe,
        method=partition.method,
        seed=customers.recipe.model.seed,
        source=customers.source.name,
        segments=profile.segments,
        features=with_left_out(profile.features, () if tested.evidence is None else tested.evidence.left_out),
        outcomes=profile.outcomes,
        targeting=profile.targeting,
        selection=tested.selection,
        choice=profile.choice,
        cleaning=customers.patterns.cleaning,
        strata=profile.strata,
        missing=profile.missing,
        design=profile.design,
        n_comparisons=profile.n_comparisons,
        notes=(*profile.notes, *_sampled(reading, histograms)),
        core=partition.model,
        patterns=customers.patterns,
        labels=partition.labels,
        certainty=partition.certainty,
        verdict=tested.verdict,
        evidence=tested.evidence,
        steadiness=tested.steadiness,
        insights=profile.insights,
        queries=() if engine is None else tuple(engine.log),
        versions=_versions(),
        splits=tested.splits,
        histograms=_no_rows() if histograms is None else histograms,
        limit=tested.limit,
        kinds=tested.kinds,
        migration=profile.migration,
        population=tested.population,
        findings=findings,
        library=customers.source.library,
    )


def _sampled(reading: Reading, histograms: pd.DataFrame | None) -> tuple[Note, ...]:
    share = 1.0 if reading.sample is None else reading.sample.share
    has_rows = histograms is not None and len(histograms) > 0
    return (sample_note(["histograms"], share),) if share < 1 and has_rows else ()


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: _version(name) for name in _VERSIONED}}


@cache
def _version(name: str) -> str:
    return metadata.version(name)
