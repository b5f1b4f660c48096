"""The states: comments stay, features come back, undo and redo move in one list, and a file brings it back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from segmentry.errors import DataError, RecipeError
from segmentry.recipe import Recipe
from segmentry.workbench.changes import Found
from segmentry.workbench.moves import after_move, read_move
from segmentry.workbench.opening import open_in_memory
from segmentry.workbench.saving import MOST_BYTES, Restored, restored_history, save_history
from segmentry.workbench.state import MOST_STATES, History, State

TEXT = """title = "Shop"  # ours
strata = ["age", "region"]

[source]
id = "id"

[features.age]  # in years
column = "Age"
edges = [30, 50]   # round

[features.region]
column = "Region"

[features.income]
column = "Income"
quantiles = 4

[model]
range = [1, 10]  # said, so no further ones are tried
joined = [["age", "region"]]
"""


def moved(history: History, *moves: dict, found: dict | None = None) -> History:
    for move in moves:
        history = after_move(history, read_move(move), Found(found or {}))
    return history


@pytest.fixture
def start() -> History:
    return History((State(TEXT),))


def test_a_move_keeps_comments_and_what_was_said(start: History) -> None:
    now = moved(
        start, {"kind": "edges", "feature": "age", "edges": [40]}, {"kind": "segments", "segments": 3}
    ).now
    assert "edges = [40]   # round" in now.saved_text
    assert "# in years" in now.saved_text
    assert now.recipe.model.segments == 3
    assert "range" in now.recipe.model.model_fields_set


def test_a_feature_that_is_off_leaves_the_recipe_and_comes_back_as_it_was(start: History) -> None:
    off = moved(start, {"kind": "switch", "feature": "age", "on": False})
    assert [f.name for f in off.now.recipe.features] == ["region", "income"]
    assert off.now.recipe.named_strata == ("region",)
    assert off.now.recipe.model.joined == ()
    assert [f.name for f in off.now.whole.features] == ["age", "region", "income"]
    assert moved(off, {"kind": "switch", "feature": "age", "on": True}).now.saved_text == TEXT


def test_a_recipe_has_a_feature(start: History) -> None:
    off = [{"kind": "switch", "feature": name, "on": False} for name in ("age", "region", "income")]
    with pytest.raises(RecipeError, match="only feature"):
        moved(start, *off)


def test_undo_and_redo_move_in_the_list(start: History) -> None:
    edges = [{"kind": "edges", "feature": "age", "edges": [e]} for e in (40, 45)]
    done = moved(start, *edges)
    assert moved(done, {"kind": "undo"}).now.recipe.features[0].edges == (40,)
    assert moved(done, {"kind": "undo"}, {"kind": "redo"}) == done
    assert moved(done, *[{"kind": "undo"}] * 5).now == start.now
    assert moved(done, {"kind": "go", "position": 1}).now.recipe.features[0].edges == (40,)
    with pytest.raises(DataError, match="no state 9; there are 3"):
        moved(done, {"kind": "go", "position": 8})


def test_a_state_that_was_undone_stays_in_the_list_and_undo_leads_to_what_a_state_was_made_of(
    start: History,
) -> None:
    edges = [{"kind": "edges", "feature": "age", "edges": [e]} for e in (40, 45)]
    other = moved(start, *edges, {"kind": "undo"}, {"kind": "segments", "segments": 4})
    assert [s.what for s in other.states] == [
        "As it was opened",
        "Age: edges 40",
        "Age: edges 45",
        "4 segments",
    ]
    back = moved(other, {"kind": "undo"})
    assert back.now.what == "Age: edges 40"
    assert moved(back, {"kind": "redo"}) == other  # the newest of the two that were made of it
    aside = moved(other, {"kind": "go", "position": 2})
    assert not aside.can_redo
    assert moved(aside, {"kind": "undo"}).now.what == "Age: edges 40"
    assert moved(aside, *[{"kind": "undo"}] * 5).now.what == "As it was opened"


def test_states_that_cannot_be_read_leave_the_others_where_undo_leads(start: History) -> None:
    done = moved(start, *({"kind": "segments", "segments": k} for k in (2, 3, 4)))
    content = done.to_dict()
    content["states"] = [dict(state) for state in content["states"]]
    content["states"][2]["text"] = "no recipe"
    again = History.from_dict(content, start.now)
    assert [s.what for s in again.states] == ["As it was opened", "2 segments", "4 segments"]
    assert again.before == (-1, 0, 1)
    del content["before"]
    assert History.from_dict(content, start.now) == again
    for wrong in ([-1, 0], [-1, 1, 1, 2], [-1, 0, 1, 9]):
        with pytest.raises(ValueError, match="made of none"):
            History.from_dict({**content, "before": wrong}, start.now)


def test_a_gesture_is_one_step(start: History) -> None:
    history = moved(start, {"kind": "segments", "segments": 4})
    for i, edge in enumerate((31, 32, 33)):
        move = read_move({"kind": "edges", "feature": "age", "edges": [edge, 50]})
        history = after_move(history, move, Found(), replaces=i > 0)
    assert len(history.states) == 3
    assert history.now.recipe.features[0].edges == (33, 50)
    assert history.moved(-1).now.recipe.features[0].edges == (30, 50)


def test_what_changes_nothing_makes_no_state(start: History) -> None:
    assert moved(start, {"kind": "edges", "feature": "age", "edges": [30, 50]}) == start
    assert moved(start, {"kind": "undo"}) == start


def test_so_many_states_are_kept(start: History) -> None:
    history = start
    for i in range(MOST_STATES + 10):
        history = history.pushed(replace(start.now, what=str(i)))
    assert len(history.states) == MOST_STATES
    assert history.now.what == str(MOST_STATES + 9)
    assert history.moved(-1).now.what == str(MOST_STATES + 8)
    first = history.at(0)
    assert not first.can_undo
    assert first.moved(-1) == first


def test_a_file_brings_the_states_back(start: History, tmp_path: Path) -> None:
    path = tmp_path / "shop.studio.json"
    history = moved(
        start,
        {"kind": "switch", "feature": "age", "on": False},
        {"kind": "segments", "segments": 2},
        {"kind": "undo"},
    )
    save_history(history, path)
    assert restored_history(path, start.now) == Restored(history, True)
    changed_elsewhere = State(TEXT.replace("30", "35"))
    again = restored_history(path, changed_elsewhere)
    assert again.is_restored
    assert again.history.now == changed_elsewhere
    assert again.history.states[:-1] == history.states


_STATE = '{"text": %s, "off": [], "what": "w", "folder": ""}'
DAMAGED = [
    '{"schema": 1, "states": [', '"x"', "5", "null", "[]", "{}", '{"schema": 2, "states": [], "position": 0}',
    '{"schema": 1, "position": 0, "states": [' + _STATE % 5 + "]}",
    '{"schema": 1, "position": 0, "states": [' + _STATE % json.dumps("[features.x]\ncolumn = 'x'\nedges = [" + "9" * 400 + "]") + "]}",
    "[" * 200_000, '{"schema": ' + "9" * 5_000 + "}",
    '{"schema": 1, "position": 0, "states": [' + _STATE.replace('"w"', '"\\ud800"') % json.dumps(TEXT) + "]}",
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_files_are_kept_and_said_and_no_other_file_is_replaced(
    start: History, tmp_path: Path, text: str
) -> None:
    path, kept = tmp_path / "shop.studio.json", tmp_path / "shop.studio.unreadable.json"
    kept.write_text("precious")
    path.write_text(text, encoding="utf-8")
    found = restored_history(path, start.now)
    assert (found.history, found.is_restored) == (start, False)
    assert "it is kept as" in found.said
    assert "unreadable2.json" in found.said
    assert (kept.read_text(), (tmp_path / "shop.studio.unreadable2.json").read_text()) == ("precious", text)
    assert not path.exists()


def test_a_file_of_states_that_is_none_by_its_size_is_not_read(start: History, tmp_path: Path) -> None:
    path = tmp_path / "shop.studio.json"
    with path.open("w") as file:
        file.truncate(MOST_BYTES + 1)
    assert restored_history(path, start.now).history == start
    assert (tmp_path / "shop.studio.unreadable.json").is_file()


def test_a_link_is_neither_read_nor_followed(start: History, tmp_path: Path) -> None:
    path, target = tmp_path / "shop.studio.json", tmp_path / "elsewhere.json"
    path.symlink_to(target)
    with pytest.raises(DataError, match="is a link"):
        save_history(start, path)
    assert not target.exists()
    target.write_text('{"schema": 2}')
    assert restored_history(path, start.now) == Restored(start)
    assert path.is_symlink()


def test_states_that_name_other_data_are_left_out(start: History, tmp_path: Path) -> None:
    path = tmp_path / "shop.studio.json"
    history = moved(start, {"kind": "segments", "segments": 2})
    evil = replace(
        history.now, text=TEXT.replace('id = "id"', 'id = "id"\ntables = { more = "/etc/passwd" }')
    )
    save_history(history.pushed(evil), path)
    assert restored_history(path, start.now).history.states == history.states
    save_history(History((evil,)), path)
    assert restored_history(path, start.now).history == start


def test_groups_keep_their_order_in_the_text() -> None:
    text = '[features.a]\ncolumn = "a"\nscale = "ordinal"\n\n[features.a.groups]\nlow = [1]  # few\nmiddle = [2]\nhigh = [3]\ntop = [4]\n'
    after = moved(History((State(text),)), {"kind": "merge", "feature": "a", "levels": ["middle", "high"]})
    assert list(after.now.recipe.features[0].groups) == ["low", "middle or high", "top"]
    split = moved(after, {"kind": "split", "feature": "a", "level": "middle or high"})
    assert list(split.now.recipe.features[0].groups.items()) == [
        ("low", (1,)),
        ("2", (2,)),
        ("3", (3,)),
        ("top", (4,)),
    ]


def test_bundled_recipes_take_every_kind_of_move() -> None:
    for name in Recipe.bundled():
        history = History((State(Recipe.text_of(name)),))
        first = history.now.recipe.features[0].name
        after = moved(
            history,
            {"kind": "missing", "feature": first, "missing": "drop"},
            {"kind": "method", "method": "k-means"},
        )
        assert after.now.recipe.features[0].missing == "drop"
        assert after.now.recipe.model.method == "k-means"
        assert after.now.saved_text.count("#") == Recipe.text_of(name).count("#")


def test_a_recipe_for_a_table_in_memory_finds_the_files_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.csv").write_text("id,more\n1,a\n", encoding="utf-8")
    (tmp_path / "sub" / "r.toml").write_text(
        '[source]\nid = "id"\nsql = "SELECT * FROM data JOIN x USING (id)"\n[source.tables]\nx = "x.csv"\n'
        '[features.more]\ncolumn = "more"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    opened = open_in_memory(pd.DataFrame({"id": [1]}), "sub/r.toml")
    assert opened.start.recipe.source.tables == {"x": str(tmp_path.resolve() / "sub" / "x.csv")}
