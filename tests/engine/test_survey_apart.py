"""Statistics files that are damaged or hostile: what reads them is another process, which alone may end or fill up."""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

from mutations import seeds
from segmentry.engine import open_engine, survey_apart
from segmentry.engine.survey import read_survey
from segmentry.engine.survey_apart import read_survey_apart
from segmentry.errors import DataError
from segmentry.system.worker import Parcel

LABELS = {"sex": {1: "Male", 2: "Female", 9: "Refused"}, "school": {1: "Primary", 2: "Ålesund", 3: "Beyond"}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same answers as a file of each kind that can be written."""
    folder, rng = tmp_path_factory.mktemp("survey"), np.random.default_rng(0)
    answers = pd.DataFrame({
        "sex": rng.choice([1.0, 2, 9], 300), "school": rng.integers(1, 4, 300).astype(float),
        "income": rng.normal(30_000, 6_000, 300).round(), "town": rng.choice(["Bergen", "Oslo", ""], 300),
    })  # fmt: skip
    paths = {kind: folder / f"answers.{kind}" for kind in ("sav", "zsav", "dta", "por")}
    for kind in ("sav", "zsav"):
        pyreadstat.write_sav(
            answers, str(paths[kind]), compress=kind == "zsav", variable_value_labels=LABELS,
            missing_ranges={"sex": [9]}, variable_measure={"school": "ordinal"}, column_labels={"sex": "Sex"},
        )  # fmt: skip
    pyreadstat.write_dta(answers, str(paths["dta"]), variable_value_labels=LABELS)
    pyreadstat.write_por(answers, str(paths["por"]))
    return paths


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta", "por"])
def test_another_process_reads_what_this_one_would(files: dict[str, Path], kind: str) -> None:
    here, apart = read_survey(files[kind]), read_survey_apart(files[kind])
    assert apart.table.equals(here.table)
    assert (apart.notes, apart.codebook) == (here.notes, here.codebook)
    kinds = {field.name.lower(): field.type for field in here.table.schema}
    assert kinds["town"] == pa.large_string(), "more than 2 GB of texts have no other type"


def changed(whole: bytes, draw: random.Random) -> bytes:
    """The bytes of a file after one thing has happened to them, most often where it says what it holds."""
    content = bytearray(whole)
    at = draw.randrange(min(len(content) - 16, draw.choice([200, 600, 3_000, len(content)])))
    kind = draw.choice(["flip", "number", "cut", "twice", "gone"])
    if kind == "flip":
        for _ in range(draw.choice([1, 3, 20])):
            content[draw.randrange(at + 1)] = draw.randrange(256)
    elif kind == "number":
        content[at : at + 4] = struct.pack("<i", draw.choice([0, -1, 2**31 - 1, -(2**31), 2**24]))
    elif kind == "cut":
        del content[at:]
    elif kind == "twice":
        content[at:at] = content[at : at + 200]
    else:
        del content[at : at + draw.choice([1, 4, 100])]
    return bytes(content)


@pytest.mark.parametrize("seed", seeds(8))
def test_changed_bytes_are_a_sentence_or_a_table(files: dict[str, Path], tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same each time
    kind = draw.choice(list(files))
    path = tmp_path / f"changed.{kind}"
    path.write_bytes(changed(files[kind].read_bytes(), draw))
    said = f"{path}: "
    try:
        assert read_survey_apart(path).table.num_columns
    except DataError as error:
        said = str(error)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


def abort(_: Parcel) -> Parcel:
    """What a library in C does at a file that it was not made for."""
    os.abort()


def test_a_reader_that_ends_its_process_is_a_sentence(files: dict[str, Path]) -> None:
    with pytest.raises(DataError, match=r"a \.sav file: what is in it ends its reader; is it whole\?"):
        survey_apart._asked(abort, files["sav"], None)


def test_texts_that_would_fill_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte that every row of Stata's refers to, and that is a text of its own in each once it is read."""
    path = tmp_path / "texts.dta"
    frame = pd.DataFrame({"text": ["x" * 1_000_000] * 1_000, "a": np.arange(1_000.0)})
    frame.to_stata(path, convert_strl=["text"], version=118, write_index=False)
    assert path.stat().st_size < 1_100_000
    monkeypatch.setattr(survey_apart, "_MARGIN", 400_000_000)
    monkeypatch.setattr(survey_apart, "most_bytes", lambda _: 0)
    with pytest.raises(DataError, match="bytes take more memory than any table of customers of that size"):
        open_engine(str(path))


def test_where_no_process_can_be_started_this_one_reads(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_apart, "can_start", lambda: False)
    assert read_survey_apart(files["sav"]).table.num_rows == 300
