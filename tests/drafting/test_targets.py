"""What a table is about: by names, values, places, and what other columns say of a column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 600
RNG = np.random.default_rng(7)


def who() -> dict[str, Any]:
    return {
        "age": RNG.integers(18, 80, N),
        "gender": RNG.choice(["female", "male"], N),
        "income": RNG.lognormal(8, 1, N).round(),
        "region": RNG.choice(["north", "south", "west"], N),
    }


def compared(draft: sg.Recipe) -> set[str]:
    return {c.name.split(": ")[0] for g in draft.outcomes for c in g.columns}


def test_parts_for_training_are_never_what_a_table_is_about() -> None:
    likes = RNG.choice(["Y", "N"], N)
    for name, values in (("Partition", ["T", "V"]), ("part", ["train", "test"])):
        draft = sg.draft(pd.DataFrame({**who(), "likes": likes, name: RNG.choice(values, N)}))
        assert draft.headline == "likes"
        assert f"{name}: says which rows are for training and which for testing" in draft.text


def test_a_rating_that_stands_first_is_what_a_table_is_about() -> None:
    draft = sg.draft(pd.DataFrame({"trust": np.arange(N) % 11, **who()}))
    assert draft.headline == "trust"
    assert "trust" not in {f.column for f in draft.features}


def test_answers_in_words_that_stand_first_are_what_a_table_is_about() -> None:
    draft = sg.draft(pd.DataFrame({"route": RNG.choice(["train", "car", "bus"], N), **who()}))
    assert compared(draft) == {"route"}
    likes = RNG.choice(["train", "car", "bus"], N)
    spends = pd.DataFrame({"route": likes, **who(), "spend": RNG.gamma(2, 50, N)})
    assert sg.draft(spends).headline == "spend", "what customers do comes before what they answer"
    bands = RNG.choice(["1 or 2", "3 or 4", "5 or 6"], N)
    assert sg.draft(pd.DataFrame({"rooms": bands, **who()})).headline == ""


def test_a_yes_or_no_on_which_other_answers_depend_comes_before_the_last_answer() -> None:
    reads = RNG.random(N) < 0.3
    data = {**who(), "fits": RNG.choice(["yes", "no"], N), "reads": np.where(reads, "yes", "no")}
    data["per_week"] = np.where(reads, RNG.integers(1, 9, N), np.nan)
    data["what"] = np.where(reads, RNG.choice(["books", "papers", "both"], N), None)
    draft = sg.draft(pd.DataFrame(data))
    assert draft.headline == "reads"
    assert {"reads", "what", "per_week"} <= compared(draft)


def test_what_is_used_by_some_and_measured_for_these_is_compared() -> None:
    drinks = np.where(RNG.random(N) < 0.4, 0.0, RNG.gamma(2, 0.02, N))
    more = {"education": RNG.choice(["low", "high"], N), "sdrinks": drinks, "measure": RNG.normal(50, 9, N)}
    draft = sg.draft(pd.DataFrame({**who(), **more}))
    assert compared(draft) == {"sdrinks"}


@pytest.mark.parametrize(
    ("others", "expected"), [({}, "salary_now"), ({"churned": RNG.integers(0, 2, N)}, "churned")]
)
def test_a_wage_is_what_a_table_is_about_that_has_nothing_else_to_compare(
    others: dict[str, Any], expected: str
) -> None:
    start = {
        "job": RNG.choice(["clerk", "cook", "smith"], N),
        "salary_now": RNG.lognormal(10, 0.4, N).round(),
    }
    data = pd.DataFrame({**start, **who(), **others, "appraisal": RNG.choice(["low", "fair", "top"], N)})
    assert sg.draft(data).headline == expected


@pytest.mark.parametrize(
    "words",
    [
        ("increased", "decreased", "stayed the same"), ("gestiegen", "gesunken", "unverändert"), ("augmenté", "diminué", "inchangé"),
        ("aumentó, más", "menos", "igual"), ("aumentou", "diminuiu", "igual"), ("migliorato", "peggiorato", "uguale"),
    ],
)  # fmt: skip
def test_answers_that_say_how_something_changed_are_compared(words: tuple[str, ...]) -> None:
    draft = sg.draft(
        pd.DataFrame({**who(), "pay since": RNG.choice(words, N), "town": RNG.choice(list("abc"), N)})
    )
    assert "pay since" in compared(draft)
    assert "pay since" not in {f.column for f in draft.features}


def test_a_weight_beside_a_height_is_of_the_body() -> None:
    weight = RNG.normal(70, 9, N).round(1)
    alone = sg.draft(pd.DataFrame({**who(), "weight": weight}))
    assert "if it is a survey weight" in alone.text
    beside = sg.draft(pd.DataFrame({**who(), "height": RNG.normal(170, 9, N).round(1), "weight": weight}))
    assert "if it is a survey weight" not in beside.text
    assert "[features.weight]" in beside.text


def test_what_is_0_for_all_who_did_not_respond_is_a_part_of_what_happened() -> None:
    gave = RNG.random(N) < 0.4
    amount = np.where(gave, RNG.choice([5, 10, 25, 50], N), 0)
    draft = sg.draft(
        pd.DataFrame({**who(), "respond": gave.astype(int), "gift": amount, "letters": RNG.poisson(3, N)})
    )
    assert draft.headline == "respond"
    assert "gift" in compared(draft)
    assert "gift" not in {f.column for f in draft.features}
    assert "letters" not in compared(draft)


def test_an_answer_that_does_not_speak_for_itself_is_labelled_with_its_question() -> None:
    answers = ["A", "B", "unknown kind", "later"]
    draft = sg.draft(pd.DataFrame({"target": RNG.choice(answers, N), **who()}))
    assert {c.label for g in draft.outcomes for c in g.columns} == {
        "Target A",
        "Target B",
        "unknown kind",
        "later",
    }


def test_a_number_alone_makes_no_group_of_outcomes() -> None:
    spent = {"d1": RNG.gamma(2, 50, N), "i1": RNG.gamma(2, 50, N), "i2": RNG.gamma(2, 50, N)}
    draft = sg.draft(pd.DataFrame({**who(), **spent}))
    assert not {g.title for g in draft.outcomes} & {"1", "2"}


def yes(share: float) -> Any:
    return np.where(RNG.random(N) < share, "yes", "no")


def test_what_stands_behind_the_columns_about_a_contact_answers_it() -> None:
    held = {"default": yes(0.1), "housing": yes(0.5), "loan": yes(0.2)}
    contact = {
        "contact": RNG.choice(["cellular", "telephone"], N),
        "campaign": RNG.integers(1, 9, N),
        "poutcome": RNG.choice(["failure", "other", "unknown"], N),
    }
    answered = sg.draft(pd.DataFrame({**who(), **held, **contact, "deposit": yes(0.4)}))
    assert answered.headline == "deposit"
    assert sg.draft(pd.DataFrame({**who(), **held, "deposit": yes(0.4)})).headline == "default"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({"loan_status": RNG.choice(["current", "paid", "late"], N), "house": RNG.choice(["old", "new"], N)}, "loan_status"),
        ({"survtime": RNG.integers(1, 60, N), "event": RNG.integers(0, 2, N), "likes": yes(0.5)}, "survtime"),
        ({"insurance": yes(0.8), "limits": yes(0.2), "occupation": RNG.choice(list("abc"), N)}, "insurance"),
    ],
    ids=["a status", "a time until", "the one thing held"],
)  # fmt: skip
def test_what_a_table_is_about_is_told_by(made: dict[str, Any], expected: str) -> None:
    draft = sg.draft(pd.DataFrame({**who(), **made}))
    assert draft.headline.split(":")[0] == expected


def test_a_name_that_says_done_comes_before_a_count_at_the_other_end() -> None:
    table = {"released": yes(0.8), **who(), "checks": RNG.choice([0, 0, 0, 1, 2, 3, 4], N)}
    assert sg.draft(pd.DataFrame(table)).headline == "released"


def test_too_few_yes_are_nothing_that_a_table_is_about() -> None:
    rare = np.where(np.arange(N) == 7, "yes", "no")
    assert sg.draft(pd.DataFrame({**who(), "likes": yes(0.4), "defaulted": rare})).headline == "likes"


def test_columns_made_of_others_do_not_hide_which_comes_last() -> None:
    data = pd.DataFrame({"offered_plan": yes(0.4), **who(), "takes_part": yes(0.3), "second_plan": yes(0.3)})
    draft = sg.draft(data.assign(age_squared=data["age"] ** 2))
    assert draft.headline == "second_plan"


def test_yes_or_no_that_is_not_known_of_all_is_not_like_those_beside_it() -> None:
    marks = {"higher": RNG.integers(0, 2, N), "lower": RNG.integers(0, 2, N)}
    passed = np.where(RNG.random(N) < 0.2, np.nan, RNG.integers(0, 2, N))
    assert sg.draft(pd.DataFrame({**who(), **marks, "result": passed})).headline == "result"


def test_yes_no_and_unknown_is_a_yes_or_no_of_which_some_is_not_known() -> None:
    draft = sg.draft(pd.DataFrame({**who(), "gift": RNG.choice(["no", "yes", "yes", "unknown"], N)}))
    assert draft.headline == "gift"
    group = draft.outcomes[0]
    assert [(c.name, c.sql) for c in group.columns] == [("gift", "NULLIF(gift, 'unknown')")]


def test_a_yes_or_no_in_the_second_place_is_what_a_table_is_about_unless_it_is_one_of_several() -> None:
    people = who()
    behind = {"score_a": RNG.normal(50, 9, N), **people}
    draft = sg.draft(pd.DataFrame({"age": people["age"], "vobis": yes(0.3), **behind}))
    assert draft.headline == "vobis"
    assert "it stands second" in draft.text
    beside = pd.DataFrame({"age": people["age"], "vobis": yes(0.3), "lantu": yes(0.4), **behind})
    assert sg.draft(beside).headline == ""


def test_one_of_two_names_in_the_first_place_comes_before_an_amount_in_the_last() -> None:
    brand, kept = RNG.choice(["XA", "XB"], N), RNG.random(N) < 0.3
    spend = {"spend": RNG.gamma(2, 50, N)}
    assert sg.draft(pd.DataFrame({"bought": brand, **who(), **spend})).headline.startswith("bought")
    for name, values in (("vobis", brand), ("lantu", kept)):
        draft = sg.draft(pd.DataFrame({name: values, **who(), **spend}))
        assert draft.headline.split(":")[0] == name
    assert sg.draft(pd.DataFrame({**who(), **spend})).headline == "spend"


def test_a_measured_number_in_the_first_place_is_what_a_table_is_about_where_its_name_says_nothing() -> None:
    measured = RNG.normal(50, 9, N).round(2)
    draft = sg.draft(pd.DataFrame({"vobis": measured, **who(), "lantu": measured[::-1]}))
    assert (draft.headline, compared(draft)) == ("vobis", {"vobis"})
    assert sg.draft(pd.DataFrame({**who(), "vobis": measured, "lantu": measured[::-1]})).headline == ""


def test_a_table_is_about_the_column_that_has_its_name(tmp_path: Path) -> None:
    data = pd.DataFrame({**who(), "vobis": yes(0.3), "lantu": yes(0.5), "town": RNG.choice(list("abc"), N)})
    found = {}
    for name in ("vobis-2024", "lantu", "customers", "town", "age"):
        data.to_csv(tmp_path / f"{name}.csv", index=False)
        found[name] = sg.draft(tmp_path / f"{name}.csv")
    assert [found[name].headline for name in ("vobis-2024", "lantu", "customers")] == ["vobis", "lantu", ""]
    assert "The headline outcome, the table has its name" in found["lantu"].text
    assert "age" in {f.column for f in found["age"].features}, "who the customers are forms the segments"
