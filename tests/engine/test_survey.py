"""Files of SPSS, Stata and SAS: every figure is that of pyreadstat and pandas."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import segmentry as sg
from segmentry.engine import open_engine
from segmentry.engine.survey import read_survey
from segmentry.errors import DataError

N = 900
VALUES = {
    "sex": {1: "Male", 2: "Female", 9: "Refused"},
    "v7": {1: "Primary", 2: "Secondary", 3: "Bachelor", 4: "Beyond"},
    "v8": {-1: "Refused"},
    "mood": {0: "worst", 10: "best"},
}
LABELS = {
    "sex": "Sex of respondent", "v7": "Highest education", "v8": "Net household income", "tv": "Ads seen: TV",
    "radio": "Ads seen: radio", "web": "Ads seen: web", "pspwght": "Post-stratification weight", "spend": "Spent last year",
}  # fmt: skip
BOXES = ["tv", "radio", "web"]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Answers as codes, as an interviewer enters them."""
    random = np.random.default_rng(1)
    kind = random.integers(0, 3, N)
    income = (kind * 15_000 + random.normal(20_000, 6_000, N)).round()
    frame = pd.DataFrame({
        "resp": np.arange(1, N + 1.0),
        "sex": random.choice([1.0, 2, 9], N, p=[0.45, 0.5, 0.05]),
        "v7": np.clip(kind + random.integers(0, 2, N) + 1, 1, 4).astype(float),
        "v8": np.where(random.random(N) < 0.04, -1.0, income),
        "mood": random.integers(0, 11, N).astype(float),
        **{box: (random.random(N) < 0.3 + 0.2 * kind).astype(float) for box in BOXES},
        "pspwght": random.uniform(0.3, 1.9, N).round(3),
        "spend": random.gamma(2, 100 * (1 + kind)).round(2),
        "town": random.choice(["Ålesund", "Bergen", ""], N),
    })  # fmt: skip
    frame.loc[:4, BOXES] = np.nan
    frame.loc[7, "v7"] = np.nan
    return frame


