"""Every English text about drift that is made from facts; words that never change are in the page's template."""

from __future__ import annotations

HEADLINES = {
    "stable": "Stable: these are the customers that the segments were made from",
    "shifting": "Shifting: the segments still hold, but the customers have moved",
    "refit": "Refit: these customers are no longer those of the segments",
}
NEXT = {
    "stable": "nothing to do; measure again when customers have been added.",
    "shifting": "keep the segments, and plan with the new shares and rates; look again soon.",
    "refit": "make the segments again: segmentry run ... --previous {model} keeps the numbers and names of those that survive.",
}
REACHES = {
    "chance": "within chance",
    "little": "beyond chance, too little to matter",
    "some": "moved",
    "far": "moved far",
}

# the verdict
NOTHING_MOVED = (
    "Neither the shares of segments and levels, nor how well the model describes the customers, nor what the "
    "segments do has moved beyond chance by enough to matter."
)
REASON = "{finding}{further}."
FURTHER = " ({findings})"
FIT_LOST = "The segments no longer describe how the features hang together: {part} that is lost"
PART_LOST, ALL_LOST = "{share} of", "all of"
FIT_GAINED = "The features hang together more than when the segments were made"
ROWS_DROPPED = "Cleaning drops {new} of the rows, where it dropped {old}"
UNSEEN = "{new} of the customers have a value in {feature} that is in no level"
UNLIKE = "{new} of the customers are as unlike the segments as {old} of the old ones were: perhaps customers of a new kind"
SEGMENT_GOES = "Segment {cell} is going: it went from {old} to {new} of the customers"
SEGMENTS_MOVED = (
    "{moved} of the customers are in other segments than before: segment {cell} went from {old} to {new}"
)
LEVELS_MOVED = "{moved} of the customers are in another level of {feature}: {cell} went from {old} to {new}"
RATE_WENT = "{outcome} in segment {segment} went from {old} to {new}"
MEAN_WENT = "{outcome} in segment {segment} went from {old} to {new} per customer"

# what moved most
MOST_SEGMENTS = (
    "Segments: {moved} of the customers are in another one (chance alone gives up to {chance}); segment {cell} "
    "({name}) went from {old} to {new}"
)
MOST_FEATURES = (
    "Features: {feature} moved most, {moved} of the customers are in another level (chance alone gives up to "
    "{chance}); “{cell}” went from {old} to {new}"
)
MOST_OUTCOMES = "Outcomes: {outcome} in segment {segment} moved most, from {old} to {new}, {reach}"
BEYOND_CHANCE, WITHIN_CHANCE = "beyond chance", "no further than by chance"
