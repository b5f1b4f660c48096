"""Judges of outcomes, of campaigns, of leaks, of strata and of drift."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import segmentry as sg
from truths.campaigns import BREAK_EVEN, CAMPAIGNS, COST, REVENUE, Rates
from truths.causes import CONFOUNDED, LEAKS
from truths.cells import Cell, Effort, Found
from truths.populations import POPULATIONS
from truths.readings import given_numbers, leading_intervals, named_set, partners, segments_of
from truths.tables import Rng, Table, independent
from truths.unrelated import UNRELATED, Survey, class_rates

ALPHA = 0.05
KNOWN_FROM = 80
"""From so many customers on, an interval has to hold, or there is to be none."""


def judge_unrelated(cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Report outcomes that have nothing to do with the segments."""
    survey = UNRELATED[cell.process](rng, cell.n)
    table = _surveyed(survey, cell, i).outcomes
    truth = table["outcome"].map(survey.means).to_numpy(float)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    is_known, is_large = np.isfinite(low) & np.isfinite(high), table["n"].to_numpy() >= KNOWN_FROM
    covers = (low <= truth) & (truth <= high)
    return {
        "claims": bool((table["p_adjusted"] < ALPHA).any()),
        "covers": _counted(covers[is_known & is_large]),
        "covers_few": _counted(covers[is_known & ~is_large]),
        "is_known": _counted(is_known[is_large]),
        "differences": _holds(table[is_large], "difference", 0.0),
        "ratios": _holds(table[is_large], "ratio", 1.0),
    }


