"""Arrow's types as the audit's kinds, and as the database calls them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlglot import exp

from segmentry.sql.audit.columns import AuditColumn, AuditKind


def audit_column(number: int, field: Any, dialect: str) -> AuditColumn:
    """A column of an Arrow schema, numbered from 1."""
    arrow = field.type
    if pa.types.is_dictionary(arrow):
        arrow = arrow.value_type
    is_whole = pa.types.is_integer(arrow) or (pa.types.is_decimal(arrow) and arrow.scale == 0)
    return AuditColumn(
        number,
        field.name,
        _sql_type(arrow, dialect),
        _kind(arrow),
        is_whole_type=is_whole,
        is_float=pa.types.is_floating(arrow),
    )


def _kind(arrow: Any) -> AuditKind:
    if pa.types.is_integer(arrow) or pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return "number"
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_date(arrow) or pa.types.is_timestamp(arrow):
        return "date"
    if pa.types.is_string(arrow) or pa.types.is_large_string(arrow) or pa.types.is_string_view(arrow):
        return "text"
    return "other"


_NAMES = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INT",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINT",
    "uint64": "UBIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date32[day]": "DATE",
    "string": "VARCHAR",
    "large_string": "VARCHAR",
    "string_view": "VARCHAR",
    "binary": "VARBINARY",
}


def _sql_type(arrow: Any, dialect: str) -> str:
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision}, {arrow.scale})"
    if pa.types.is_timestamp(arrow):
        return "TIMESTAMP WITH TIME ZONE" if arrow.tz else "TIMESTAMP"
    name = _NAMES.get(str(arrow))
    return exp.DataType.build(name).sql(dialect) if name else str(arrow).upper()
