"""The errors that users see: where it happened, what was seen, what is allowed, what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SegmentryError(ValueError):
    """A mistake that the user can mend; the command line shows its text alone and ends with code 2."""


class RecipeError(SegmentryError):
    """The recipe cannot be read or contradicts itself; the text begins with the file and the key path."""


class DataError(SegmentryError):
    """The table is missing, empty, or does not fit the recipe."""


class ModelError(SegmentryError):
    """A model cannot be fitted to, read for, or applied to these data."""


class DisclosureError(SegmentryError):
    """No rule says what may be shown of something, so it is neither shown nor saved."""


class SegmentryWarning(UserWarning):
    """A doubt about a result that is still returned."""


class IdWarning(SegmentryWarning):
    """Rows share an id, or have none."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which of the `known` names was probably meant, as the end of a message.

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
        return f"did you mean {folded[close[0]]!r}?"
    shown = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
    return f"known: {shown}"
