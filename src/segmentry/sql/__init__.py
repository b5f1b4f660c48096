"""Recipe to SQL, by sqlglot expressions only: clean, encode, collect, assign."""

from segmentry.sql.table import Kind, Query, Relation, SourceTable

__all__ = ["Kind", "Query", "Relation", "SourceTable"]
