"""The assignment as a dbt model: SQL over a ref or a source, and a YAML file with contract, descriptions and data tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from segmentry.errors import DataError
from segmentry.scoring.digest import model_digest, recipe_digest
from segmentry.scoring.placing import formula_of, id_column
from segmentry.scoring.statement import SqlForm, check_dialect, statement_text
from segmentry.segmentation import Segmentation
from segmentry.text.inert import for_yaml

DBT_MODEL = "customer_segments"
"""Name of a model that nobody named."""
_PLACE = "segmentry_input_relation"
_TIMES = 2
"""How often the table's name stands in a statement: in the heading, and after FROM."""
_TAG = re.compile(r"\{(?=[{%#])")
_QUOTES = {
    "duckdb": '"', "postgres": '"', "spark": "`", "redshift": '"', "snowflake": '"', "bigquery": "`", "trino": '"',
    "clickhouse": '"',
}  # fmt: skip
"""How dialects quote names, for which dbt has an adapter."""
_CONTRACTS = ("duckdb", "postgres")
"""Dialects in which tests hold the contract."""
_TYPES = {
    "text": exp.DataType.Type.TEXT,
    "integer": exp.DataType.Type.BIGINT,
    "float": exp.DataType.Type.DOUBLE,
}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class DbtNames:
    """What a dbt model is called, and what it reads: another model, or the table of a source."""

    table: str = "customers"
    source: str | None = None
    model: str = DBT_MODEL

    def check(self) -> None:
        """Refuse names that dbt could not use.

        Raises
        ------
        DataError
            A name has other characters than letters, digits and underscores.
        """
        for what, name in (("table", self.table), ("source", self.source), ("dbt model", self.model)):
            if name is not None and not _IDENTIFIER.fullmatch(name):
                raise DataError(
                    "dbt refers to it by its bare name, of letters, digits and _", source=f"{what} {name!r}"
                )
        if self.model == self.table and self.source is None:
            raise DataError(
                "is what it reads, and cannot be its own name, too", source=f"dbt model {self.model!r}"
            )

    @property
    def relation(self) -> str:
        """The expression by which dbt finds the customers."""
        return f"ref('{self.table}')" if self.source is None else f"source('{self.source}', '{self.table}')"


def dbt_files(
    segmentation: Segmentation,
    dialect: str = "postgres",
    *,
    names: DbtNames | None = None,
    form: SqlForm = "arithmetic",
    reason: bool = False,
) -> dict[str, str]:
    """Write the files of a dbt model, by their names.

    Raises
    ------
    DataError
        dbt has no adapter for the dialect, or cannot use a name.
    ModelError, RecipeError
        As `to_sql`.
    """
    dialect, names = check_dialect(dialect), names or DbtNames()
    if dialect not in _QUOTES:
        raise DataError(f"dbt models are written for {', '.join(_QUOTES)}", source=f"dialect {dialect!r}")
    names.check()
    types = _types(segmentation, reason=reason)
    cast = types if dialect in _CONTRACTS and None not in types.values() else None
    place = _PLACE
    while (text := _statement(segmentation, dialect, place, form, reason, cast)).count(place) > _TIMES:
        place += "_"  # a level has this name
    text = text.rstrip(";\n").replace(f"Reads {place};", f"Reads {names.table};")
    quote = _QUOTES[dialect]
    before, after = text.split(f"{quote}{place}{quote}")
    sql = f"{_for_jinja(before)}{{{{ {names.relation} }}}}{_for_jinja(after)}\n"
    schema = _Schema(segmentation, dialect, names.model, types, has_contract=cast is not None)
    return {f"{names.model}.sql": sql, f"{names.model}.yml": schema.text()}


def _statement(
    segmentation: Segmentation,
    dialect: str,
    place: str,
    form: SqlForm,
    reason: bool,
    cast: dict[str, exp.DataType | None] | None,
) -> str:
    types = None if cast is None else {name: type_ for name, type_ in cast.items() if type_ is not None}
    return statement_text(segmentation, dialect, place, form, reason=reason, types=types)


