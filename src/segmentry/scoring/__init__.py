"""Which segment a pattern belongs to, and how clearly; the same for every customer, and as SQL that needs no segmentry."""

from segmentry.scoring.customers import (
    assign_customers,
    kinds_before,
    kinds_of,
    open_data,
    write_assignments,
)
from segmentry.scoring.function import to_python
from segmentry.scoring.placing import Scores, formula_of, limit_of, place, score_patterns
from segmentry.scoring.populations import fitted_population
from segmentry.scoring.statement import Verification, to_sql, verify

__all__ = [
    "Scores",
    "Verification",
    "assign_customers",
    "formula_of",
    "kinds_before",
    "kinds_of",
    "limit_of",
    "open_data",
    "place",
    "fitted_population",
    "score_patterns",
    "to_python",
    "to_sql",
    "verify",
    "write_assignments",
]
