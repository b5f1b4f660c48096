"""Files that a recipe names lie beside it or below, whatever a pattern, a folder or a link makes of the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.recipe.files import check_files


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file, links that lead out of it, and a link that stays inside."""
    folder, secret = tmp_path / "shop", tmp_path / "secret"
    for place in (folder / "sub", folder / "own", secret):
        place.mkdir(parents=True)
    (secret / "s.csv").write_text("v\n1\n")
    (secret / "s.parquet").write_text("")
    (folder / "own" / "a.csv").write_text("v\n1\n")
    (folder / "own" / "b.csv").symlink_to(folder / "own" / "a.csv")
    (folder / "sub" / "x.csv").symlink_to(secret / "s.csv")
    (folder / "sub" / "y.parquet").symlink_to(secret / "s.parquet")
    (folder / "lnk").symlink_to(secret)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    "name",
    ["sub/x.csv", "sub/*.csv", "sub", "l*/s.csv", "l*/../secret/s.csv", "su[b]/x.csv", "**/x.csv", "lnk", "lnk/s.csv", "../secret/s.csv", "*"],
)  # fmt: skip
def test_what_leads_out_is_refused(shop: Path, name: str) -> None:
    with pytest.raises(
        RecipeError, match="lies neither below the folder of r.toml nor below the working"
    ) as refused:
        check_files({"w": name}, shop, "r.toml")
    assert "source.tables.w" in str(refused.value)


@pytest.mark.parametrize(
    "name",
    ["file:/etc/passwd", "file:///etc/passwd", "s3://bucket/x.parquet", "hdfs:/x", "duckdb:///x?table=t"],
)
def test_addresses_are_no_files(shop: Path, name: str) -> None:
    with pytest.raises(RecipeError, match="is an address, and no file"):
        check_files({"w": name}, shop, "r.toml")


def test_a_zero_character_is_refused(shop: Path) -> None:
    with pytest.raises(RecipeError, match="zero character"):
        check_files({"w": "a\0b.csv"}, shop, "r.toml")


@pytest.mark.parametrize(
    "name", ["own/a.csv", "own/*.csv", "own", "own/b.csv", "none.csv", "no*.csv", "orders"]
)
def test_what_lies_below_passes(shop: Path, name: str) -> None:
    check_files({"w": name}, shop, "r.toml")


@pytest.mark.parametrize(
    "line",
    [f"edges = [{'9' * 5_000}]", f"edges = [{'9' * 400}]", "edges = [0x" + "f" * 400 + "]", f"edges = {list(range(9_000))}", "levels = [1, nan]", "groups = { a = [inf] }"],
    ids=["5,000 digits", "400 digits", "hexadecimal", "9,000 edges", "level", "group"],
)  # fmt: skip
def test_numbers_that_are_none_and_edges_without_end_are_a_sentence(line: str) -> None:
    with pytest.raises(RecipeError, match="not valid TOML|finite number|1,000 are the most"):
        Recipe.from_toml(f'[features.x]\ncolumn = "x"\n{line}\n')
