"""The customers of some segments, as a list for a spreadsheet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from segmentry.collecting.collection import Fine
from segmentry.collecting.fine_levels import LEAST_MODELLED
from segmentry.engine.list_files import is_list, write_list
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.recipe.levels import modelled_fine
from segmentry.runs.fitting import KeptFit
from segmentry.runs.options import Options
from segmentry.runs.reading import assign_customers_to_file, can_assign
from segmentry.runs.replacing import replacing
from segmentry.runs.sources import collect_customers, open_source
from segmentry.system.owned_folders import OwnedFolder
from segmentry.system.whole_files import whole_file
from segmentry.text.inert import for_spreadsheet

NO_CUSTOMERS = "there are no customers to list: the data are patterns with their counts, without ids"
NO_ID = "customers cannot be told apart: the recipe names no id"


def list_customers(
    data: Any, recipe: Recipe, fit: KeptFit, names: Mapping[int, str], segments: Collection[int], path: Path
) -> int:
    """Write id, segment, its name and the certainty of the customers of some segments as CSV; return how many they are.

    They are rows of the `assignments.csv` that a run writes. Texts that a spreadsheet takes for formulas have an apostrophe before them.

    Parameters
    ----------
    data, recipe
        As of `run`.
    fit
        Segments that were fitted to them.
    names
        Names of the segments by number.
    segments
        Numbers of the segments whose customers are listed.
    path
        CSV file; an earlier list is replaced.

    Raises
    ------
    DataError
        There are no customers to list, the data have changed since the segments were fitted, or the file cannot be written.
    """
    replacing(data, recipe, overwrite=False).check_file(path, "list", is_list)
    with (
        open_source(data, recipe) as source,
        OwnedFolder.temporary() as folder,
        whole_file(path) as unfinished,
    ):
        if source.engine is None:
            raise DataError(NO_CUSTOMERS, source="list")
        fine = Fine(modelled_fine(recipe), max(LEAST_MODELLED, Options().policy.floor))
        customers = collect_customers(source, data, recipe, fine)
        if not can_assign(customers):
            raise DataError(NO_ID, source="list", hint="name one under [source]")
        if not fit.is_of(customers):
            raise DataError(
                "the data have changed", source="list", hint="wait for the report of what they are now"
            )
        assigned = folder / "assignments.parquet"
        assign_customers_to_file(customers, fit.fitted.partition, assigned)
        return write_list(assigned, names, segments, unfinished, for_spreadsheet)
