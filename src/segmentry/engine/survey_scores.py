"""Scores as a file of SPSS, with the segments' names as labels of their numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segmentry.engine.survey import LARGEST_WHOLE, library
from segmentry.errors import DataError

SURVEY_SCORES = (".sav", ".zsav")
_LABELS = {
    "segment": "Segment",
    "certainty": "How surely the segment is the right one, from 0 to 1",
    "second_segment": "Runner-up",
    "reason": "What speaks most for the segment against the runner-up",
    "fits": "Whether the customer is like those who made the segments",
}
_LONGEST_NAME = 64
_RESERVED = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])
"""Words that name no variable in SPSS."""


def write_survey(parquet: Path, path: Path, segments: Mapping[int, str], *, compress: bool) -> None:
    """Write a Parquet file of scores as .sav, or as .zsav where it is to be compressed.

    Raises
    ------
    DataError
        pyreadstat is not installed, or cannot write the values.
    """
    import pyarrow.parquet as pq

    pyreadstat = _library(path)
    frame = pq.read_table(parquet).to_pandas()
    own = str(frame.columns[0])
    key = variable_name(own, list(frame.columns[1:]))
    frame = frame.rename(columns={own: key})
    if frame[key].dtype.kind in "iu" and frame[key].abs().max() > LARGEST_WHOLE:
        frame[key] = frame[key].astype(str)  # SPSS has no whole numbers with more digits
    for name in ("segment", "second_segment", "fits"):
        if name in frame:
            frame[name] = frame[name].astype("Float64").astype(float)
    for name in frame.select_dtypes(["object", "str", "string"]):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    names = {float(number): text for number, text in segments.items()}
    values = {"segment": names, "second_segment": names, "fits": {0.0: "no", 1.0: "yes"}}
    try:
        pyreadstat.write_sav(
            frame, str(path), column_labels={**_LABELS, key: own}, variable_value_labels=values, compress=compress,
            variable_measure={"segment": "nominal", "second_segment": "nominal", "fits": "nominal", "certainty": "scale"},
        )  # fmt: skip
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, TypeError) as error:
        said = " ".join(str(error).split())
        raise DataError(
            f"cannot be written for SPSS: {said}", source=path, hint="write .parquet or .csv"
        ) from None


def survey_columns(path: Path) -> tuple[str, ...]:
    """Return the columns of a .sav or .zsav file; none where it cannot be read."""
    pyreadstat = _library(path)
    try:
        return tuple(pyreadstat.read_sav(str(path), metadataonly=True)[1].column_names)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, UnicodeError):
        return ()


def check_survey(path: Path) -> None:
    """Check before any work that a file of SPSS can be written.

    Raises
    ------
    DataError
        pyreadstat is not installed.
    """
    _library(path)


def _library(path: Path) -> Any:
    try:
        return library()
    except ImportError:
        raise DataError("needs the extra `survey`: pip install 'segmentry[survey]'", source=path) from None


def variable_name(name: str, taken: Sequence[str]) -> str:
    """Make a name that SPSS allows.

    Examples
    --------
    >>> variable_name("Kunden-Nr.", []), variable_name("2nd id", []), variable_name("fits", ["fits"]), variable_name("ALL", [])
    ('Kunden_Nr', 'v2nd_id', 'fits_1', 'ALL_1')
    """
    made = re.sub(r"[^\w.@#$]", "_", name).strip("._") or "id"
    made = f"v{made}" if not made[0].isalpha() else made
    while len(made.encode()) > _LONGEST_NAME - 2:
        made = made[:-1]
    return made if made.lower() not in {*taken, *_RESERVED} else f"{made}_1"
