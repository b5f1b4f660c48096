"""Segments are shown twice: those before, as they go on with other features, and then those that a search finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segmentry.workbench.board import Board
from visitors import OpenDesk, Visitor


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """All that is put on the board, in its order."""
    told: list[tuple[str, Any]] = []
    put = Board.put

    def kept(self: Board, **values: Any) -> None:
        told.extend(values.items())
        put(self, **values)

    monkeypatch.setattr(Board, "put", kept)
    return told


def test_segments_go_on_until_a_search_has_found_them(
    shop: Path, desk_of: OpenDesk, told: list[tuple[str, Any]]
) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait()
    visitor.wait(visitor.move(kind="segments", segments=3))
    cut = visitor.told("panel")["features"][0]["cuts"][3]
    turn = visitor.move(kind="edges", feature="income", edges=[cut, 60_000])
    visitor.wait(turn)
    sizes = [found["searched"] for name, found in told if name == "sizes" and found["turn"] == turn]
    assert sizes[:2] == [False, True]
    assert all(sizes[1:])
    shown = [name for name, found in told if name in ("glance", "first", "whole") and found["turn"] == turn]
    assert list(dict.fromkeys(shown)) == ["glance", "first", "whole"]
    assert shown.count("first") == shown.count("whole") == 1


def test_another_number_or_method_is_searched_for_at_once(
    shop: Path, desk_of: OpenDesk, told: list[tuple[str, Any]]
) -> None:
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "shop.toml"))
    visitor.wait()
    k = len(visitor.told("sizes")["shares"])
    for move in (
        {"kind": "segments", "segments": 2 if k == 3 else 3},
        {"kind": "method", "method": "k-modes"},
    ):
        turn = visitor.move(**move)
        visitor.wait(turn)
        sizes = [found["searched"] for name, found in told if name == "sizes" and found["turn"] == turn]
        assert sizes
        assert all(sizes)
