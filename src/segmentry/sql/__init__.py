"""Recipe to SQL, by sqlglot expressions only: clean, encode, collect, assign."""

from segmentry.sql.table import ColumnKind, MatchedTable, Query, Relation, SourceTable

__all__ = ["ColumnKind", "MatchedTable", "Query", "Relation", "SourceTable"]
