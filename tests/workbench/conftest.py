"""A small shop, and desks on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from visitors import OpenDesk, desks, write_shop


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path)


@pytest.fixture
def desk_of() -> Iterator[OpenDesk]:
    with desks() as open_desk:
        yield open_desk
