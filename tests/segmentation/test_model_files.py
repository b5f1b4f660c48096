"""Model files that were damaged or edited: refused in one line, or they assign as before; never a traceback."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import segmentry as sg
from mutations import mutated, n_mutations, refusals
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.errors import SegmentryError
from segmentry.recipe import Recipe
from segmentry.segmentation import content as contents
from segmentry.segmentation import loading
from segmentry.segmentation.foreign import as_one_whole
from segmentry.segmentation.plain_values import fingerprint, table_from_dict

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=60, seed=9)
USED = 0.3 if n_mutations(0) == 0 else 0.005
"""Share of the changed models that are used, too: a long run looks at many more, most of which are read alone."""
SMALL = Recipe.from_dict({
    "source": {"id": "ID"}, "sensitive": ["Kidhome"],
    "features": {"income": {"column": "Income", "edges": [30000, 60000], "missing": "level"}, "kids": {"column": "Kidhome"}},
    "outcomes": {"campaign": {"role": "flags", "columns": ["Response"], "cost_per_contact": 1, "revenue_per_acceptance": 9}},
})  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = sg.run(sample_households(rows=1_000, seed=5), HOUSEHOLDS, segments=3)
    return result.save(tmp_path_factory.mktemp("model") / "segmentation.json")


PARTS = ("recipe", "model", "scoring", "segments", "patterns", "population", "tables", "evidence")


def changed(content: dict[str, Any], draw: random.Random) -> tuple[dict[str, Any], str]:
    part = draw.choice([*PARTS, *content])
    return mutated(
        content, draw, (part,) if isinstance(content[part], (dict, list)) and content[part] else ()
    )


def use(path: Path) -> pd.DataFrame:
    model = sg.load(path)
    assigned = model.assign(ROWS)
    model.to_sql("postgres", reason=True)
    model.to_python()
    return assigned


def test_a_file_that_was_changed_in_any_place_is_refused(saved: Path, tmp_path: Path) -> None:
    content = json.loads(saved.read_text())
    path = tmp_path / "m.json"
    for seed in range(200):
        made, how = changed(content, random.Random(seed))  # noqa: S311
        path.write_text(json.dumps(made))
        if made == content or "'name']" in how or "fingerprint" in how:
            continue  # 3 and 3.0 are one number
        said = ""
        try:
            sg.load(path)
        except SegmentryError as e:
            said = str(e)
        assert said, how
        assert "\n" not in said, how


@pytest.mark.filterwarnings("ignore::segmentry.errors.SegmentryWarning")  # fewer customers fit
@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_a_stranger_who_seals_the_file_anew_gets_a_sentence_or_a_model_that_behaves(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = HOUSEHOLDS if method == "latent-class" else SMALL
    result = sg.run(sample_households(rows=600, seed=5), recipe, segments=3, method=method, analyses=0)
    path = result.save(tmp_path / "m.json")
    content = json.loads(path.read_text())
    kept = {id(table): table_from_dict(table) for table in content["tables"].values()}

    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        made, how = changed(content, draw)
        is_used = draw.random() < USED

        def use() -> None:
            if is_used:
                with contextlib.suppress(Exception):  # no segments, no seal
                    made["fingerprint"] = fingerprint(made)
                path.write_text(json.dumps(made))
                behave(path, tmp_path)
            else:
                with monkeypatch.context() as patch:
                    read_in_memory(made, kept, patch)
                    sg.load(path)

        return use, f"{method}, {how}"

    refused = refusals(45, change)
    assert sum(error is not None for error in refused) > len(refused) / 4
    assert not all(refused)


def read_in_memory(made: dict[str, Any], kept: dict[int, pd.DataFrame], patch: pytest.MonkeyPatch) -> None:
    """Let `load` find this content, sealed anew, in any file; tables that were not changed are those that are kept."""
    patch.setattr(loading, "_content", lambda _: made)
    patch.setattr(loading, "fingerprint", lambda content: content.get("fingerprint", ""))
    patch.setattr(contents, "table_from_dict", lambda t: kept[id(t)] if id(t) in kept else table_from_dict(t))


def behave(path: Path, folder: Path) -> None:
    """What is accepted assigns to its segments, with certainties that are probabilities, and compares populations."""
    model = sg.load(path)
    assigned = use(path)
    assert assigned["segment"].dropna().between(1, len(model.segments)).all()
    assert assigned["certainty"].dropna().between(-1e-9, 1 + 1e-9).all()
    assert model.drift(ROWS).new.n_customers <= len(ROWS)
    model.save(folder / "again.json")
    model.report(folder / "report.md")


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        (
            ("model", "fitted", "class_prior_"),
            [-0.5, 1.0, 0.5],
            "the shares of the classes are no probabilities",
        ),
        (("model", "fitted", "class_prior_"), [0.5, 0.5], "3 segments, and a model of 2"),
        (("model", "fitted", "response_proba_", 0, 0, 0), 7.0, "the levels of a class are no probabilities"),
        (("segments", 0, "share"), 1.5, "the share of segment 1 is 1.5"),
        (("segments", 0, "size"), -5, "segment 1 has -5 customers"),
        (("segments", 1, "id"), 1, "the numbers of segments must differ"),
        (("patterns", "counts", 0), -5, "a count is below 1"),
        (("patterns", "labels", 0), 9, "a pattern is in no segment"),
        (("population", "segments", 0), -5.0, "segments of the population is below 0"),
        (("population", "n_effective"), 0.0, "the population weighs nothing"),
        (("scoring", "columns", "Income"), "money", "a column of no known kind"),
        (("evidence", "stability"), {}, "damaged"),
        (("tables", "features", "share", 0), "x", "column 'share' of features mixes kinds"),
        (("seed",), -1, "the seed is none"),
        (("model", "parameters", "joined"), [[0, 1]], "joined features lack their probabilities"),
        (("model", "fitted", "joined_proba_"), [[[[1.0]]]], "joined features lack their probabilities"),
        (("recipe", "features", 0, "edges"), [3, 2], "edges must increase"),
        (("recipe", "outcomes", 0, "name"), "other", "outcomes speaks of a group that there is not"),
        (("evidence", "pairs", 0, "n_between"), None, "a pair of segments has no numbers"),
    ],
)
def test_what_cannot_be_is_named(
    saved: Path, tmp_path: Path, place: tuple[Any, ...], value: Any, problem: str
) -> None:
    content = json.loads(saved.read_text())
    *path, last = place
    parent = content
    for step in path:
        parent = parent[step]
    parent[last] = value
    content["fingerprint"] = fingerprint(content)
    (tmp_path / "m.json").write_text(json.dumps(content))
    with pytest.raises(SegmentryError, match=problem):
        use(tmp_path / "m.json")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 100_000, "damaged, not JSON"),
        ('{"schema": 1, "a": ' + "[" * 60 + "]" * 60 + "}", "nested more than 40 deep"),
        ('{"schema": 1, "a": 1e999}', "a number is enormous, or none"),
        ('{"schema": 1, "a": NaN}', "a number is enormous, or none"),
        ('{"schema": 1, "a": "' + "x" * 2_000_000 + '"}', "a text is longer than a million letters"),
        ('{"schema": true}', "damaged|not a segmentation"),
        ('{"schema": 1, "a": ["\\udc00"]}', "a text holds half a letter"),
        ('{"schema": 1, "\\uD800": 1}', "a text holds half a letter"),
    ],
)
def test_files_that_are_too_deep_or_too_large(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(sg.ModelError, match=problem) as caught:
        sg.load(tmp_path / "m.json")
    assert "\n" not in str(caught.value)


def test_a_file_cut_off_anywhere_is_refused(saved: Path, tmp_path: Path) -> None:
    text = saved.read_text()
    path = tmp_path / "m.json"
    for length in range(0, len(text) - 2, len(text) // 40):
        path.write_text(text[:length])
        with pytest.raises(sg.ModelError, match="damaged, not JSON|not a segmentation"):
            sg.load(path)


def test_layout_and_the_names_of_segments_may_change(saved: Path, tmp_path: Path) -> None:
    content = json.loads(saved.read_text(), parse_int=float)
    content["schema"] = 1
    for i, segment in enumerate(content["segments"]):
        segment["name"] = f"Our group {i}"
        segment["id"] = int(segment["id"])
    path = tmp_path / "m.json"
    path.write_text(json.dumps(json.loads(saved.read_text()) | {"segments": content["segments"]}, indent=4))
    loaded = sg.load(path)
    assert [s.name for s in loaded.segments] == ["Our group 0", "Our group 1", "Our group 2"]
    pd.testing.assert_frame_equal(loaded.assign(ROWS), sg.load(saved).assign(ROWS))


def test_a_model_with_a_number_of_thousands_of_digits_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "segmentation.json").write_text('{"schema": ' + "9" * 5_000 + "}")
    with pytest.raises(sg.ModelError, match="damaged, not JSON"):
        sg.load(tmp_path / "segmentation.json")


def test_what_cannot_be_made_of_a_file_is_a_sentence_and_of_an_own_result_a_defect(saved: Path) -> None:
    loaded = sg.load(saved).recipe
    problem = r"segmentation\.json: its parts do not belong together \(KeyError\)"
    with pytest.raises(sg.ModelError, match=problem), as_one_whole(loaded):
        raise KeyError("x")
    with pytest.raises(KeyError), as_one_whole(HOUSEHOLDS):
        raise KeyError("x")
