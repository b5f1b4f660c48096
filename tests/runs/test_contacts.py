"""Whether the same customers would be contacted: from a run to its tables, files and page, with and without few customers shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.disclosure.customers import shown_evidence
from segmentry.profiling import ContactDependence, OtherContacts, contact_dependence
from segmentry.report import compose
from segmentry.report.facts import facts_of
from segmentry.report.page import report_page
from segmentry.runs import segment
from segmentry.segmentation import load
from segmentry.selection import OtherAnalysis

RECIPE = """
[features.f0]
column = "f0"
[features.f1]
column = "f1"
[features.f2]
column = "f2"
[features.f3]
column = "f3"
[outcomes.letter]
role = "flags"
columns = ["bought"]
cost_per_contact = 3
revenue_per_acceptance = 11
[outcomes.call]
role = "flags"
columns = ["called"]
cost_per_contact = 3
revenue_per_acceptance = 11
[outcomes.free]
role = "flags"
columns = ["asked"]
[model]
segments = 3
"""
FREE = RECIPE.replace("cost_per_contact = 3\nrevenue_per_acceptance = 11\n", "")


def customers(n: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    truth = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    features = {
        f"f{j}": np.array(["p", "q", "r"])[np.where(rng.random(n) < 0.75, truth, rng.integers(0, 3, n))]
        for j in range(4)
    }
    return pd.DataFrame({
        **features,
        "bought": rng.random(n) < np.array([0.08, 0.42, 0.1])[truth],
        "called": rng.random(n) < 0.15,
        "asked": rng.random(n) < 0.3,
    })  # fmt: skip


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(customers(), sg.Recipe.from_toml(RECIPE), analyses=12)


def page_of(result: sg.Segmentation) -> str:
    made = compose(result)
    return report_page(made.facts, made.figures)


def contacts_of(result: sg.Segmentation) -> tuple[ContactDependence, ...]:
    assert result.evidence is not None
    assert result.evidence.choices is not None
    return result.evidence.choices.contacts


def test_a_run_tells_what_a_profile_of_each_analysis_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def kept(*parts: Any) -> tuple[ContactDependence, ...]:
        asked.append(parts)
        return contact_dependence(*parts)

    monkeypatch.setattr(segment, "contact_dependence", kept)
    frame, recipe = customers(), sg.Recipe.from_toml(RECIPE)
    result = sg.run(frame, recipe, analyses=12)
    ((segmented, rows, _, labels, places),) = asked
    patterns = segmented.patterns
    assert len(rows) == patterns.n_patterns
    levels = [feature.levels for feature in patterns.features]
    row_of = {
        tuple(names[c] for names, c in zip(levels, codes, strict=True)): i
        for i, codes in enumerate(patterns.codes[rows].tolist())
    }
    row = np.array(
        [row_of[key] for key in frame[["f0", "f1", "f2", "f3"]].itertuples(index=False, name=None)]
    )

    def contacted(of: np.ndarray) -> np.ndarray:
        found = sg.profile(frame.assign(made=[f"m{s}" for s in of]), recipe, "made")
        best = found.targeting.query("outcome == 'bought' and is_in_best_set")["segment"]
        return np.isin([f"m{s}" for s in of], [s.label for s in found.segments if s.id in set(best)])

    letter, call = contacts_of(result)
    mine = contacted(segmented.labels[row])
    assert letter.share == pytest.approx(mine.mean())
    theirs = np.array([contacted(one[row]) for one in labels])
    assert result.evidence is not None
    assert result.evidence.choices is not None
    for place, (told, analysis) in enumerate(
        zip(letter.by_analysis, result.evidence.choices.analyses, strict=True)
    ):
        those = theirs[places == place]
        assert told.n_analyses == len(those) == analysis.n_analyses
        assert told.n_named == those.any(axis=1).sum()
        assert told.kept == pytest.approx(those[:, mine].mean())
        assert told.added == pytest.approx(those[:, ~mine].sum(axis=1).mean() / mine.sum())
    assert letter.kept == pytest.approx(theirs[:, mine].mean())
    assert 0.5 < theirs[:, mine].mean() < 1
    assert (call.outcome, call.share, call.n_named, call.kept) == ("called", 0, 0, None)


@pytest.mark.parametrize("source", ["", '[source]\nweight = "w"\n'])
def test_the_set_is_that_of_the_targeting_also_under_survey_weights(source: str) -> None:
    frame = customers().assign(w=lambda made: 0.5 + (made["f0"] == "q") * 1.5)
    result = sg.run(frame, sg.Recipe.from_toml(source + RECIPE), analyses=5)
    best = set(result.targeting.query("outcome == 'bought' and is_in_best_set")["segment"])
    letter = contacts_of(result)[0]
    assert best
    assert letter.share == pytest.approx(sum(s.share for s in result.segments if s.id in best))
    assert letter.n_named > 0


def test_the_table_of_other_analyses_has_them_and_a_file_too(result: sg.Segmentation, tmp_path: Path) -> None:
    table = result.tables["choices"]
    letter = contacts_of(result)[0]
    assert list(table) == [
        "kind", "what", "n_analyses", "moved",
        "n_named_bought", "kept_bought", "added_bought", "n_named_called", "kept_called", "added_called",
    ]  # fmt: skip
    assert table["kept_bought"].tolist() == [one.kept for one in letter.by_analysis]
    assert table["n_named_bought"].tolist() == [one.n_named for one in letter.by_analysis]
    assert table[["kept_called", "added_called"]].isna().all(axis=None)
    written = sg.run(customers(), sg.Recipe.from_toml(RECIPE), analyses=12, out=tmp_path / "out")
    assert contacts_of(written) == contacts_of(result)
    read = pd.read_csv(tmp_path / "out" / "choices.csv")
    assert list(read) == list(table)
    assert read["added_bought"].tolist() == pytest.approx(table["added_bought"].tolist())


def test_a_file_keeps_them_and_one_from_before_them_shows_nothing(
    result: sg.Segmentation, tmp_path: Path
) -> None:
    result.save(tmp_path / "new.json")
    assert [one.outcome for one in contacts_of(load(tmp_path / "new.json"))] == ["bought", "called"]
    content = json.loads((tmp_path / "new.json").read_text())
    del content["evidence"]["choices"]["contacts"]
    content.pop("fingerprint", None)
    (tmp_path / "old.json").write_text(json.dumps(content))
    old = load(tmp_path / "old.json")
    assert contacts_of(old) == ()
    assert list(old.tables["choices"]) == ["kind", "what", "n_analyses", "moved"]
    assert "contacted" not in page_of(old).partition('id="choices"')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"outcome": "nothing"}, "an outcome that the recipe lacks"),
        ({"by_analysis": []}, "of other analyses"),
    ],
)
def test_a_file_that_contacts_for_nothing_is_refused(
    result: sg.Segmentation, tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    result.save(tmp_path / "new.json")
    content = json.loads((tmp_path / "new.json").read_text())
    content["evidence"]["choices"]["contacts"][0] |= change
    content.pop("fingerprint", None)
    (tmp_path / "odd.json").write_text(json.dumps(content))
    with pytest.raises(sg.SegmentryError, match=problem):
        load(tmp_path / "odd.json")


def test_without_costs_or_other_analyses_nothing_is_said() -> None:
    free = sg.run(customers(), sg.Recipe.from_toml(FREE), analyses=4)
    assert contacts_of(free) == ()
    assert "still contacted" not in page_of(free)
    alone = sg.run(customers(), sg.Recipe.from_toml(RECIPE), analyses=0)
    assert alone.evidence is not None
    assert alone.evidence.choices is None
    assert "other analyses keep" not in page_of(alone)


def test_the_page_says_it_once_beside_the_choices_and_in_short_beside_the_set(
    result: sg.Segmentation,
) -> None:
    facts = facts_of(result)
    letter, call = contacts_of(result)
    assert facts.choices is not None
    said, none = facts.choices.contacts
    assert said.sentence.startswith("Of the best set to contact for bought, 12 other analyses keep ")
    assert none.sentence == (
        "For called a best set to contact is named neither here nor in any of 12 other analyses."
    )
    assert facts.targeting[0].endswith(said.beside)
    assert said.beside.startswith("On average 12 other analyses keep ")
    assert facts.targeting[1].endswith("A best set is named in none of 12 other analyses.")
    section = page_of(result).partition('id="choices"')[2].partition("</section>")[0]
    assert section.count(said.sentence) == section.count(none.sentence) == 1
    assert section.count("Of the set, still contacted") == 1
    for one in letter.by_analysis:
        assert f'data-v="{one.kept!r}"' in section or one.kept in (0, 1)
    assert call.kept is None


@pytest.mark.parametrize(
    ("by_analysis", "share", "expected"),
    [
        (((4, 4, 0.75, 0.0),), 0.25, "keep 75\u00a0% on average and add nobody."),
        (((2, 2, 1.0, 0.1), (2, 1, 0.5, 0.3)), 0.25,
         "keep 75\u00a0% on average and add others, 20\u00a0% of its size; in 1 of them no set is named."),
        (((4, 3, None, None),), 0.0, "no best set to contact is named here, but in 3 of 4 other analyses one is."),
        (((1, 1, 0.75, 0.25),), 0.25, "one other analysis keeps 75\u00a0% and adds others, 25\u00a0% of its size."),
        (((1, 0, 0.0, 0.0),), 0.25, "one other analysis keeps 0\u00a0% and adds nobody; it names no set."),
        (((1, 1, None, None),), 0.0, "no best set to contact is named here, but in one other analysis one is."),
        (((1, 0, None, None),), 0.0, "is named neither here nor in one other analysis."),
    ],
)  # fmt: skip
def test_sentences(result: sg.Segmentation, by_analysis: Any, share: float, expected: str) -> None:
    assert result.evidence is not None
    assert result.evidence.choices is not None
    found = ContactDependence("bought", share, tuple(OtherContacts(*one) for one in by_analysis))
    choices = replace(result.evidence.choices, contacts=(found,))
    facts = facts_of(replace(result, evidence=replace(result.evidence, choices=choices)))
    assert facts.choices is not None
    assert facts.choices.contacts[0].sentence.endswith(expected)


def test_a_single_other_analysis_is_spoken_of_as_one() -> None:
    facts = facts_of(sg.run(customers(), sg.Recipe.from_toml(RECIPE), analyses=1))
    assert facts.choices is not None
    assert facts.choices.sentence.startswith("In one other analysis, ")
    assert "One other analysis keeps " in facts.targeting[0]
    assert facts.targeting[1].endswith("One other analysis names no best set, either.")


def test_few_customers_inside_or_outside_the_set_are_not_counted(result: sg.Segmentation) -> None:
    assert result.evidence is not None
    assert result.evidence.choices is not None
    n, share = result.evidence.n_customers, 0.25
    size, rest = n * share, n * (1 - share)
    shown = {
        (4 / size, 4 / size): (0.0, 0.0),
        (1 - 4 / size, (rest - 4) / size): (1.0, rest / size),
        (6 / size, 6 / size): (6 / size, 6 / size),
        (0.0, 0.0): (0.0, 0.0),
    }
    one = OtherAnalysis("number", "2", 1, 0.5)
    rows = tuple(OtherContacts(1, 1, *values) for values in shown)
    choices = replace(
        result.evidence.choices,
        analyses=(one,) * len(rows),
        contacts=(ContactDependence("bought", share, rows),),
    )
    evidence = replace(result.evidence, choices=choices)
    safe = shown_evidence(evidence, 5)
    assert safe is not None
    assert safe.choices is not None
    (found,) = safe.choices.contacts
    for told, expected in zip(found.by_analysis, shown.values(), strict=True):
        assert (told.kept, told.added) == pytest.approx(expected)
    hidden = shown_evidence(evidence, 5, {"bought"})
    assert hidden is not None
    assert hidden.choices is not None
    assert hidden.choices.contacts == ()


def test_with_min_cell_every_part_is_of_many_customers_or_none() -> None:
    recipe, least = sg.Recipe.from_toml(RECIPE), 20
    result = sg.run(customers(), recipe, analyses=20, min_cell=least)
    assert result.evidence is not None
    n = result.evidence.n_customers
    letter = contacts_of(result)[0]
    cells = []
    for one in letter.by_analysis:
        assert one.kept is not None
        assert one.added is not None
        kept, added = n * letter.share * one.kept, n * letter.share * one.added
        cells += [kept, n * letter.share - kept, added, n * (1 - letter.share) - added]
    assert all(cell >= least - 1e-6 or abs(cell) < 1e-6 for cell in cells)
    hidden = customers()
    few = hidden.index[hidden["bought"]][3:]
    withheld = sg.run(
        hidden.assign(bought=hidden["bought"] & ~hidden.index.isin(few)), recipe, analyses=4, min_cell=10
    )
    assert [one.outcome for one in contacts_of(withheld)] == ["called"]