@pytest.fixture(scope="module")
def sav(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("survey") / "answers.sav"
    pyreadstat.write_sav(
        answers, str(path), column_labels=LABELS, variable_value_labels=VALUES,
        missing_ranges={"sex": [9], "v8": [{"lo": -9, "hi": -1}]}, variable_measure={"v7": "ordinal"},
    )  # fmt: skip
    return with_set(path, "$ads=D1 1 14 Where ads seen tv radio web\n")


def with_set(path: Path, text: str) -> Path:
    """Add a multiple-response set, which pyreadstat reads and does not write, before the end of the dictionary."""
    whole, end = path.read_bytes(), struct.pack("<ii", 999, 0)
    record = struct.pack("<iiii", 7, 7, 1, len(text)) + text.encode()
    path.write_bytes(whole.replace(end, record + end, 1))
    return path


def rows_of(path: Path) -> pd.DataFrame:
    engine = open_engine(str(path))
    try:
        return engine._arrow("SELECT * FROM data").to_pandas()  # type: ignore[attr-defined]
    finally:
        engine.close()


def test_every_value_is_that_of_pyreadstat_and_pandas(sav: Path, answers: pd.DataFrame) -> None:
    seen = read_survey(sav).table.to_pandas()
    theirs, _ = pyreadstat.read_sav(str(sav), apply_value_formats=True, user_missing=False)
    assert list(seen) == list(theirs)
    for name in ("sex", "v7"):
        assert seen[name].fillna("").tolist() == theirs[name].astype(object).fillna("").tolist()
    plain, _ = pyreadstat.read_sav(str(sav))
    for name in ("resp", "v8", "mood", "pspwght", "spend"):
        np.testing.assert_array_equal(seen[name].astype(float), plain[name])
    assert seen["town"].isna().sum() == (answers["town"] == "").sum()
    assert str(read_survey(sav).table.schema.field("v8").type) == "int64"


def test_what_the_file_declares_missing_is_counted_and_said(sav: Path, answers: pd.DataFrame) -> None:
    notes = {(note.kind, note.column): note for note in read_survey(sav).notes}
    n_refused, n_income = int((answers["sex"] == 9).sum()), int((answers["v8"] == -1).sum())
    assert notes["declared_missing", "sex"].rows == n_refused
    assert (
        f"{n_refused} rows hold a code that the file declares missing (9 (Refused): {n_refused})"
        in notes["declared_missing", "sex"].sentence
    )
    assert notes["declared_missing", "v8"].rows == n_income
    n_ends = int(answers["mood"].isin([0, 10]).sum())
    assert notes["labels_among_numbers", "mood"].rows == n_ends
    assert set(notes) == {
        ("declared_missing", "sex"), ("declared_missing", "v8"), ("labels_among_numbers", "mood"), ("tick_boxes", "tv"),
    }  # fmt: skip


def test_tick_boxes_are_yes_and_no_and_missing_for_who_answered_none(
    sav: Path, answers: pd.DataFrame
) -> None:
    found = read_survey(sav)
    assert dict(found.codebook.sets) == {"Where ads seen": tuple(BOXES)}
    seen = found.table.select(BOXES).to_pandas()
    assert seen.isna().sum().tolist() == [5, 5, 5]
    assert seen.iloc[5:].astype(float).to_numpy().tolist() == answers[BOXES].iloc[5:].to_numpy().tolist()


def test_the_draft_takes_labels_their_order_the_weight_and_the_set(sav: Path) -> None:
    recipe = sg.draft(str(sav))
    by_column = {feature.column: feature for feature in recipe.features}
    assert recipe.source.weight == "pspwght"
    assert recipe.source.id == "resp"
    education = by_column["v7"]
    assert (education.label, education.scale, list(education.groups)) == (
        "Highest education",
        "ordinal",
        list(VALUES["v7"].values()),
    )
    assert list(by_column["sex"].groups) == ["Male", "Female"]
    boxes = next(
        group for group in recipe.outcomes if set(BOXES) <= {column.name for column in group.columns}
    )
    assert (boxes.label, boxes.role) == ("Where ads seen", "flags")
    assert [column.label for column in boxes.columns] == [LABELS[box] for box in BOXES]


@pytest.mark.usefixtures("few_null_tables")
def test_weighted_figures_are_those_of_pandas(sav: Path) -> None:
    recipe = sg.draft(str(sav))
    result = sg.run(str(sav), recipe, segments=2, analyses=0)
    frame, _ = pyreadstat.read_sav(str(sav))
    assigned = result.assign(str(sav)).merge(frame, left_on="resp", right_on="resp")
    for segment in result.segments:
        own = assigned[assigned["segment"] == segment.id]
        assert segment.share == pytest.approx(own["pspwght"].sum() / frame["pspwght"].sum())
        told = result.features.query(f"segment == {segment.id} and feature == 'v7'").set_index("level")[
            "share"
        ]
        known = own[own["v7"].notna()]
        shares = known.groupby("v7")["pspwght"].sum() / known["pspwght"].sum()
        for code, share in shares.items():
            assert told[VALUES["v7"][int(code)]] == pytest.approx(share)
        seen = result.outcomes.query(f"segment == {segment.id} and outcome == 'spend'")["value"].item()
        assert seen == pytest.approx((own["spend"] * own["pspwght"]).sum() / own["pspwght"].sum())
        ticked = own[own["tv"].notna()]
        rate = result.outcomes.query(f"segment == {segment.id} and outcome == 'tv'")["value"].item()
        assert rate == pytest.approx((ticked["tv"] * ticked["pspwght"]).sum() / ticked["pspwght"].sum())


@pytest.mark.usefixtures("few_null_tables")
@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
def test_scores_are_read_back_by_their_reader_with_labels(sav: Path, tmp_path: Path, suffix: str) -> None:
    result = sg.run(str(sav), sg.draft(str(sav)), segments=2, analyses=0)
    out = tmp_path / f"scores{suffix}"
    sg.score(result, str(sav), out)
    sg.score(result, str(sav), out)  # an earlier file of scores is replaced
    theirs, meta = pyreadstat.read_sav(str(out))
    ours = result.assign(str(sav)).set_index("resp").loc[theirs["resp"]]
    assert theirs["segment"].tolist() == ours["segment"].tolist()
    np.testing.assert_array_equal(theirs["certainty"], ours["certainty"])
    assert theirs["reason"].tolist() == ours["reason"].fillna("").tolist()
    assert meta.variable_value_labels["segment"] == {s.id: s.name for s in result.segments}
    assert meta.column_names_to_labels["fits"] == "Whether the customer is like those who made the segments"


@pytest.mark.parametrize("suffix", [".zsav", ".dta", ".por"])
def test_other_files_hold_the_same(answers: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"answers{suffix}"
    if suffix == ".zsav":
        pyreadstat.write_sav(
            answers, str(path), compress=True, variable_value_labels=VALUES, missing_ranges={"sex": [9]}
        )
    elif suffix == ".dta":
        tagged = answers.assign(sex=[code if code != 9 else "a" for code in answers["sex"]])
        labels = {"sex": {1: "Male", 2: "Female", "a": "Refused"}, "v7": VALUES["v7"]}
        pyreadstat.write_dta(
            tagged, str(path), variable_value_labels=labels, missing_user_values={"sex": ["a"]}
        )
    else:
        pyreadstat.write_por(answers.assign(town="Bergen").rename(columns=str.upper), str(path))
    seen = rows_of(path).rename(columns=str.lower)
    np.testing.assert_array_equal(seen["spend"], answers["spend"])
    if suffix != ".por":  # pyreadstat writes neither labels nor missing codes there
        texts = answers["sex"].map({1.0: "Male", 2.0: "Female"})
        assert seen["sex"].fillna("").tolist() == texts.fillna("").tolist()
        noted = {(n.kind, n.column): n.rows for n in read_survey(path).notes}
        assert noted["declared_missing", "sex"] == int((answers["sex"] == 9).sum())


def test_two_codes_of_one_label_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "twice.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"a": [1.0, 2, 3]}),
        str(path),
        variable_value_labels={"a": {1: "yes", 2: "no", 3: "yes"}},
    )
    assert read_survey(path).table["a"].to_pylist() == ["yes [1]", "no", "yes [3]"]


def test_labels_of_some_texts_are_no_labels_among_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"answer": ["N", "Oslo", "Bergen"]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_value_labels={"answer": {"N": "none"}})
    (note,) = read_survey(tmp_path / "a.sav").notes
    assert (
        note.sentence
        == "answer: 1 row hold a text with a label among texts without one, such as N (none); all stay texts."
    )


