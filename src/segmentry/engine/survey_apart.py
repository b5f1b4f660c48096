"""Statistics files read in a process of their own: what is in a damaged or hostile one ends that process at most."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from segmentry.engine.codebook import Codebook
from segmentry.engine.limits import most_bytes
from segmentry.engine.notes import ReadingNote
from segmentry.engine.survey import SurveyFile, check_library, read_survey
from segmentry.errors import DataError
from segmentry.system.worker import Function, Parcel, WorkerEndedError, WorkerProcess, can_start

_TIMES = 4
"""So many times the size of a table its reader may take: pandas and Arrow hold it both for a while."""
_MARGIN = 2_000_000_000
"""Bytes that the reader may take beside the table: libraries and their threads."""


def read_survey_apart(path: Path, encoding: str | None = None) -> SurveyFile:
    """Read a statistics file as `read_survey` does, in another process where one can be started.

    The library that reads such files is written in C, and some damaged files make it end its process, or fill the memory.

    Raises
    ------
    DataError
        pyreadstat is not installed, or the file cannot be read.
    """
    check_library(path)
    return _asked(_read_here, path, encoding) if can_start() else read_survey(path, encoding)


def _asked(read: Function, path: Path, encoding: str | None) -> SurveyFile:
    """Have another process read a file."""
    parcel = Parcel({"path": str(path), "encoding": encoding, "most": _TIMES * most_bytes(path) + _MARGIN})
    with WorkerProcess() as worker:
        try:
            answer = worker.submit(read, parcel).result()
        except WorkerEndedError:
            raise DataError(
                f"cannot be read as a {path.suffix.lower()} file: what is in it ends its reader",
                source=path,
                hint="is it whole? save it again, or as .csv",
            ) from None
    if refused := answer.values.get("refused"):
        raise DataError(refused["problem"], source=path, hint=refused["hint"])
    return _unpacked(answer)


def _read_here(parcel: Parcel) -> Parcel:
    """Read a file in this process, which takes no more than some memory."""
    path = Path(parcel.values["path"])
    _bound_memory(parcel.values["most"])
    try:
        return _packed(read_survey(path, parcel.values["encoding"]))
    except DataError as error:
        refused = {"problem": error.problem, "hint": error.hint}
    except MemoryError:
        problem = (
            f"{path.stat().st_size:,} bytes take more memory than any table of customers of that size does"
        )
        refused = {"problem": problem, "hint": "save it as .csv, and look what it holds"}
    return Parcel({"refused": refused})


def _packed(found: SurveyFile) -> Parcel:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, found.table.schema) as stream:
        stream.write_table(found.table)
    codebook = {**asdict(found.codebook), "ordered": sorted(found.codebook.ordered)}
    buffer = sink.getvalue()
    packed = pa.Array.from_buffers(pa.uint8(), buffer.size, [None, buffer])
    return Parcel(
        {"notes": [asdict(note) for note in found.notes], "codebook": codebook},
        {"table": packed.to_numpy()},
    )


def _unpacked(parcel: Parcel) -> SurveyFile:
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(parcel.arrays["table"])).read_all()
    said = parcel.values["codebook"]
    codebook = Codebook(
        said["labels"],
        {name: tuple(levels) for name, levels in said["levels"].items()},
        frozenset(said["ordered"]),
        {label: tuple(columns) for label, columns in said["sets"].items()},
    )
    return SurveyFile(table, tuple(ReadingNote(**note) for note in parcel.values["notes"]), codebook)


def _bound_memory(n_bytes: int) -> None:
    """Let this process take so many bytes beside those that it has, where the system can say and bound that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        bound = pages * resource.getpagesize() + n_bytes
        resource.setrlimit(resource.RLIMIT_AS, (bound, _hard(resource)))


def _hard(resource: Any) -> int:
    return int(resource.getrlimit(resource.RLIMIT_AS)[1])
