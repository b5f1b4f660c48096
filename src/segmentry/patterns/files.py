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
from segmentry.patterns.checking import check_table
from segmentry.patterns.cleaning import Cleaning
from segmentry.patterns.features import FeatureLevels, OutcomeInfo
from segmentry.patterns.folds import FoldSums
from segmentry.patterns.table import (
    PatternTable,
    as_codes,
    per_pattern,
)
from segmentry.system.whole_files import whole_file
from segmentry.text.plain_json import value_of

FORMAT = 1
MAX_CELLS = 1_000_000_000
"""Largest number of numbers in a file: 8 GB."""


def is_pattern_table(path: Path) -> bool:
    """Whether a Parquet file was written by `PatternTable.save`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, ValueError, OSError):  # names of columns may be no text
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
    """Read a pattern table, and check it whole; see `PatternTable.load`."""
    import pyarrow as pa

    if not path.is_file():
        raise DataError("no such file", source=path)
    if not is_pattern_table(path):
        raise DataError("not a pattern table", source=path, hint="`segmentry collect` writes one")
    try:
        found = check_table(_read(path))
    except DataError as error:
        raise error if error.source else error.with_(source=str(path), hint=_AGAIN) from None
    except (
        pa.ArrowException, KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, OSError, RecursionError,
    ) as error:  # fmt: skip
        said = " ".join(str(error).split())[:200]
        raise DataError(f"damaged: {said or type(error).__name__}", source=path, hint=_AGAIN) from None
    if not found.n_patterns:
        raise DataError("it holds no patterns", source=path, hint=_AGAIN)
    return found


_AGAIN = "restore it from a copy, or collect it again"


def _read(path: Path) -> PatternTable:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    _check_size(file.metadata, path)
    about = value_of(file.schema_arrow.metadata[b"segmentry.patterns"])
    if about["format"] > FORMAT:
        raise DataError(
            f"written by a newer segmentry (format {about['format']})", source=path, hint="upgrade"
        )
    table = file.read()
    if any(column.null_count for column in table.columns):
        raise ValueError("a column has cells without a value")
    return _from_columns({n: table[n].to_numpy() for n in table.column_names}, about)


def _check_size(metadata: Any, path: Path) -> None:
    """Refuse what would not fit into memory: a small file can say that it holds billions of equal rows."""
    n_cells = metadata.num_rows * metadata.num_columns
    if n_cells > MAX_CELLS:
        raise DataError(
            f"{metadata.num_rows:,} patterns of {metadata.num_columns:,} columns; {MAX_CELLS:,} cells are the most",
            source=path,
            hint="collect it by a recipe with fewer levels",
        )


def _from_columns(columns: Mapping[str, npt.NDArray[Any]], about: Mapping[str, Any]) -> PatternTable:
    _check_names(columns, about)

    def stacked(name: str) -> npt.NDArray[Any]:
        found = [columns[f"{name} {j}"] for j in range(len(columns)) if f"{name} {j}" in columns]
        return np.column_stack(found) if found else np.zeros((len(columns["counts"]), 0))

    features = tuple(FeatureLevels.from_dict(f) for f in about["features"])
    return PatternTable(
        features=features,
        codes=as_codes(_whole(stacked("codes"), np.int32)),
        counts=_whole(columns["counts"], np.int64),
        outcomes=tuple(OutcomeInfo(**o) for o in about["outcomes"]),
        n_values=_whole(stacked("n_values"), np.int64),
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


def _check_names(columns: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Refuse a file that lacks a column, or has one that means nothing."""
    n_features, m = len(about["features"]), len(about["outcomes"])
    n_folds = sum(name.startswith("fold counts ") for name in columns)
    needed = {"counts", *_numbered("codes", n_features)}
    for name in ("n_values", "sums", "squares"):
        needed.update(_numbered(name, m))
    further = {"weights", "squared_weights", *_numbered("cubes", m), *_numbered("value_weights", m)}
    further.update(_numbered("fold counts", n_folds))
    for name in ("value_weights", "sums", "squares"):
        further.update(_numbered(f"fold {name}", n_folds * m))
    if not needed <= set(columns) <= needed | further:
        names = sorted(needed - set(columns)) or sorted(set(columns) - needed - further)
        raise ValueError(f"its columns are not those of a pattern table: {names[0]!r}")


def _numbered(name: str, n: int) -> list[str]:
    return [f"{name} {j}" for j in range(n)]


def _whole(values: npt.NDArray[Any], kind: type) -> npt.NDArray[Any]:
    """Whole numbers of a kind; floating-point numbers, enormous ones and others would be cut off in silence."""
    fits = values.dtype.kind in "iuf" and bool((np.abs(values) <= np.iinfo(kind).max // 2).all())
    found: npt.NDArray[Any] = values.astype(kind) if fits else np.zeros(0, kind)
    if not fits or not (found == values).all():
        raise ValueError("a column of codes or counts holds other than whole numbers")
    return found


def _folds_from(stacked: Callable[[str], npt.NDArray[Any]], n_outcomes: int) -> FoldSums:
    counts = stacked("fold counts").astype(np.float64)
    names = ("value_weights", "sums", "squares")
    blocks = [stacked(f"fold {n}").reshape(*counts.shape, n_outcomes) for n in names]
    return FoldSums(counts, *blocks)
