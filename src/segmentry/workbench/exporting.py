"""Files that the studio writes when it is asked to: those of `run`, and lists of customers; a thread writes them, one job at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from segmentry.errors import DataError, SegmentryError
from segmentry.recipe import Recipe
from segmentry.runs.customer_lists import NO_CUSTOMERS, list_customers
from segmentry.runs.fitting import KeptFit
from segmentry.runs.pattern_tables import is_patterns
from segmentry.runs.segment import run, run_fitted
from segmentry.system.progress import Progress
from segmentry.text.numbers import count
from segmentry.text.words import listed
from segmentry.workbench.comparing import Settled

EXPORTED = "Report, model and tables written: {path}"
LISTED = "; {name} has every customer with the segment"
OF_SEGMENTS = "List of the {n} customers of segment {segments} written: {path}"
OF_SEVERAL = "List of the {n} customers of segments {segments} written: {path}"


class Exports:
    """Writes files in a thread, and says what came of it.

    Parameters
    ----------
    data
        Data of `run`.
    notice
        Function that is called with what there is to say.
    """

    def __init__(self, data: Any, notice: Callable[[str], None]) -> None:
        self._data, self._notice = data, notice
        self._lock = Lock()
        self.is_busy = False

    @property
    def no_lists(self) -> str:
        """Why no customers can be listed; empty where they can."""
        return NO_CUSTOMERS if is_patterns(self._data) else ""

    def write_files(self, recipe: Recipe, fit: KeptFit | None, folder: Path, *, csv: bool) -> None:
        """Write what `run` writes, with segments that were fitted already where they are given.

        Raises
        ------
        DataError
            Files are being written already.
        """

        def write(say: Progress) -> str:
            if fit is None:
                run(self._data, recipe, out=folder, csv=csv, progress=say)
            else:
                run_fitted(self._data, recipe, fit, folder, csv=csv, progress=say)
            lists = (folder / f"assignments.{end}" for end in ("csv", "parquet"))
            listed = next((LISTED.format(name=one.name) for one in lists if one.exists()), "")
            return EXPORTED.format(path=folder) + listed

        self._begin(write)

    def write_list(self, shown: Settled, segments: Any, folder: Path) -> Path:
        """Write the customers of some of the segments that are shown into a file beside a folder, by whose name it is called.

        Raises
        ------
        DataError
            Files are being written already, or there are no customers to list.
        """
        if self.no_lists:
            raise DataError(self.no_lists, source="list", hint="open the table instead")
        if not isinstance(segments, list) or not all(type(s) is int for s in segments):
            raise DataError("must be numbers of segments", source="list")
        names = {s.id: s.name for s in shown.result.segments}
        fit = shown.fit
        if fit is None or not segments or not set(segments) <= set(names):
            raise DataError("there are no such segments", source="list")
        several = "s" if len(set(segments)) > 1 else ""
        name = f"{folder.name.removesuffix('-segments')}-segment{several}"
        which = "-".join([name, *map(str, sorted(set(segments)))])
        path = folder.with_name(f"{which}.csv")

        def write(_: Progress) -> str:
            n = list_customers(self._data, shown.state.recipe, fit, names, segments, path)
            form = OF_SEVERAL if several else OF_SEGMENTS
            told = listed([str(s) for s in sorted(set(segments))])
            return form.format(n=count(n), segments=told, path=path)

        self._begin(write)
        return path

    def _begin(self, write: Callable[[Progress], str]) -> None:
        with self._lock:
            if self.is_busy:
                raise DataError("files are being written already", source="Export", hint="wait for these")
            self.is_busy = True
        Thread(target=self._work, args=(write,), daemon=True).start()

    def _work(self, write: Callable[[Progress], str]) -> None:
        try:
            self._notice(write(lambda text: self._notice(f"Export: {text}")))
        except SegmentryError as error:
            self._notice(f"Nothing was written: {error}")
        except Exception as error:
            logging.getLogger(__name__).exception("an export failed")
            self._notice(
                f"Nothing was written; segmentry made a mistake ({type(error).__name__}), please report it"
            )
        finally:
            self.is_busy = False
