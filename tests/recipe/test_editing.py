"""A changed recipe in the text of an earlier one: comments stay, and levels are in their order."""

from __future__ import annotations

import tomllib

from segmentry.recipe import editing

TEXT = """title = "Shop"   # ours

[features.size.groups]  # from small to large
small = ["s"]
large = ["l"]

[model]
seed = 1
"""


def edited(text: str, before: str, after: str) -> str:
    return editing.edited(text, tomllib.loads(before), tomllib.loads(after))


def test_groups_are_written_in_their_order() -> None:
    after = 'title = "Shop"\n[features.size.groups]\nsmall = ["s"]\nmiddle = ["m"]\nlarge = ["l"]\n[model]\nseed = 1\n'
    made = edited(TEXT, TEXT, after)
    assert list(tomllib.loads(made)["features"]["size"]["groups"]) == ["small", "middle", "large"]
    assert "# ours" in made


def test_an_order_that_changed_alone_is_written() -> None:
    after = 'title = "Shop"\n[features.size.groups]\nlarge = ["l"]\nsmall = ["s"]\n[model]\nseed = 1\n'
    assert list(tomllib.loads(edited(TEXT, TEXT, after))["features"]["size"]["groups"]) == ["large", "small"]


def test_a_key_that_is_new_and_last_keeps_the_comments_of_its_table() -> None:
    after = TEXT.replace("seed = 1", "seed = 1\nsegments = 3")
    assert "# from small to large" in edited(TEXT, TEXT, after)


def test_nothing_changes_nothing() -> None:
    assert edited(TEXT, TEXT, TEXT) == TEXT


def test_a_text_that_was_read_ahead_is_edited_once_and_no_other_text_is_taken_for_it() -> None:
    text, other = "[model]\nseed = 1 # fixed\n", "[model]\nseed = 2\n"
    editing.read_ahead(text)
    assert (
        editing.edited(text, {"model": {"seed": 1}}, {"model": {"seed": 4}}) == "[model]\nseed = 4 # fixed\n"
    )
    assert (
        editing.edited(text, {"model": {"seed": 1}}, {"model": {"seed": 5}}) == "[model]\nseed = 5 # fixed\n"
    )
    editing.read_ahead(text)
    assert editing.edited(other, {"model": {"seed": 2}}, {"model": {"seed": 3}}) == "[model]\nseed = 3\n"
    assert (
        editing.edited(text, {"model": {"seed": 1}}, {"model": {"seed": 6}}) == "[model]\nseed = 6 # fixed\n"
    )
