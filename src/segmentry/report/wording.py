"""Every English text of the report that is made from facts; words that never change are in `pages/templates/report`."""

from __future__ import annotations

from typing import NamedTuple


class ContactForms(NamedTuple):
    """How it is said whom other analyses would contact: of the set that is named here, and where none is."""

    kept: str
    some_unnamed: str
    unnamed: str
    named_elsewhere: str
    kept_beside: str
    unnamed_beside: str
    elsewhere_beside: str
    added: str
    none_added: str


# sections
SECTIONS = {
    "segments": "Segments", "compare": "Compare", "how-many": "How many", "choices": "Choices", "certainty": "Certainty",
    "targeting": "Targeting", "method": "Method",
}  # fmt: skip
CUSTOMERS_SECTION = "Customers"

# first screen
TITLE = "Customer segments"
HEADLINES = {
    "natural": "{n} customers form {k} natural segments",
    "reproducible": "{n} customers lie along a continuum, cut into {k} segments",
    "constructive": "{n} customers, divided into {k} working segments",
    "none": "{n} customers: {k} segments were made, none are in the data",
    "given": "{n} customers in {k} given segments",
}
HEADLINE_ALONE = "{n} customers, and no segments to tell apart"
HEADLINE_ASKED = "{n} customers, taken as one segment"
VERDICTS = {
    "natural": "Natural segments",
    "reproducible": "Reproducible segments of a continuum",
    "constructive": "A constructed division",
    "none": "No segments",
    "given": "Segments made elsewhere",
}
MEANINGS = {
    "natural": "The groups are in the data: neither chance nor a gradual scale makes such groups, and other samples of "
    "customers show them again.",
    "reproducible": "Customers differ gradually, without gaps. Another sample would be cut at similar places, more "
    "alike than by chance, yet customers near a cut would change sides.",
    "constructive": "The cut is useful where it helps; another sample of customers would be cut elsewhere.",
    "none": "These features do not divide the customers into groups. Do not act on differences between segments.",
    "given": "The segments came with the table; whether they are natural groups was not tested.",
}
VERDICT_ASKED = "Not divided"
MEANING_ASKED = (
    "One segment was asked for, so nothing was looked for here. {k} segments describe these customers better."
)
NEXT_BY_VERDICT = {
    "natural": "Plan by segment: the groups are found again in redrawn customers.",
    "reproducible": "Plan by segment where a cut helps, and expect customers near a cut to be alike.",
    "constructive": "Use the segments as a working division, and check it again on new customers.",
    "none": "Do not act on these segments: independent features give as much.",
}
NEXT_ALONE = "Treat these customers alike, or describe them by other features: these do not divide them."
NEXT_ASKED = "Run it again for {k} segments, or without a number, to see whether there are groups."
NEXT_FILES = (
    "Every customer's segment is in assignments.parquet, with --csv also in assignments.csv, which a spreadsheet opens; "
    "segmentation.json assigns new customers."
)
NEXT_HEADLINE = "{outcome}: {high} in segment {most}, {low} in segment {least}; all customers: {base}."
NEXT_HEADLINE_ALIKE = (
    "{outcome} does not differ between these segments by more than chance would: they say nothing of it."
)
NEXT_HEADLINE_DETERMINED = "{outcome} is determined, or nearly, by {feature}, which the segments are made of: its differences say nothing new."
NEXT_CAMPAIGN = "{campaign} pays where more than {break_even} accept: {parts}."
NEXT_CONTACT = "contact {segments}"
NEXT_NOBODY, NEXT_NOBODY_YET = "contact nobody", "contact nobody yet"
NEXT_TRY = "try {segments} on a part first, where the rate may be lower than that"
NEXT_DOUBT = "leave out {segments} unless a trial says otherwise, where the rate may be higher than that"
NEXT_LEAVE_OUT = "leave out {segments}"
BREAK_EVEN = (
    "A contact costs {cost} and an acceptance brings {revenue}, so it pays where more than {cost} / {revenue} = {break_even} accept: "
    "cost_per_contact and revenue_per_acceptance of [outcomes.{group}] in the recipe."
)
ARE_CLOSE = ("{n} customer is", "{n} customers are")
NEXT_PAIR, NEXT_PAIR_ALONE = (
    "Segments {pair} are hard to tell apart: {customers} nearly as close to the other.",
    "Segments {pair} are hard to tell apart.",
)
NEXT_BETWEEN = (
    "{share} of the customers lie between segments (certainty below {level}): do not address them by segment."
)
NEXT_ONE_FEATURE = (
    "A simpler cut explains more: {cut} alone, in {n} groups, accounts for {theirs} of how these outcomes vary, the "
    "segments for {ours}. Divide by it if only these outcomes matter."
)
NEXT_FEATURES = (
    "A simpler cut explains more: {cut}, in {n} groups, account for {theirs} of how these outcomes vary, the segments "
    "for {ours}. Divide by them if only these outcomes matter."
)
NEXT_SMALL = "Read the figures of {segments} by their intervals: few customers are behind them."
SEGMENT_LIST, SEGMENTS_LIST = "segment {ids}", "segments {ids}"
AVERAGE = "close to the average"

