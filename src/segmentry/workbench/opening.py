"""What `segmentry studio` is given: data and a recipe, and where the studio keeps and saves its work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from segmentry.drafting import Draft, draft
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.runs.pattern_tables import is_patterns, load_and_keep, without_sums
from segmentry.system.passwords import without_password
from segmentry.text.words import listed
from segmentry.workbench.state import State

SAMPLE_ROWS = 10_000
SAMPLE = "households"
NO_SUMS = "The patterns hold no sums of {outcomes}: not compared here."


@dataclass(frozen=True)
class Opened:
    """Data with the recipe that it is opened with.

    Attributes
    ----------
    data
        Data of `run`.
    name
        Name of the data, as it may be shown.
    start
        State with the recipe.
    autosave, recipe_file, export_folder
        Files for the list of states (None to keep none) and for the recipe, and the folder for what `run` writes.
    note
        Sentence about the recipe; empty where there is nothing to say.
    recipe
        Recipe as it was named; empty where none was.
    """

    data: Any
    name: str
    start: State
    autosave: Path | None
    recipe_file: Path
    export_folder: Path
    note: str = ""
    recipe: str = ""

    @property
    def origin(self) -> dict[str, str]:
        """Names of the data and of the recipe, where both lie beside the kept states; a later studio offers to open them."""
        if self.autosave is None:
            return {}
        folder, data = self.autosave.parent.resolve(), self.data
        path = Path(data if isinstance(data, str) else self.name)
        if not path.is_file() or path.parent.resolve() != folder:
            return {}
        recipe = Path(self.recipe)
        is_beside = not self.recipe or self.recipe in Recipe.bundled() or recipe.parent.resolve() == folder
        return {"data": path.name, "recipe": recipe.name} if is_beside else {}


def open_for_studio(data: str | None, recipe: str | None) -> Opened:
    """Find out what there is to work with.

    Parameters
    ----------
    data
        Data of `run`, a ``segmentation.json``, or None for generated customers.
    recipe
        Recipe file, or the name of a bundled recipe; None to draft one.

    Raises
    ------
    SegmentryError
        The recipe or the data cannot be read.
    """
    if data is None:
        return _sample(recipe)
    if Path(data).name.endswith(".json") and _is_segmentation(Path(data)):
        return _segmentation(Path(data), recipe)
    folder, stem = _place(data)
    if recipe is not None:
        path = Path(recipe)
        is_file = path.is_file()
        start = _named(recipe)
        file = path if is_file else folder / f"{stem}.toml"
        note = "" if is_file else f"Save writes a copy of the bundled recipe {recipe}."
        if is_patterns(data):
            start, lacking = _with_sums_of(start, data)
            note = NO_SUMS.format(outcomes=listed(lacking)) if lacking else note
    else:
        start, note = (
            State(_drafted(data)),
            "The recipe was drafted from the table: read it, and change what you know better.",
        )
        file = folder / f"{stem}.toml"
    _check(start)
    return Opened(
        data,
        without_password(data),
        start,
        folder / f"{stem}.studio.json",
        file,
        folder / f"{stem}-segments",
        note,
        recipe or "",
    )


def _with_sums_of(start: State, data: str) -> tuple[State, tuple[str, ...]]:
    """Return the state without outcomes of which a pattern file has no sums, and their names."""
    lacking = without_sums(load_and_keep(data), start.recipe)
    if not lacking:
        return start, ()
    recipe = start.whole
    groups = [
        {**group, "columns": [c for c in group["columns"] if c["name"] not in lacking]}
        for group in recipe.to_dict()["outcomes"]
    ]
    groups = [group for group in groups if group["columns"]]
    left = {group["name"] for group in groups} | {c["name"] for group in groups for c in group["columns"]}
    headline = recipe.headline if recipe.headline in left else ""
    return start.changed(recipe.with_(outcomes=groups, headline=headline), start.what), lacking


def _named(recipe: str) -> State:
    """Return the state of a recipe file, whose files are relative to its folder, or of a bundled recipe."""
    Recipe.load(recipe)  # refuses one that names files elsewhere
    path = Path(recipe)
    return State(Recipe.text_of(recipe), folder=str(path.parent.resolve()) if path.is_file() else "")


def open_in_memory(data: Any, recipe: Recipe | str | Path | None, name: str = "table in memory") -> Opened:
    """Open a table, or patterns, that have no file: recipes and reports go into the current folder, states are not kept.

    Raises
    ------
    SegmentryError
        The recipe cannot be read, or none can be drafted.
    """
    if isinstance(recipe, Recipe):
        start = State(recipe.text if isinstance(recipe, Draft) else recipe.to_toml())
    else:
        start = State(draft(data, ordered=False).text) if recipe is None else _named(str(recipe))
    folder = Path.cwd()
    _check(start)
    note = (
        "The recipe was drafted from the table: read it, and change what you know better."
        if recipe is None
        else ""
    )
    return Opened(data, name, start, None, folder / "studio.toml", folder / "studio-segments", note)


def _sample(recipe: str | None) -> Opened:
    from segmentry.datasets import sample_households

    if recipe is not None:
        raise DataError("name the data that the recipe is for", source="DATA")
    folder = Path.cwd()
    return Opened(
        sample_households(rows=SAMPLE_ROWS, dirt=True),
        "generated households",
        State(Recipe.text_of(SAMPLE)),
        folder / f"{SAMPLE}.studio.json",
        folder / f"{SAMPLE}.toml",
        folder / f"{SAMPLE}-segments",
        "These are generated households; segmentry studio DATA opens a table of your own.",
    )


def _segmentation(path: Path, recipe: str | None) -> Opened:
    """Open the patterns that a saved segmentation holds."""
    from segmentry.segmentation import load

    if recipe is not None:
        raise DataError(
            "a segmentation has its recipe", source="--recipe", hint="leave it out, or open the table instead"
        )
    result = load(path)
    if result.patterns is None or not result.patterns.n_patterns:
        raise DataError(
            "holds no patterns (there were too many to save, or all were withheld)",
            source=path,
            hint="open the table",
        )
    stem, folder = f"{path.parent.resolve().name}-studio", path.parent
    return Opened(
        result.patterns,
        str(path),
        State(result.recipe.to_toml()),
        folder / "segmentation.studio.json",
        folder / f"{stem}.toml",
        folder / stem,
        "A saved segmentation holds the patterns of five customers or more; open the table for all of them.",
    )


def _is_segmentation(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return '"schema"' in file.read(200)


def _drafted(data: str) -> str:
    from segmentry.patterns.files import is_pattern_table

    if data.endswith(".parquet") and Path(data).is_file() and is_pattern_table(Path(data)):
        raise DataError(
            "is a pattern table, which does not hold its recipe", source=data, hint="name it with --recipe"
        )
    return draft(data, ordered=False).text


def _place(data: str) -> tuple[Path, str]:
    """Return the folder and the first part of the names of the files that the studio writes: beside a file, else here."""
    path = Path(data)
    if path.exists() and path.parent.is_dir():
        return path.parent, path.stem or "data"
    name = Path(urlsplit(data).path).stem if "://" in data else re.sub(r"\W+", "-", path.name).strip("-")
    return Path.cwd(), name or "data"


def _check(start: State) -> None:
    """Raise RecipeError where the recipe cannot be read."""
    _ = start.recipe
