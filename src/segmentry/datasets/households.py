"""Generate households like those of the customer personality file, with planted segments.

A row depends only on the seed and its number, not on the number of rows, threads or the version of DuckDB:
every cell is a defined integer formula of the seed, the row and the column (`segmentry.datasets._draws`;
amounts and counts also pass through a logarithm). `segmentry.datasets.planted` holds what is planted
(`PLANTED.describe()` prints it), `segmentry.datasets.dirt` the faults that `dirt` adds. Rows are written in their
order.

Examples
--------
>>> sample = sample_households(rows=1_000, truth=True)
>>> int(sample.groupby("true_segment")["AcceptedCmp5"].mean().idxmax())
4
>>> sample.head(10).equals(sample_households(rows=10, truth=True))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from segmentry.errors import DataError
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_file

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SUFFIXES = (".parquet", ".csv", ".tsv")
MAX_SAMPLE_ROWS = 1 << 32
_ROW_GROUP = 122_880


def write_sample(
    out: str | Path,
    rows: int = 10_000,
    *,
    seed: int = 0,
    truth: bool = False,
    dirt: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write generated households to a file, whole or not at all.

    Parameters
    ----------
    out : str or Path
        File ending in .parquet, .csv or .tsv, in a folder that exists.
    rows : int, default=10_000
        Number of households, from 1 to 2**32.
    seed : int, default=0
        Seed of all draws.
    truth : bool, default=False
        Add the last column `true_segment`: the planted segment, from 1.
    dirt : bool, default=False
        Add the faults listed in `DIRT`, and twins: rows equal in all but the id.
    overwrite : bool, default=False
        Whether a file that exists may be replaced.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile, pandas
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pandas.read_parquet(write_sample(f"{folder}/households.parquet", rows=5)).shape
    (5, 29)
    """
    target = _checked_target(Path(out))
    Replacing(overwrite=overwrite).check_file(target, "sample")
    sample_of = _sample(rows, seed, truth=truth, dirt=dirt, bounded=True)
    with sample_of as sample, _write_errors_explained(target), whole_file(target) as part:
        if target.suffix.lower() == ".parquet":
            sample.write_parquet(str(part), compression="snappy", row_group_size=_ROW_GROUP)
        else:
            separator = "\t" if target.suffix.lower() == ".tsv" else ","
            sample.write_csv(str(part), sep=separator, header=True)
    return target


def sample_households(
    rows: int = 10_000, *, seed: int = 0, truth: bool = False, dirt: bool = False
) -> pd.DataFrame:
    """Return generated households as a DataFrame; parameters as in `write_sample`.

    Examples
    --------
    >>> sample_households(rows=2, seed=1)[["ID", "Z_CostContact", "Z_Revenue"]]
       ID  Z_CostContact  Z_Revenue
    0   1              3         11
    1   2              3         11
    """
    with _sample(rows, seed, truth=truth, dirt=dirt) as sample:
        frame: pd.DataFrame = sample.df()
    return frame


@contextmanager
def _sample(
    rows: int, seed: int, *, truth: bool, dirt: bool, bounded: bool = False
) -> Iterator[duckdb.DuckDBPyRelation]:
    """Give the lazy relation of the sample over a table of row numbers, which DuckDB scans in parallel."""
    _check_integer("rows", rows, 1, MAX_SAMPLE_ROWS)
    _check_integer("seed", seed, 0, (1 << 56) - 1)
    import duckdb

    from segmentry.datasets._query import ROWS_TABLE, household_query

    with duckdb.connect(":memory:") as connection:
        if bounded:
            _bound_memory(connection, rows)
        numbers = connection.table_function("range", [int(rows)]).project("true AS present")
        numbers.create(ROWS_TABLE)
        yield connection.sql(household_query(int(seed), truth=truth, dirt=dirt))


def _bound_memory(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Limit the memory for rows that wait to be written in order, which otherwise grows with the number of rows."""
    threads = connection.sql("SELECT current_setting('threads')").fetchall()[0][0]
    megabytes = (
        min(500 + 150 * threads, 1_200) + 2 * rows // 1_000_000
    )  # the table of rows takes over one byte each
    connection.execute(f"SET memory_limit = '{megabytes}MB'")


def _check_integer(name: str, value: object, low: int, high: int) -> None:
    import operator

    try:
        seen = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        seen = None
    if seen is None or isinstance(value, bool) or not low <= seen <= high:
        raise DataError(
            f"{name} must be a whole number from {low:,} to {high:,}; got {value!r}.", source="sample"
        )


def _checked_target(target: Path) -> Path:
    if target.suffix.lower() not in SUFFIXES:
        allowed = ", ".join(SUFFIXES)
        raise DataError(
            f"the sample is written as {allowed}; got {target.suffix or 'no suffix'!r}.", source=target
        )
    return target


@contextmanager
def _write_errors_explained(target: Path) -> Iterator[None]:
    """Turn failures to write the target into a DataError."""
    import duckdb

    try:
        yield
    except duckdb.IOException as error:
        raise DataError(f"cannot be written: {error}", source=target) from error
