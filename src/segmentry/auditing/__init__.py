"""The audit: what a table holds, what is wrong with it, and every query that says so."""

from segmentry.auditing.columns import ColumnFacts, describe_columns
from segmentry.auditing.histograms import Bin

__all__ = ["Bin", "ColumnFacts", "describe_columns"]
