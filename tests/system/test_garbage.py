"""What is loaded is searched for garbage a few times, and then no more."""

from __future__ import annotations

import gc

import pytest

from segmentry.system.garbage import SEARCHED, keep_what_is_loaded, no_search


def test_what_is_there_is_kept_away_from_further_searches_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, frozen = list(gc.callbacks), list[int]()
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(1))
    try:
        keep_what_is_loaded()
        gc.collect(1)
        assert not frozen
        for n in range(SEARCHED):
            assert gc.callbacks != before
            gc.collect()
            assert len(frozen) == n + 1
        assert gc.callbacks == before
        gc.collect()
        assert len(frozen) == SEARCHED
    finally:
        gc.callbacks[:] = before


def test_nothing_is_searched_for_a_while_and_then_what_is_there_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    assert gc.isenabled()
    with no_search():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert frozen == [False]