# how many
INDEPENDENT = "independent features"
CHANCE = ("Is there more than chance?", "log-likelihood gained by a second segment", INDEPENDENT)
CONTINUUM = (
    "Is there more than a continuum?",
    "log-likelihood of {k} segments less that of the hardest model without segments; their BIC, {classes}, has to be below "
    "its {null} as well, and they have to explain at least {least} more of the dependence; it is {lead}",
    "{name}",
)
NULL_MODELS = {
    "traits-1": "one continuous trait",
    "traits-2": "two continuous traits",
    "traits-3": "three continuous traits",
    "circle": "gradual change around a circle, as of seasons or phases of life",
    "graph": "features that depend on each other without a common cause",
}
ON_LINES = ", and some who tick the same level throughout"
REFITS = (
    "Do refits find them again?",
    "least stable segment, mean Jaccard similarity of {n} refits; {unmatched}{longer}",
    INDEPENDENT,
)
UNMATCHED, UNMATCHED_IN = "without counterpart: {segments}", "segment {segment} in {n}"
LONGER_SEARCH = "; searched {times} times as long, {better} of {n} had better ones"
NO_TABLE = "none"
ALL_MATCHED = "none without a counterpart"
YES, NO, IN_PART = "yes", "no", "in part"
INERTIA, DISTANCES, LIKELIHOOD, BIC = "Inertia", "Sum of distances", "−2 × log-likelihood", "BIC"
INDICES = {
    "silhouette": "Silhouette",
    "prediction_strength": "Prediction strength",
    "gap": "Gap",
    "gap_continuum": "Gap from a continuum",
    "jaccard": "Stability of the least stable segment",
}
NULLS = {"gap_continuum": NULL_MODELS["traits-1"]}
EYEBROWS = {"elbow": "Elbow", "bic": "Information criterion"}
NUMBER_OF_SEGMENTS = "number of segments"
CHOSEN = "chosen: {k}"
SEGMENT, SEGMENTS = "{k} segment", "{k} segments"
AT_K = "{segments}: {value}"
AT_K_NULL = "; {null} {low} to {high}"
BEND = "The misfit bends at {segments}"
NO_BEND = "The misfit falls without a bend"
EXTREME = "{label} is {extreme} at {segments}"
LOWEST, HIGHEST = "lowest", "highest"
THE_CHOSEN, OTHERS_CHOSEN = ", the number chosen", "; {k} were chosen"
ELBOW_SUBTITLE = "{label}; lower fits better. A bend is a habit of the eye, not a test"
ELBOW_RING = "; ring: farthest below the straight line"
LOWER_RING, HIGHER_RING = "Lower is better; ring: best", "Higher is better; ring: best"
BAND = "; grey: middle 90 % of {null}"
CRITERION_ALT = "{label} for {first} to {last} segments. {finding}."
STRIP = "measured {value}; without it {low} to {high}"
SPLITS = ("How segments split", "The same without segments")
SPLITS_FINDING = "From {k} to {more} groups {share} of the customers stay together"
SPLITS_FINDING_INDEPENDENT = "Without segments {share} stay together from {k} to {more} groups"
SPLITS_SUBTITLE = "These customers, in {first} to {last} groups; coloured by the groups at {chosen}"
SPLITS_SUBTITLE_INDEPENDENT = (
    "The same features, drawn independently, in {first} to {last} groups; coloured by the groups at {chosen}"
)
SPLITS_ALT = "Customers in {first} to {last} groups. {finding}."
NUMBER_OF_GROUPS = "number of groups"
RIBBON = "group {start} of {k} to group {end} of {more}: {share} of the customers"
RIBBON_SEGMENT = ", segment {segment}"
BLOCK = "group {group} of {k}: {share} of the customers"
SPLITS_HEADS = ("Groups", "From group", "To groups", "Into group", "Share of the customers")

