"""What a caller asks of a run, in addition to the recipe: one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from segmentry.disclosure import Policy
from segmentry.errors import ModelError, RecipeError, nearest
from segmentry.recipe import METHODS, Recipe
from segmentry.report import Slides, check_exports
from segmentry.segmentation import Segmentation
from segmentry.selection import N_ANALYSES
from segmentry.system.protection import Replacing

MOST_ANALYSES = 10_000
DECK = "report.pptx"
"""Name of the file with slides."""


@dataclass(frozen=True)
class Formats:
    """Forms of files that are asked for in addition to the usual ones."""

    csv: bool = False
    """The list of all customers with their segment as CSV, for a spreadsheet."""
    excel: bool = False
    """The report as a workbook."""
    pdf: bool = False
    """The report as PDF."""
    slides: Slides | None = None
    """The report as slides."""

    def check(self) -> None:
        """Raise DataError where the library or program that writes a form is not there, or a deck cannot be read."""
        check_exports(excel=self.excel, pdf=self.pdf, slides=self.slides)


@dataclass(frozen=True)
class Options:
    """What a run does and which files it writes."""

    out: Path | None = None
    """Folder for the files; None for a result in memory alone."""
    formats: Formats = field(default_factory=Formats)
    policy: Policy = field(default_factory=lambda: Policy.for_files(None))
    """What may be shown of few customers."""
    thorough: bool = False
    """Whether every index of every number of segments is computed."""
    n_analyses: int = N_ANALYSES
    """Number of other analyses that segments are compared with."""
    audit: bool = False
    """Whether the table is audited, too."""
    however_long: bool = False
    """Whether what takes very long, or much memory, is done."""
    replacing: Replacing = field(default_factory=Replacing)
    """What may be replaced in `out`."""
    previous: Segmentation | None = None
    """Earlier segmentation; segments of it that survive keep their numbers and names."""


def slides_in(out: str | Path | None, template: str | Path | None, *, is_asked: bool) -> Slides | None:
    """Return how slides are written into a folder; None where none are asked for.

    A deck that is there is renewed unasked: as a file of an earlier run it would be removed, with the slides that
    somebody added to it.
    """
    if out is None:
        return None
    deck = Path(out) / DECK
    if not is_asked and template is None and not deck.is_file():
        return None
    return Slides(deck, None if template is None else Path(template))


def settled(
    recipe: Recipe,
    segments: int | str | None,
    method: str | None,
    seed: int | None,
    locale: str | None = None,
) -> Recipe:
    """Return the recipe with the settings that a call asks for in place of its own."""
    if method is not None and method not in METHODS:
        raise RecipeError(nearest(str(method), METHODS), source=f"method {method!r}")
    asked = {"segments": _number(segments), "method": method, "seed": seed}
    model = {
        **recipe.model.model_dump(exclude_unset=True),
        **{k: v for k, v in asked.items() if v is not None},
    }
    return in_locale(recipe.with_(model=model), locale)


def checked_analyses(n: int) -> int:
    """Return a number of other analyses; raise ModelError where it is none."""
    if not 0 <= n <= MOST_ANALYSES:
        raise ModelError(
            f"the number of other analyses is from 0 to {MOST_ANALYSES:,}, not {n:,}", source="analyses"
        )
    return n


def in_locale(recipe: Recipe, locale: str | None) -> Recipe:
    """Return the recipe with the locale that a call asks for in place of its own."""
    return recipe if locale is None else recipe.with_(locale=locale)


def _number(segments: int | str | None) -> int | str | None:
    return int(segments) if isinstance(segments, str) and segments.isdecimal() else segments
