"""Tables in memory as Arrow, whose types every DuckDB knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from segmentry.errors import DataError

_CONNECTIONS = {
    "DuckDBPyConnection": "give a table or a query of it: connection.table('customers')",
    "Backend": "give a table of it: connection.table('customers')",
    "SparkSession": "give a table of it: session.table('customers')",
    "Connection": "give a URL with ?table=NAME, or segmentry.engine.from_adbc(connection, 'customers')",
}
"""What is given in place of a table, and what to call on it."""
_NO_COLUMN = (ValueError, TypeError, OverflowError, NotImplementedError)
"""What pandas and Arrow raise at values that make no column; the errors of Arrow are among them."""


def check_is_no_connection(data: Any) -> None:
    """Refuse a connection, which is no table but has some."""
    kind = type(data)
    if kind.__name__ in _CONNECTIONS:
        raise DataError(
            f"a {kind.__module__.split('.')[0].lstrip('_')} {kind.__name__} is no table",
            hint=_CONNECTIONS[kind.__name__],
        )


def native(data: Any) -> Any:
    """Return the table behind one of narwhals; any other as it is."""
    return data.to_native() if type(data).__module__.startswith("narwhals.") else data


def as_arrow(data: Any) -> Any:
    """Return a table in memory as Arrow; polars' and pyarrow's as they are, because DuckDB reads them where they are.

    Any library's table is read that hands itself over by the Arrow PyCapsule interface, at once or when it is collected.
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
        return _checked(data if _is_read_in_place(data) else _of_stream(data))
    plain = _plain_frame(data)
    try:
        table = pa.Table.from_pandas(plain, preserve_index=False)
    except _NO_COLUMN:
        raise _refused(plain) from None
    for i, kind in enumerate(table.schema.types):
        if pa.types.is_date(kind) and _has_times(plain.iloc[:, i]):
            raise _mixed(plain.columns[i], _kinds(plain.iloc[:, i]))
    return table


def _checked(table: Any) -> Any:
    """Return a table of pyarrow, unless a column holds what its type does not allow, which DuckDB would read beyond its end.

    Such are letters that are no UTF-8, and the number of a category that there is not. Tables of other libraries are theirs to check.
    """
    import pyarrow as pa

    if not isinstance(table, (pa.Table, pa.RecordBatch)):
        return table
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raise DataError(
                f"cannot read column {name!r}: it is damaged, it holds what its type, {column.type}, does not allow",
                hint="make the table anew, or read it anew from where it comes from",
            ) from None
    return table


def _refused(frame: Any) -> DataError:
    """Return the error of a pandas table that makes no Arrow table. It names the column, and what kind of values it holds: not the values."""
    twice = [str(name) for name, n in Counter(frame.columns).items() if n > 1]
    if twice:
        return DataError(
            f"cannot read a DataFrame: several columns are named {twice[0]!r}", hint="rename all but one"
        )
    found = ((name, _no_column(frame.iloc[:, i])) for i, name in enumerate(frame.columns))
    name, what = next((pair for pair in found if pair[1]), ("", ""))
    return _mixed(name, what)


def _mixed(name: object, what: str) -> DataError:
    where = f": column {name!r} holds {what}, which make no column of a table" if what else ""
    return DataError(
        f"cannot read a DataFrame{where}", hint="give the column values of one type, such as by astype(str)"
    )


def _has_times(values: Any) -> bool:
    """Whether some values are times: where a date comes first, Arrow takes the dates of all, and says nothing."""
    return values.dtype == object and any(
        issubclass(kind, datetime) for kind in set(map(type, values.dropna()))
    )


def _kinds(values: Any) -> str:
    return ", ".join(sorted({kind.__name__ for kind in set(map(type, values))})[:5])


