"""Where SQL runs; the only folder that imports a database driver."""

from segmentry.engine.base import Engine, LoggedQuery, Materializes, ReadsViews
from segmentry.engine.connections import from_adbc, from_spark
from segmentry.engine.files import ReadOptions, check_fields
from segmentry.engine.opening import on_engine, open_engine

__all__ = [
    "Engine",
    "Materializes",
    "LoggedQuery",
    "ReadOptions",
    "ReadsViews",
    "check_fields",
    "from_adbc",
    "from_spark",
    "on_engine",
    "open_engine",
]
