"""Every English text of the slides that the report does not have already."""

from __future__ import annotations

# titles
LARGEST = "Segment {id}, {name}, is the largest: {share} of {n} customers"
VERDICTS = {
    "natural": "The segments are natural: the groups are in the data, and are found again",
    "reproducible": "The segments cut a continuum: reproducible, but customers near a cut are alike",
    "constructive": "The segments are a working division: another sample would be cut elsewhere",
    "none": "There are no segments in these data: do not act on their differences",
    "given": "The segments were made elsewhere: whether they are natural was not tested",
}
ASKED = "One segment was asked for: nothing was looked for here"
FEATURES = "{level}: {share} of segment {segment}, {base} of all customers"
OUTCOME = "{outcome}: {high} in segment {most}, {low} in segment {least}; all customers: {base}"
OUTCOME_ALIKE = "{outcome} does not differ between segments by more than chance would"
SEGMENT = "Segment {id}, {name}: {n} customers, {share} of all"
METHOD = "{n} customers, {method}"
GONE = "This slide's segment is no longer there; the slide was kept for what you added"

# on slides
VERDICT_HEAD, NEXT_HEAD, SIZES_HEAD = "Verdict", "What to do next", "Share of the customers"
EVIDENCE_HEADS = ("Question", "Answer", "Found", "By chance")
RANGE = "{low} to {high}"
CHOICE_HEAD, CRITERION_HEAD = (
    "How many, and what depends on our choices",
    "{label} by number of segments; {direction}",
)
LOWER, HIGHER, CHOSEN, THE_CHOSEN = (
    "lower is better",
    "higher is better",
    "coloured: the number chosen",
    "Chosen",
)
WHO_HEAD, DO_HEAD, ACTION_HEAD = "Who they are", "What they do", "What to do, and how to find them"
NOTHING_SHOWN = "No figure is shown here, because too few customers stand behind each"
OF_ALL = "All customers"
IN_SEGMENT = "Segment {id}"
OUTCOME_HEADS = ("Outcome", "Segment", "95 % interval", "All")
LEVEL_HEAD, ALL_HEAD = "Level", "All"
RULE = "Found by: {rule}. Of those, {precision} are in the segment; {recall} of the segment are found."
NEIGHBOUR = "Hard to tell from segment {id}, {name}: {overlap}."
CERTAINTY = "Mean certainty: {certainty}."
SMALL = "Few customers: read the figures by their intervals."
TARGET_HEADS = ("Segment", "Rate", "95 % interval", "Break-even", "Per contact", "In all", "Decision")
LIMITS_HEAD, WHOM_HEAD, DATA_HEAD, FEATURES_HEAD = (
    "Limits",
    "Whom to contact",
    "Data",
    "Features that formed the segments",
)
METHOD_ROWS = (
    "Source",
    "Rows read",
    "Rows dropped",
    "Customers",
    "Patterns",
    "Method",
    "Seed",
    "Differences tested",
)
MIN_CELL = "Figures withheld below"
OF_LEVELS = "{label}: {levels}"
VERSION = "{name} {version}"
INTERVALS = "Whiskers: 95 % interval"

# source lines
SOURCE = "Source: {source}; n = {n} customers"
SOURCE_SEGMENT = "Source: {source}; n = {n} of {all} customers"
LARGEST_ALONE = "; slides are for the six largest segments, the report has all"

# notes: how to read a slide
READ = "How to read this slide: {text}"
NOTES = {
    "summary": "the title is the finding, the verdict says how far it may be trusted, the bars are shares of the customers.",
    "segments": "each row is a segment; what sets it apart are levels that are more frequent in it than among all customers.",
    "verdict": "each question has an answer that was found by comparing these customers with drawn tables in which there is "
    "nothing to find; the last column is what such tables give.",
    "features": "each cell is the share of a segment that has the level; ▲ and a blue ground: more than among all "
    "customers, ▼ and an orange ground: fewer. Features formed the segments, so these differences are no findings.",
    "outcomes": "each bar is a rate, or a mean per customer, with its 95 % interval; intervals that overlap widely are no "
    "difference to act on.",
    "targeting": "a contact pays where the rate is above the break-even; the decision is certain where the whole interval "
    "is on one side of it.",
    "segment": "the bars compare the segment with all customers; levels formed the segment and describe it, outcomes did not.",
    "next": "what follows from the result, and what the figures do not say.",
    "method": "what another person needs to repeat this; the report has the recipe and every query.",
}
OWN_WORDS = (
    "segmentry renews this slide when it writes the deck again. Slides, shapes and notes that you add stay; so write your "
    "own words in a shape or a paragraph of your own."
)