def test_body_weight_is_no_weight(tmp_path: Path, answers: pd.DataFrame) -> None:
    path = tmp_path / "body.sav"
    body = answers.assign(weight=60 + 20 * answers["pspwght"]).drop(columns="pspwght")
    pyreadstat.write_sav(
        body, str(path), column_labels={"weight": "Weight in kg"}, variable_value_labels={"v7": VALUES["v7"]}
    )
    assert sg.draft(str(path)).source.weight is None


def damaged(path: Path, whole: bytes, kind: str) -> Path:
    changed = {
        "cut": whole[: len(whole) // 2],
        "head": whole[:60],
        "letters": whole.replace("Ålesund".encode(), b"\xff\xfe" + b"Alesun"),
        "text": b"id,name\n1,a\n" * 20,
    }
    path.write_bytes(changed[kind])
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("cut", "cannot be read as a .sav file: "),
        ("head", "cannot be read as a .sav file: "),
        ("text", "cannot be read as a .sav file: "),
        ("letters", "its letters cannot be read: "),
    ],
)
def test_what_cannot_be_read_is_one_sentence(sav: Path, tmp_path: Path, kind: str, said: str) -> None:
    path = damaged(tmp_path / "bad.sav", sav.read_bytes(), kind)
    with pytest.raises(DataError) as caught:
        open_engine(str(path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_letters_are_read_as_they_are_said_to_be_written(sav: Path, tmp_path: Path) -> None:
    path = damaged(tmp_path / "bad.sav", sav.read_bytes(), "letters")
    assert "ÿþAlesun" in set(read_survey(path, "latin1").table["town"].to_pylist())


@pytest.mark.usefixtures("few_null_tables")
def test_without_the_extra_it_is_named(sav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = sg.run(str(sav), sg.draft(str(sav)), segments=2, analyses=0)
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    for use in (lambda: open_engine(str(sav)), lambda: sg.score(result, str(sav), tmp_path / "s.sav")):
        with pytest.raises(DataError, match=r"pip install 'segmentry\[survey\]'"):
            use()


def test_a_file_of_sas_is_given_to_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: pd.DataFrame
) -> None:
    """Nothing at hand writes such files: what is tested is that the reader is asked, and what is made of its answer."""
    asked: list[Any] = []

    def read(path: str, metadataonly: bool = False, **options: Any) -> tuple[pd.DataFrame, Any]:
        asked.append((Path(path).name, metadataonly, options))
        meta = pyreadstat.metadata_container()
        meta.number_rows, meta.number_columns = answers.shape
        meta.missing_user_values = {"v7": ["B"]}
        return answers.assign(v7=[4.0 if i else "B" for i in range(N)]), meta

    monkeypatch.setattr(pyreadstat, "read_sas7bdat", read)
    path = tmp_path / "answers.sas7bdat"
    path.write_bytes(b"-")
    found = read_survey(path, "latin1")
    assert asked == [
        (path.name, True, {"encoding": "latin1"}),
        (path.name, False, {"user_missing": True, "encoding": "latin1"}),
    ]
    assert found.table["v7"].to_pylist() == [None, *[4] * (N - 1)]
    assert [(n.kind, n.column, n.rows) for n in found.notes] == [("declared_missing", "v7", 1)]
