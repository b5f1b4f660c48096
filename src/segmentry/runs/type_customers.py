"""Segments told by a few answers: candidates collected with the segments of a model, a tool made of them, its files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmentry.collecting.collection import Collected, collect_patterns
from segmentry.collecting.matching import match_table
from segmentry.drafting import draft
from segmentry.errors import ColumnNotFoundError, DataError, ModelError, nearest
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import shown_codes, shown_labels, without_fine
from segmentry.recipe.models import CleanStep
from segmentry.report import check_exports
from segmentry.runs.replacing import replacing
from segmentry.scoring import formula_of, kinds_before, open_data, place_patterns
from segmentry.scoring.statement import check_dialect, table_named
from segmentry.segmentation import Segmentation, load
from segmentry.sql import MatchedTable, SourceTable
from segmentry.sql.encode import needed_columns
from segmentry.sql.expressions import relation
from segmentry.sql.formula import UNSEEN
from segmentry.system.progress import Progress, shown_progress
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_folder
from segmentry.text.locales import writing_in
from segmentry.typing_tool import (
    NAMES,
    Answers,
    TypingTool,
    make_tool,
    to_json,
    to_markdown,
    to_python,
    to_sql,
    write_tool,
)

FLOOR = 5
"""Customers below whose number no count is published."""


@dataclass(frozen=True)
class Wish:
    """What a tool is to ask.

    Attributes
    ----------
    by
        Columns of the table, or features of the recipe, that it may ask for; empty for all.
    questions
        Largest number of questions; None for 8.
    agreement
        Share of customers who are to be told their segment.
    """

    by: tuple[str, ...] = ()
    questions: int | None = None
    agreement: float = 0.9

    def __post_init__(self) -> None:
        if not 0 < self.agreement < 1:
            raise ModelError(
                "is a share between 0 and 1, such as 0.9", source=f"--agreement {self.agreement:g}"
            )
        if self.questions is not None and self.questions < 1:
            raise ModelError("is a number from 1", source=f"--questions {self.questions}")


def type_customers(
    segmentation: Segmentation | str | Path,
    data: Any,
    by: Sequence[str] = (),
    *,
    questions: int | None = None,
    agreement: float = 0.9,
    out: str | Path | None = None,
    dialect: str = "duckdb",
    table: str = "customers",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> TypingTool:
    """Find the fewest questions that tell a customer's segment.

    Parameters
    ----------
    segmentation
        Segmentation with a model, or the path of a saved one.
    data
        Table of customers with the columns that the model needs, and those that may be asked for: best the one that the segments were made of.
    by
        Columns of the table, or features of the recipe, that may be asked for; by default all features, the columns of the outcomes, and what
        `draft` proposes.
    questions
        Largest number of questions; by default 8.
    agreement
        Share of customers who are to be told their segment.
    out
        Folder for a summary, a workbook form (needs the extra ``excel``), and the tool as SQL and as a Python function of the columns' values.
    dialect, table
        Dialect of the SQL, as in `Segmentation.to_sql`, and the table that it reads.
    overwrite
        Whether files of the folder may be replaced that segmentry did not write.
    progress
        Function that is called with a line of text at the start of each stage.

    Returns
    -------
    TypingTool
        Questions, what each answer is worth, and how far what it tells may be trusted.

    Raises
    ------
    DataError, ModelError, RecipeError
        The data do not fit the model, a column is not there, the candidates say nothing about the segments, or the extra ``excel`` is missing.

    Examples
    --------
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> customers = sample_households(rows=1_000)
    >>> result = sg.run(customers, "households", segments=3, analyses=0)
    >>> tool = sg.type_customers(result, customers, ["income", "children", "MntWines"], questions=2)
    >>> len(tool.questions), tool.trust.agreement > 0.6
    (2, True)
    >>> segment, certainty, is_possible = tool.tell([[4, 0], [0, -1]])  # positions of the answers; -1 is none
    >>> is_possible.shape  # the customers of two, by segment
    (2, 3)
    """
    check_exports(excel=out is not None, pdf=False)
    wish, model = Wish(tuple(by), questions, agreement), load(segmentation)
    dialect = check_dialect(dialect)
    table_named(table)
    if len(model.segments) < 2:
        raise ModelError("there is one segment, so there is nothing to ask", source=_name(segmentation))
    saved = None if isinstance(segmentation, Segmentation) else segmentation
    may_replace = replacing(data, model.recipe, saved, overwrite=overwrite)
    with (
        writing_in(model.recipe.locale),
        shown_progress(progress) as say,
        _folder(out, may_replace) as folder,
    ):
        say("Reading the table")
        candidates, collected = _collected(model, data, wish)
        say("Looking for the fewest questions")
        tool = _made(model, candidates, collected, wish)
        if folder is not None:
            floor = max(FLOOR, model.min_cell or 0)
            write_tool(tool, folder, _texts(tool, collected.matched, dialect, table, floor))
    return tool


def _folder(out: str | Path | None, may_replace: Replacing) -> AbstractContextManager[Path | None]:
    return nullcontext() if out is None else whole_folder(Path(out), "typing", NAMES, may_replace)


def _name(model: Segmentation | str | Path) -> str:
    return "" if isinstance(model, Segmentation) else str(model)


def _collected(segmentation: Segmentation, data: Any, wish: Wish) -> tuple[list[str], Collected]:
    """Collect the features of the model and the candidates in one scan; return the candidates' names, too."""
    recipe, kinds = segmentation.recipe, kinds_before(segmentation)
    engine = open_data(data, recipe, kinds)
    try:
        columns = match_table(engine, recipe, outcomes=False, before=kinds).table.columns
        own, others = _own_candidates(recipe, wish.by, tuple(columns))
        drafted = _drafted(data, recipe, tuple(columns), others, is_asked=bool(wish.by))
        taken = {f.name for f in recipe.features}
        new = [_renamed(f, taken) for f in drafted.features] if drafted is not None else []
        steps = _steps(recipe, drafted, new)
        whole = recipe.model_copy(
            update={"features": (*recipe.features, *new), "outcomes": (), "clean": (*recipe.clean, *steps)}
        )
        collected = collect_patterns(engine, whole, outcomes=False, unseen=UNSEEN, before=kinds)
    finally:
        engine.close()
    return [*own, *(f.name for f in new)], collected


