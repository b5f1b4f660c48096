"""Where SQL runs; the only folder that imports a database driver."""

from segmentry.engine.base import Engine, KeepsResults, LoggedQuery
from segmentry.engine.files import ReadOptions
from segmentry.engine.opening import open_engine

__all__ = ["Engine", "KeepsResults", "LoggedQuery", "ReadOptions", "open_engine"]
