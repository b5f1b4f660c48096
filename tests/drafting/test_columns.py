"""What columns are for, by name and by what they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentry.auditing.columns import describe_columns
from segmentry.auditing.session import Session
from segmentry.drafting.column_queries import with_examples
from segmentry.drafting.columns import judge_columns
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.words import readable, slug
from segmentry.engine import open_engine

N = 200
RNG = np.random.default_rng(0)
UNIQUE = np.arange(N)
YES_NO = np.array(["yes", "no"])[RNG.integers(0, 2, N)]
MONEY = RNG.lognormal(3, 1, N).round(2)
SMALL = RNG.poisson(1.5, N)
FEW = np.array(["a", "b", "c"])[RNG.integers(0, 3, N)]


def judged(name: str, values: object, first: bool = False) -> JudgedColumn:
    columns = {name: values} if first else {"filler": FEW, name: values}
    engine = open_engine(pd.DataFrame(columns))
    session = Session(engine)
    found = judge_columns(with_examples(session, describe_columns(session)))[-1]
    engine.close()
    return found


@pytest.mark.parametrize(
    ("name", "values", "use", "form"),
    [
        ("ID", UNIQUE, "id", None),
        ("Kundennummer", UNIQUE, "id", None),
        ("client_id", [f"c{i}" for i in UNIQUE], "id", None),
        ("income", MONEY.round(), "feature", "number"),
        ("Einkommen", MONEY, "feature", "number"),
        ("Year_Birth", 1930 + UNIQUE % 60, "feature", "birth"),
        ("Alter", 18 + UNIQUE % 60, "feature", "age"),
        ("nb_enfants", SMALL, "feature", "kids"),
        ("Geschlecht", FEW, "feature", "category"),
        ("Partner", YES_NO, "feature", "yes_no"),
        ("tenure", UNIQUE % 73, "feature", "number"),
        ("colour", FEW, "feature", "category"),
        ("rating", 1 + UNIQUE % 5, "feature", "scale"),
        ("MntWines", MONEY, "amounts", "number"),
        ("Umsatz 2024", MONEY, "amounts", "number"),
        ("NumWebPurchases", UNIQUE % 15, "counts", "number"),
        ("AcceptedCmp3", UNIQUE % 2, "flags", "yes_no"),
        ("Churn", YES_NO, "flags", "yes_no"),
        ("married_response", UNIQUE % 2, "flags", "yes_no"),
        ("opted", ["oui", "non"] * (N // 2), "flags", "category"),
        ("TotalCharges", [*map(str, MONEY[1:]), " "], "amounts", "number"),
        ("Z_CostContact", [3] * N, "money", None),
        ("always", ["x"] * N, "unused", None),
        ("nothing", [None] * N, "unused", None),
        ("email", [f"a{i}@example.org" for i in UNIQUE], "unused", None),
        ("Vorname", FEW, "unused", None),
        ("phone", UNIQUE + 600_000, "unused", None),
        ("Do you order on your phone at night?", FEW, "feature", "category"),
        ("plz", [f"{i:05}" for i in UNIQUE % 90], "unused", None),
        ("cluster", UNIQUE % 4, "unused", None),
        ("note", [f"text {i}" for i in UNIQUE], "unused", None),
        ("order_id", UNIQUE // 2, "unused", None),
        ("serial", RNG.permutation(5 * N)[:N], "id", None),
        ("sees", YES_NO, "feature", "yes_no"),
        ("owns a card", YES_NO, "flags", "yes_no"),
        ("contact", YES_NO, "feature", "yes_no"),
        ("poutcome", FEW, "feature", "category"),
        ("agea", 18 + UNIQUE % 60, "feature", "age"),
        ("X1", ["homme", "femme"] * (N // 2), "feature", "category"),
    ],
)
def test_use_and_form(name: str, values: object, use: str, form: str | None) -> None:
    found = judged(name, values)
    assert (found.use, found.form) == (use, form), found.why


@pytest.mark.parametrize("name", ["percentage", "message", "country", "outcome_text"])
def test_words_within_words_mean_nothing(name: str) -> None:
    assert judged(name, MONEY).form in ("number", None)
    assert judged(name, MONEY).use in ("feature", "unused")


def test_numbers_of_the_rows_are_told_from_measures_by_the_equal_pairs_that_they_lack() -> None:
    assert judged("x7", UNIQUE * 3 + 1_000).use == "id"
    assert judged("x7", (UNIQUE + 1) * 100_003).use == "feature"  # so far apart that no two need be equal


def test_gender_is_known_by_its_words() -> None:
    assert judged("X1", ["homme", "femme"] * (N // 2)).sense == "who"
    assert (
        judged(
            "status", ["male : single", "female : married", "male : married", "female : single"] * (N // 4)
        ).sense
        == "who"
    )


def test_protected_attributes_form_no_segments_by_default() -> None:
    assert judged("religion", FEW).worth < 1.0


def test_a_unique_first_column_of_keys_is_the_id() -> None:
    assert judged("account", [f"k{i}" for i in UNIQUE], first=True).use == "id"
    assert judged("reading", RNG.normal(size=N), first=True).use == "feature"


def test_keys_are_slugs_that_differ() -> None:
    taken: set[str] = set()
    assert [slug(n, taken) for n in ("Größe", "GROSSE", "🙂", "", "Num-Web x1")] == [
        "grosse",
        "grosse_2",
        "column",
        "column_2",
        "num_web_x1",
    ]


@pytest.mark.parametrize(
    ("name", "label"),
    [("NumDealsPurchases", "Deals purchases"), ("num_orders", "Number of orders"), ("x2b", "x2b"), ("Q1", "Q1"),
     ("NívelEscolaridade", "Nível escolaridade"), ("MntWines", "Amount wines")],
)  # fmt: skip
def test_labels_read_well(name: str, label: str) -> None:
    assert readable(name) == label


@pytest.mark.parametrize(
    ("name", "values", "use", "form"),
    [
        ("Data de nascimento", 1930 + UNIQUE % 60, "feature", "birth"),
        ("Età", 18 + UNIQUE % 60, "feature", "age"),
        ("Numero de filhos", SMALL, "feature", "kids"),
        ("Faixa de Renda", FEW, "feature", "category"),
        ("Reddito annuo", MONEY, "feature", "number"),
        ("Valor gasto", MONEY, "amounts", "number"),
        ("Dépenses 2024", MONEY, "amounts", "number"),
        ("Qtd compras", UNIQUE % 15, "counts", "number"),
        ("Cancelou", ["sim", "não"] * (N // 2), "flags", "category"),
        ("Endereço", FEW, "unused", None),
        ("CEP", UNIQUE % 90, "unused", None),
    ],
)
def test_other_languages(name: str, values: object, use: str, form: str | None) -> None:
    found = judged(name, values)
    assert (found.use, found.form) == (use, form), found.why
