"""Recipe to SQL, by sqlglot expressions only: clean, encode, collect, assign."""

from segmentry.sql.table import ColumnKind, Query, Relation, SourceTable

__all__ = ["ColumnKind", "Query", "Relation", "SourceTable"]
