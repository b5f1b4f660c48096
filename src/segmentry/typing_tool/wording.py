"""The words of the workbook and of the summary."""

from __future__ import annotations

SHEETS = ("Form", "Several", "Points")
TITLE = "Which segment is this customer in?"
HOW = "Choose an answer from each list; leave blank what you do not know."
RESULTS = ("Segment", "Name", "Certainty", "Possible segments")
POINTS, POINTS_OF = "Points", "Points {}"
POINTS_HEADS = ("Question", "Answer")
START, GAP, NAMES = "Before any answer", "Possible within", "Names"
WRONG_TITLE, WRONG = "Not in the list", "Choose an answer from the list, or leave the cell blank."
CHOOSE = "Choose answers from the lists"
OR = " or "

HEADLINE = "{n} tell the segment of {agreement} of the customers"
QUESTION, QUESTIONS = "{n} question", "{n} questions"
WANTED = "Wanted were {wanted}: "
REACHED = "reached on customers whom the tool was not made of."
NOT_REACHED = "not reached; these questions come closest."
PROVED = "Proved: by fewer of the {n} candidates no rule tells that many, not even of the customers at hand."
NOT_PROVED = "That fewer do not suffice is not proved: some rule does by fewer for the customers at hand, or not all sets or customers were looked at."
COVERAGE = (
    "{coverage} of the customers are in one of the possible segments; {single} have one possible segment."
)
TRIED_HEADS = ("Questions", "Which", "Most that any rule tells", "Told right, held out")
CONFUSION = (
    "Customers by their segment (rows) and the one they are told (columns), held out, to the nearest {floor}"
)
WEIGHTS = "Weights for sums by told segment (rows) that make them sums by true segment (columns)"
NO_WEIGHTS = "There are no such weights: two segments are told alike."
