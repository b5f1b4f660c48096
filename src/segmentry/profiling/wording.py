"""The English sentences of texts and notes about segments."""

from __future__ import annotations

NO_BREAK = "\N{NO-BREAK SPACE}"

SIZE_AND_LEVELS = "{size} customers, {share} of all: {levels}."
WHO_ALIKE = "{size} customers, {share} of all; no feature sets them apart."
NAME_HOLDS = "“{name}” is true of {share} of them (all: {base})."
NAME_FALLS_SHORT = (
    "“{name}” is true of only {share} of them (all: {base}): nothing that sets them apart is true of more."
)
EVERYBODY = "{size} customers, who are not divided."
LEVEL_SHARE = "{share} with “{level}” (all: {base})"
FURTHEST_ABOVE = "Furthest above the mean of all customers: {outcome}, {value} per customer (all: {base})."
FURTHEST_BELOW = "Furthest below: {outcome}, {value} (all: {base})."
ONLY_LEAST = "Furthest below the mean of all customers: {outcome}, {value} per customer (all: {base})."
ABOVE_ALL = "{outcome}: {value} per customer, above the mean of all ({base})."
BELOW_ALL = "{outcome}: {value} per customer, below the mean of all ({base})."
ACCEPTS = (
    "{outcome}: yes for {rate} of them, between {low} and {high} with 95"
    + NO_BREAK
    + "% confidence (all: {base})."
)
TYPICAL = "{outcome} differs from that of the others: half of them have {median} or less, {any} have any; their mean is not certain."
NO_DIFFERENCE = "Nothing that they do differs from the other customers by more than chance would."

CONTACT = "Contact them for {outcome}: {rate} of them accepted, allowing for luck {shrunken} ({low} to {high}), all above the break-even of {break_even}."
TRY = (
    "Try {outcome} on a part of them first: {rate} of them accepted, allowing for luck {shrunken}, above the break-even of {break_even}, "
    "but the interval reaches down to {low}."
)
DOUBT = (
    "Leave them out of {outcome} unless a trial says otherwise: {rate} of them accepted, allowing for luck {shrunken}, below the break-even of "
    "{break_even}; the interval reaches up to {high}."
)
LEAVE_OUT = "Leave them out of {outcome}: {rate} of them accepted, allowing for luck {shrunken} ({low} to {high}), all below the break-even of {break_even}."
NOTHING_KNOWN = "Nothing is known of {outcome} here: no customer has a value."
FIRST_CHOICE = (
    "First choice for {outcome}: with {probability} probability no other segment accepts more often."
)
NO_OTHER = "Treat them alike: there is no other segment to put first."
NO_CHOICE = "For no campaign do they come first."
NO_CAMPAIGN = "The table has no campaign to decide on."

BEST_SET = (
    "{outcome}: a contact pays above {break_even}. The best set is {segments}: {n} customers, {share} of all, with "
    "{acceptances} of the acceptances; expected profit {profit} ({low} to {high}), by rates shrunk towards that of all customers, and "
    "lowered because only sets that look profitable are named."
)
HELD_OUT = (
    "Checked on held-out customers: where one half of the customers chooses the segments and the other half is "
    "contacted, then the other way round, the profit is {profit}."
)
IN_PART = "The rate of {segments} may be below the break-even: try it on a part of them first."
MAYBE_SET = (
    "{outcome}: contact nobody yet. A contact pays above {break_even}, and no set of segments pays beyond chance; {segments} may, with an "
    "expected profit of {profit} ({low} to {high}), by rates shrunk towards that of all customers: try it on a part of them first."
)
SURE_ALONE = (
    "{outcome}: contact {sure}, whose interval lies above the break-even of {break_even}. No best set is named beside that: what {segments} would "
    "earn, {profit} ({low} to {high}), is not beyond the luck of choosing."
)
NO_SET = (
    "{outcome}: contact nobody. A contact pays above {break_even}, and no segment is expected to reach that."
)
LOSS = "The interval includes a loss: a set may be named by luck, and it allows for that."

