"""Scores of new customers by a saved segmentation, written to a file or a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace as replace_fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlglot import exp

from segmentry.engine import Engine
from segmentry.engine.history import check_history, keep_history
from segmentry.engine.history_rows import Kept, Night, time_in_utc
from segmentry.engine.survey_scores import SURVEY_SCORES, check_survey, write_survey
from segmentry.engine.target_tables import Taken, TakesQueries, Target
from segmentry.engine.targets import check_target, is_table, open_target, write_csv
from segmentry.errors import DataError
from segmentry.runs.replacing import replacing
from segmentry.scoring.customers import Scoring, check_complete, count_unassigned, score_customers
from segmentry.scoring.digest import model_digest
from segmentry.scoring.ours import is_scores
from segmentry.scoring.placing import OUTPUT_COLUMNS, id_column
from segmentry.segmentation import Segmentation, load
from segmentry.sql import Query
from segmentry.system.owned_folders import OwnedFolder
from segmentry.system.progress import Progress, shown_progress
from segmentry.system.whole_files import whole_file

__all__ = ["FILES", "Scoring", "score"]

T = TypeVar("T")
Stamp = Callable[[Query, str], Query]
"""Adds columns to a query of a dialect."""
_MANY_GONE = 0.25
"""Share of a history's customers who are gone in one run from which on the table may be a part of the customers."""
FILES = (".parquet", ".csv", *SURVEY_SCORES)


