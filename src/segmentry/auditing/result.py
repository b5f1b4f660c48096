"""The result of an audit: facts, findings, pairs, answers and queries; saved as HTML, JSON and SQL."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings import Finding
from segmentry.auditing.pairs import ColumnPairs
from segmentry.auditing.questions import Answer
from segmentry.auditing.roles import Roles
from segmentry.recipe import Recipe
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_folder
from segmentry.text.plain_json import json_text, plain_value
from segmentry.text.words import counted

_NAMES = ("audit.html", "audit.json", "audit.sql")


@dataclass(frozen=True)
class Audit:
    """What a table holds, what is wrong with it, and every query that tells so; made by `segmentry.audit`.

    A notebook shows it as a page.

    Attributes
    ----------
    name
        Name of the data.
    n_rows
        Rows of the table.
    findings
        Findings, wrong values first; see `Finding`.
    columns
        Facts about each column, in the table's order; see `ColumnFacts`.
    pairs
        Association of every two columns, strongest first; see `ColumnPairs`.
    answers
        Answers to the first questions to a customer table, where it has the columns; see `Answer`.
    roles
        Roles of the columns, as the recipe says or as was guessed from names and values.
    sql
        All queries as one script that runs unchanged; the text of audit.sql.
    n_queries
        Number of queries.
    dialect
        Dialect of the script.
    """

    name: str
    n_rows: int
    findings: tuple[Finding, ...]
    columns: tuple[ColumnFacts, ...]
    pairs: ColumnPairs
    answers: tuple[Answer, ...]
    roles: Roles
    sql: str
    n_queries: int
    dialect: str

    def column(self, name: str) -> ColumnFacts:
        """Return the facts about the column `name`.

        Raises
        ------
        KeyError
            There is no such column.
        """
        return {c.name: c for c in self.columns}[name]

    def to_dict(self) -> dict[str, Any]:
        """Return the content of audit.json as plain values."""
        plain: dict[str, Any] = plain_value(
            {
                "name": self.name,
                "n_rows": self.n_rows,
                "dialect": self.dialect,
                "roles": self.roles,
                "findings": [
                    {"kind": f.kind, "severity": f.severity} | plain_value(f) for f in self.findings
                ],
                "answers": self.answers,
                "columns": [plain_value(c) | {"quartiles": c.quartiles} for c in self.columns],
                "pairs": {
                    "n_rows": self.pairs.n_rows,
                    "columns": self.pairs.columns,
                    "left_out": self.pairs.left_out,
                    "pairs": self.pairs.pairs,
                    "missing": self.pairs.missing,
                },
            }
        )
        return plain

    def to_json(self) -> str:
        """Return the text of audit.json."""
        return json_text(self.to_dict(), indent=2) + "\n"

    def to_html(self) -> str:
        """Return the page audit.html, which opens offline."""
        from segmentry.auditing.page import audit_page

        return audit_page(self)

    def to_checks(self, recipe: Recipe | None = None) -> str:
        """Return the text of a suite of checks for pointblank, in YAML: what holds of the table, and what was found wrong.

        Tomorrow's table is checked by it before it is scored.

        Parameters
        ----------
        recipe
            Recipe that will read the table: the checks are then of the columns that it reads, and values that it does
            not list fail.
        """
        from segmentry.auditing.checks import checks_text

        return checks_text(self, recipe)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write audit.html, audit.json and audit.sql into a `folder`, and return it.

        Parameters
        ----------
        folder
            Folder, which is made if need be.
        overwrite
            Whether such files may be replaced that segmentry did not write.

        Raises
        ------
        DataError
            The folder is a file, or cannot be written.
        """
        path = Path(folder)
        with audit_folder(path, Replacing(overwrite=overwrite)) as unfinished:
            write_audit(self, unfinished)
        return path

    def _repr_html_(self) -> str:
        from segmentry.auditing.page import framed

        return framed(self)

    def __repr__(self) -> str:
        return (
            f"<Audit of {self.name}: {counted(self.n_rows, 'row')}, {counted(len(self.columns), 'column')}, "
            f"{counted(len(self.findings), 'finding')}>"
        )


def audit_folder(out: Path, replacing: Replacing) -> AbstractContextManager[Path]:
    """Give a folder to write an audit into, whose files take their place in `out` at the end."""
    return whole_folder(out, "audit", _NAMES, replacing)


def write_audit(audit: Audit, folder: Path) -> None:
    """Write the page, the JSON and the script of an audit into a folder."""
    for name, text in zip(_NAMES, (audit.to_html(), audit.to_json(), audit.sql), strict=True):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