def _no_column(values: Any) -> str:
    """Say what a column holds that Arrow does not take; nothing where it takes it."""
    import pyarrow as pa

    try:
        pa.array(values, from_pandas=True)
    except UnicodeError:
        return "letters that are no Unicode"
    except OverflowError:
        return "whole numbers of more than 64 bits"
    except _NO_COLUMN:
        return _kinds(values) if values.dtype == object else str(values.dtype)
    return ""


def unread_column(table: Any, is_read: Callable[[Any], bool]) -> DataError:
    """Return the error of a table of pyarrow or polars that DuckDB does not read: it names the column that makes it so, if one does."""
    names: Any = getattr(table, "column_names", getattr(table, "columns", ()))
    for name in dict.fromkeys(names):
        try:
            one, kind = (
                table.select([name]),
                table.schema.field(name).type if _is_arrow(table) else table.schema[name],
            )
        except (AttributeError, KeyError, TypeError):  # no table, or a name that stands for two columns
            continue
        if not is_read(one):
            return DataError(
                f"cannot read column {name!r}, whose type is {kind}",
                hint="give it another type, such as a number of 64 bits or text",
            )
    return DataError(
        f"cannot read a {type(table).__name__}",
        hint="give a path, a connection URL, or a pandas, polars or Arrow table",
    )


def _is_arrow(table: Any) -> bool:
    return type(table).__module__.startswith("pyarrow")


def _is_read_in_place(data: Any) -> bool:
    """Whether DuckDB reads the table, or refuses it, as it is; what can be read once alone it cannot."""
    kind, has_stream = type(data).__module__.split(".")[0], hasattr(data, "__arrow_c_stream__")
    if hasattr(data, "collect"):
        return False
    return not has_stream or (kind in ("polars", "pyarrow") and hasattr(data, "columns"))


def _of_stream(data: Any) -> Any:
    """What a table hands over; a lazy one is worked out first."""
    import pyarrow as pa

    try:
        made = data if hasattr(data, "__arrow_c_stream__") else data.collect()
        return pa.RecordBatchReader.from_stream(made).read_all()
    except Exception as error:  # noqa: BLE001 - whatever the other library makes of it
        said = " ".join(str(error).partition(". Detail: ")[0].split())[:200] or type(error).__name__
        raise DataError(
            f"cannot read a {type(data).__name__}: {said}", hint="give a table with named columns, or a path"
        ) from None


def library_of(data: Any) -> str:
    """Name the library that a table came from, of which others are made for whoever gave it: polars, pyarrow, else pandas.

    Of a table of narwhals this is narwhals, a colon, and that of the table behind it.
    """
    kind = type(data).__module__.split(".")[0]
    if kind == "narwhals":
        return f"narwhals:{library_of(native(data))}"
    return kind if kind in ("polars", "pyarrow") else "pandas"


def in_library(library: str, table: Any) -> Any:
    """Return a pyarrow.Table as one of the library that `library_of` named."""
    if library.startswith("narwhals:"):
        import narwhals

        return narwhals.from_native(in_library(library.removeprefix("narwhals:"), table))
    if library == "polars":
        import polars

        return polars.from_arrow(table)
    return table if library == "pyarrow" else table.to_pandas()


def frame_in_library(library: str, frame: Any) -> Any:
    """Return a pandas DataFrame as a table of the library that `library_of` named."""
    import pyarrow as pa

    if library == "pandas":
        return frame
    return in_library(library, pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata())


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
    """A pandas table whose intervals and periods are texts, whose sparse columns are dense, and whose names are texts.

    Columns of missing durations alone have no type.
    """
    import pandas as pd

    changed = {
        i: _plain_column(frame.iloc[:, i])
        for i, kind in enumerate(frame.dtypes)
        if isinstance(kind, (pd.CategoricalDtype, pd.IntervalDtype, pd.PeriodDtype, pd.SparseDtype))
        or kind.kind == "m"
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
    if (
        kind.kind == "m"
    ):  # DuckDB reads the number behind a missing duration where all are missing, and finds it too large
        return values.astype(object).where(values.notna(), None) if values.isna().all() else values
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