def _own_candidates(recipe: Recipe, by: Sequence[str], columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Divide what may be asked for into features of the recipe, and further columns of the table."""
    if not by:
        return [f.name for f in recipe.features], []
    own, others = [], []
    for name in by:
        found = next((f.name for f in recipe.features if name in (f.name, f.column)), None)
        if found is None and name not in columns:
            known = (*columns, *(f.name for f in recipe.features))
            raise ColumnNotFoundError(nearest(name, known), source=f"--by {name}")
        if found is None:
            others.append(name)
        elif found not in own:
            own.append(found)
    return own, others


def _drafted(
    data: Any, recipe: Recipe, columns: Sequence[str], others: Sequence[str], *, is_asked: bool
) -> Recipe | None:
    """Draft features of columns that formed no segment: those that are asked for, or all that can be asked."""
    if is_asked and not others:
        return None
    if recipe.source.sql is not None:
        if is_asked:
            raise DataError(
                "the recipe reads a query, so only its features can be asked for", source=f"--by {others[0]}"
            )
        return None
    used = {*needed_columns(recipe.model_copy(update={"outcomes": (), "clean": ()})), recipe.source.id}
    measured = [c.name for group in recipe.outcomes for c in group.columns if c.sql is None]
    wished = list(others) if is_asked else [name for name in measured if name in columns and name not in used]
    left_out = [c for c in columns if c not in others] if is_asked else [c for c in columns if c in used]
    if not is_asked and len(left_out) == len(columns):
        return None
    try:
        return draft(data, features=wished, exclude=left_out, encoding=recipe.source.encoding, ordered=False)
    except DataError:
        if is_asked:
            raise
        return None


def _renamed(feature: Feature, taken: set[str]) -> Feature:
    name = feature.name
    while name in taken:
        name += "_asked"
    taken.add(name)
    return feature.model_copy(update={"name": name})


def _steps(recipe: Recipe, drafted: Recipe | None, new: Sequence[Feature]) -> list[CleanStep]:
    """Take over replacements of values of the new columns; steps that drop customers would change the segments' sizes."""
    known = {step.step for step in recipe.clean}
    columns = set(
        needed_columns(recipe.model_copy(update={"features": tuple(new), "clean": (), "outcomes": ()}))
    )
    return [
        step
        for step in (drafted.clean if drafted is not None else ())
        if step.replace is not None and step.replace.column in columns and step.step not in known
    ]


def _made(segmentation: Segmentation, names: Sequence[str], collected: Collected, wish: Wish) -> TypingTool:
    formula, patterns, recipe = formula_of(segmentation), collected.patterns, collected.matched.recipe
    codes = np.asarray(patterns.codes)
    segment = place_patterns(formula, codes[:, : len(segmentation.recipe.features)]).segment
    kept = segment >= 0
    columns, candidates = [], []
    for j, feature in enumerate(recipe.features):
        answers = shown_labels(feature, recipe.locale)
        if feature.name in names and len(answers) > 1:
            columns.append(_as_shown(feature, codes[kept, j]))
            candidates.append((without_fine(recipe).features[j], answers))
    if not candidates:
        raise ModelError("none of the candidates has two answers", source="--by", hint="name other columns")
    rows, at = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    weight, n = (np.zeros((len(rows), formula.n_segments)) for _ in range(2))
    place = (at.reshape(-1), segment[kept])
    np.add.at(weight, place, patterns.sample_weight[kept])
    np.add.at(n, place, patterns.counts[kept])
    given = Answers(rows.astype(np.int64), weight, tuple(len(words) for _, words in candidates))
    return make_tool(
        given, n, candidates, formula.segments, wanted=wish.agreement, most=wish.questions,
        floor=max(FLOOR, segmentation.min_cell or 0), seed=segmentation.seed,
    )  # fmt: skip


def _as_shown(feature: Feature, codes: Any) -> Any:
    """Codes of the levels that the recipe shows; a value in no level is none."""
    together = shown_codes(feature)
    shown = np.array([*together, -1]) if together else None
    known = np.where(codes < 0, -1, codes)
    return known if shown is None else shown[known]


def _texts(tool: TypingTool, matched: MatchedTable, dialect: str, table: str, floor: int) -> dict[str, str]:
    features = tuple(question.feature for question in tool.questions)
    asked = matched.recipe.model_copy(update={"features": features, "clean": (), "outcomes": ()})
    columns = set(needed_columns(asked))
    steps = tuple(s for s in matched.recipe.clean if s.replace is not None and s.replace.column in columns)
    asked = asked.model_copy(update={"clean": steps})
    tables = {name: table_named(name) for name in asked.source.tables} | {"data": table_named(table)}
    source = SourceTable(relation(asked, tables), matched.table.columns)
    found = MatchedTable(asked, source, matched.feature_kinds)
    kinds = {"features": {str(name): str(kind) for name, kind in matched.feature_kinds.items()}}
    texts = {
        "typing.md": to_markdown(tool, floor),
        "typing.json": to_json(tool),
        "typing.py": to_python(tool, kinds),
    }
    if asked.source.id is not None:
        texts["typing.sql"] = to_sql(tool, found, dialect)
    return texts
