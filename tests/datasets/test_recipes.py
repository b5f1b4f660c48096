import tomllib
from importlib import resources

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from segmentry.datasets import PLANTED
from segmentry.datasets._query import SAMPLE_COLUMNS

NAMES = ["households", "customer-personality", "customer-personality-original"]


def _recipe(name: str) -> dict:
    text = resources.files("segmentry.datasets").joinpath("recipes", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _relation(frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    """Through Arrow: DuckDB 1.4 does not know the text type of pandas 3."""
    return duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


def _clean(recipe: dict, frame: pd.DataFrame) -> pd.DataFrame:
    for step in recipe["clean"]:
        if "drop_missing" in step:
            frame = frame.dropna(subset=step["drop_missing"])
        elif "replace" in step:
            column = step["replace"]["column"]
            frame = frame.assign(**{column: frame[column].replace(dict(step["replace"]["values"]))})
        else:
            frame = _relation(frame).filter(step["keep"]).df()
    return frame


def _levels(feature: dict, frame: pd.DataFrame) -> np.ndarray:
    if "edges" in feature:
        return np.array(feature["labels"])[np.digitize(frame[feature["column"]], feature["edges"])]
    if "groups" in feature:
        label_of = {value: label for label, values in feature["groups"].items() for value in values}
        value = f'"{feature["column"]}"' if "column" in feature else feature["sql"]
        values = _relation(frame).project(value).df().iloc[:, 0]
        return values.map(label_of).to_numpy(dtype=object)
    is_true = _relation(frame).project(feature["sql"]).fetchnumpy().popitem()[1]
    return np.where(is_true, feature["yes_no"][1], feature["yes_no"][0])


def _encode(recipe: dict, frame: pd.DataFrame) -> pd.DataFrame:
    clean = _clean(recipe, frame)
    return pd.DataFrame({name: _levels(feature, clean) for name, feature in recipe["features"].items()})


@pytest.mark.parametrize("name", NAMES)
def test_recipes_name_columns_of_the_file(name):
    recipe = _recipe(name)
    named = [recipe["source"]["id"], *recipe["sensitive"]]
    named += [f["column"] for f in recipe["features"].values() if "column" in f]
    named += [c for group in recipe["outcomes"].values() for c in group["columns"]]
    assert set(named) <= set(SAMPLE_COLUMNS)
    assert all(len(f["labels"]) == len(f["edges"]) + 1 for f in recipe["features"].values() if "edges" in f)


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_are_the_same_in_all_recipes(name):
    outcomes = _recipe(name)["outcomes"]
    assert outcomes == _recipe("customer-personality")["outcomes"]
    assert {g: o["role"] for g, o in outcomes.items()} == {
        "spend": "amounts",
        "purchases": "counts",
        "deals": "counts",
        "campaigns": "flags",
        "last_campaign": "flags",
    }


def test_households_recipe_has_the_planted_levels(sample):
    recipe = _recipe("households")
    assert list(recipe["features"]) == [f.name for f in PLANTED.features]
    sample = sample.head(50_000)
    encoded = _encode(recipe, sample)
    assert len(encoded) == len(sample)
    for feature in PLANTED.features:
        planted = np.zeros(len(feature.levels))
        for segment in PLANTED.segments:
            planted += segment.share * np.array(segment.levels[feature.name])
        labels = [level.label for level in feature.levels]
        assert set(encoded[feature.name]) == set(labels)
        seen = encoded[feature.name].value_counts(normalize=True)[labels].to_numpy()
        error = np.sqrt(planted * (1 - planted) / len(sample))
        assert (np.abs(seen - planted) < 4 * error).all()


def test_households_recipe_cleans_all_dirt(dirty):
    encoded = _encode(_recipe("households"), dirty.head(50_000))
    assert not encoded.isna().any().any()
    assert 0.985 < len(encoded) / 50_000 < 0.99


@pytest.mark.parametrize(
    ("name", "patterns"), [("customer-personality", 368), ("customer-personality-original", 357)]
)
def test_patterns_of_the_original_file(original, name, patterns):
    encoded = _encode(_recipe(name), pd.read_csv(original))
    assert len(encoded) == 2216
    assert not encoded.isna().any().any()
    assert len(encoded.drop_duplicates()) == patterns
