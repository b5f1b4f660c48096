"""Where SQL runs; the only folder that imports a database driver."""

from segmentry.engine.base import (
    TIME_ZONE,
    Engine,
    Interruptible,
    LoggedQuery,
    Materializes,
    NumbersRows,
    ReadsViews,
    Remembers,
)
from segmentry.engine.codebook import Codebook, codebook_of
from segmentry.engine.connections import from_adbc, from_spark
from segmentry.engine.delimited import ReadOptions
from segmentry.engine.files import check_fields
from segmentry.engine.frames import frame_in_library, in_library, library_of
from segmentry.engine.notes import DOUBTFUL, ReadingNote, reading_notes
from segmentry.engine.opening import on_engine, open_engine
from segmentry.engine.reach import Reach

__all__ = [
    "DOUBTFUL",
    "TIME_ZONE",
    "Codebook",
    "Engine",
    "Interruptible",
    "Materializes",
    "LoggedQuery",
    "NumbersRows",
    "Reach",
    "ReadOptions",
    "ReadingNote",
    "ReadsViews",
    "Remembers",
    "check_fields",
    "codebook_of",
    "from_adbc",
    "from_spark",
    "frame_in_library",
    "in_library",
    "library_of",
    "on_engine",
    "open_engine",
    "reading_notes",
]
