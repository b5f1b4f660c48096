"""Any table-like X, read as one factor per column: distinct levels and the code of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from segmentry.arrays import LevelCodes
from segmentry.errors import ModelError

Levels = npt.NDArray[Any]

_SPREAD = 4  # counting beats sorting while the range of whole numbers is below this many times the rows


@dataclass(frozen=True)
class Factor:
    """One column: `levels` are its distinct values, `codes` (n_rows,) point at them, -1 is missing."""

    levels: Levels
    codes: LevelCodes
    is_ordered: bool = False


Column = TypeVar("Column")


@dataclass(frozen=True)
class TableColumns(Generic[Column]):
    """The columns of X, and their names where all are text."""

    columns: Sequence[Column]
    n_rows: int
    names: tuple[str, ...] | None

    def title(self, index: int) -> str:
        """Name a feature in a message, by its position where it has no name."""
        return f"feature {self.names[index]!r}" if self.names else f"feature {index}"


def read_table(X: Any, missing_value: object = None) -> TableColumns[Factor]:
    """Read `X`; NaN, None, `missing_value` and an array's own `missing_value` become the code -1."""
    table = read_columns(X)
    missing = missing_values(X, missing_value)
    factors = [read_factor(column, j, missing) for j, column in enumerate(table.columns)]
    return TableColumns(factors, table.n_rows, table.names)


def read_columns(X: Any) -> TableColumns[Any]:
    """Take `X` apart, its values unread."""
    if hasattr(X, "toarray"):
        raise ModelError("X is sparse, and sparse tables are not supported; pass X.toarray()")
    if hasattr(X, "columns") and hasattr(X, "dtypes"):
        table = TableColumns(_frame_columns(X), len(X), _names(X.columns))
    else:
        array = _as_array(X)
        table = TableColumns(list(array.T), len(array), None)
    _check_shape(table.n_rows, len(table.columns))
    return table


def missing_values(X: Any, missing_value: object) -> list[object]:
    """Return what means missing in `X`, beside NaN and None."""
    own = getattr(X, "missing_value", None) if isinstance(X, np.ndarray) else None
    return [m for m in (missing_value, own) if m is not None]


def read_factor(column: Any, index: int, missing: list[object]) -> Factor:
    """Read one column as a factor, without the levels that mean missing."""
    return _without(_factor(column, index), missing)


def _check_shape(n_rows: int, n_features: int) -> None:
    if n_features == 0:
        raise ModelError(f"0 feature(s) (shape=({n_rows}, 0)) while a minimum of 1 is required.")
    if n_rows == 0:
        raise ModelError(f"0 sample(s) (shape=(0, {n_features})) while a minimum of 1 is required.")


def _names(columns: Any) -> tuple[str, ...] | None:
    """Return the column names when all are text, as scikit-learn's `feature_names_in_` does."""
    names = list(columns)
    return tuple(names) if names and all(isinstance(name, str) for name in names) else None


def _frame_columns(X: Any) -> list[Any]:
    """Return the series of a pandas or polars data frame, without importing either."""
    if hasattr(X, "iloc"):
        return [X.iloc[:, j] for j in range(X.shape[1])]
    return list(X.get_columns())


def _as_array(X: Any) -> npt.NDArray[Any]:
    array = np.asarray(X, dtype=object) if isinstance(X, list | tuple) else np.asarray(X)
    if array.ndim != 2:
        raise ModelError(
            f"Expected 2D array, got {array.ndim}D array instead. Reshape your data: "
            "array.reshape(-1, 1) if it has one feature, array.reshape(1, -1) if it is one row."
        )
    return array


def _factor(column: Any, index: int) -> Factor:
    categories = getattr(getattr(column, "dtype", None), "categories", None)
    if categories is not None and hasattr(column, "cat") and hasattr(column.cat, "codes"):
        return Factor(np.asarray(categories), column.cat.codes.to_numpy(np.int32), column.cat.ordered)
    if categories is not None and type(column.dtype).__name__ == "Enum":
        codes = column.to_physical().cast(int).fill_null(-1).to_numpy()
        return Factor(np.asarray(list(categories), dtype=object), codes.astype(np.int32), is_ordered=True)
    return _factor_of_values(column_values(column), index)


