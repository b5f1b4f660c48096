"""The assignment as a dbt model: SQL over a ref, and a schema.yml with data tests."""

from __future__ import annotations

import json
import re

from segmentry.errors import DataError
from segmentry.scoring.placing import formula_of
from segmentry.scoring.statement import EXECUTED, SqlForm, check_dialect, to_sql
from segmentry.segmentation import Segmentation

DBT_MODEL = "customer_segments"
_PLACE = "segmentry_input_relation"
_TIMES = 2
"""How often the table's name stands in a statement: in the heading, and after FROM."""
_TAG = re.compile(r"\{(?=[{%#])")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ADAPTERS = {"duckdb": '"', "postgres": '"', "spark": "`"}


def dbt_files(
    segmentation: Segmentation,
    dialect: str = "postgres",
    *,
    table: str = "customers",
    form: SqlForm = "arithmetic",
    reason: bool = False,
) -> dict[str, str]:
    """Write the files of a dbt model that reads the model, seed or snapshot `table`, by their names.

    Raises
    ------
    DataError
        segmentry's tests do not execute the dialect, or dbt has no adapter for it.
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
    place = _PLACE
    while (text := to_sql(segmentation, dialect, table=place, form=form, reason=reason)).count(
        place
    ) > _TIMES:
        place += "_"  # a level has this name
    text = text.rstrip(";\n").replace(f"Reads {place};", f"Reads {table};")
    before, after = text.split(f"{quote}{place}{quote}")
    sql = f"{_for_jinja(before)}{{{{ ref('{table}') }}}}{_for_jinja(after)}\n"
    return {f"{DBT_MODEL}.sql": sql, f"{DBT_MODEL}.yml": _schema_text(segmentation, reason=reason)}


def _for_jinja(text: str) -> str:
    """Escape a text so that Jinja makes it of the result: each bracket that could begin a tag is written as an expression.

    A raw block would end at an ``endraw`` of the text, which Jinja spells in many ways. It also makes line feeds of carriage
    returns.
    """
    return _TAG.sub("{{ '{' }}", text).replace("\r", "{{ '\\r' }}")


def _schema_text(segmentation: Segmentation, *, reason: bool) -> str:
    formula = formula_of(segmentation)
    numbers = list(range(1, formula.n_segments + 1))
    names = "; ".join(f"{i} {name}" for i, name in enumerate(formula.segments, 1))
    values = f"accepted_values: {{arguments: {{values: {numbers}, quote: false}}}}"
    lines = [
        "version: 2",
        "models:",
        f"  - name: {DBT_MODEL}",
        f"    description: {_yaml_text(f'Customers in {formula.n_segments} segments by {segmentation.method}')}",
        "    columns:",
        *_column_lines(
            _for_jinja(str(segmentation.recipe.source.id)), "The customer.", ["unique", "not_null"]
        ),
        *_column_lines("segment", f"Segments: {names}", ["not_null", values]),
        *_column_lines("certainty", "How clearly the customer belongs to the segment, 0 to 1.", ["not_null"]),
        *_column_lines("second_segment", "The runner-up.", [values] if formula.n_segments > 1 else []),
    ]
    if reason:
        lines += _column_lines("reason", "The levels that decided.", ["not_null"])
    lines += _column_lines("fits", "Whether such customers made the segments.", ["not_null"])
    return "\n".join(lines) + "\n"


def _column_lines(name: str, description: str, tests: list[str]) -> list[str]:
    head = [
        f"      - name: {_yaml_text(name)}",
        "        quote: true",
        f"        description: {_yaml_text(_inert(description))}",
    ]
    return [*head, *(["        data_tests:"] if tests else []), *(f"          - {test}" for test in tests)]


def _inert(text: str) -> str:
    """Return a description in which Jinja finds no tag, whether it renders the text or shows it as it is."""
    return _TAG.sub("{ ", text)


def _yaml_text(text: str) -> str:
    """Quote a text for YAML, which reads the double quotes of JSON, and whose files hold printable characters alone."""
    return _UNPRINTABLE.sub(_yaml_code, json.dumps(text, ensure_ascii=False))


def _yaml_code(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
