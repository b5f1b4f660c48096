"""The faults that `dirt=True` adds: of the kind found in the customer personality file.

A household has at most one fault of its own. The shares in `DIRT` are of all rows. Apart from that,
`TWIN_SHARE` of the rows (only those with an even id) repeat an earlier row in everything except the id,
faults included.

Examples
--------
>>> sum(fault.share for fault in DIRT if fault.column == "Income")
0.0105
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Blemish = Literal["set", "lower", "trailing space"]

TWIN_SHARE = 0.08
"""Share of the rows that equal another row in all but the id."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault, its column and its share of the rows.

    `change` "set" writes `value` (None: missing); "lower" and "trailing space" alter the text of the cell.
    """

    name: str
    column: str
    share: float
    change: Blemish = "set"
    value: str | int | None = None


DIRT: tuple[Fault, ...] = (
    Fault("missing income", "Income", 0.01),
    Fault("income of 666666", "Income", 0.0005, value=666_666),
    Fault("born in 1893", "Year_Birth", 0.0003, value=1893),
    Fault("born in 1899", "Year_Birth", 0.0003, value=1899),
    Fault("born in 1900", "Year_Birth", 0.0004, value=1900),
    Fault("status Alone", "Marital_Status", 0.001, value="Alone"),
    Fault("status Absurd", "Marital_Status", 0.001, value="Absurd"),
    Fault("status YOLO", "Marital_Status", 0.001, value="YOLO"),
    Fault("status in lower case", "Marital_Status", 0.002, "lower"),
    Fault("status with a trailing space", "Marital_Status", 0.002, "trailing space"),
    Fault("education in lower case", "Education", 0.001, "lower"),
    Fault("education with a trailing space", "Education", 0.001, "trailing space"),
)
"""All kinds of faults."""