def _types(segmentation: Segmentation, *, reason: bool) -> dict[str, exp.DataType | None]:
    """The types of the columns; None of an id of which the model knows no exact one."""
    customer = id_column(segmentation.recipe)
    kind = segmentation.kinds.get("columns", {}).get(customer, "other")
    types: dict[str, Any] = {
        customer: _TYPES.get(kind),
        "segment": exp.DataType.Type.INT,
        "certainty": exp.DataType.Type.DOUBLE,
        "second_segment": exp.DataType.Type.INT,
        **({"reason": exp.DataType.Type.TEXT} if reason else {}),
        "fits": exp.DataType.Type.BOOLEAN,
    }
    return {name: None if type_ is None else exp.DataType(this=type_) for name, type_ in types.items()}


def _for_jinja(text: str) -> str:
    """Escape a text so that Jinja makes it of the result: each bracket that could begin a tag is written as an expression.

    A raw block would end at an ``endraw`` of the text, which Jinja spells in many ways. It also makes line feeds of carriage
    returns.
    """
    return _TAG.sub("{{ '{' }}", text).replace("\r", "{{ '\\r' }}")


@dataclass(frozen=True)
class _Schema:
    """The YAML file of a model, in the form of dbt 1.10 and later."""

    segmentation: Segmentation
    dialect: str
    name: str
    types: dict[str, exp.DataType | None]
    has_contract: bool

    def text(self) -> str:
        """Write the file."""
        formula, method = formula_of(self.segmentation), self.segmentation.method
        lines = [
            "version: 2",
            "models:",
            f"  - name: {self.name}",
            f"    description: {for_yaml(f'Customers in {formula.n_segments} segments by {method}')}",
            "    config:",
            *(["      contract:", "        enforced: true"] if self.has_contract else []),
            "      meta:",
            f"        segmentry_model: {for_yaml(model_digest(self.segmentation))}",
            f"        segmentry_recipe: {for_yaml(recipe_digest(self.segmentation))}",
            "    columns:",
        ]
        tests = self._tests(formula.n_segments)
        for name, description in self._descriptions(formula.segments).items():
            lines += self._column_lines(name, description, tests.get(name, ["not_null"]))
        return "\n".join(lines) + "\n"

    def _descriptions(self, segments: tuple[str, ...]) -> dict[str, str]:
        names = "; ".join(f"{i} {name}" for i, name in enumerate(segments, 1))
        spoken = {
            "segment": f"Segments: {names}",
            "certainty": "How clearly the customer belongs to the segment, 0 to 1.",
            "second_segment": "The runner-up.",
            "reason": "The levels that decided.",
            "fits": "Whether such customers made the segments.",
        }
        return {name: spoken.get(name, "The customer.") for name in self.types}

    def _tests(self, n_segments: int) -> dict[str, list[str]]:
        numbers = list(range(1, n_segments + 1))
        values = f"accepted_values: {{arguments: {{values: {numbers}, quote: false}}}}"
        return {
            next(iter(self.types)): ["unique", "not_null"],
            "segment": ["not_null", values],
            "second_segment": [values] if n_segments > 1 else [],
        }

    def _column_lines(self, name: str, description: str, tests: list[str]) -> list[str]:
        type_ = self.types[name]
        is_customer = name == next(iter(self.types))
        head = [
            f"      - name: {for_yaml(_for_jinja(name) if is_customer else name)}",
            "        quote: true",
            f"        description: {for_yaml(_inert(description))}",
            *([f"        data_type: {type_.sql(self.dialect).lower()}"] if type_ is not None else []),
        ]
        return [
            *head,
            *(["        data_tests:"] if tests else []),
            *(f"          - {test}" for test in tests),
        ]


def _inert(text: str) -> str:
    """Return a description in which Jinja finds no tag, whether it renders the text or shows it as it is."""
    return _TAG.sub("{ ", text)
