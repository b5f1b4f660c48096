"""Tables in memory as Arrow, whose types every DuckDB knows."""

from __future__ import annotations

from typing import Any

from segmentry.errors import DataError


def as_arrow(data: Any) -> Any:
    """Return a pandas table or a numpy array as Arrow; other tables as they are.

    Intervals, as of ``pandas.cut``, and periods are texts.

    Raises
    ------
    DataError
        It is no table, or holds values that no column can hold.
    """
    import pyarrow as pa

    kind = type(data).__module__.split(".")[0]
    if kind == "numpy":
        return _of_array(data)
    if kind == "scipy":
        raise DataError(
            f"cannot read a {type(data).__name__}",
            hint="give a table with named columns, such as pandas.DataFrame.sparse.from_spmatrix(data, columns=...)",
        )
    if kind != "pandas" or not hasattr(data, "columns"):
        return data
    try:
        return pa.Table.from_pandas(_plain_frame(data), preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError, TypeError) as error:
        said = " ".join(str(error).split())
        raise DataError(
            f"cannot read a DataFrame: {said}",
            hint="give the column values of one type, such as by astype(str)",
        ) from None


def _of_array(array: Any) -> Any:
    """The columns of an array by their numbers; a row of it is a customer."""
    import pyarrow as pa

    if array.dtype.names is not None:
        return pa.table({name: pa.array(array[name]) for name in array.dtype.names})
    if array.ndim != 2:
        raise DataError(
            f"an array of {array.ndim} dimensions is no table", hint="give one of two: rows, and columns"
        )
    return pa.table({f"column{i}": pa.array(array[:, i]) for i in range(array.shape[1])})


def _plain_frame(frame: Any) -> Any:
    """A pandas table whose intervals and periods are texts, whose sparse columns are dense, and whose names are texts."""
    import pandas as pd

    changed = {
        i: _plain_column(frame.iloc[:, i])
        for i, kind in enumerate(frame.dtypes)
        if isinstance(kind, (pd.CategoricalDtype, pd.IntervalDtype, pd.PeriodDtype, pd.SparseDtype))
    }
    if not changed and all(isinstance(name, str) for name in frame.columns):
        return frame
    columns = [changed.get(i, frame.iloc[:, i]) for i in range(frame.shape[1])]
    made = pd.concat(columns, axis=1) if columns else frame.copy()
    made.columns = [str(name) for name in frame.columns]
    return made


def _plain_column(values: Any) -> Any:
    import pandas as pd

    kind = values.dtype
    if isinstance(kind, pd.SparseDtype):
        return values.sparse.to_dense()
    if isinstance(kind, pd.CategoricalDtype):
        is_plain = pd.api.types.infer_dtype(kind.categories, skipna=True) in (
            "string",
            "integer",
            "floating",
            "boolean",
            "empty",
        )
        return values if is_plain else values.astype(object).map(str, na_action="ignore").astype("string")
    return values.map(str, na_action="ignore").astype("string")
