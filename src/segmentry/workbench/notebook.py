"""The studio in a notebook, on a table in memory, a file or a segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmentry.errors import DataError, ModelError
from segmentry.recipe import Recipe
from segmentry.segmentation import Segmentation
from segmentry.workbench.opening import Opened, open_for_studio, open_in_memory

if TYPE_CHECKING:
    from segmentry.workbench.widget import StudioWidget


def studio(data: Any = None, recipe: Recipe | str | Path | None = None) -> StudioWidget:
    """Open the studio in a notebook: segments are formed live, in the page of `segmentry studio`, without a port.

    Parameters
    ----------
    data
        Whatever `run` takes, a segmentation, the path of a ``segmentation.json``, or None for generated households. Of
        a segmentation the patterns are opened that it holds.
    recipe
        Recipe, its path, or a bundled recipe's name; by default it is drafted from the table, or that of the segmentation.

    Returns
    -------
    StudioWidget
        Widget that a notebook shows. Its `recipe` is the text of the recipe that is shown; `close` ends it.

    Raises
    ------
    SegmentryError
        The extra ``notebook`` is missing, or the data or the recipe cannot be read.

    Examples
    --------
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> here = sg.studio(sample_households(rows=1_000), "households")
    >>> here.recipe.splitlines()[0]
    '# The recipe for the generated households (`segmentry sample`, `segmentry demo`). Its levels are the ones that were'
    >>> here.close()
    """
    try:
        from segmentry.workbench.widget import StudioWidget
    except ImportError:
        raise DataError(
            "needs the extra `notebook`: pip install 'segmentry[notebook]'",
            source="studio",
            hint="or open a file with `segmentry studio DATA` in a terminal",
        ) from None
    return StudioWidget(_opened(data, recipe))


def _opened(data: Any, recipe: Recipe | str | Path | None) -> Opened:
    if data is None or (isinstance(data, (str, Path)) and not isinstance(recipe, Recipe)):
        return open_for_studio(None if data is None else str(data), None if recipe is None else str(recipe))
    if not isinstance(data, Segmentation):
        return open_in_memory(data, recipe)
    if recipe is not None:
        raise DataError("a segmentation has its recipe", source="recipe", hint="leave it out")
    if data.patterns is None or not data.patterns.n_patterns:
        raise ModelError("the segmentation holds no patterns", hint="open the table instead")
    return open_in_memory(data.patterns, data.recipe, data.source)
