"""Drafted recipes: readable, true to the table, and they run unchanged."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.drafting import Draft
from segmentry.drafting.numbers import MOST_CUSTOMERS
from segmentry.recipe import Feature, Recipe

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")


def quickly(data: Any, recipe: Recipe, out: Path | None = None) -> sg.Segmentation:
    return sg.run(data, recipe.with_(model={"range": [1, 2]}), out=out)


def by_name(recipe: Recipe) -> dict[str, Feature]:
    return {f.name: f for f in recipe.features}


@pytest.fixture(scope="module")
def drafted(customers: Path) -> Draft:
    return sg.draft(customers)


def test_the_file_gets_bins_close_to_the_published_ones(drafted: Draft) -> None:
    found = by_name(drafted)
    assert list(found) == ["income", "year_birth", "children", "education", "marital_status"]
    published = by_name(Recipe.load("customer-personality"))
    assert found["income"].edges == published["income"].edges
    assert found["income"].labels == published["income"].labels
    ends = zip(found["year_birth"].edges or (), (published["birth_year"].edges or ())[:3], strict=True)
    assert max(abs(a - b) for a, b in ends) <= 2
    assert [list(v) for v in (found["education"].groups or {}).values()] == [
        ["Basic"], ["Graduation"], ["Master", "2n Cycle"], ["PhD"],
    ]  # fmt: skip
    assert found["education"].is_ordinal
    assert (found["marital_status"].groups or {})["Widow or other"] == ("Widow", "Alone", "Absurd", "YOLO")
    assert found["children"].sql == "Kidhome + Teenhome > 0"
    assert "48 customers have two or more in Kidhome" in drafted.text


def test_the_file_gets_its_outcomes_by_role_with_cost_and_revenue(drafted: Draft) -> None:
    groups = {g.name: g for g in drafted.outcomes}
    assert [c.label for c in groups["amount"].columns] == [
        "Wines", "Fruits", "Meat products", "Fish products", "Sweet products", "Gold products",
    ]  # fmt: skip
    assert [c.name for c in groups["number_of_purchases"].columns] == [
        "NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases",
    ]  # fmt: skip
    assert [c.label for c in groups["accepted_campaign"].columns] == [f"Campaign {i}" for i in range(1, 6)]
    response = groups["response"]
    assert (response.role, response.cost_per_contact, response.revenue_per_acceptance) == ("flags", 3, 11)
    assert "27.3%" in drafted.text
    assert {g.role for g in drafted.outcomes} == {"amounts", "counts", "flags"}


def test_the_file_gets_cleaning_steps_that_drop_what_cannot_be_true(drafted: Draft, customers: Path) -> None:
    steps = {s.step: s.keep for s in drafted.clean}
    assert steps == {
        "plausible_year_birth": "Year_Birth >= 1920 OR Year_Birth IS NULL",
        "plausible_income": "Income < 666666 OR Income IS NULL",
    }
    dropped = {s.step: s.n_rows for s in sg.collect(customers, drafted).cleaning.steps}
    assert dropped == {"plausible_year_birth": 3, "plausible_income": 1, "income": 24}
    assert drafted.sensitive == ("Year_Birth", "Marital_Status")


def test_a_run_with_the_draft_gives_a_report(drafted: Draft, customers: Path, tmp_path: Path) -> None:
    result = quickly(customers, drafted, tmp_path / "out")
    assert len(result.segments) == 2
    assert result.n_customers == 2_236
    assert (tmp_path / "out" / "report.html").stat().st_size > 100_000


def test_every_table_gets_a_draft_that_runs(made: tuple[pd.DataFrame, Draft]) -> None:
    data, draft = made
    assert sg.collect(data, draft).n_customers > 0.9 * len(data) or draft.source.sql is not None
    result = quickly(data.head(300), draft)
    assert result.n_customers > 0.9 * result.cleaning.n_rows
    assert len(draft.features) <= 8


def test_every_table_of_the_draft_has_a_comment_before_it(made: tuple[pd.DataFrame, Draft]) -> None:
    blocks = made[1].text.split("\n\n")
    bare = [b for b in blocks if b.startswith(("[features", "[outcomes", "[[clean")) and ".groups]" not in b
            and ".columns]" not in b]  # fmt: skip
    assert bare == []
    assert max(len(line) for b in blocks for line in b.splitlines() if line.startswith("# ")) <= 110


def test_offered_features_can_be_taken_as_they_are(made: tuple[pd.DataFrame, Draft]) -> None:
    text = made[1].text
    _, _, offers = text.partition("# Further features")
    lines = [
        line.removeprefix("#").removeprefix(" ") for line in offers.splitlines()[1:] if line.startswith("#")
    ]
    toml = [line for line in lines if not line.startswith(("Not used", "Columns that", "the #", "outcomes"))]
    end = next((i for i, line in enumerate(toml) if ": " in line and "=" not in line), len(toml))
    for name, keys in tomllib.loads("\n".join(toml[:end])).get("features", {}).items():
        assert Feature(name=name, **keys)


def test_comments_survive_in_the_text_and_the_recipe_reads_it_back(drafted: Draft) -> None:
    again = Recipe.from_toml(drafted.text)
    assert again.to_dict() == drafted.to_dict()
    assert drafted.text.startswith(
        "# Drafted by segmentry from customer_personality.csv: 2,240 rows, 29 columns."
    )


def test_comments_survive_a_change_by_the_tool(drafted: Draft) -> None:
    features = list(drafted.to_dict()["features"])
    features[0] = {**features[0], "edges": [30_000, 60_000]}
    del features[0]["labels"]
    changed = drafted.with_(features=features, model={"segments": 3})
    assert Recipe.from_toml(changed.text).to_dict() == changed.to_dict() != drafted.to_dict()
    old, new = ([line for line in r.text.splitlines() if line.startswith("#")] for r in (drafted, changed))
    assert old == new
    assert 'method = "latent-class" # takes missing values as they are' in changed.text
    assert "edges = [30000, 60000]" in changed.text


def test_telecom_puts_who_before_what(table: Any) -> None:
    draft = sg.draft(table("telecom"))
    assert draft.source.id == "customerID"
    assert {"senior_citizen", "partner", "gender", "tenure", "contract"} <= set(by_name(draft))
    assert by_name(draft)["contract"].is_ordinal
    outcomes = {c.name: c.sql for g in draft.outcomes for c in g.columns}
    assert {"Churn", "MonthlyCharges", "PhoneService"} <= set(outcomes)
    assert outcomes["TotalCharges"] == "TRY_CAST(TotalCharges AS DOUBLE)"


def test_codes_for_missing_are_read_as_missing() -> None:
    visits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 30
    data = pd.DataFrame({
        "town": ["A", "B", "C"] * 100, "size": ["S", "M", "L"] * 100,
        "visits": [999 if i % 50 == 0 else v for i, v in enumerate(visits)],
        "income": [-1 if i % 10 == 0 else 1_000 + 37 * i for i in range(300)],
    })  # fmt: skip
    draft = sg.draft(data)
    assert by_name(draft)["income"].sql == "NULLIF(income, -1)"
    assert "Read as missing: -1 (30 rows)" in draft.text
    table = sg.collect(data, draft)
    assert {s.step: s.n_rows for s in table.cleaning.steps if s.what == "missing"} == {"income": 30}
    mean = table.sums[:, 0].sum() / table.n_values[:, 0].sum()
    assert mean == pytest.approx(np.mean([v for i, v in enumerate(visits) if i % 50]))


def test_german_names_are_understood(table: Any) -> None:
    draft = sg.draft(table("german"))
    found = by_name(draft)
    assert draft.source.id == "Kundennummer"
    assert found["geburtsdatum"].sql == "EXTRACT(YEAR FROM Geburtsdatum)"
    assert (found["bundesland"].groups or {})["Bayern"] == ("Bayern", "bayern")
    assert list(found["zufriedenheit"].groups or {}) == ["niedrig", "mittel", "hoch"]
    roles = {c.name: g.role for g in draft.outcomes for c in g.columns}
    assert roles == {"Umsatz 2023": "amounts", "Umsatz 2024": "amounts", "Anzahl Käufe": "counts",
                     "Newsletter": "flags", "Gekündigt": "flags"}  # fmt: skip
    assert "E-Mail-Adresse: e-mail addresses: personal data" in draft.text


def test_numbers_with_a_decimal_comma_are_read_as_numbers(tmp_path: Path) -> None:
    lines = [f"K{i};{i % 60 + 18};{2 + i % 5}.{i % 1000:03},50;{i % 90},25" for i in range(400)]
    path = tmp_path / "kunden.csv"
    path.write_text("\n".join(["Kunde;Alter;Einkommen;Umsatz", *lines]))
    draft = sg.draft(path, ordered=False)
    edges = by_name(draft)["einkommen"].edges
    assert edges
    assert all(edge % 100 == 0 for edge in edges)
    table = sg.collect(path, draft)
    mean = table.sums[:, 0].sum() / table.n_values[:, 0].sum()
    assert mean == pytest.approx(np.mean([i % 90 + 0.25 for i in range(400)]))
    income = [f.name for f in draft.features].index("einkommen")
    shares = np.bincount(table.codes[:, income], table.counts) / table.n_customers
    assert shares == pytest.approx([0.1, 0.25, 0.25, 0.2, 0.2], abs=0.01)  # in five narrow groups


def test_a_number_that_says_the_same_as_another_is_offered_only(table: Any) -> None:
    draft = sg.draft(table("measures"))
    assert "twin" not in by_name(draft)
    assert "says the same as x2 (Cramér's V 1.00)" in draft.text


def test_transactions_become_customers_as_pandas_makes_them(table: Any) -> None:
    orders = table("orders")
    draft = sg.draft(orders)
    assert list(by_name(draft)) == ["days_since_purchase", "orders", "spend"]
    assert "1,273 rows have no CustomerID" in draft.text
    bought = orders["Quantity"].clip(lower=0)
    is_return = orders["Quantity"] < 0
    known = orders.assign(
        value=bought * orders["UnitPrice"],
        bought=bought,
        order=orders["InvoiceNo"].where(~is_return),
        returned=orders["InvoiceNo"].where(is_return),
        day=orders["InvoiceDate"].dt.normalize().where(~is_return),
    ).dropna(subset="CustomerID")
    by_customer = known.groupby("CustomerID")
    days = (orders["InvoiceDate"].max().normalize() - by_customer["day"].max()).dt.days
    frequency = by_customer["order"].nunique()
    table = sg.collect(orders, draft).as_shown()
    assert table.n_customers == by_customer.ngroups
    for position, values in enumerate((days, frequency, by_customer["value"].sum())):
        edges = draft.features[position].edges or ()
        codes = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
        expected = np.bincount(codes + 1, minlength=len(edges) + 2)  # who only returned has no last purchase
        found = np.bincount(table.codes[:, position] + 1, table.counts, minlength=len(edges) + 2)
        assert found.tolist() == expected.tolist()
    total = dict(zip([o.name for o in table.outcomes], table.sums.sum(0), strict=True))
    assert total["returns"] == by_customer["returned"].nunique().sum() > 0
    assert total["items"] == known["bought"].sum()


def test_days_are_counted_to_the_day_that_is_named(table: Any) -> None:
    orders = table("orders")
    last = orders["InvoiceDate"].max().date()
    days = {
        as_of: sg.draft(orders, as_of=as_of).features[0].edges for as_of in (None, str(last + timedelta(30)))
    }
    now, later = (sg.collect(orders, sg.draft(orders, as_of=as_of)) for as_of in days)
    assert min(days[str(last + timedelta(30))] or ()) > min(days[None] or ())
    assert now.n_customers == later.n_customers
    with pytest.raises(sg.DataError, match="as_of: not a day; got 'soon'; write it as in 2024-12-31"):
        sg.draft(orders, as_of="soon")


@pytest.mark.parametrize("written", ["number", "text"])
def test_dates_of_purchases_may_be_numbers_and_texts(written: str) -> None:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta([i % 200 for i in range(900)], unit="D")
    numbers = pd.Series(days).dt.strftime("%Y%m%d")
    data = pd.DataFrame({
        "customer": [i % 100 for i in range(900)],
        "date": numbers.astype(int) if written == "number" else pd.Series(days).dt.strftime("%d.%m.%Y"),
        "amount": [5.0 + i % 37 for i in range(900)],
    })  # fmt: skip
    draft = sg.draft(data)
    assert "days_since_purchase" in by_name(draft)
    assert sg.collect(data, draft).n_customers == 100


def test_rows_without_purchases_are_summed_up_per_person() -> None:
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(200), 12)
    data = pd.DataFrame({
        "id": person, "gender": np.array(["f", "m"])[person % 2], "mood": (person % 37) / 2,
        "answer": rng.choice(["yes", "perhaps", "no"], len(person)), "seconds": rng.gamma(2, 5, len(person)),
    })  # fmt: skip
    draft = sg.draft(data)
    assert draft.source.id == "id"
    assert "12.0 rows per id: one row per customer is made of them." in draft.text
    assert "gender, mood: the same in all rows of a customer." in draft.text
    assert {"gender", "mood", "answer_no"} <= set(by_name(draft))
    assert 'AVG("seconds") AS "seconds_mean"' in str(draft.source.sql)
    assert sg.collect(data, draft).n_customers == 200


def test_an_id_with_doubles_is_taken_and_the_doubles_counted(table: Any) -> None:
    data = table("german")
    data.loc[3, "Kundennummer"] = data.loc[4, "Kundennummer"]
    draft = sg.draft(data)
    assert draft.source.id == "Kundennummer"
    assert "Kundennummer tells the customers apart but for 1 of 1,200 rows" in draft.text


def test_few_customers_get_few_features(table: Any) -> None:
    draft = sg.draft(table("german", 100))
    assert len(draft.features) == 3
    assert "there are enough features above" in draft.text


def report_of(data: Any, recipe: Recipe, folder: Path) -> sg.Segmentation:
    """A run with all its files, from a CSV as people have it."""
    path = folder / "table.csv"
    data.to_csv(path, index=False)
    result = quickly(path, recipe, folder / "out")
    assert (folder / "out" / "report.html").stat().st_size > 90_000
    return result


def test_public_table_of_numbers_in_another_trade(tmp_path: Path) -> None:
    from sklearn.datasets import load_wine

    wine = load_wine(as_frame=True).frame
    draft = sg.draft(wine)
    assert "target" not in by_name(draft)
    assert report_of(wine, draft, tmp_path).n_customers == 178


def test_public_survey_with_codes_and_few_values(tmp_path: Path) -> None:
    from statsmodels.datasets import fair

    survey = fair.load_pandas().data
    draft = sg.draft(survey)
    found = by_name(draft)
    assert {"age", "yrs_married", "children", "educ", "occupation"} <= set(found)
    assert not found["occupation"].is_ordinal
    assert found["rate_marriage"].is_ordinal
    assert "religious" not in found
    assert "religious" in draft.sensitive
    assert {c.name for g in draft.outcomes for c in g.columns} == {"affairs"}
    assert report_of(survey, draft, tmp_path).n_customers == 6_366


def test_public_register_in_portuguese(tmp_path: Path) -> None:
    import cacimbao

    people = cacimbao.load_dataset("pescadores_e_pescadoras_profissionais").gather_every(200).to_pandas()
    draft = sg.draft(people)
    found = by_name(draft)
    assert list(found) == [
        "faixa_de_renda",
        "nivel_escolaridade",
        "tipo_alfabetizacao",
        "sexo",
        "uf",
        "forma_de_atuacao",
    ]
    is_ordinal = {name: f.is_ordinal for name, f in found.items()}
    assert [name for name, yes in is_ordinal.items() if yes] == list(found)[:3]
    incomes = [values[0] for values in (found["faixa_de_renda"].groups or {}).values()]
    assert incomes == [
        "Menor que R$1.045,00 por mês",
        "De R$1.045,00 a R$2.000,00",
        "De R$2.001,00 a R$3.000,00",
    ]
    schooling = list(found["nivel_escolaridade"].groups or {})
    assert schooling[:3] == [
        "SEM ESCOLARIDADE",
        "PRIMEIRO QUARTO ANO INCOMPLETO",
        "PRIMEIRO QUARTO ANO COMPLETO",
    ]
    assert schooling[-1] == "ENSINO MEDIO COMPLETO to ENSINO SUPERIOR COMPLETO"
    assert list(found["tipo_alfabetizacao"].groups or {})[::2] == [
        "NAO ALFABETIZADO",
        "COMPLETAMENTE ALFABETIZADO",
    ]
    assert draft.sensitive == ("Sexo",)
    assert "Not used, at least 98% of the customers are in one level:\n# [features.categoria]" in draft.text
    result = report_of(people, draft, tmp_path)
    assert result.n_customers == len(people) == 8_708
    assert not any("were ." in note.text for note in result.notes)


def test_public_panel_is_made_one_row_per_customer() -> None:
    from statsmodels.datasets import grunfeld

    panel = grunfeld.load_pandas().data
    draft = sg.draft(panel.assign(id=range(len(panel))))
    assert draft.source.id == "id"
    years = pd.concat([panel] * 3).assign(id=np.repeat(np.arange(220), 3)).drop(columns=["firm", "year"])
    text = sg.draft(years).text
    assert "3.0 rows per id: one row per customer is made of them." in text
    assert "outcomes.id" not in text


def of_incomes(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({
        "Income": np.round(np.exp(rng.normal(10, 0.5, n)), -1),
        "Age": rng.integers(18, 90, n),
        "Rooms": rng.integers(1, 6, n),
        "City": rng.choice(["A", "B", "C"], n),
    })  # fmt: skip


def test_numbers_are_taken_as_numbers_and_shown_by_the_edges_of_bands() -> None:
    table = of_incomes(600)
    bands, numbers = sg.draft(table, ordered=False), sg.draft(table)
    taken = {f.name: (f.distribution, f.edges) for f in numbers.features}
    assert {name for name, (kind, _) in taken.items() if kind == "ordered"} == {"income", "age"}
    assert all(edges for kind, edges in taken.values() if kind == "ordered")
    assert {f.name: f.edges for f in bands.features} == {name: edges for name, (_, edges) in taken.items()}
    assert {f.distribution for f in bands.features} == {"levels"}
    assert "(`segmentry init --ordered`); a run then takes about twice as long" in one_line(bands.text)
    assert "Numbers are taken as numbers" in one_line(numbers.text)
    assert "init --no-ordered" in one_line(numbers.text)
    assert "because" not in one_line(bands.text).split("Edges decide")[1].split(".")[0]
    found = quickly(table, numbers)
    assert found.recipe.features[0].fine is not None


def test_numbers_of_many_customers_are_bands_until_they_are_asked_for() -> None:
    at_most, more = of_incomes(MOST_CUSTOMERS), of_incomes(MOST_CUSTOMERS + 1)
    assert sg.draft(at_most).text == sg.draft(at_most, ordered=True).text
    drafted = sg.draft(more)
    assert {f.distribution for f in drafted.features} == {"levels"}
    assert "who is alike, because there are more than 5,000 customers. Alternative" in one_line(drafted.text)
    assert "init --ordered" in one_line(drafted.text)
    assert "ordered" in {f.distribution for f in sg.draft(more, ordered=True).features}
    assert "because there are more" not in one_line(sg.draft(more, ordered=False).text)


def test_a_date_is_taken_by_its_year_until_numbers_are_asked_for() -> None:
    rng = np.random.default_rng(2)
    days = pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 20_000, 500), "D")
    table = pd.DataFrame(
        {"Birth_Date": days, "City": rng.choice(["A", "B"], 500), "Rooms": rng.integers(1, 6, 500)}
    )
    by_year, by_day = (
        next(f for f in sg.draft(table, ordered=o).features if "irth" in f.title) for o in (None, True)
    )
    assert by_year.distribution == by_day.distribution == "ordered"
    assert "YEAR" in (by_year.sql or "")
    assert "date_diff" in (by_day.sql or "")
    assert quickly(table, sg.draft(table)).recipe.features[0].fine is not None


def one_line(text: str) -> str:
    return " ".join(text.replace("\n#", " ").split())


def test_codes_and_few_values_are_no_numbers() -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"Children": rng.integers(0, 4, 400), "Score": rng.integers(1, 8, 400)})
    drafted = sg.draft(table)
    assert {f.distribution for f in drafted.features} == {"levels"}
    assert "taken as numbers" not in drafted.text
