"""What the headline outcome could be instead, in the order of words that analyses explain."""

from __future__ import annotations

import numpy as np
import pandas as pd

import segmentry as sg
from segmentry.cli.recipes import _headline
from segmentry.drafting.formula_words import explained

N = 600
RNG = np.random.default_rng(11)


def workers() -> pd.DataFrame:
    return pd.DataFrame({
        "gender": RNG.choice(["female", "male"], N),
        "age": RNG.integers(18, 66, N),
        "earnings": RNG.gamma(4, 700, N).round(),
        "region": RNG.choice(["north", "south", "west"], N),
        "education": RNG.choice(["school", "college", "university"], N),
    })  # fmt: skip


def test_words_of_who_customers_are_explain_and_words_of_what_happened_are_explained() -> None:
    explaining = ("age", "gender", "maritalStatus", "EDUCATION", "region")
    assert max(map(explained, explaining)) < -1 < 1 < min(map(explained, ("churned", "earnings", "win")))
    assert explained("y") > 2
    assert {explained(name) for name in ("y84", "quorel", "2024", "")} == {0.0}


def test_what_analyses_explain_comes_first_where_nothing_else_says_what_a_table_is_about() -> None:
    draft = sg.draft(workers())
    assert draft.headline == ""
    assert draft.candidates[0] == "earnings"
    assert len(draft.candidates) == 2
    assert "earnings" not in sg.draft(workers(), features=["earnings"]).candidates
    asked = sg.draft(workers(), target="earnings")
    assert (asked.headline, asked.candidates) == ("earnings", ())


def test_a_sure_headline_is_named_alone_and_an_unsure_one_with_others_that_draft_takes() -> None:
    table = workers().drop(columns="earnings")
    table["visited"] = RNG.choice(["yes", "no"], N)
    table["score"] = RNG.normal(50, 9, N)
    table["churn"] = RNG.choice(["yes", "no"], N)
    sure = sg.draft(table)
    assert (sure.headline, sure.candidates) == ("churn", ())
    assert "Not sure" not in sure.text
    unsure = sg.draft(
        table.drop(columns="churn")[["gender", "score", "age", "visited", "region", "education"]]
    )
    assert unsure.candidates
    assert f"such as {' or '.join(unsure.candidates)}." in unsure.text.replace("\n#", "")
    for name in unsure.candidates:
        assert sg.draft(table, target=name).headline
    assert unsure.with_(title="Mine").candidates == unsure.candidates


def test_init_says_what_the_table_could_be_about_instead() -> None:
    assert _headline("churn", ()) == "churn"
    said = _headline("smokes", ("monthly bill", "visits"))
    assert (
        said == "smokes, but that is not sure; --target 'monthly bill' or --target visits would take another"
    )
    assert _headline("", ()) == "none: nothing says what the table is about"
