"""Too few customers: refused, left out, or said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.cli import main
from segmentry.recipe import Recipe
from segmentry.selection import fit_model, scan
from segmentry.selection.sample_size import cautions, max_classes, n_parameters
from structures import independent_columns

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = Recipe.from_toml('[features.a]\ncolumn = "a"\n[features.b]\ncolumn = "b"\n')
RNG = np.random.default_rng


def table(a: str, b: str) -> pd.DataFrame:
    return pd.DataFrame({"a": list(a), "b": list(b)})


@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
def test_parameters_are_those_of_the_model() -> None:
    patterns = independent_columns(RNG(0), 300, [3, 4, 2])
    for k in (1, 2, 4):
        assert n_parameters(patterns, k) == fit_model(patterns, "latent-class", k).n_parameters_


def test_the_largest_number_of_classes_is_the_last_that_leaves_a_customer() -> None:
    patterns = independent_columns(RNG(0), 60, [3, 4, 2])
    most = max_classes(patterns)
    assert n_parameters(patterns, most) < patterns.n_customers <= n_parameters(patterns, most + 1)


def test_customers_who_are_all_alike_are_refused() -> None:
    with pytest.raises(
        sg.DataError, match=r"all 3 customers have the same levels \(A x, B y\): nothing tells"
    ):
        sg.run(table("xxx", "yyy"), RECIPE)


def test_fewer_customers_than_parameters_are_refused() -> None:
    with pytest.raises(sg.DataError, match=r"4 customers, and the levels .* have 6 parameters; group levels"):
        sg.run(table("wxyz", "wxyz"), RECIPE)
    with pytest.raises(
        sg.ModelError, match=r"segments: 3 latent classes have 8 parameters.*8 customers; ask for at most 2"
    ):
        sg.run(table("xyxyxyxx", "yxxyyyzy".replace("z", "x")), RECIPE, segments=3)


def test_a_number_above_the_patterns_is_refused() -> None:
    rows = table("xyxyxyxyxy" * 5, "xxyyxxyyxx" * 5)
    with pytest.raises(sg.DataError, match="segments: 5 segments need at least as many patterns.*make 4"):
        sg.run(rows, RECIPE, segments=5)


@pytest.mark.parametrize("text", ["range = [5, 2]", "range = [0, 3]"])
def test_an_empty_range_is_refused(text: str) -> None:
    with pytest.raises(sg.RecipeError, match="range"):
        Recipe.from_toml(f'[features.a]\ncolumn = "a"\n[model]\n{text}\n')


def test_a_scan_of_nothing_is_refused() -> None:
    patterns = independent_columns(RNG(0), 100, [2, 2])
    with pytest.raises(
        sg.ModelError, match=r"begin at 20, .* allow at most 4: they make 4 patterns; begin lower"
    ):
        scan(patterns, k=[20])
    with pytest.raises(sg.ModelError, match=r"from 1, and there must be one; got \[\]"):
        scan(patterns, k=[])
    with pytest.raises(sg.ModelError, match=r"from 1, .*; got \[0, 1\]"):
        scan(patterns, k=range(2))


@pytest.mark.parametrize(
    ("rows", "model", "words"),
    [
        (["x,y"] * 3, "", "all 3 customers have the same levels"),
        (
            ["w,w", "x,x", "y,y", "z,z"],
            "",
            "4 customers, and the levels of the features alone have 6 parameters",
        ),
        (["x,x", "x,y", "y,x"] * 50, "range = [5, 2]", "model.range: must be [lowest, highest]"),
        (
            ["x,x", "x,y", "y,x"] * 50,
            "range = [20, 30]",
            "segments to try begin at 20, and these customers allow",
        ),
        (["x,x", "x,y", "y,x"] * 50, "segments = 5", "5 segments need at least as many patterns"),
    ],
)
def test_the_command_line_refuses_in_one_line_and_leaves_nothing(
    rows: list[str],
    model: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "data.csv").write_text("\n".join(["a,b", *rows]) + "\n")
    (tmp_path / "r.toml").write_text(
        f'[features.a]\ncolumn = "a"\n[features.b]\ncolumn = "b"\n[model]\n{model}\n'
    )
    out = tmp_path / "out"
    command = ["run", tmp_path / "data.csv", "--recipe", tmp_path / "r.toml", "--out", out]
    monkeypatch.setattr("sys.argv", ["segmentry", *map(str, command)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("segmentry: ")
    assert words in line
    assert not out.exists()


def test_few_customers_are_said() -> None:
    patterns = independent_columns(RNG(0), 100, [3, 4])
    (said,) = cautions(patterns, [1, 2], 1)
    assert said.startswith("100 customers are few for 2 features: below about 70 per feature (140)")
    assert cautions(independent_columns(RNG(0), 140, [3, 4]), [1, 2], 1) == ()
    rows = pd.DataFrame({"a": RNG(0).choice(list("xyz"), 100), "b": RNG(1).choice(list("xy"), 100)})
    result = sg.run(rows, RECIPE)
    assert any("are few for 2 features" in c for c in result.choice.cautions)
    loaded = type(result).from_dict(result.to_dict())
    assert loaded.choice == result.choice


def test_numbers_left_out_are_said() -> None:
    patterns = independent_columns(RNG(0), 40, [4, 4, 4])
    most = max_classes(patterns)
    said = cautions(patterns, list(range(1, 11)), 1)
    assert any(
        s.startswith(f"Only up to {most} segments were tried: {most + 1} latent classes have") for s in said
    )
    assert scan(patterns, k=range(1, 11)).table["k"].max() == most
    assert scan(patterns, "k-modes", k=range(1, 7)).table["k"].max() == 6
    assert not any("were tried" in s for s in cautions(patterns, list(range(1, 7)), 1, "k-modes"))


def test_a_run_says_which_numbers_it_left_out() -> None:
    rows = pd.DataFrame({name: RNG(i).choice(list("wxyz"), 90) for i, name in enumerate("ab")})
    said = sg.run(rows, RECIPE.with_(model={"range": (1, 16)})).choice.cautions
    assert any(s.startswith("Only up to 12 segments were tried: 13 latent classes have") for s in said)
