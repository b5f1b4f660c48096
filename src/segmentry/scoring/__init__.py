"""Which segment a pattern belongs to, and how clearly; the same for every customer, and as SQL that needs no segmentry."""

from segmentry.scoring.customers import assign, hold_assignments, kinds_of, open_data, write_assignments
from segmentry.scoring.placing import Scores, formula_of, limit_of, place, score

__all__ = [
    "Scores",
    "assign",
    "formula_of",
    "hold_assignments",
    "kinds_of",
    "limit_of",
    "open_data",
    "place",
    "score",
    "write_assignments",
]
