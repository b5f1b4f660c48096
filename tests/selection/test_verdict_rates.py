"""A part of the recorded experiments (`benchmarks/verdicts.py`): the same tables, the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the source distribution has no benchmarks")


@pytest.mark.parametrize(
    ("name", "tables", "allowed"),
    [
        ("independent, n = 500", range(1), {"none"}),
        ("planted, k = 2 to 6", (8,), {"natural"}),  # in table 8 three starts did not find the classes again
        ("one factor", (0,), {"reproducible", "constructive"}),
    ],
)
def test_the_verdict_is_right(
    name: str, tables: range | tuple[int, ...], allowed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    from verdicts import CASES, answer

    case = CASES[name]
    for i in tables:
        for method, found in answer(case, i).items():
            assert found.verdict in allowed, (i, method, found)
            if case.truth is not None:
                assert found.k == case.truth(i), (i, method, found)
            elif allowed == {"none"}:
                assert found.k == 1, (i, method, found)
