"""The headline outcome that a draft is asked for: compared first, never a feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=1_500, seed=4)


def columns_of(feature: object) -> str:
    return f"{getattr(feature, 'column', '')} {getattr(feature, 'sql', '')}"


@pytest.mark.parametrize(
    ("target", "role"),
    [
        ("Response", "flags"),
        ("MntWines", "amounts"),
        ("NumWebPurchases", "counts"),
        ("Income", "amounts"),
        ("Kidhome", "counts"),
    ],
)
def test_it_is_a_group_of_its_own_the_first_and_no_feature(target: str, role: str) -> None:
    draft = sg.draft(ROWS, target=target)
    assert [[c.name for c in g.columns] for g in draft.outcomes if target in {c.name for c in g.columns}] == [
        [target]
    ]
    assert ([c.name for c in draft.outcomes[0].columns], draft.outcomes[0].role) == ([target], role)
    assert [f.name for f in draft.features if target in columns_of(f)] == []
    assert "# The headline outcome, as asked" in draft.text
    result = sg.run(ROWS, few_segments(draft), segments=2)
    assert set(result.outcomes["outcome"][:1]) == {target}


def test_without_a_word_the_answer_of_the_table_is_the_headline() -> None:
    draft = sg.draft(ROWS)
    assert draft.text == sg.draft(ROWS, target=None).text
    assert [c.name for c in draft.outcomes[0].columns] == ["Response"]
    assert "# The headline outcome, its name says that it is what happened" in draft.text


N = 400
RNG = np.random.default_rng(0)
TOWNS = RNG.choice(["north", "south", "west"], N)
AGES = RNG.integers(18, 90, N)


def targets_of(**columns: object) -> list[str]:
    draft = sg.draft(
        pd.DataFrame({"town": TOWNS, "age": AGES, **columns, "size": RNG.choice(["S", "M", "L"], N)})
    )
    return [str(c.name) for c in draft.outcomes[0].columns] if draft.outcomes else []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("creditability", ["good", "bad"]),
        ("what they say", ["satisfied", "neutral or dissatisfied"]),
        ("Attrition_Flag", ["Existing Customer", "Attrited Customer"]),
        ("stage", ["won", "lost"]),
        ("earns", ["<=50K", ">50K"]),
        ("churn", ["yes", "no"]),
        ("Gekündigt", ["ja", "nein"]),
        ("exited", [0, 1]),
        ("Kredit angenommen", ["ja", "nein"]),
        ("oferta aceptada", ["sí", "no"]),
        ("oferta aceita", ["sim", "não"]),
    ],
)
def test_what_happened_is_the_headline_in_any_words(name: str, values: list[object]) -> None:
    drawn = [values[i] for i in RNG.integers(0, 2, N)]
    assert targets_of(**{name: drawn}) == [name]


def test_a_second_column_that_says_how_it_ended_is_compared_and_forms_nothing() -> None:
    def drawn(*values: str) -> list[str]:
        return [values[i] for i in RNG.integers(0, 2, N)]

    data = pd.DataFrame({"age": AGES, "status": drawn("good", "bad"), "churned": drawn("stayed", "churned")})
    draft = sg.draft(data)
    assert [f.column for f in draft.features] == ["age"]
    assert [c.name for g in draft.outcomes for c in g.columns] == ["churned", "status"]


def test_an_answer_of_several_words_is_compared_word_by_word() -> None:
    vote = RNG.choice(["yes", "no", "abstains"], N, p=[0.5, 0.3, 0.2])
    data = pd.DataFrame({"age": AGES, "town": TOWNS, "vote": vote})
    draft = sg.draft(data)
    assert {c.name for c in draft.outcomes[0].columns} == {"vote: yes", "vote: no", "vote: abstains"}
    rates = {o.label: o.mean for o in sg.check(data, draft).outcomes}
    assert rates["abstains"] == pytest.approx(np.mean(vote == "abstains"))


def test_a_yes_or_no_last_in_the_table_is_a_guess_but_not_one_of_many() -> None:
    data = pd.DataFrame({"age": AGES, "town": TOWNS, "likes it": RNG.choice(["yes", "no"], N)})
    assert "it stands last" in sg.draft(data).text
    flags = {f"q{i}": RNG.choice(["yes", "no"], N) for i in range(4)}
    assert "headline" not in sg.draft(pd.DataFrame({"age": AGES, "town": TOWNS, **flags})).text


def test_who_customers_are_is_no_headline() -> None:
    data = pd.DataFrame({"age": AGES, "town": TOWNS, "student": RNG.choice(["yes", "no"], N)})
    draft = sg.draft(data)
    assert "student" in {f.name for f in draft.features}
    assert not draft.outcomes


def test_how_customers_were_contacted_forms_no_segments() -> None:
    data = pd.DataFrame({
        "age": AGES, "town": TOWNS, "contact": RNG.choice(["cellular", "telephone"], N),
        "poutcome": RNG.choice(["success", "failure", "unknown"], N), "y": RNG.choice(["yes", "no"], N),
    })  # fmt: skip
    draft = sg.draft(data)
    assert {f.name for f in draft.features} == {"age", "town"}
    assert [c.name for c in draft.outcomes[0].columns] == ["y"]
    assert "# [features.contact]" in draft.text


def test_what_customers_hold_is_no_campaign() -> None:
    data = pd.DataFrame({
        "age": AGES, "town": TOWNS, "phone service": RNG.choice(["yes", "no"], N),
        "credit card": RNG.choice(["yes", "no"], N), "churn": RNG.choice(["yes", "no"], N),
    })  # fmt: skip
    groups = {g.name: g.campaign for g in sg.draft(data).outcomes}
    assert groups == {"churn": False, "phone_service": False, "credit_card": False}


def test_of_two_values_the_rarer_is_the_yes() -> None:
    churned = ROWS["Response"].map({1: "left", 0: "stayed"})
    draft = sg.draft(ROWS.drop(columns="Response").assign(Churn=churned), "Churn")
    group = draft.outcomes[0]
    assert (group.role, group.columns[0].sql, group.campaign) == ("flags", "Churn = 'left'", False)
    assert "left is read as yes" in draft.text
    assert group.columns[0].label == "Churn: left"
    rate = sg.check(ROWS.assign(Churn=churned), draft).outcomes[0].mean
    assert rate == pytest.approx(ROWS["Response"].mean())


def test_amounts_that_are_stored_as_text_are_read_as_numbers() -> None:
    texts = ROWS["MntWines"].astype(str) + ".5"
    draft = sg.draft(ROWS.assign(MntWines=texts), "MntWines")
    found = sg.check(ROWS.assign(MntWines=texts), draft).outcomes[0]
    assert (found.role, found.mean) == ("amounts", pytest.approx(ROWS["MntWines"].mean() + 0.5))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("Respnse", "target 'Respnse': no such column; did you mean 'Response'?"),
        (
            "ID",
            "target 'ID': segments cannot be compared on it: it tells customers apart; name a column of numbers, or of few values",
        ),
        (
            "code",
            "target 'code': segments cannot be compared on it: it has 9 different values that are no numbers",
        ),
        ("same", "target 'same': segments cannot be compared on it: no two of its values differ"),
        ("empty", "target 'empty': segments cannot be compared on it: no two of its values differ"),
    ],
)
def test_what_cannot_be_compared_is_refused(target: str, message: str) -> None:
    code = ["abcdefghi"[i % 9] for i in range(len(ROWS))]
    data = ROWS.assign(code=code, same=1, empty=pd.Series([None] * len(ROWS), dtype="float64"))
    with pytest.raises(sg.DataError) as caught:
        sg.draft(data, target)
    assert str(caught.value).startswith(message)


def test_customers_made_of_transactions_are_compared_on_what_they_spent() -> None:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(range(600), unit="D")
    orders = pd.DataFrame(
        {
            "customer_id": [i % 90 for i in range(600)],
            "order_id": range(600),
            "order_date": days,
            "amount": [5.0 + i % 37 for i in range(600)],
        }
    )
    made = sg.draft(orders)
    spend = next(f.column for f in made.features if "amount" in str(f.column) or "spen" in str(f.column))
    draft = sg.draft(orders, spend)
    assert [c.name for c in draft.outcomes[0].columns] == [spend]
    assert spend not in {f.column for f in draft.features}


@pytest.mark.parametrize(
    ("answers", "order"),
    [
        (["very satisfied", "neutral", "dissatisfied"], ["dissatisfied", "neutral", "very satisfied"]),
        (["often", "never", "sometimes"], ["never", "sometimes", "often"]),
        (["blue", "red", "green"], ["blue", "red", "green"]),
    ],
)
def test_answers_stand_in_the_order_of_their_scale_and_the_most_frequent_is_the_headline(
    answers: list[str], order: list[str]
) -> None:
    given = np.repeat(answers, [200, 120, 80])
    draft = sg.draft(pd.DataFrame({"town": TOWNS, "age": AGES, "answer": given}), target="answer")
    assert [c.name for c in draft.outcomes[0].columns] == [f"answer: {value}" for value in order]
    assert draft.headline == f"answer: {answers[0]}"


def test_answers_stand_in_the_order_in_which_a_file_lists_them(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"age": AGES, "size": RNG.choice([1, 2], N), "liked": np.repeat([3, 1, 2], [200, 120, 80])}
    )
    labels = {"liked": {1: "Blue one", 2: "Red one", 3: "Green one"}}
    pyreadstat.write_sav(rows, str(tmp_path / "a.sav"), variable_value_labels=labels)
    draft = sg.draft(str(tmp_path / "a.sav"), target="liked")
    assert [c.name for c in draft.outcomes[0].columns] == [
        f"liked: {c} one" for c in ("Blue", "Red", "Green")
    ]


def test_where_nothing_says_so_a_headline_is_asked_for() -> None:
    rng = np.random.default_rng(0)
    held = {name: rng.choice(["yes", "no"], 300) for name in ("loan", "card", "insurance")}
    spends = {
        "age": rng.integers(18, 80, 300),
        "spend": rng.gamma(2, 50, 300),
        "town": rng.choice(list("abc"), 300),
    }
    draft = sg.draft(pd.DataFrame({**held, **spends}))
    assert draft.headline == ""
    assert "such as loan, card, insurance, spend: remove the # below." in " ".join(draft.text.split("\n# "))
    line = next(line for line in draft.text.splitlines() if line.startswith("# headline ="))
    assert sg.Recipe.from_toml(draft.text.replace(line, line[2:])).headline == "loan"


def test_what_says_the_headline_again_is_left_out() -> None:
    rng = np.random.default_rng(0)
    approved = rng.random(300) < 0.7
    who = {
        "age": rng.integers(18, 80, 300),
        "town": rng.choice(list("abc"), 300),
        "income": rng.lognormal(8, 1, 300),
    }
    marks = {
        "rejected": (~approved).astype(int),
        "approved": approved.astype(int),
        "complained": rng.integers(0, 2, 300),
    }
    draft = sg.draft(pd.DataFrame({**who, **marks}), target="approved")
    assert [c.name for g in draft.outcomes for c in g.columns] == ["approved", "complained"]
    assert "# rejected: says again what approved says, which is compared first" in draft.text
