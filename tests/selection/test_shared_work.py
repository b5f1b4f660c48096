"""What two processes work on together is what one of them would find alone, whoever makes which part."""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentry.errors import SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.selection import (
    DrawnTables,
    NullTables,
    PatternSegments,
    ScanWatch,
    ScanWish,
    SharedCurves,
    TablesToDraw,
    fit_model,
    gather_evidence,
    null_table_worker,
    scan,
)
from segmentry.selection.evidence import Otherwise
from segmentry.selection.null_tables import SharedAnalyses
from segmentry.selection.other_analyses import Part
from segmentry.system.progress import silent
from segmentry.system.worker import Parcel, WorkerProcess
from structures import classes

_FEW = TablesToDraw(refits=2, null_refits=2, most_refits=2, most_null_tables=2)


def _table(*, is_weighted: bool, distribution: str = "levels") -> PatternTable:
    table = classes(np.random.default_rng(3), 300, [3, 4, 2, 3], 2)
    codes = table.codes.copy()
    codes[::7, 1] = -1
    features = (table.features[0], replace(table.features[1], distribution=distribution), *table.features[2:])
    table = replace(table, codes=codes, features=features)
    if not is_weighted:
        return table
    weights = table.counts * np.random.default_rng(0).uniform(0.5, 2, len(table.counts))
    return replace(table, weights=weights, squared_weights=weights**2 / table.counts)


@pytest.mark.parametrize("n_taken", [0, 1, 3])
def test_curves_are_the_same_whichever_process_draws_them(n_taken: int) -> None:
    table = _table(is_weighted=True)
    alone = NullTables(table, "latent-class", 0).curves([1, 2, 3, 4, 5], costs=False).result()
    tables = DrawnTables(table, "latent-class", 0)
    drawn = dict(zip((2, 5), tables.gains((2, 5)), strict=True))
    with null_table_worker() as worker:
        assert worker is not None
        busy = NullTables(table, "k-modes", 0, worker).curves([1, 2, 3, 4, 5, 6], costs=True)
        shared = SharedCurves(tables, NullTables(table, "latent-class", 0, worker), drawn, [1, 2, 3, 4])
        assert [shared.take(silent) for _ in range(n_taken)] == [True] * n_taken
        busy.result()
        found = shared.pending().result()
    assert found.numbers == (1, 2, 3, 4)
    np.testing.assert_array_equal(found.gains, alone.gains[:4])


def test_curves_that_are_drawn_are_kept_where_the_other_process_ends() -> None:
    table = _table(is_weighted=False)
    alone = NullTables(table, "latent-class", 0).curves([1, 2, 3], costs=False).result()
    tables, said = DrawnTables(table, "latent-class", 0), list[str]()
    drawn = dict(zip((1, 3), tables.gains((1, 3)), strict=True))
    with WorkerProcess() as worker:
        worker.end()
        beside = NullTables(table, "latent-class", 0, worker)
        shared = SharedCurves(tables, beside, drawn, [1, 2, 3])
        wait(shared._theirs.values())
        with pytest.warns(SegmentryWarning, match="draws null tables ended"):
            found = shared.pending().result(said.append)
    assert said == ["Fitting tables without segments: 2 classes"]
    np.testing.assert_array_equal(found.gains, alone.gains)


@pytest.mark.parametrize("n_taken", [0, 2, 5])
def test_other_analyses_are_the_same_whichever_process_makes_them(n_taken: int) -> None:
    table = _table(is_weighted=False)
    model = fit_model(table, "latent-class", 3)
    segments = PatternSegments.of(model, 3, table.codes)
    asked = Otherwise(table, segments, "latent-class", 12, 0)
    theirs = [Future[Parcel]() for _ in range(5)]
    shared = SharedAnalyses(asked, theirs)
    assert [shared.take(silent) for _ in range(n_taken)] == [True] * n_taken
    for i, future in enumerate(theirs[: 5 - n_taken]):
        future.set_running_or_notify_cancel()
        future.set_result(Parcel({}, {"labels": asked.labels(Part((i,), 5))}))
    assert not shared.take(silent)
    rest = gather_evidence(table, segments, "latent-class", to_draw=_FEW)
    found = shared.complete(rest)
    choices, steadiness, _ = asked.made()
    assert found.evidence.choices == choices
    np.testing.assert_array_equal(found.steadiness, steadiness)


def test_classes_that_another_process_has_searched_for_are_those_of_a_scan() -> None:
    for table in (_table(is_weighted=True), _table(is_weighted=False, distribution="ordered")):
        mine = scan(table, "latent-class", [1, 2, 3])
        with null_table_worker() as worker:
            found = NullTables(table, "latent-class", 0, worker).classes(ScanWish([1, 2, 3])).result()
        said: list[str] = []
        again = scan(table, "latent-class", [1, 2, 3], watch=ScanWatch(said.append, known=found.mixtures))
        assert not said
        pd.testing.assert_frame_equal(again.table, mine.table)
        for k, model in mine.models.items():
            for name, value in model.fitted_state().items():
                assert str(vars(again.models[k])[name]) == str(value)
            np.testing.assert_array_equal(again.models[k].labels_, model.labels_)
