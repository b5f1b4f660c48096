"""What programs and forms write: numbers of rows, ticked boxes, parts for training, and marks of change and performance."""

from __future__ import annotations

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import folded_words, means
from segmentry.drafting.judged_column import MOST_CHOICES, SCALE_VALUES, JudgedColumn
from segmentry.drafting.keys import is_numbering, is_row_number
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.values import is_change, is_yes_no, ticked

_MOST_PARTS = 10
_PARTS = frozenset({"train", "training", "test", "testing", "valid", "validation", "holdout", "dev", "eval"})


def made_by_forms(facts: ColumnFacts) -> JudgedColumn | None:
    """Judge numbers of rows, boxes that are ticked or blank, and parts for training and testing; None for all others."""
    if is_row_number(facts):
        return JudgedColumn(
            facts, "unused", "the number of the row, which another program wrote beside the table"
        )
    if is_numbering(facts):
        every = "every" if facts.is_unique else "nearly every"
        why = f"a number of its own in {every} row: it numbers the rows, and measures nothing"
        return JudgedColumn(facts, "unused", why)
    if (means(facts.name, "split") and 2 <= facts.n_distinct <= _MOST_PARTS) or _names_parts(facts):
        why = "says which rows are for training and which for testing"
        return JudgedColumn(facts, "unused", why, sense="process")
    if ticked(facts):
        is_ticked = exp.not_(plain_column(facts.name).is_(exp.null()))
        why = "a box that is ticked or blank: blank is read as no"
        return JudgedColumn(facts, "flags", why, "category", 0.2, recipe_sql(is_ticked))
    return None


def _names_parts(facts: ColumnFacts) -> bool:
    """Whether the values are the names of the parts that models are trained and tested on."""
    values = {folded_words(str(v)) for v, _ in facts.top_values}
    return facts.kind == "text" and facts.n_distinct > 1 and values <= _PARTS


def judgement(facts: ColumnFacts) -> JudgedColumn | None:
    """Answers that say how something changed, and how others judge a performance: what happened, in few words or marks."""
    is_few = facts.kind == "text" and 2 < facts.n_distinct <= MOST_CHOICES
    if is_few and is_change(facts):
        return JudgedColumn(facts, "flags", "says how something changed", "choice", 0.2, sense="does")
    if not means(facts.name, "judged") or is_yes_no(facts):
        return None
    why = "how others judge what customers do"
    if is_few:
        return JudgedColumn(facts, "flags", why, "choice", 0.2, sense="does")
    if facts.kind == "number" and facts.is_whole and facts.n_distinct <= SCALE_VALUES:
        return JudgedColumn(facts, "amounts", why, "number", 0.2, sense="does")
    return None
