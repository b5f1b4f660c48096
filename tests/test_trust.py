"""The processes of known truth draw what they say, and every judge of the product's claims still runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the source distribution has no benchmarks")
SMOKE = {
    "independent": ("weighted-large", 60),
    "units": ("independent", 60),
    "continuum": ("coarsened", 60),
    "planted": ("clear-2", 60),
    "inside": ("normal", 60),
    "stability": ("six-features", 80),
    "strangers": ("medium", 60),
    "unrelated": ("mixed", 300),
    "rates": ("purity-50", 200),
    "targeting": ("halves", 300),
    "leakage": ("copies", 100),
    "strata": ("explains-all", 300),
    "drift": ("few-levels-500-500", 100),
}


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


def test_every_process_draws_a_table_of_its_size_again_by_its_seed():
    from truths.independence import INDEPENDENT
    from truths.no_classes import NO_CLASSES
    from truths.planted import INSIDE, PLANTED, STRANGERS, UNEQUAL

    for make in (*(INDEPENDENT | NO_CLASSES).values(), *(PLANTED | INSIDE | UNEQUAL | STRANGERS).values()):
        table, again = (make(np.random.default_rng(3), 500) for _ in range(2))
        assert table.data().num_rows == 500
        assert table.data().equals(again.data())
        assert len(table.recipe().features) >= 5


def test_planted_classes_are_as_many_as_their_name_says():
    from truths.planted import PLANTED

    found = {name: make(np.random.default_rng(1), 2_000).n_classes for name, make in PLANTED.items()}
    assert [found[f"clear-{k}"] for k in range(2, 11)] == list(range(2, 11))
    assert (found["two-of-ten"], found["rare"], found["nested"]) == (3, 3, 4)


@pytest.mark.parametrize("shape", ["lognormal", "lognormal-2", "zero-inflated", "pareto", "98-zeros"])
def test_the_true_mean_of_a_shape_is_that_of_its_quantiles(shape):
    from scipy import special
    from truths.unrelated import SHAPES

    quantiles, mean = SHAPES[shape]
    ranks = (np.arange(400_000) + 0.5) / 400_000
    assert quantiles(special.ndtri(ranks)).mean() == pytest.approx(mean, rel=0.02)


def test_a_claim_is_kept_missed_or_open():
    from truths.cells import Claim
    from truths.summary import figure_of, is_kept

    claim = Claim("natural", "is_natural", high=0.05)
    shares = [[False] * 100, [True] * 2 + [False] * 18, [True] * 50 + [False] * 50]
    assert [is_kept(claim, figure_of(found)) for found in shares] == ["yes", "open", "no"]
    assert figure_of([[110.0, 100.0], None, [90.0, 100.0]]).value == 1.0
    assert figure_of([None]) is None


def test_what_was_found_is_read_again_but_for_a_line_cut_short_and_other_code(tmp_path):
    from truths.cells import Cell, Effort
    from truths.store import Store, Task

    path, cell = tmp_path / "found.jsonl", Cell("continuum", "chain", 500)
    for code in ("new", "old"):
        Store(path, code, 0).add(Task(cell, 0 if code == "new" else 1, 0, Effort()), {"is_natural": True})
    path.write_text(path.read_text(encoding="utf-8") + '{"code": "new", "ce', encoding="utf-8")
    assert Store(path, "new", 0).read().of(cell, 5) == [{"is_natural": True}]


@pytest.mark.slow
@pytest.mark.parametrize("section", SMOKE)
def test_every_section_is_judged(section, tmp_path):
    import trust

    process, n = SMOKE[section]
    small = ["--redraws", "2", "--starts", "2", "--seeds", "2", "--jobs", "1", "--tables", "2"]
    cell = ["--section", section, "--process", process, "--n", str(n)]
    if section in ("independent", "units", "strangers"):
        cell += ["--method", "latent-class"]
    if section in ("continuum", "planted", "stability"):
        cell += ["--asked", "2"]
    path = tmp_path / "found.jsonl"
    text = trust.main([*cell, *small, "--store", str(path)])
    found = [json.loads(line)["found"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(found) == 2
    assert not [one["error"] for one in found if "error" in one]
    assert process in text
    assert trust.main([*cell, *small, "--store", str(path), "--show"]) == text
