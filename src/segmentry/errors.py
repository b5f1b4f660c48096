"""Errors that users see: they say where the mistake is, what was seen, what is allowed, and what to do next."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any, Self

Place = tuple[str, ...]
"""Key path in a recipe, such as ``("features", "age", "edges")``."""
_LONGEST_NAME = 60
_BREAKS = re.compile(r"\s*[\n\r]\s*")


class SegmentryError(ValueError):
    """A mistake that the user can mend; the command line shows only its text, and ends with code 2.

    The text is made of the fields: ``source: place: problem; hint``, in one line whatever names and values hold.

    Parameters
    ----------
    problem
        Values that were seen, and those that are allowed.
    source
        File, table, option or argument that holds the mistake.
    place
        Key path of the mistake in the recipe.
    hint
        Advice on what to do next.

    Examples
    --------
    >>> error = SegmentryError("edges must increase; got 30 after 45", source="shop.toml", place=("features", "age"))
    >>> print(error)
    shop.toml: features.age: edges must increase; got 30 after 45
    """

    def __init__(self, problem: str, *, source: object = "", place: Place = (), hint: str = "") -> None:
        super().__init__(problem)
        self.problem, self.source, self.place, self.hint = problem, str(source), place, hint

    def __str__(self) -> str:
        sentence = ": ".join(part for part in (self.source, ".".join(self.place), self.problem) if part)
        return _BREAKS.sub(" ", f"{sentence}; {self.hint}" if self.hint else sentence)

    def with_(self, **fields: Any) -> Self:
        """Return the same error with other values of some `fields`."""
        error = type(self).__new__(type(self), fields.get("problem", self.problem))
        error.__dict__ |= self.__dict__ | fields
        return error


class RecipeError(SegmentryError):
    """The recipe cannot be read or contradicts itself."""


class DataError(SegmentryError):
    """The table is missing, empty, or does not fit the recipe."""


class UnavailableError(DataError):
    """A server, a disk, a lock or memory refuses for now; the command line ends with code 75: running again may help."""


class ColumnNotFoundError(DataError):
    """The recipe names a column that the table does not have."""


class LevelsError(DataError):
    """The values of a feature make no levels: the table has none, infinite ones, or too many different ones."""


class TooManyLevelsError(LevelsError):
    """A feature whose levels are found in the table has too many of them; `n_levels` says how many."""

    def __init__(self, problem: str, *, n_levels: int = 0, **fields: Any) -> None:
        super().__init__(problem, **fields)
        self.n_levels = n_levels


class ModelError(SegmentryError):
    """A model cannot be fitted to, read for, or applied to these data."""


class DisclosureError(SegmentryError):
    """No rule says whether something may be shown, so it is neither shown nor saved."""


class SegmentryWarning(UserWarning):
    """A doubt about a result that is still returned."""


class IdWarning(SegmentryWarning):
    """Rows share an id, or have none."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Write the end of a message: which of the `known` names was probably meant, or which there are.

    Examples
    --------
    >>> nearest("Incme", ["Income", "Education"])
    "did you mean 'Income'?"
    >>> nearest("x", ["Income", "Education"])
    'known: Income, Education'
    """
    names = list(known)
    folded = {n.casefold(): n for n in reversed(names)}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    if close:
        return f"did you mean {_short(folded[close[0]])!r}?"
    shown = ", ".join(map(_short, names[:12])) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
    return f"known: {shown}"


def _short(name: str) -> str:
    """The beginning of a name: where a table was read wrongly, whole rows may be one."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
