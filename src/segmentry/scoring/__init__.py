"""Assignment: the segment of every pattern and customer, in Python, as SQL and as a Python function without segmentry."""

from segmentry.scoring.customers import (
    assign_customers,
    kinds_before,
    kinds_of,
    open_data,
    write_parquet,
)
from segmentry.scoring.function import to_python
from segmentry.scoring.placing import Scores, formula_of, limit_of, place_patterns, score_patterns
from segmentry.scoring.populations import fitted_population
from segmentry.scoring.statement import to_sql
from segmentry.scoring.verification import Verification, verify

__all__ = [
    "Scores",
    "Verification",
    "assign_customers",
    "formula_of",
    "kinds_before",
    "kinds_of",
    "limit_of",
    "open_data",
    "place_patterns",
    "fitted_population",
    "score_patterns",
    "to_python",
    "to_sql",
    "verify",
    "write_parquet",
]
