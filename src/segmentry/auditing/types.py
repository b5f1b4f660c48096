"""Kinds of columns and names of their SQL types, from Arrow's types."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlglot import exp

from segmentry.sql.audit.columns import AuditColumn, AuditKind


def audit_column(number: int, field: Any, dialect: str) -> AuditColumn:
    """Make the audit's column of a field of an Arrow schema; columns are numbered from 1."""
    arrow = field.type
    if pa.types.is_dictionary(arrow):
        arrow = arrow.value_type
    is_whole = pa.types.is_integer(arrow) or (pa.types.is_decimal(arrow) and arrow.scale == 0)
    return AuditColumn(
        number,
        field.name,
        _sql_type(arrow, dialect),
        _kind_of_type(arrow),
        is_whole_type=is_whole,
        is_float=pa.types.is_floating(arrow),
    )


def _kind_of_type(arrow: Any) -> AuditKind:
    if pa.types.is_integer(arrow) or pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return "number"
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_date(arrow) or pa.types.is_timestamp(arrow):
        return "date"
    if pa.types.is_string(arrow) or pa.types.is_large_string(arrow) or pa.types.is_string_view(arrow):
        return "text"
    return "other"


_TYPES = {
    "bool": exp.DataType.Type.BOOLEAN,
    "int8": exp.DataType.Type.TINYINT,
    "int16": exp.DataType.Type.SMALLINT,
    "int32": exp.DataType.Type.INT,
    "int64": exp.DataType.Type.BIGINT,
    "uint8": exp.DataType.Type.UTINYINT,
    "uint16": exp.DataType.Type.USMALLINT,
    "uint32": exp.DataType.Type.UINT,
    "uint64": exp.DataType.Type.UBIGINT,
    "float": exp.DataType.Type.FLOAT,
    "double": exp.DataType.Type.DOUBLE,
    "date32[day]": exp.DataType.Type.DATE,
    "string": exp.DataType.Type.VARCHAR,
    "large_string": exp.DataType.Type.VARCHAR,
    "string_view": exp.DataType.Type.VARCHAR,
    "binary": exp.DataType.Type.VARBINARY,
}


def _sql_type(arrow: Any, dialect: str) -> str:
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision}, {arrow.scale})"
    if pa.types.is_timestamp(arrow):
        return "TIMESTAMP WITH TIME ZONE" if arrow.tz else "TIMESTAMP"
    kind = _TYPES.get(str(arrow))
    return exp.DataType(this=kind).sql(dialect) if kind else str(arrow).upper()