# choices
CHOICES = "In {n} other analyses, {steady} of the customers stay in their segment in at least {most} of them."
CHOICES_OF_ONE = "In one other analysis, {steady} of the customers stay in their segment."
CHOICES_MOST = " What moves most is {what}: {moved} change sides."
CONTACTS = ContactForms(
    kept="Of the best set to contact for {outcome}, {of} other analyses keep {kept} on average and {added}",
    some_unnamed="; in {n} of them no set is named",
    unnamed="For {outcome} a best set to contact is named neither here nor in any of {of} other analyses.",
    named_elsewhere="For {outcome} no best set to contact is named here, but in {n} of {of} other analyses one is.",
    kept_beside="On average {of} other analyses keep {kept} of the set’s customers and {added}.",
    unnamed_beside="A best set is named in none of {of} other analyses.",
    elsewhere_beside="A best set is named in {n} of {of} other analyses.",
    added="add others, {added} of its size",
    none_added="add nobody",
)
CONTACTS_OF_ONE = ContactForms(
    kept="Of the best set to contact for {outcome}, one other analysis keeps {kept} and {added}",
    some_unnamed="; it names no set",
    unnamed="For {outcome} a best set to contact is named neither here nor in one other analysis.",
    named_elsewhere="For {outcome} no best set to contact is named here, but in one other analysis one is.",
    kept_beside="One other analysis keeps {kept} of the set’s customers and {added}.",
    unnamed_beside="One other analysis names no best set, either.",
    elsewhere_beside="One other analysis names a best set.",
    added="adds others, {added} of its size",
    none_added="adds nobody",
)
ANALYSES = {
    "feature": "leaving out {what}",
    "levels": "merging {what}",
    "edges": "moving the edges of ordered features a little",
    "number": "{what} segments",
    "method": "{what} as the method",
    "missing": "taking missing values as a level",
    "customers": "redrawing the customers",
}

# map
CORRESPONDENCE = "multiple correspondence analysis"
PRINCIPAL = "principal components of the ordinal codes"
MAP = "Map of the patterns"
MAP_FINDING_PAIR = "The segments' means on two axes that hold {total} of what differs"
MAP_FINDING = "Segments {near} lie closest, {far} furthest apart"
MAP_SUBTITLE = (
    "{kind}; two axes hold {total} of the {held}. A bubble is a pattern, its area the customers{hollow}. A level "
    "stands where its customers are{omitted}. A picture of the data, not evidence of separation"
)
HOLLOW = "; hollow: certainty below {level}"
INERTIA_HELD, VARIANCE_HELD = "adjusted inertia (Greenacre)", "variance"
NOT_DRAWN = ". Not drawn: {parts}"
LEVELS_LEFT_OUT = "labels of {n} levels without room"
PATTERNS_LEFT_OUT = "{n} rarer patterns"
MAP_ALT = "Map of patterns and levels on two axes that hold {total}. {finding}."
AXIS = "axis {number}: {share}"
MAP_SHAPES = ". Colours repeat from segment 9 on: its bubbles are squares, from 17 on diamonds"
BUBBLE = "{pattern}: {customers}, segment {segment}, certainty {certainty}"
MEAN_OF = "segment {segment}, {name}: mean of {customers}"
PLACE = "{label}: {customers}"
CUSTOMER, CUSTOMERS = "{n} customer", "{n} customers"
MAP_HEADS = ("What", "Axis 1", "Axis 2", "Customers")
MAP_SEGMENT = "Segment {id}, {name}"

# histograms, densities, treemaps
RAW_VALUES = "{feature}, raw values"
HISTOGRAM_FINDING = "{feature}: most often {bin}"
HISTOGRAM_SUBTITLE = "Bars: share of the segment; line: share of all customers"
HISTOGRAM_SOURCE = "n = {n} of the segment, {base_n} of all"
HISTOGRAM_ALT = "Histogram of {feature} in segment {segment}. {finding}."
HISTOGRAM_HEADS = ("{feature}", "Customers", "Share", "All")
DENSITY = "{feature} by segment"
DENSITY_FINDING = "{feature}: median from {least} (segment {low}) to {most} (segment {high})"
DENSITY_PLAIN = "{feature} in each segment"
DENSITY_SUBTITLE = "Area: how the segment is spread, by the fine levels of the model; line: all customers"
DENSITY_SOURCE = "the model's fine levels"
DENSITY_ALT = "How {feature} is spread in segment {segment}, beside all customers"
DENSITIES_ALT = "How {feature} is spread in each segment, beside all customers. {finding}."
DENSITY_ROW = "segment {segment}: median {median}, middle half {low} to {high}"
BIN_BELOW, BIN_FROM, BIN_BETWEEN = "below {high}", "{low} and over", "{low} to below {high}"
BIN = "{bin}: {share} ({n}); all: {base}"
TREEMAP = "Treemap: {group}"
TREEMAP_FINDING = "{part} makes up {share} of the total, {base} among all customers"
TREEMAP_SUBTITLE = "An area is a part of the segment's own total"
TREEMAP_ALT = "Treemap of {group} in segment {segment}. {finding}."
TREEMAP_TILE = "{part}: {share} of the segment's own total ({value} per customer); all {base}"

