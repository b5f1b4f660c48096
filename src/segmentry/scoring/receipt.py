"""What a database said to a verification kit, as a small text that can be sent back."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from segmentry.engine import Engine
from segmentry.scoring.digest import model_digest
from segmentry.scoring.kit import make_kit
from segmentry.scoring.statement import SqlForm
from segmentry.segmentation import Segmentation
from segmentry.sql import Query

_VERSIONS = {"snowflake": "CURRENT_VERSION", "bigquery": None}
"""Functions that tell the version where it is another than ``VERSION``; None where there is none."""


@dataclass(frozen=True)
class Receipt:
    """How a database assigned the patterns of a kit.

    Attributes
    ----------
    model
        Twelve digits of the model.
    dialect, form
        What the SQL was written in.
    server
        The version that the database tells of itself.
    n_patterns, n_differing
        Patterns that were assigned, and those that Python assigns otherwise.
    at
        Time, in UTC.
    """

    model: str
    dialect: str
    form: str
    server: str
    n_patterns: int
    n_differing: int
    at: str

    def text(self) -> str:
        """Write it; its last line is a digest of the others (``head -n 6 | sha256sum``), against changes by accident alone."""
        body = "\n".join(
            (
                "segmentry verification",
                f"model: {self.model}",
                f"dialect: {self.dialect}, {self.form}",
                f"server: {self.server}",
                f"patterns: {self.n_patterns}, assigned otherwise: {self.n_differing}",
                f"at: {self.at}\n",
            )
        )
        return f"{body}digest: {hashlib.sha256(body.encode()).hexdigest()[:16]}\n"


def verify_on(segmentation: Segmentation, engine: Engine, form: SqlForm) -> Receipt:
    """Run the kit of a segmentation where an engine runs its queries; no row of a table is read."""
    kit = make_kit(segmentation, engine.dialect, form)
    differing = engine.query(kit.query).num_rows
    now = datetime.now(UTC).isoformat(timespec="seconds")
    model, server = model_digest(segmentation), _server(engine)
    return Receipt(model, engine.dialect, form, server, kit.n_patterns, differing, now)


def _server(engine: Engine) -> str:
    function = _VERSIONS.get(engine.dialect, "VERSION")
    if function is None:
        return engine.dialect
    version = exp.select(exp.alias_(exp.Anonymous(this=function), "version"))
    told = str(engine.query(Query("Which version is it?", version)).column(0)[0].as_py())
    return re.split(r" \(| on ", " ".join(told.split()))[0]
