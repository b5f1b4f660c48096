"""Recipe files: TOML text to models and back, with errors that name the key path."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, PrivateAttr, ValidationError

from segmentry.errors import RecipeError, nearest
from segmentry.recipe import models
from segmentry.recipe.features import Feature, with_dates
from segmentry.recipe.files import check_files
from segmentry.recipe.models import RecipeModel
from segmentry.text.display import MAX_NAMED, Shown
from segmentry.text.words import counted, listed


class Recipe(Shown, RecipeModel):
    """A recipe: how a customer table becomes patterns, outcomes and segments.

    Recipes are TOML files; `load` reads one by path, or a bundled one by name. A recipe is frozen:
    `with_` returns a changed copy, validated like a file.

    Examples
    --------
    >>> recipe = Recipe.from_toml('''
    ... [features.age]
    ... column = "Age"
    ... edges = [30, 50]
    ... ''')
    >>> recipe.features[0].title, recipe.features[0].edges
    ('Age', (30, 50))
    >>> "customer-personality" in Recipe.bundled()
    True
    """

    _is_trusted: bool = PrivateAttr(default=False)
    _file: Path | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """Recipes are equal where they say the same, wherever they were read, and whoever trusts them."""
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = RecipeModel.__hash__

    @property
    def is_trusted(self) -> bool:
        """Whether its SQL may do whatever the database can; a recipe never says so itself."""
        return self._is_trusted

    def of_file(self, file: Path) -> Self:
        """Return a copy that knows the saved segmentation that it was read from.

        Parameters
        ----------
        file
            Saved segmentation, whose author may not choose files elsewhere.
        """
        copy = self.model_copy()
        copy._file = file
        return copy

    @property
    def is_of_file(self) -> bool:
        """Whether a saved segmentation was read, of which this is the recipe."""
        return self._file is not None

    @property
    def file_name(self) -> str:
        """Name of the saved segmentation; empty where there is none."""
        return "" if self._file is None else self._file.name

    def check_files(self) -> None:
        """Refuse files that a saved segmentation names elsewhere; see `segmentry.recipe.files.check_files`."""
        if self._file is not None and not self.is_trusted:
            check_files(self.source.tables, self._file.parent, self._file.name)

    def trusted(self) -> Self:
        """Return a copy whose SQL may do whatever the database can: read and write files, and connect to servers."""
        copy = self.model_copy()
        copy._is_trusted = True
        return copy

    def _shown(self) -> tuple[str, dict[str, str]]:
        groups = [f"{g.name} ({counted(len(g.columns), 'column')} of {g.role})" for g in self.outcomes]
        model = self.model
        n = f"{model.range[0]} to {model.range[1]}" if model.segments == "auto" else f"{model.segments}"
        details = {
            "features": listed((f.name for f in self.features), MAX_NAMED) or "none",
            "outcomes": listed(groups, MAX_NAMED) or "none",
            "model": f"{model.method}, {n} segments",
        }
        return self.title or "untitled", details

    @classmethod
    def load(cls, recipe: str | Path | Recipe, *, trust: bool = False) -> Self:
        """Read a recipe file, or a bundled recipe by its name.

        Parameters
        ----------
        recipe
            Path of a TOML file, the name of a bundled recipe (see `bundled`), TOML text of several lines, or a recipe,
            which is returned unchanged.
        trust
            Whether its SQL may do whatever the database can: read and write any file, and connect to servers. Without,
            it computes with the columns of the tables that were named, and reads no other file.

        Raises
        ------
        RecipeError
            There is no such file or name, its content is not a valid recipe, or it names files elsewhere.
        """
        if trust:
            return cls._loaded(recipe, trust=True).trusted()
        return cls._loaded(recipe, trust=False)

    @classmethod
    def _loaded(cls, recipe: str | Path | Recipe, *, trust: bool) -> Self:
        if isinstance(recipe, cls):
            return recipe
        if "\n" in str(recipe):
            written = cls.from_toml(str(recipe), where="the recipe's text")
            if not trust:
                check_files(written.source.tables, Path(), "the recipe's text")
            return written
        path = Path(str(recipe))
        is_file = _is_file(path)
        where = path.name if is_file else f"{recipe}.toml"
        text = cls.text_of(path if is_file else str(recipe))
        found = cls.from_toml(text, where=where, folder=path.parent if is_file else None)
        if is_file and not trust:
            check_files(found.source.tables, path.parent, path.name)
        return found

    @classmethod
    def text_of(cls, recipe: str | Path) -> str:
        """Return the text of a recipe file, or of a bundled recipe by its name.

        Parameters
        ----------
        recipe
            Path of a TOML file, or the name of a bundled recipe.

        Raises
        ------
        RecipeError
            There is no such file or name.
        """
        path = Path(str(recipe))
        if _is_file(path):
            return _read(path)
        if str(recipe) in cls.bundled():
            return str((_bundled_folder() / f"{recipe}.toml").read_text(encoding="utf-8"))
        known = nearest(str(recipe), cls.bundled())
        raise RecipeError("no such file, nor a bundled recipe", source=f"recipe {str(recipe)!r}", hint=known)

    @classmethod
    def bundled(cls) -> tuple[str, ...]:
        """Names of the recipes that come with segmentry."""
        found = [p.name for p in _bundled_folder().iterdir() if p.name.endswith(".toml")]
        return tuple(sorted(name.removesuffix(".toml") for name in found))

    @classmethod
    def from_toml(cls, text: str, *, where: str = "recipe", folder: Path | None = None) -> Self:
        """Read a recipe from TOML `text`; error messages begin with `where`.

        Files named in ``[source.tables]`` are relative to `folder`.
        """
        try:
            content = tomllib.loads(text)
        except ValueError as error:  # no TOML, or a number of thousands of digits
            raise RecipeError(f"not valid TOML: {error}", source=where) from None
        recipe = cls.from_dict(content, where=where)
        if folder is None or not recipe.source.tables:
            return recipe
        tables = {name: str(folder / file) for name, file in recipe.source.tables.items()}
        return recipe.model_copy(update={"source": recipe.source.model_copy(update={"tables": tables})})

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], *, where: str = "recipe") -> Self:
        """Validate `content` that was read elsewhere, such as from a saved segmentation; error messages begin with `where`."""
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise _first_of(error, where, content) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values, without keys that have their default."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def to_toml(self) -> str:
        """Return the recipe as TOML text, which `from_toml` reads back as an equal recipe."""
        import tomlkit

        return tomlkit.dumps(self.toml_content())

    def toml_content(self) -> dict[str, Any]:
        """Return the recipe as plain values in the form that its TOML text has."""
        content = self.to_dict()
        content["features"] = _keyed([with_dates(feature) for feature in content["features"]])
        if "outcomes" in content:
            content["outcomes"] = _keyed(content["outcomes"])
            for group in content["outcomes"].values():
                group["columns"] = {
                    c["name"]: c["label"]
                    if c.keys() <= {"name", "label"}
                    else {key: value for key, value in c.items() if key != "name"}
                    for c in group["columns"]
                }
        return content

    def with_(self, **changes: Any) -> Self:
        """Return a validated copy with other values of the top-level keys in `changes`."""
        made = type(self).from_dict({**self.to_dict(), **changes})
        return made.trusted() if self.is_trusted else made


_PLAIN = {
    "tuple_type": "must be a list",
    "dict_type": "must be a table of keys",
    "model_type": "must be a table of keys",
    "string_type": "must be a text",
}


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RecipeError("not UTF-8 text", source=path.name, hint="save the recipe as UTF-8") from None


def _bundled_folder() -> Any:
    return files("segmentry") / "datasets" / "recipes"


def _keyed(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {entry.pop("name"): entry for entry in entries}


def _first_of(error: ValidationError, where: str, content: Mapping[str, Any]) -> RecipeError:
    """Make an error of the first problem that says how many more there are."""
    problems = [p for p in error.errors() if p["loc"]] or error.errors()
    first = problems[0]
    loc = first["loc"]
    if loc[:1] == ("strata",):
        loc = loc[:2] + loc[3:]  # without pydantic's tag, name or band
    found = _explained(first)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    changes = {"hint": f"{found.hint}{more}"} if found.hint else {"problem": f"{found.problem}{more}"}
    return found.with_(source=where, place=(*_path(loc, content), *found.place), **changes)


def _path(loc: tuple[int | str, ...], content: Any) -> list[str]:
    """Return the key path as the file has it: names in place of positions in lists of named tables."""
    keys: list[str] = []
    for part in loc:
        if isinstance(part, int) and isinstance(content, Mapping):
            part = list(content)[part] if part < len(content) else part  # noqa: PLW2901
        content = _step_into(content, part)
        if isinstance(part, int) and isinstance(content, Mapping) and "step" in content:
            part = str(content["step"])  # noqa: PLW2901
        keys.append(str(part))
    return keys


def _step_into(content: Any, part: int | str) -> Any:
    try:
        return content[part]
    except (KeyError, IndexError, TypeError):
        return None


def _explained(problem: Any) -> RecipeError:
    """Say what is wrong, in our own words where we have any."""
    kind, given, loc = problem["type"], problem.get("input"), problem["loc"]
    if kind == "tuple_type" and loc in {("features",), ("outcomes",)}:
        return RecipeError(f"must be tables such as [{loc[0]}.name]; got {_shown(given)}")
    if kind in _PLAIN:
        return RecipeError(f"{_PLAIN[kind]}; got {_shown(given)}")
    if kind == "extra_forbidden":
        return RecipeError("unknown key", hint=nearest(str(loc[-1]), _known_keys(loc)))
    if kind == "missing":
        return RecipeError("is missing", hint="this key is required")
    if kind == "value_error":
        return _raised(problem["ctx"]["error"], given)
    text = problem["msg"][0].lower() + problem["msg"][1:]
    return RecipeError(f"{text}; got {_shown(given)}")


def _raised(error: ValueError, given: object) -> RecipeError:
    """Return the error of one of our own validators, with the value that it was given unless that is a list or table."""
    found = error if isinstance(error, RecipeError) else RecipeError(str(error))
    if isinstance(given, (dict, list, tuple, BaseModel)):
        return found
    return found.with_(problem=f"{found.problem}; got {_shown(given)}")


def _shown(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 80 else text[:77] + "..."


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """List the keys that are allowed where an unknown one was found."""
    sections: dict[str, type[BaseModel]] = {
        "source": models.Source,
        "clean": models.CleanStep,
        "features": Feature,
        "strata": Feature,
        "outcomes": models.OutcomeGroup,
        "model": models.ModelSettings,
    }
    model: type[BaseModel] = RecipeModel
    if len(loc) > 1:
        model = sections.get(str(loc[0]), RecipeModel)
    if "replace" in loc[:-1]:
        model = models.Replace
    if "columns" in loc[:-1]:
        model = models.OutcomeColumn
    return [name for name in model.model_fields if name != "name"]
