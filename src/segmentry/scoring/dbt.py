"""The assignment as a dbt model: its SQL over a ref, and a schema.yml with tests of what must hold."""

from __future__ import annotations

import json

from segmentry.errors import DataError
from segmentry.scoring.placing import formula_of
from segmentry.scoring.statement import EXECUTED, SqlForm, check_dialect, to_sql
from segmentry.segmentation import Segmentation

MODEL = "customer_segments"
_PLACE = "segmentry_input_relation"
_ADAPTERS = {"duckdb": '"', "postgres": '"', "spark": "`"}


def dbt_files(
    segmentation: Segmentation,
    dialect: str = "postgres",
    *,
    table: str = "customers",
    form: SqlForm = "arithmetic",
    reason: bool = False,
) -> dict[str, str]:
    """Return the files of a dbt model that reads the model, seed or snapshot `table`, by their names.

    Raises
    ------
    DataError
        The dialect is not one that segmentry's tests execute and dbt has an adapter for.
    ModelError, RecipeError
        As `to_sql`.
    """
    dialect = check_dialect(dialect)
    if dialect not in _ADAPTERS:
        known = ", ".join(d for d in EXECUTED if d in _ADAPTERS)
        raise DataError(
            f"dbt models are written for executed dialects: {known}", source=f"dialect {dialect!r}"
        )
    if not table.isidentifier():
        raise DataError("a dbt model refers to another model by its bare name", source=f"table {table!r}")
    quote = _ADAPTERS[dialect]
    text = to_sql(segmentation, dialect, table=_PLACE, form=form, reason=reason).rstrip(";\n")
    before, after = text.replace(f"Reads {_PLACE};", f"Reads {table};").split(f"{quote}{_PLACE}{quote}")
    sql = f"{_raw(before)}{{{{ ref('{table}') }}}}{_raw(after)}\n"
    return {f"{MODEL}.sql": sql, f"{MODEL}.yml": _schema(segmentation, reason=reason)}


def _raw(text: str) -> str:
    """Text that Jinja leaves alone."""
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return text
    return "{% raw %}" + text.replace("{% endraw %}", "{%  endraw %}") + "{% endraw %}"


def _schema(segmentation: Segmentation, *, reason: bool) -> str:
    formula = formula_of(segmentation)
    numbers = list(range(1, formula.n_segments + 1))
    names = "; ".join(f"{i} {name}" for i, name in enumerate(formula.segments, 1))
    values = f"accepted_values: {{arguments: {{values: {numbers}, quote: false}}}}"
    lines = [
        "version: 2",
        "models:",
        f"  - name: {MODEL}",
        f"    description: {_text(f'Customers in {formula.n_segments} segments by {segmentation.method}')}",
        "    columns:",
        *_column(str(segmentation.recipe.source.id), "The customer.", ["unique", "not_null"]),
        *_column("segment", f"Segments: {names}", ["not_null", values]),
        *_column("certainty", "How clearly the customer belongs to the segment, 0 to 1.", ["not_null"]),
        *_column("second_segment", "The runner-up.", [values] if formula.n_segments > 1 else []),
    ]
    if reason:
        lines += _column("reason", "The levels that decided.", ["not_null"])
    lines += _column("fits", "Whether such customers made the segments.", ["not_null"])
    return "\n".join(lines) + "\n"


def _column(name: str, description: str, tests: list[str]) -> list[str]:
    head = [
        f"      - name: {_text(name)}",
        "        quote: true",
        f"        description: {_text(description)}",
    ]
    return [*head, *(["        data_tests:"] if tests else []), *(f"          - {test}" for test in tests)]


def _text(text: str) -> str:
    """A YAML text: JSON's double quotes are YAML's."""
    return json.dumps(text.replace("{{", "{ {").replace("{%", "{ %"), ensure_ascii=False)
