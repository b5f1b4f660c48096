"""Named values of which each page gets the newest."""

from __future__ import annotations

from segmentry.workbench.board import Board


def test_what_is_renewed_is_told_only_where_it_is_another() -> None:
    board, told = Board(), list[int]()
    board.listen(lambda: told.append(1))
    board.renew(columns=[1], cleaning={"steps": ()})
    first, newer = board.since(0)
    assert [name for name, _ in newer] == ["columns", "cleaning"]
    assert len(told) == 1
    board.renew(columns=[1], cleaning={"steps": ()})
    assert board.since(first) == (first, [])
    assert len(told) == 1
    board.renew(columns=[1, 2], cleaning={"steps": ()})
    assert [name for name, _ in board.since(first)[1]] == ["columns"]
    board.put(columns=[1, 2])
    assert len(told) == 3