BEATS = "On held-out customers the segments explain {segments} of the variation of the outcomes; {cuts}: {verdict}."
CUT = "{cut} {explained}"
CUT_NAMES = {
    "one feature": "{detail} alone, in as many groups,",
    "two features": "{detail} together",
    "tree": "a tree of all features",
    "all patterns": "all patterns at most",
}
WINS = "no simple cut explains more"
LOSES = "a simpler cut explains more, take it if these outcomes are all that matters"

ASKED = "{n} of {total} features assign {agreement} of the customers as all of them do: {features}."
NOT_ENOUGH = (
    "No set of features assigns nine in ten customers as the segments do; all together reach {agreement}."
)
SAME = "{feature} and {other} say much the same (Cramér's V {v}): together they count nearly twice."

SENSITIVE_STRONG = (
    "The segments largely stand in for {column} (Cramér's V {v}): who knows the segment guesses {feature} right for "
    "{guessed} of the customers, without it for {without}. To treat segments differently is to treat {column} differently."
)
SENSITIVE_SOME = (
    "The segments partly stand in for {column} (Cramér's V {v}): {feature} is guessed right for {guessed} of the "
    "customers by the segment, for {without} without it."
)
SENSITIVE_LITTLE = (
    "The segments say little of {column} (Cramér's V {v}): {feature} is guessed right for {guessed} of the "
    "customers by the segment, for {without} without it."
)
SENSITIVE_UNSEEN = (
    "{column} is to be audited, but forms no feature: how far the segments stand in for it is not known."
)
SENSITIVE_NOTE = (
    "Where segments decide on credit, insurance, housing, jobs, or prices, many laws forbid or restrict differences by "
    "protected attributes, also by way of a stand-in. Take legal advice before such a use."
)

DESIGN = "The sample has {units} in {strata}."
DESIGN_EFFECTS = "Intervals and tests of outcomes allow for that: the design effect of a mean of all customers is {effects}."
DESIGN_OF_SHARES = "The shares of the segments are those of the population within {reach} percentage points, with 95{space}% confidence."
DESIGN_OF_WEIGHTS = "The number of segments and the verdict allow for the weights alone."
LONELY = "{strata} with a single {unit}: its distance from all others stands for the spread there."
NO_DESIGN = "The recipe names {columns} of the sample, which a table of patterns does not hold: intervals are those of a simple sample."

TIMING = {
    "before": "{outcomes}: measured before the features: the segments cannot have led to it.",
    "overlaps": "{outcomes}: measured over a time in which features were, too: they may hold what came out.",
}
SAMPLED = (
    "{what} are those of a sample: {share} of the customers, taken by a hash of the id. "
    "Counts, rates, means and their intervals are those of all."
)
NEGATIVE = "{outcome}: {n} customers have a value below 0; they count as they are, and shares of a total are of the net."
NEGATIVE_TOTAL = "{outcome}: has values below 0; they count as they are."
OUT_OF_RANGE = (
    "Segment {segment}: corrected for misclassification, {outcomes} would be {bound}. "
    "Values are not clipped; the true ones are near that bound."
)
REVERSED = (
    "Segment {segment}: beside customers who are alike in {feature}, the difference from the rest turns round, "
    "for {outcomes}. It comes from who is in the segment."
)
FEATURES_TOGETHER = "the features together"
DETERMINED = (
    "{outcomes}: determined, or nearly, by {feature}, which the segments are made of. That they differ here says nothing new: "
    "it is described, not tested."
)
DETERMINED_BY_FEATURE = "{outcomes}: determined, or nearly, by {feature}. Differences there will say nothing new: keep one of the two."
TAILED = (
    "{outcomes}: few customers make up most of the sum, so {n} means have no interval: they cannot be known from so few. "
    "Compare medians and shares with any; differences are tested by ranks."
)
SMALL = "{outcomes}: {n} figures rest on fewer than {floor} customers with a value."
