"""The check of a recipe on a table, as text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine
from segmentry.text.locales import writing_in
from segmentry.text.numbers import count, number, percent
from segmentry.text.one_line import printable

if TYPE_CHECKING:
    from rich.table import Table

    from segmentry.recipe import Recipe
    from segmentry.runs.check import Check

_NARROWEST = 100
"""Smallest width of the output, in characters, where it is not a terminal."""


def show_check(
    data: Any,
    recipe: str | Recipe,
    segments: int | str | None,
    method: str | None,
    seed: int | None,
    locale: str | None,
) -> None:
    """Match recipe and data, and print the result."""
    from segmentry.runs.check import check

    with ProgressLine() as progress:
        found = check(data, recipe, segments, method, seed, locale=locale, progress=progress)
    with writing_in(found.recipe.locale):
        _print(found)


def _print(found: Check) -> None:
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, emoji=False, highlight=False, width=max(console.width, _NARROWEST))
    console.print(f"{printable(found.source)}: the recipe fits", style="bold")
    console.print(_settings(found))
    console.print(_feature_rows(found))
    if found.outcomes:
        console.print(_outcome_rows(found))
    else:
        console.print("No outcomes: segments will be described by their features alone.\n")
    for doubt in found.doubts:
        console.print(f"! {printable(str(doubt))}")
    say("Nothing was fitted or written.")


def _settings(found: Check) -> Table:
    source, model = found.recipe.source, found.recipe.model
    number = f"auto, {model.range[0]} to {model.range[1]}" if model.segments == "auto" else model.segments
    table = _empty_table("", "")
    rows: list[tuple[str, Any]] = [
        ("Rows", f"{count(found.cleaning.n_rows)}"),
        *_cleaning_rows(found),
        (
            "Customers",
            f"{count(found.n_customers)} in {count(found.n_patterns)} patterns",
        ),
        (
            "Id",
            source.id
            or "none: customers are told by their row where DATA is one file; otherwise nobody is assigned",
        ),
        ("Method", model.method),
        ("Segments", number),
        ("Seed", model.seed),
    ]
    if source.weight is not None:
        rows.append(("Weight", source.weight))
    rows += [(key.capitalize(), name) for key, name in source.design.items()]
    if found.recipe.sensitive:
        rows.append(("Sensitive", ", ".join(found.recipe.sensitive)))
    for name, value in rows:
        _add(table, name, str(value))
    table.show_header = False
    return table


def _cleaning_rows(found: Check) -> list[tuple[str, str]]:
    return [
        (f"  {s.phrase}", f"{count(s.n_rows)}" + (f"  {s.why}" if s.why else ""))
        for s in found.cleaning.steps
        if not s.is_of_ids
    ]


def _feature_rows(found: Check) -> Table:
    table = _empty_table("Feature", "Reads", "Level", "Customers", "Share", right=(3, 4))
    for feature in found.features:
        rows = [*feature.levels, *([("(no level)", feature.n_missing)] if feature.n_missing else [])]
        for i, (level, n) in enumerate(rows):
            first = (f"{feature.label} ({feature.scale})", feature.reads) if i == 0 else ("", "")
            is_last = i == len(rows) - 1
            _add(
                table,
                *first,
                level,
                count(n),
                percent(n / found.n_customers),
                end_section=is_last,
            )
    return table


def _outcome_rows(found: Check) -> Table:
    table = _empty_table("Outcomes", "Role", "Column", "Customers", "Mean or rate", right=(3, 4))
    before = None
    for outcome in found.outcomes:
        first = (outcome.group, outcome.role) if outcome.group != before else ("", "")
        if before is not None and outcome.group != before:
            table.add_section()
        _add(table, *first, outcome.label, f"{count(outcome.n)}", _mean_text(outcome.role, outcome.mean))
        before = outcome.group
    return table


def _add(table: Table, *cells: str, end_section: bool = False) -> None:
    table.add_row(*map(printable, cells), end_section=end_section)


def _mean_text(role: str, mean: float | None) -> str:
    if mean is None:
        return "no value"
    return percent(mean) if role == "flags" else number(mean)


def _empty_table(*columns: str, right: tuple[int, ...] = ()) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i in right else "left", overflow="fold")
    return table