def column_values(column: Any) -> npt.NDArray[Any]:
    """Return the values of a column of any kind as an array."""
    return np.asarray(column) if isinstance(column, np.ndarray) else column.to_numpy()


def _factor_of_values(values: npt.NDArray[Any], index: int) -> Factor:
    kind = values.dtype.kind
    if kind == "b":
        return Factor(np.array([False, True]), values.astype(np.int32))
    if kind in "iu":
        return _factor_of_integers(values)
    if kind == "f":
        return _factor_of_floats(values, index)
    if kind == "c":
        raise ModelError(f"Complex data not supported: feature {index} has the type {values.dtype}")
    return _factor_of_objects(values.astype(object, copy=False), index)


def _factor_of_integers(values: npt.NDArray[Any]) -> Factor:
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if high - low < max(1024, _SPREAD * len(values)):
        wide = values if values.dtype.itemsize == 8 else values.astype(np.int64)  # int8 would overflow
        shifted = (wide - wide.dtype.type(low)).astype(np.intp, copy=False)
        present = np.bincount(shifted, minlength=high - low + 1) > 0
        ranks = np.cumsum(present, dtype=np.int32) - 1
        return Factor(
            (np.flatnonzero(present).astype(wide.dtype) + wide.dtype.type(low)).astype(values.dtype),
            ranks[shifted],
        )
    levels, codes = np.unique(values, return_inverse=True)
    return Factor(levels, codes.astype(np.int32))


def _factor_of_floats(values: npt.NDArray[Any], index: int) -> Factor:
    if np.isinf(values).any():
        raise ModelError(f"feature {index} contains infinity (inf); replace it with a level or with NaN")
    is_missing = np.isnan(values)
    levels, found = np.unique(values[~is_missing], return_inverse=True)
    codes = np.full(len(values), -1, np.int32)
    codes[~is_missing] = found
    return Factor(levels, codes)


def _factor_of_objects(values: npt.NDArray[np.object_], index: int) -> Factor:
    seen: dict[object, int] = {}
    try:
        found = (seen.setdefault(value, len(seen)) for value in values.tolist())
        codes = np.fromiter(found, np.int32, len(values))
    except TypeError as error:
        raise TypeError(
            f"feature {index} holds a value that cannot be a level ({error}); "
            "every value argument must be a string or a number"
        ) from None
    kept = [value for value in seen if not is_missing(value)]
    target = {id(value): rank for rank, value in enumerate(kept)}
    lookup = np.array([target.get(id(value), -1) for value in seen], dtype=np.int32)
    return Factor(as_levels(kept), lookup[codes] if len(codes) else codes)


def is_missing(value: object) -> bool:
    """Say whether a value is None, NaN, or pandas' NA or NaT."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def as_levels(values: Sequence[object]) -> Levels:
    """Make an array of levels: numeric where all values are numbers of one kind, else of objects."""
    kinds = {_kind(value) for value in values}
    if kinds and (kinds <= {int, float} or kinds == {bool}):
        numbers = np.array(values)
        if kinds != {int} or numbers.dtype.kind != "f":  # numpy makes floats of whole numbers above 2**63
            return numbers
    levels = np.empty(len(values), dtype=object)
    levels[:] = values
    return levels


def _kind(value: object) -> type:
    if isinstance(value, bool | np.bool_):
        return bool
    return int if isinstance(value, int | np.integer) else type(value)


def _without(factor: Factor, missing: list[object]) -> Factor:
    """Turn the levels that equal a missing value into the code -1."""
    if not missing:
        return factor
    is_kept = np.array([level not in missing for level in factor.levels.tolist()], dtype=bool)
    if is_kept.all():
        return factor
    lookup = np.append(np.where(is_kept, np.cumsum(is_kept) - 1, -1), -1).astype(np.int32)
    return Factor(factor.levels[is_kept], lookup[factor.codes], factor.is_ordered)
