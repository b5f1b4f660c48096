"""Pattern tables as Parquet files: arrays as columns, their meaning as the file's metadata."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.errors import DataError
from segmentry.patterns.cleaning import Cleaning
from segmentry.patterns.features import FeatureLevels, OutcomeInfo
from segmentry.patterns.folds import FoldSums
from segmentry.patterns.table import (
    PatternTable,
    as_codes,
    per_pattern,
)
from segmentry.system.whole_files import whole_file

FORMAT = 1


def is_pattern_table(path: Path) -> bool:
    """Whether a Parquet file was written by `PatternTable.save`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, OSError):
        return False
    return b"segmentry.patterns" in metadata


def write_patterns(patterns: PatternTable, path: Path) -> None:
    """Write a pattern table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folded = {} if patterns.folds is None else patterns.folds.arrays()
    flat = {f"fold {n}": v.reshape(len(v), -1) for n, v in folded.items()}
    columns = {
        f"{name} {j}" if values.ndim == 2 else name: column
        for name, values in {**per_pattern(patterns), **flat}.items()
        for j, column in enumerate(np.atleast_2d(np.asarray(values).T))
    }
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    about = {
        "format": FORMAT,
        "features": [asdict(f) for f in patterns.features],
        "outcomes": [asdict(o) for o in patterns.outcomes],
        "origins": patterns.origins.tolist(),
        "cleaning": asdict(patterns.cleaning),
        "made_by": dict(patterns.made_by),
        "fold_share": patterns.fold_share,
    }
    with whole_file(path) as unfinished:
        pq.write_table(table.replace_schema_metadata({"segmentry.patterns": json.dumps(about)}), unfinished)


def read_patterns(path: Path) -> PatternTable:
    """Read a pattern table; see `PatternTable.load`."""
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DataError("no such file", source=path)
    if not is_pattern_table(path):
        raise DataError("not a pattern table", source=path, hint="`segmentry collect` writes one")
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[b"segmentry.patterns"])
    if about["format"] > FORMAT:
        raise DataError(
            f"written by a newer segmentry (format {about['format']})", source=path, hint="upgrade"
        )
    return _from_columns({n: table[n].to_numpy() for n in table.column_names}, about)


def _from_columns(columns: Mapping[str, npt.NDArray[Any]], about: Mapping[str, Any]) -> PatternTable:
    def stacked(name: str) -> npt.NDArray[Any]:
        found = [columns[f"{name} {j}"] for j in range(len(columns)) if f"{name} {j}" in columns]
        return np.column_stack(found) if found else np.zeros((len(columns["counts"]), 0))

    features = tuple(FeatureLevels.from_dict(f) for f in about["features"])
    return PatternTable(
        features=features,
        codes=as_codes(stacked("codes")),
        counts=columns["counts"],
        outcomes=tuple(OutcomeInfo(**o) for o in about["outcomes"]),
        n_values=stacked("n_values").astype(np.int64),
        sums=stacked("sums"),
        squares=stacked("squares"),
        cubes=stacked("cubes") if "cubes 0" in columns or not about["outcomes"] else None,
        origins=np.asarray(about["origins"], np.float64),
        weights=columns.get("weights"),
        squared_weights=columns.get("squared_weights"),
        value_weights=stacked("value_weights") if "value_weights 0" in columns else None,
        cleaning=Cleaning.from_dict(about["cleaning"]),
        folds=_folds_from(stacked, len(about["outcomes"])) if "fold counts 0" in columns else None,
        made_by=about.get("made_by", {}),
        fold_share=about.get("fold_share", 1.0),
    )


def _folds_from(stacked: Callable[[str], npt.NDArray[Any]], n_outcomes: int) -> FoldSums:
    counts = stacked("fold counts").astype(np.float64)
    names = ("value_weights", "sums", "squares")
    blocks = [stacked(f"fold {n}").reshape(*counts.shape, n_outcomes) for n in names]
    return FoldSums(counts, *blocks)
