"""What each column could be is said of every table that is read, also where its numbers are texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentry.drafting.offers import ColumnOffer, column_offers
from segmentry.engine import open_engine
from segmentry.recipe import Recipe

ROWS = 60
SPENDS = "SELECT id, MAX(age) AS age, ANY_VALUE(spend) AS spend FROM data GROUP BY id"


def offers(path: Path, sql: str | None) -> dict[str, ColumnOffer]:
    source = {"id": "id"} | ({} if sql is None else {"sql": sql})
    age = {"name": "age", "column": "age", "edges": [40]}
    engine = open_engine(path)
    try:
        return {
            o.column: o
            for o in column_offers(engine, Recipe.from_dict({"source": source, "features": [age]}))
        }
    finally:
        engine.close()


@pytest.mark.parametrize("sql", [None, SPENDS], ids=["table", "query"])
@pytest.mark.parametrize("written", ["1.{i:03},50", "{i},50 €"], ids=["points", "euro"])
def test_amounts_in_texts_are_offered_as_numbers(tmp_path: Path, written: str, sql: str | None) -> None:
    path = tmp_path / "shop.csv"
    lines = [f"{i};{18 + i};{written.format(i=i)}" for i in range(ROWS)]
    path.write_text("\n".join(["id;age;spend", *lines]))
    spend = offers(path, sql)["spend"]
    assert spend.feature is not None
    assert spend.feature["edges"]
    assert spend.outcome is not None
    assert spend.outcome["role"] == "amounts"
