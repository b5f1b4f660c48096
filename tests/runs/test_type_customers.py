"""A typing tool is refused before the work where it could not be written at the end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from segmentry.errors import DataError
from segmentry.runs.type_customers import type_customers


def test_a_missing_library_is_told_before_model_and_table_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(DataError, match=r"pip install 'segmentry\[excel\]'"):
        type_customers(tmp_path / "no-model.json", tmp_path / "no-table.csv", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