def score(
    segmentation: Segmentation | str | Path,
    data: Any,
    out: str | Path,
    *,
    replace: bool = False,
    overwrite: bool = False,
    history: bool = False,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> Scoring:
    """Assign new customers, and write id, segment, certainty, second segment, reason and fits.

    Memory holds the distinct patterns, not the customers; the file or table appears whole or not at all.

    Parameters
    ----------
    segmentation
        Segmentation, or the path of a saved one.
    data
        Whatever `segmentry.collect` takes.
    out
        ``.parquet`` or ``.csv`` file; ``.sav`` or ``.zsav`` for SPSS, with the segments' names as labels (needs the extra
        ``survey``); or a table: ``duckdb:///file.duckdb?table=name``, ``sqlite://`` likewise,
        ``postgresql://user@host/database?table=name``, ``clickhouse://`` and ``chdb://`` as data are named, or ``spark:name`` of the
        session that reads the data.
        Where the recipe names no id, customers are told by their ``row``, from 1, of one file or table in memory; tables of
        scores and histories need an id.
    replace
        Whether the rows of an existing table of scores may be replaced; an earlier file of scores always is.
    overwrite
        Whether a file may be replaced that this call reads, or that holds no scores of segmentry.
    history
        Whether a table keeps its earlier rows: each customer has one current row, and one for each earlier period
        (``valid_from``, ``valid_to``, in UTC). A run can be repeated.
    as_of
        Time from which the scores of a history count; without a zone it is UTC, by default it is now.
    progress
        Function that is called with a line of text at the start of each stage.

    Returns
    -------
    Scoring
        Numbers of customers per segment, of those who do not fit, and of rows read and dropped.

    Raises
    ------
    DataError, ModelError, RecipeError
        The model or the data cannot be used, an id repeats, or the target cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> result = sg.run(sample_households(rows=500), "households", segments=3)
    >>> with TemporaryDirectory() as folder:
    ...     scored = sg.score(result, sample_households(rows=500, seed=1), out=f"{folder}/scored.parquet")
    >>> scored.n_customers
    500
    """
    model = load(segmentation)
    target = str(out)
    if history:
        with shown_progress(progress) as say:
            return _into_history(model, data, target, say, as_of)
    if as_of is not None:
        raise DataError("goes with a history alone", source="as_of", hint="add history=True")
    if is_table(target):
        with shown_progress(progress) as say:
            return _into_table(model, data, open_target(target), say, replace=replace)
    if Path(target).suffix.lower() not in FILES:
        raise DataError(
            f"scores are written to {', '.join(FILES)}, or to a table by its URL",
            source=target,
            hint="a table of a DuckDB file is duckdb:///scores.duckdb?table=scores",
        )
    if Path(target).suffix.lower() in SURVEY_SCORES:
        check_survey(Path(target))
    saved = None if isinstance(segmentation, Segmentation) else segmentation
    may_replace = replacing(data, model.recipe, saved, overwrite=overwrite)
    may_replace.check_file(Path(target), "scores", is_scores)
    with shown_progress(progress) as say, whole_file(Path(target)) as unfinished:
        say("Scoring")
        return _into_file(model, data, unfinished, Path(target).suffix.lower())


def _into_file(model: Segmentation, data: Any, path: Path, suffix: str) -> Scoring:
    parquet = path if suffix == ".parquet" else path.with_name(f"{path.name}.parquet")
    try:
        scoring = _written(model, data, parquet)
        if suffix == ".csv":
            write_csv(parquet, path)
        elif suffix in SURVEY_SCORES:
            names = {s.id: s.name for s in model.segments}
            write_survey(parquet, path, names, compress=suffix == ".zsav")
        return scoring
    finally:
        if parquet != path:
            parquet.unlink(missing_ok=True)


def _into_table(model: Segmentation, data: Any, store: Target, say: Progress, *, replace: bool) -> Scoring:
    names = (id_column(model.recipe), *OUTPUT_COLUMNS)
    stamps = check_target(store, names, replace=replace)
    stamp = partial(_stamped, stamps=stamps or (), model=model_digest(model))
    say("Scoring")
    if isinstance(store, TakesQueries):
        return _taken(model, data, partial(store.take, is_there=stamps is not None), stamp)[0]
    with OwnedFolder.temporary() as folder:
        parquet = folder / "scores.parquet"
        scoring = _written(model, data, parquet, stamp)
        say("Writing the table")
        store.write(parquet, is_there=stamps is not None)
    return scoring


def _stamped(query: Query, dialect: str, stamps: Sequence[str], model: str) -> Query:
    """Return the query with the time and the model beside the scores, as far as the table has columns for them."""
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    values: dict[str, exp.Expr] = {
        "scored_at": time_in_utc(now, dialect),
        "model": exp.Literal.string(model),
    }
    items = [exp.alias_(values[name], name, quoted=True) for name in stamps]
    return Query(query.purpose, cast("exp.Select", query.expression).select(*items)) if items else query


def _into_history(
    model: Segmentation, data: Any, target: str, say: Progress, as_of: datetime | None
) -> Scoring:
    if not is_table(target):
        raise DataError(
            "a history is a table of a database, and no file", source=target, hint="give --out a URL"
        )
    store, names = open_target(target), (id_column(model.recipe), *OUTPUT_COLUMNS)
    found = store.columns()
    history = check_history(store, found, names)
    now = datetime.now(UTC).replace(tzinfo=None)
    night = Night(_in_utc(as_of) if as_of else now, now, model_digest(model))
    say("Scoring")
    keep = partial(keep_history, history, names=names, night=night, found=found)
    if isinstance(store, TakesQueries):
        scoring, kept = _taken(model, data, keep)
        return _with_history(scoring, kept, night)
    with OwnedFolder.temporary() as folder:
        parquet = folder / "scores.parquet"
        scoring = _written(model, data, parquet)
        say("Keeping the history")
        return _with_history(scoring, keep(parquet), night)


def _with_history(scoring: Scoring, kept: Kept, night: Night) -> Scoring:
    """Add what the run changed in the history, with a warning where the table seems to be a part of the customers."""
    n_earlier = scoring.n_customers - kept.n_new + kept.n_gone
    warnings = scoring.warnings
    if kept.n_gone and kept.n_gone >= _MANY_GONE * n_earlier:
        warnings += (
            f"{kept.n_gone:,} of {n_earlier:,} customers of the history are not in the table, so their rows have ended: was it whole? "
            f"A run on the whole one as of {night.valid_from.isoformat()} takes this back",
        )
    return replace_fields(scoring, kept=kept, warnings=warnings)


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def _taken(
    model: Segmentation,
    data: Any,
    take: Callable[[Taken], T],
    stamp: Stamp = lambda query, _: query,
) -> tuple[Scoring, T]:
    def taken(engine: Engine, query: Query, n_counted: int) -> T:
        return take(Taken(engine, stamp(query, engine.dialect), partial(check_complete, n_counted=n_counted)))

    return score_customers(model, data, taken)


def _written(model: Segmentation, data: Any, path: Path, stamp: Stamp = lambda query, _: query) -> Scoring:
    def write(engine: Engine, query: Query, _: int) -> int:
        return engine.write(stamp(query, engine.dialect), path)

    scoring, n_rows = score_customers(model, data, write, writes=path)
    check_complete(n_rows, count_unassigned(path), scoring.n_customers)
    return scoring
