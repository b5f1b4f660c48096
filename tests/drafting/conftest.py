"""Made tables of several trades and languages, for drafts to be read and run on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.drafting import Draft


def telecom(n: int = 700) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    tenure = rng.integers(0, 73, n)
    internet = rng.choice(["DSL", "Fiber optic", "No"], n, p=[0.34, 0.44, 0.22])
    monthly = np.round(
        20 + 30 * (internet == "DSL") + 60 * (internet == "Fiber optic") + rng.normal(0, 5, n), 2
    )
    contract = np.where(tenure < 20, "Month-to-month", rng.choice(["One year", "Two year"], n))
    yes_no = lambda p: rng.choice(["Yes", "No"], n, p=[p, 1 - p])  # noqa: E731
    return pd.DataFrame({
        "customerID": [f"{i:04d}-{chr(65 + i % 26) * 4}" for i in range(n)],
        "gender": rng.choice(["Female", "Male"], n),
        "SeniorCitizen": rng.integers(0, 2, n) * (rng.random(n) < 0.4),
        "Partner": yes_no(0.48),
        "Dependents": yes_no(0.3),
        "tenure": tenure,
        "PhoneService": yes_no(0.9),
        "InternetService": internet,
        "OnlineSecurity": np.where(internet == "No", "No internet service", yes_no(0.4)),
        "TechSupport": np.where(internet == "No", "No internet service", yes_no(0.4)),
        "Contract": contract,
        "PaperlessBilling": yes_no(0.6),
        "PaymentMethod": rng.choice(["Electronic check", "Mailed check", "Bank transfer", "Credit card"], n),
        "MonthlyCharges": monthly,
        "TotalCharges": np.where(tenure == 0, " ", np.round(tenure * monthly, 2).astype(str)),
        "Churn": yes_no(0.27),
    })  # fmt: skip


def bank(n: int = 800) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    jobs = [
        "management",
        "blue-collar",
        "technician",
        "admin.",
        "services",
        "retired",
        "self-employed",
        "student",
        "unemployed",
        "housemaid",
        "unknown",
    ]
    previous = rng.poisson(0.6, n) * (rng.random(n) < 0.3)
    return pd.DataFrame({
        "age": np.clip(rng.normal(41, 11, n).round().astype(int), 18, 95),
        "job": rng.choice(jobs, n, p=[0.2, 0.2, 0.17, 0.12, 0.1, 0.06, 0.05, 0.03, 0.03, 0.03, 0.01]),
        "marital": rng.choice(["married", "single", "divorced"], n, p=[0.6, 0.28, 0.12]),
        "education": rng.choice(["primary", "secondary", "tertiary", "unknown"], n, p=[0.15, 0.5, 0.31, 0.04]),
        "default": rng.choice(["yes", "no"], n, p=[0.02, 0.98]),
        "balance": (rng.lognormal(6.5, 1.3, n) - 300).round().astype(int),
        "housing": rng.choice(["yes", "no"], n),
        "loan": rng.choice(["yes", "no"], n, p=[0.16, 0.84]),
        "contact": rng.choice(["cellular", "telephone", "unknown"], n, p=[0.65, 0.06, 0.29]),
        "day": rng.integers(1, 32, n),
        "month": rng.choice(["may", "jun", "jul", "aug", "nov", "apr"], n),
        "duration": rng.lognormal(5, 0.9, n).round().astype(int),
        "campaign": 1 + rng.poisson(1.7, n),
        "pdays": np.where(previous > 0, rng.integers(1, 400, n), -1),
        "previous": previous,
        "poutcome": np.where(previous > 0, rng.choice(["success", "failure", "other"], n), "unknown"),
        "y": rng.choice(["yes", "no"], n, p=[0.12, 0.88]),
    })  # fmt: skip


def orders(n: int = 6_000) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    customers = 10_000 + rng.zipf(1.6, n) % 700
    invoices = 500_000 + np.sort(rng.integers(0, n // 4, n))
    quantity = np.where(rng.random(n) < 0.03, -1, 1) * (1 + rng.poisson(4, n))
    when = pd.Timestamp("2011-01-04") + pd.to_timedelta(np.sort(rng.integers(0, 340 * 1_440, n)), unit="min")
    return pd.DataFrame({
        "InvoiceNo": invoices.astype(str),
        "StockCode": rng.integers(10_000, 10_400, n).astype(str),
        "Description": [f"ITEM {i}" for i in rng.integers(0, 400, n)],
        "Quantity": quantity,
        "InvoiceDate": when,
        "UnitPrice": np.round(rng.lognormal(1, 0.8, n), 2),
        "CustomerID": np.where(rng.random(n) < 0.2, None, customers.astype(object)),
        "Country": np.array(["United Kingdom", "Germany", "France", "EIRE", "Spain"])[customers % 17 // 4],
    })  # fmt: skip


def german(n: int = 1_200) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame({
        "Kundennummer": np.arange(70_000, 70_000 + n),
        "Vorname": rng.choice(["Anna", "Lena", "Paul", "Jonas"], n),
        "E-Mail-Adresse": [f"k{i}@example.org" for i in range(n)],
        "Geburtsdatum": pd.to_datetime(rng.integers(-12_000, 13_000, n), unit="D").date,
        "Geschlecht": rng.choice(["w", "m", "d"], n, p=[0.52, 0.475, 0.005]),
        "Familienstand": rng.choice(["verheiratet", "ledig", "geschieden", "verwitwet"], n, p=[0.5, 0.35, 0.12, 0.03]),
        "Haushaltsnettoeinkommen (€)": np.where(rng.random(n) < 0.05, np.nan, rng.lognormal(8, 0.4, n).round(-1)),
        "Anzahl Kinder": rng.choice([0, 1, 2, 3], n, p=[0.6, 0.2, 0.15, 0.05]),
        "Bundesland": rng.choice(["Bayern", "Hessen", "Berlin", "Sachsen", "bayern"], n, p=[0.4, 0.25, 0.2, 0.1, 0.05]),
        "PLZ": rng.integers(10_000, 99_999, n).astype(str),
        "Zufriedenheit": rng.choice(["niedrig", "mittel", "hoch"], n),
        "Umsatz 2023": rng.gamma(2, 300, n).round(2),
        "Umsatz 2024": rng.gamma(2, 310, n).round(2),
        "Anzahl Käufe": rng.poisson(6, n),
        "Newsletter": rng.choice(["ja", "nein"], n),
        "Gekündigt": rng.integers(0, 2, n),
    })  # fmt: skip


def answers(n: int = 800) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    level = rng.integers(0, 3, n)
    often = np.array(["never", "rarely", "sometimes", "often", "always"])
    return pd.DataFrame({
        "size": np.array(["S", "M", "L"])[level],
        "reads reviews": often[np.clip(level + rng.integers(0, 3, n), 0, 4)],
        "favourite \"brand\"": rng.choice(["Ärmel", "Birke", "Citron"], n),
        "order": rng.choice(["web", "store", "Web "], n),
        "comment": [f"text {i}" for i in range(n)],
    })  # fmt: skip


def measures(n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    centre = rng.integers(0, 2, n)
    columns = {f"x{i}": rng.normal(3 * centre, 1, n) * 10.0 ** (i - 3) for i in range(7)}
    return pd.DataFrame({**columns, "twin": columns["x2"] * 2})


MADE = {f.__name__: f for f in (telecom, bank, orders, german, answers, measures)}


@pytest.fixture(scope="session", params=list(MADE))
def made(request: Any) -> tuple[pd.DataFrame, Draft]:
    """Each made table with its draft."""
    data = MADE[request.param]()
    return data, sg.draft(data)


@pytest.fixture(scope="session")
def table() -> Callable[..., pd.DataFrame]:
    """Make a table by its name, and if need be its number of rows."""
    return lambda name, *rows: MADE[name](*rows)