def judge_class_rates(cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Report rates of classes whose customers are hard to tell apart."""
    survey = class_rates(rng, cell.n)
    result = _surveyed(survey, cell, i)
    truth = survey.table.truth
    assert truth is not None
    k = survey.table.n_classes
    partner, _jaccard = partners(segments_of(result, survey.table.codes), truth, k)
    first = np.array([np.flatnonzero(truth == c)[0] for c in range(k)])
    table = result.outcomes
    classes = partner[table["segment"].to_numpy() - 1]
    rates = np.array(
        [survey.columns[f"rate_{name}"][first[c]] for name, c in zip(table["outcome"], classes, strict=True)]
    )
    low, high = leading_intervals(table)
    return {
        "leading": _counted((low <= rates) & (rates <= high)),
        "corrected": _counted((table["corrected_low"] <= rates) & (rates <= table["corrected_high"])),
    }


def judge_campaigns(cell: Cell, rng: Rng, _: int, __: Effort) -> Found:
    """Report whom campaigns should contact, and what that earns."""
    truth = CAMPAIGNS[cell.process](rng, cell.n)
    result, of = _campaign_report(truth, rng)
    told = [_told(result, f"y{j}", truth.profits[j], of) for j in range(len(truth.rates))]
    best = max(told, key=lambda one: one["told"])
    tops = [_tops(result, f"y{j}", truth.rates[j], of) for j in range(len(truth.rates))]
    contacts = result.targeting[result.targeting["decision"] == "contact"]
    pays = [truth.rates[int(row.outcome[1:]), of[row.segment]] > BREAK_EVEN for row in contacts.itertuples()]
    return {
        "is_named": any(one["is_named"] for one in told),
        "profit": [best["told"], best["true"]],
        "overstated": [best["told"] - best["true"], COST * float(truth.sizes.sum())],
        "covers": _counted(np.array([one["covers"] for one in told if one["is_named"]], bool)),
        "rate_covers": _counted(np.array([top[0] for top in tops])),
        "profit_covers": _counted(np.array([top[1] for top in tops])),
        "has_wrong_contact": not all(pays),
    }


def judge_leaks(cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Segment by a band of spend, and see whether what spend determines is tested."""
    made = LEAKS[cell.process](rng, cell.n)
    result = sg.run(_rows(made.columns), _recipe(made.parts), segments=cell.asked, method=cell.method, seed=i)
    is_tested = result.outcomes.groupby("outcome")["p_adjusted"].apply(lambda p: p.notna().any())
    return {
        "tested": _counted(is_tested[list(made.spurious)].to_numpy(bool)),
        "others_tested": _counted(is_tested[list(made.real)].to_numpy(bool)),
        "which": [name for name in made.spurious if is_tested[name]],
    }


def judge_strata(cell: Cell, rng: Rng, _: int, __: Effort) -> Found:
    """Compare given segments of different ages within bands of age."""
    made = CONFOUNDED[cell.process](rng, cell.n)
    result = sg.profile(_rows(made.columns), _recipe(made.parts), "segment")
    rows = result.strata[result.strata["feature"] == "age"]
    spurious = rows[rows["outcome"].isin(made.spurious)]
    first = [segment for segment, number in given_numbers(result).items() if number == 0]
    real = rows[rows["outcome"].isin(made.real) & rows["segment"].isin(first)]
    return {
        "holds": bool((spurious["finding"] == "holds").any()) if made.spurious else None,
        "reversed": bool((rows["finding"] == "reversed").any()),
        "real_holds": _counted((real["finding"] == "holds").to_numpy(bool)),
    }


def judge_drift(cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Fit segments to the old customers, and compare the new ones with them."""
    move = POPULATIONS[cell.process]
    pair = move.make(rng, max(60, round(move.old * cell.n / move.new)), cell.n)
    result = sg.run(pair.old.data(), pair.old.recipe(), segments=pair.k, method=cell.method, seed=i)
    verdict = result.drift(pair.new.data()).verdict
    return {
        "kind": verdict.kind,
        "is_alarm": verdict.kind != "stable",
        "is_refit": verdict.kind == "refit",
        "about": [finding.about for finding in verdict.findings],
    }


def _counted(holds: Any) -> list[int] | None:
    """Return how many hold, and of how many; None of none."""
    return [int(np.sum(holds)), len(holds)] if len(holds) else None


def _holds(table: pd.DataFrame, name: str, truth: float) -> list[int] | None:
    """Return how many intervals hold the truth, and how many there are."""
    known = table.dropna(subset=[f"{name}_low", f"{name}_high"])
    return _counted((known[f"{name}_low"] <= truth) & (truth <= known[f"{name}_high"]))


def _rows(columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({"id": np.arange(len(next(iter(columns.values())))), **columns})


def _recipe(parts: dict[str, Any]) -> sg.Recipe:
    return sg.Recipe.from_dict({"source": {"id": "id"}, **parts})


def _surveyed(survey: Survey, cell: Cell, seed: int) -> sg.Segmentation:
    data, recipe = survey.table.data(survey.columns), survey.table.recipe(outcomes=survey.outcomes)
    if cell.method == "given":
        return sg.profile(data, recipe, "segment")
    return sg.run(data, recipe, segments=survey.table.n_classes, method=cell.method, seed=seed)


def _campaign_report(truth: Rates, rng: Rng) -> tuple[sg.Segmentation, dict[int, int]]:
    """Draw customers and have them profiled; also return which true segment each reported one is."""
    segment = np.repeat(np.arange(len(truth.sizes)), truth.sizes)
    flags = {
        f"y{j}": (rng.random(len(segment)) < rate[segment]).astype(np.int64)
        for j, rate in enumerate(truth.rates)
    }
    group = {
        "role": "flags",
        "columns": list(flags),
        "cost_per_contact": COST,
        "revenue_per_acceptance": REVENUE,
    }
    table = Table(independent(rng, len(segment), [3, 2]), (False, False))
    data = table.data({"segment": segment, **flags})
    result = sg.profile(data, table.recipe(outcomes={"campaigns": group}), "segment")
    return result, given_numbers(result)


def _told(result: sg.Segmentation, outcome: str, profits: Any, of: dict[int, int]) -> dict[str, Any]:
    """Return the profit told of the set that is named, and what it truly earns."""
    named, row = named_set(result, outcome)
    if not named:
        return {"is_named": False, "told": 0.0, "true": 0.0, "covers": None}
    true = float(sum(profits[of[s]] for s in named))
    covers = bool(row["profit_low"] <= true <= row["profit_high"])
    return {"is_named": True, "told": float(row["profit"]), "true": true, "covers": covers}


def _tops(result: sg.Segmentation, outcome: str, rates: Any, of: dict[int, int]) -> tuple[bool, bool]:
    """Return whether the interval of the highest rate holds it, and that of the highest shrunken rate its profit."""
    table = result.targeting[result.targeting["outcome"] == outcome]
    first, top = (table.loc[table[name].idxmax()] for name in ("rate", "shrunken_rate"))
    profit = top["n"] * (REVENUE * rates[of[top["segment"]]] - COST)
    return (
        bool(first["low"] <= rates[of[first["segment"]]] <= first["high"]),
        bool(top["expected_low"] <= profit <= top["expected_high"]),
    )
