"""Lists of the customers of some segments, as CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("segment", "name", "certainty")
"""What a list has beside the id."""


def write_list(
    assigned: Path,
    names: Mapping[int, str],
    segments: Collection[int],
    path: Path,
    inert: Callable[[str], str],
) -> int:
    """Write the rows of some segments of a Parquet file of assignments as CSV, with the segments' names; return how many they are.

    `inert` writes a text so that no spreadsheet takes it for a formula.
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    file, n = pq.ParquetFile(assigned), 0
    id_type = file.schema_arrow.types[0]
    first = pa.field(file.schema_arrow.names[0], id_type)
    types = (file.schema_arrow.field("segment").type, pa.string(), file.schema_arrow.field("certainty").type)
    schema = pa.schema([first, *(pa.field(*pair) for pair in zip(COLUMNS, types, strict=True))])
    safe = pa.schema([pa.field(inert(field.name), field.type) for field in schema])
    with pyarrow.csv.CSVWriter(path, safe) as writer:
        for batch in _kept(file, segments):
            called = [inert(names[s]) for s in batch.column("segment").to_pylist()]
            columns = [
                _inert(batch.column(0), inert),
                batch.column("segment"),
                pa.array(called, pa.string()),
                batch.column("certainty"),
            ]
            writer.write_batch(pa.record_batch(columns, schema=safe))
            n += batch.num_rows
    return n


def _kept(file: Any, segments: Collection[int]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(list(segments))
    for batch in file.iter_batches():
        column = batch.column("segment")
        yield batch.filter(pc.is_in(column, value_set=wanted.cast(column.type)))


def _inert(ids: pa.Array, inert: Callable[[str], str]) -> pa.Array:
    """Return ids with no text that a spreadsheet takes for a formula."""
    import pyarrow as pa

    if not (pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)):
        return ids
    return pa.array([None if i is None else inert(i) for i in ids.to_pylist()], ids.type)


def is_list(path: Path) -> bool:
    """Whether a file begins as a list does."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n").endswith(",".join(f'"{name}"' for name in COLUMNS))
