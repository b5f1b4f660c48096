"""Columns that the user names are used as asked, and compared columns that restate a feature are said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 500
RNG = np.random.default_rng(0)
MESSAGES = np.where(RNG.random(N) < 0.3, RNG.poisson(30, N), 0)
DATA = pd.DataFrame({
    "ID": np.arange(N), "age": RNG.integers(18, 80, N), "income": RNG.lognormal(8, 1, N).round(2),
    "gender": RNG.choice(["f", "m"], N), "phone service": RNG.choice(["yes", "no"], N),
    "x7": RNG.normal(size=N).round(3), "spent": RNG.gamma(2, 50, N).round(2), "churn": RNG.choice(["yes", "no"], N),
})  # fmt: skip


def test_columns_are_used_as_asked() -> None:
    draft = sg.draft(DATA, "spent", features=["phone service"], outcomes=["x7"], exclude=["gender"])
    compared = [c.name for g in draft.outcomes for c in g.columns]
    assert draft.headline == compared[0] == "spent"
    assert "x7" in compared
    assert "phone service" in {f.column for f in draft.features}
    assert "gender" not in {f.column for f in draft.features}
    assert "# gender: left out, as asked" in draft.text
    assert sg.collect(DATA, draft).n_customers == N


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("zip code", 10_000 + RNG.integers(0, 40, N) * 100),
        ("mail messages", MESSAGES),
        ("telephone", 600_000 + RNG.integers(0, 90_000, N)),
        ("latitude", 50 + RNG.random(N)),
        ("last contact", pd.Timestamp("2023-01-01") + pd.to_timedelta(RNG.integers(0, 700, N), "D")),
        ("notes", RNG.choice([f"note {i}" for i in range(60)], N)),
    ],
)
def test_a_column_that_no_rule_would_take_forms_segments_where_it_is_asked_for(
    name: str, values: object
) -> None:
    draft = sg.draft(DATA.assign(**{name: values}), features=[name])
    assert name in {f.column or "last contact" for f in draft.features}
    assert sg.collect(DATA.assign(**{name: values}), draft).n_customers == N


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"features": ["agee"]}, "features 'agee': no such column; did you mean 'age'?"),
        ({"features": ["ID"]}, "features 'ID': it forms no segments: it tells customers apart"),
        ({"exclude": ["age"], "outcomes": ["age"]}, "exclude 'age': is also outcomes; name it once"),
    ],
)
def test_wishes_that_cannot_be_granted_are_refused(wishes: dict[str, list[str]], message: str) -> None:
    with pytest.raises(sg.DataError) as caught:
        sg.draft(DATA, **wishes)
    assert str(caught.value) == message


@pytest.mark.parametrize("written", [["yes", "no"], [True, False]])
def test_an_outcome_that_restates_a_feature_is_offered_with_its_reason(written: list[object]) -> None:
    plan = [written[0] if n else written[1] for n in MESSAGES]
    draft = sg.draft(DATA.assign(**{"mail plan": plan, "messages": MESSAGES}), features=["messages"])
    assert "mail plan" not in {c.name for g in draft.outcomes for c in g.columns}
    assert "Not used, says the same as a feature above:\n# [features.mail_plan]" in draft.text
