"""A column with its use in a recipe, and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

from segmentry.auditing.columns import ColumnFacts
from segmentry.drafting.codes import MissingCode
from segmentry.drafting.outliers import FarValues

Use = Literal["id", "feature", "amounts", "counts", "flags", "money", "unused"]
ColumnForm = Literal[
    "birth", "age", "kids", "yes_no", "scale", "category", "number", "date", "choice", "one_of"
]
Sense = Literal["who", "happened", "does", "holds", "process", "unknown"]
"""What a column says of customers: who they are, what happened, what they do, what they hold, how they were contacted."""

COMPARED: tuple[Use, ...] = ("amounts", "counts", "flags")
"""Uses of outcomes."""
FORMING = 1.0
"""Columns with at least this worth form segments by default."""
MOST_CHOICES = 8
"""Texts with up to this many different values are answers of which each can be compared."""
SCALE_VALUES = 7
"""Whole numbers with up to this many different values are read as a scale, value by value."""
OFFERED = 0.1
"""Worth of columns that are offered as features, and taken only where there is nothing else."""
UNNAMED = 0.5
"""Worth of a number whose name does not say what it is."""


@dataclass(frozen=True)
class JudgedColumn:
    """A column, its use, and the reason.

    Attributes
    ----------
    facts
        Facts of the column.
    use
        Role of the column in the recipe.
    why
        Reason of the use, for people.
    form
        Form in which the values become levels.
    worth
        Worth for forming segments.
    sql
        Expression to read; None for the column as it is.
    code
        Numbers that are read as missing: codes, or values that cannot be true.
    is_personal
        Whether the column holds personal data.
    yes
        Value that is read as yes, where it is no word for yes.
    sense
        What the column says of customers, as far as its name and values tell.
    battery
        Name of the battery of alike columns that it is part of; empty where it is of none.
    again
        Name of the column of which it is made, as a logarithm or a code is; empty where it is of none.
    whole
        Name of the column, or of the columns, with which it adds up; empty where it does not.
    order
        Values in the order that a statistics file gives them; empty where none is known.
    is_ordinal
        Whether the file calls that order one of steps.
    """

    facts: ColumnFacts
    use: Use
    why: str
    form: ColumnForm | None = None
    worth: float = 0.0
    sql: str | None = None
    code: MissingCode | FarValues | None = None
    is_personal: bool = False
    yes: str = ""
    sense: Sense = "unknown"
    battery: str = ""
    again: str = ""
    whole: str = ""
    order: tuple[str, ...] = ()
    is_ordinal: bool = False

    @property
    def reads(self) -> dict[str, str]:
        """Key of a feature that says what it reads."""
        return {"column": self.name} if self.sql is None else {"sql": self.sql}

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.facts.name

    @property
    def is_compared(self) -> bool:
        """Whether segments are compared on the column."""
        return self.use in COMPARED

    def unless_used(self, why: str) -> Self:
        """Return the column as one that is offered as a feature, and neither forms segments nor is compared."""
        use: Use = self.use if self.use == "unused" else "feature"
        return replace(self, use=use, why=why, worth=min(self.worth, OFFERED))

    @property
    def is_unnamed(self) -> bool:
        """Whether it is a number whose name does not say what it is."""
        return self.worth == UNNAMED