# tables as charts, gains
FEATURES = "Features by segment"
FEATURES_FINDING = "{level}: {share} of segment {segment}, {base} of all"
FEATURES_PLAIN = "Share of each level per segment"
FEATURES_SUBTITLE = "Blue: more than among all customers; orange: fewer"
FEATURES_ALT = "Heat map of the levels' shares per segment. {finding}."
FEATURES_CELL = "{level}, segment {segment}: {share}, lift {lift}"
RATE_SUBTITLE = "Rate: accepted / customers of the segment, 95 % interval; dashed: all customers"
MEAN_SUBTITLE = "Mean per customer, 95 % interval; dashed: all customers"
INTERVALS_ALT = "{group} per segment with intervals. {finding}."
INTERVAL = "segment {segment}, {outcome}: {value}"
INTERVAL_ENDS = " ({low} to {high}), n = {n}"
OUTCOME_FINDING = "Segment {segment}: {outcome} {value}, {lift} all customers"
NO_OUTCOME_FINDING = "{group}: no segment stands out"
GAIN = "Gain curve, {campaign}"
GAIN_FINDING = "Segment {segment} first: {won} of the acceptances with {contacted} of the contacts"
GAIN_FINDING_NOBODY = "No set pays beyond chance; segment {segment}, the best, has {won} of the acceptances in {contacted} of the customers"
GAIN_BEST = "; the set that is named has {contacted} of the customers (expected profit {profit})"
GAIN_SUBTITLE = "Acceptances won by contacting the best segments first{profit}. Dotted: contacting customers at random{held_out}"
GAIN_HELD_OUT = "; blue dashes: order chosen on one half of the customers, tried on the other"
GAIN_ALT = "Gain curve of {campaign}. {finding}."
GAIN_STEP = "with segment {segment}: {contacted} contacted, {won} of the acceptances, expected profit {profit} ({low} to {high})"
GAIN_HEADS = ("Up to segment", "Contacted", "Acceptances won", "Expected profit", "From", "To")
CONTACTED = "customers contacted"
SOURCE = "Source: {source}"
N_CUSTOMERS, SAME_MARGINS = "n = {n} customers", ", drawn from the same margins"

# method
METHOD_NAMES = {
    "latent-class": "latent class analysis (EM on the pattern table)",
    "k-modes": "k-modes (swap search over the grid of levels)",
    "k-means": "k-means on standardised ordinal codes",
    "given": "segments that were given in the table",
}
LIMIT_FEATURES = (
    "Features formed the segments, so differences in them are descriptions; no test of them would be valid, and none "
    "is made."
)
LIMIT_MODAL = (
    "Customers are counted in the segment that suits them best; where certainty is low, differences between segments "
    "look smaller than they are."
)
LIMIT_RATES = "Rates describe recorded customers. They are not the effect of contacting somebody."
LIMIT_BEST = "A segment's best campaign was picked because its rate was high: next time expect a rate nearer to that of all customers."

# tables: Excel, Markdown, notebook
PER_CUSTOMER = "{group}, per customer"
SHEETS = ("Summary", "Method")
SUMMARY_HEADS = ("Segment", "Customers", "Share")
HEADLINE_HEADS = ("Headline outcome", "Value", "From", "To", "Certainty")
BEST_HEADS = ("Best campaign", "Rate", "From", "To", "Certainty")
FEATURE_HEADS = ("Customers", "Share", "All", "Lift")
OUTCOME_HEADS = ("n", "Value", "All", "From", "To", "Total")
CLEANING_HEADS = ("Cleaning step", "What", "Rows")
SERIES = ("Segment", "All customers")
SIZES = "Customers per segment"
NEXT, METHOD, CUSTOMERS_HEAD = "What to do next", "Method and data", "Customers"
SHEET = "Segment {id}"
METHOD_ROWS = ("Source", "Rows read", "Dropped", "Customers", "Method", "Seed")
GLANCE_HEADS = ("Segment", "Customers", "What sets it apart")
BEST_HEAD = "Best campaign"
LEVEL_BESIDE_ALL = "{level}: {share} (all {base})"
WITH_INTERVAL = "{value} ({low} to {high})"
WITH_INTERVAL_AND_LIFT = "{value} ({low} to {high}, {lift})"
NOTE = "Note:"
THE_SEGMENTS, OUTCOMES, DATA_AND_LIMITS = "The segments", "Outcomes", "Data and limits"
OUTCOMES_KEY = (
    "Rates or means per customer, with 95 % intervals and the ratio to all customers. {n} differences from the other "
    "customers were tested as one family (Benjamini–Hochberg)."
)
OUTCOME_HEADS_MARKDOWN = ("Outcome", "All")
WEIGHTED = "Customers carry survey weights: shares, means and likelihoods are weighted{intervals}."
KISH = ", intervals use the effective number of customers (Kish)"
WEIGHTLESS = "{customers} {phrase}: {why}."
DATA_LINE = "{source}: {read} rows read, {dropped} dropped, {n} customers. Method: {method}."
