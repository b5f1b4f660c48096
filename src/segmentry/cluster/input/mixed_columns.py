"""The columns of a mixed table: which are categorical, and the numbers of the others."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.cluster.input.frames import TableColumns, column_values, is_missing
from segmentry.errors import ModelError, nearest

_TOO_LARGE = 1e100  # its square times any number of rows is still finite


def find_categorical(
    estimator: Any, table: TableColumns[Any], missing: list[object]
) -> npt.NDArray[np.bool_]:
    """Say which columns are categorical: those asked for, or by their type."""
    asked = estimator.categorical
    if asked is None:
        return np.array(
            [_is_categorical(column, table.title(j), missing) for j, column in enumerate(table.columns)]
        )
    chosen = np.zeros(len(table.columns), dtype=bool)
    for feature in _listed(estimator, asked):
        chosen[_position(estimator, feature, table)] = True
    return chosen


def _listed(estimator: Any, asked: Any) -> list[Any]:
    if isinstance(asked, str | Integral):
        return [asked]
    if isinstance(asked, Sequence | set | frozenset | np.ndarray) or hasattr(asked, "tolist"):
        return list(asked)
    raise ModelError(
        f"categorical must list names or positions of columns, or be None; got {asked!r}",
        source=estimator.estimator_name,
    )


def _position(estimator: Any, feature: Any, table: TableColumns[Any]) -> int:
    title, n_features = f"{estimator.estimator_name}: categorical", len(table.columns)
    if isinstance(feature, str):
        if table.names is None:
            raise ModelError(
                f"{title} names {feature!r}, but the columns of X have no names",
                hint=f"give positions from 0 to {n_features - 1}, or pass a data frame",
            )
        if feature not in table.names:
            raise ModelError(
                f"{title} names {feature!r}, and X has no such column ({nearest(feature, table.names)})"
            )
        return table.names.index(feature)
    is_position = isinstance(feature, Integral) and not isinstance(feature, bool | np.bool_)
    if not is_position or not 0 <= feature < n_features:
        raise ModelError(f"{title} must list names, or positions from 0 to {n_features - 1}; got {feature!r}")
    return int(feature)


def _is_categorical(column: Any, title: str, missing: list[object]) -> bool:
    """Say whether a column's type makes it categorical: text, booleans, categories, objects."""
    if getattr(getattr(column, "dtype", None), "categories", None) is not None:
        return True
    values = column_values(column)
    if values.dtype.kind in "mM":
        raise ModelError(
            f"{title} holds times ({values.dtype}), which are neither numbers nor levels",
            hint="turn them into a number such as days since a date, or name the column in `categorical`",
        )
    return values.dtype.kind not in "iufc" and not _are_numbers(values, missing)


def _are_numbers(values: npt.NDArray[Any], missing: list[object]) -> bool:
    if values.dtype.kind != "O":
        return False
    cells = values.tolist()
    kinds = {type(cell) for cell in cells}
    if kinds & {type(m) for m in missing}:
        kinds = {type(cell) for cell in cells if not _is_one_of(cell, missing)}
    kinds = {kind for kind in kinds if kind.__name__ not in {"NoneType", "NAType", "NaTType"}}
    return bool(kinds) and all(_is_number_type(kind) for kind in kinds)


def _is_number_type(kind: type) -> bool:
    return issubclass(kind, Real | Decimal) and not issubclass(kind, bool)


def _is_one_of(cell: object, missing: list[object]) -> bool:
    return any(type(cell) is type(m) and cell == m for m in missing)


def read_numbers(estimator: Any, table: TableColumns[Any], missing: list[object]) -> Floats:
    """Return the numeric columns (n_numeric, n_rows); each cell is finite."""
    numbers = np.empty((len(estimator.numeric_features_), table.n_rows))
    for place, j in enumerate(estimator.numeric_features_):
        numbers[place] = _as_numbers(table.columns[int(j)], int(j), table.title(int(j)), missing)
        _check_finite(numbers[place], table.title(int(j)), estimator.estimator_name)
    numbers += 0.0  # -0.0 and 0.0 are one number
    return numbers


def _as_numbers(column: Any, index: int, title: str, missing: list[object]) -> Floats:
    values = column_values(column)
    if values.dtype.kind == "c":
        raise ModelError(f"Complex data not supported: feature {index} has the type {values.dtype}")
    if values.dtype.kind not in "iufb":
        values = np.array([_as_number(cell, row, title, missing) for row, cell in enumerate(values.tolist())])
    numbers: Floats = values.astype(np.float64)
    marks = [float(m) for m in missing if isinstance(m, Real)]
    numbers[np.isin(numbers, marks)] = np.nan
    return numbers


def _as_number(cell: Any, row: int, title: str, missing: list[object]) -> float:
    if is_missing(cell) or _is_one_of(cell, missing):
        return np.nan
    if isinstance(cell, Real | Decimal):
        return float(cell)
    if hasattr(cell, "__len__") and not isinstance(cell, str):
        raise TypeError(
            f"{title} holds {cell!r} in row {row}; every value argument must be a string or a number"
        )
    raise ModelError(
        f"{title} is numeric, because it is not in `categorical`, but holds {cell!r} in row {row}",
        hint="add it to `categorical`, or turn it into numbers",
    )


def _check_finite(numbers: Floats, title: str, name: str) -> None:
    is_hole = np.isnan(numbers)
    if is_hole.any():
        first, n_rows = int(is_hole.argmax()), int(is_hole.sum())
        what = (
            "in every row; leave the column out"
            if n_rows == len(numbers)
            else (
                f"in {n_rows} rows, the first of them row {first}; impute it, for example by its median, or drop these rows"
            )
        )
        raise ModelError(f"{title} is missing (NaN or None), and {name} needs every number: {what}")
    is_large = np.abs(numbers) > _TOO_LARGE
    if is_large.any():
        first = int(is_large.argmax())
        what = "infinity (inf)" if np.isinf(numbers[first]) else f"numbers above {_TOO_LARGE:g}"
        raise ModelError(
            f"{title} contains {what} in {int(is_large.sum())} rows, the first of them row {first}",
            hint="replace them by finite numbers of its usual size, or drop these rows",
        )
