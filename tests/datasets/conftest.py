import os
from pathlib import Path

import pandas as pd
import pytest

from segmentry.datasets import sample_households


@pytest.fixture(scope="session")
def sample() -> pd.DataFrame:
    return sample_households(rows=200_000, seed=11, truth=True)


@pytest.fixture(scope="session")
def dirty() -> pd.DataFrame:
    return sample_households(rows=200_000, seed=11, dirt=True)


@pytest.fixture(scope="session")
def original() -> Path:
    folder = Path(os.environ.get("SEGMENTRY_SHARED", Path(__file__).parents[3] / "shared"))
    path = folder / "data" / "customer_personality.csv"
    if not path.exists():
        pytest.skip(f"the customer personality file is not at {path}; set SEGMENTRY_SHARED to its folder")
    return path
