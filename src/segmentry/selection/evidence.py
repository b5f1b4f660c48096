"""What speaks for segments and what against: tests beside their null models, and refits, on counts alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster import one_thread
from segmentry.cluster.latent_class.criteria import n_class_parameters
from segmentry.patterns import PatternTable
from segmentry.selection.analysis_variants import Analysis, Variants
from segmentry.selection.confusable_pairs import PatternSegments, SegmentPair, segment_pairs
from segmentry.selection.count_tables import CountTables, observed_table
from segmentry.selection.left_out import LeftOutFeature, leave_features_out, left_out_columns
from segmentry.selection.longer_search import LongerSearch, search_longer
from segmentry.selection.null_models import bic_of, hardest_null
from segmentry.selection.null_tests import NullTest, likelihood_ratio_test, null_model_test
from segmentry.selection.other_analyses import (
    ChoiceDependence,
    OtherSegments,
    Part,
    SmallLabels,
    labels_of,
    places_of,
    summed_up,
)
from segmentry.selection.redraws import TablesToDraw, redraw, steadied
from segmentry.selection.refits import SegmentedTable, refit_of, table_of
from segmentry.selection.repeated_rows import counts_rows, rows_repeat
from segmentry.selection.stability import Stability, exchanged_customers
from segmentry.system.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd


MAX_PATTERNS_OF_REFITS, TABLES_OF_MANY = (
    2_000,
    TablesToDraw(refits=20, null_refits=3, most_refits=20, most_null_tables=10),
)
"""Above so many patterns, so many tables are drawn: refits of k-modes cost the square of the patterns."""
_TABLES_OF_ORDERED = TablesToDraw(null_refits=4)
"""With ordered features a refit takes several times as long. Of 45 tables (independent, three classes, three blurred ones) 44 had the verdict of 10
null refits with 4, and the end of chance lay 0.03 higher."""
_STARTS, _SHOWN = 10, 10
"""Starts of the latent classes that are tested, and drawn tables of a test whose answer is settled without it."""
_LEAST_SAID = -1.0
"""Least lead that is told: where classes gain hardly anything over independence, the quotient says nothing."""
LEAST_LEAD = 0.01
"""With many customers every model is refuted; classes have to explain at least so much more of the dependence."""


@dataclass(frozen=True)
class Evidence:
    """What the verdict on one number of segments rests on.

    Attributes
    ----------
    k
        Number of segments.
    independence
        Test of two latent classes against independent features.
    continuum
        Test of the latent classes against the hardest model without segments; None where independence was not rejected.
    continuum_kind
        That model: ``traits-1``, ``traits-2`` or ``traits-3``, continuous traits behind all features, ``circle``, places on a circle, or ``graph``, features
        that depend on each other without a common cause.
    classes_bic, continuum_bic
        BIC of the latent classes, and of that model; the lower describes the table better.
    lead
        By how much the classes explain more of the dependence between the features than that model: the difference of
        their log-likelihoods over what the classes gain over independence, each less its number of parameters (Akaike 1974); at least -1.
    stability
        Similarity of the segments to those of refits to redrawn tables.
    null_low, null_high
        Ends of the middle 90 % of the least stable segment's similarity where features are independent.
    n_customers
        Customers that the evidence was gathered on: all, or a sample where there are many patterns.
    pairs
        Every two segments, those that are hardest to tell apart first.
    left_out
        Each feature beside segments that the other features form.
    choices
        How far the segments hang on choices that could have been made otherwise; None where this was not looked at.
    longer_search
        How often a longer search finds better segments in redrawn tables; None in files of before it was looked at.
    null_error
        Standard error of `null_high`.
    rows_repeat
        Whether rows seem to repeat customers, so that nothing can be told from them; see `repeated_rows`.
    straight_lines
        Share of the customers who tick one level throughout a battery of features, beyond those whose other answers suggest it: they
        are a part of the hardest model without segments, see `straight_lines`. 0 where it has no such part.
    """

    k: int
    independence: NullTest
    continuum: NullTest | None
    continuum_kind: str
    classes_bic: float
    continuum_bic: float
    lead: float
    stability: Stability
    null_low: float
    null_high: float
    n_customers: int
    pairs: tuple[SegmentPair, ...] = ()
    left_out: tuple[LeftOutFeature, ...] = ()
    choices: ChoiceDependence | None = None
    longer_search: LongerSearch | None = None
    null_error: float = 0.0
    rows_repeat: bool = False
    straight_lines: float = 0.0

    @property
    def is_beyond_continuum(self) -> bool:
        """Whether the test says so, and BIC too, since the number of classes was chosen on the same table."""
        is_tested = self.continuum is not None and self.continuum.is_beyond
        return is_tested and self.classes_bic < self.continuum_bic and self.lead >= LEAST_LEAD

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the other analyses as a table with a row each, called ``choices``; nothing where none were made."""
        return {} if self.choices is None else {"choices": self.choices.table()}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild the evidence from plain values."""
        tests = {
            name: None if content[name] is None else NullTest(**content[name])
            for name in ("independence", "continuum")
        }
        found = content["stability"]
        lists = {name: tuple(found[name]) for name in ("jaccard", "n_unmatched")}
        pairs = tuple(_pair_from_dict(pair) for pair in content.get("pairs", ()))
        left_out = tuple(LeftOutFeature(**one) for one in content.get("left_out", ()))
        choices, longer = content.get("choices"), content.get("longer_search")
        parts = {
            "stability": Stability(**{**found, **lists}),
            "pairs": pairs,
            "left_out": left_out,
            "choices": None if choices is None else ChoiceDependence.from_dict(choices),
            "longer_search": None if longer is None else LongerSearch(**longer),
        }
        return cls(**{**content, **tests, **parts})


def _pair_from_dict(content: dict[str, Any]) -> SegmentPair:
    names = {name: tuple(content[name]) for name in ("separated_by", "alike_in")}
    return SegmentPair(**{**content, **names})


@dataclass(frozen=True)
class Gathered:
    """The evidence, and what other analyses found of single patterns.

    Attributes
    ----------
    evidence
        The evidence.
    steadiness
        (n_patterns,) share of other analyses in which each pattern stays in its segment; NaN for patterns that are not in the sample,
        and for all where no other analyses were made.
    others
        Segments of the other analyses; None where none were made.
    """

    evidence: Evidence
    steadiness: Floats
    others: OtherSegments | None = None

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild it from plain values."""
        return cls(Evidence.from_dict(content["evidence"]), np.array(content["steadiness"], np.float64))

    def with_analyses(self, choices: ChoiceDependence, steadiness: Floats, others: OtherSegments) -> Gathered:
        """Return the evidence with other analyses."""
        return Gathered(replace(self.evidence, choices=choices), steadiness, others)


def gather_evidence(
    patterns: PatternTable,
    segments: PatternSegments,
    method: str,
    *,
    to_draw: TablesToDraw | None = None,
    n_analyses: int = 0,
    seed: int = 0,
    progress: Progress = silent,
) -> Gathered:
    """Gather the evidence for segments.

    Parameters
    ----------
    patterns
        Pattern table.
    segments
        Segments of the patterns, two or more.
    method
        Method that the segments were found by: ``latent-class``, ``k-modes`` or ``k-means``.
    to_draw
        Numbers of tables to draw; by default `TablesToDraw()`, less for ordered features and above `MAX_PATTERNS_OF_REFITS` patterns.
    n_analyses
        Number of other analyses.
    seed
        Seed of the draws.
    progress
        Function that is called with a line of text before each other analysis.

    Raises
    ------
    ValueError
        There is one segment: it needs no evidence.
    """
    if segments.k < 2:
        raise ValueError(f"evidence is for two or more segments, not {segments.k}")
    with one_thread():
        whole, rows, segmented, rng = _observed(patterns, segments, method, seed)
        evidence = _gather(patterns, whole, rows, segmented, segments.at(rows), to_draw, rng)
    found = Gathered(evidence, np.full(patterns.n_patterns, np.nan))
    if not n_analyses:
        return found
    return found.with_analyses(*Otherwise(patterns, segments, method, n_analyses, seed).made(progress))


@dataclass(frozen=True)
class Otherwise:
    """The part of the evidence that no other part hangs on: segments made anew in `n_analyses` other ways; see `gather_evidence`."""

    patterns: PatternTable
    segments: PatternSegments
    method: str
    n_analyses: int
    seed: int

    def made(self, progress: Progress = silent) -> tuple[ChoiceDependence, Floats, OtherSegments]:
        """Return what depends on these choices, the share of analyses in which each pattern (n_patterns,) stays, and their segments."""
        return self.of(self.labels(Part(), progress))

    def labels(self, part: Part, progress: Progress = silent) -> SmallLabels:
        """Return the segment of each pattern that is looked at in each analysis of a part (n_analyses, n_rows), -1 in other parts."""
        with one_thread():
            return labels_of(self._chosen, self._variants.segmented, progress, part)

    def of(self, labels: SmallLabels) -> tuple[ChoiceDependence, Floats, OtherSegments]:
        """Return the same as `made`, of all parts."""
        made, segmented = self._variants, self._variants.segmented
        steadiness = np.full(self.patterns.n_patterns, np.nan)
        found, steadiness[made.rows] = summed_up(segmented, self._chosen, labels)
        places = places_of(found, self._chosen)
        return found, steadiness, OtherSegments(made.rows, segmented.weights, labels, places)

    @cached_property
    def _variants(self) -> Variants:
        whole, rows, segmented, _ = _observed(self.patterns, self.segments, self.method, self.seed)
        rng = np.random.default_rng([self.seed, 3])
        return Variants(whole, rows, segmented, self.method, rng, self.patterns)

    @cached_property
    def _chosen(self) -> list[Analysis]:
        return self._variants.chosen(self.n_analyses)


def _observed(
    patterns: PatternTable, segments: PatternSegments, method: str, seed: int
) -> tuple[PatternTable, Indices, SegmentedTable, np.random.Generator]:
    """Return the patterns as the method takes them, those that are looked at, as a segmented table, and the source of further draws."""
    rng, whole = np.random.default_rng(seed), table_of(method, patterns)
    table, rows = observed_table(whole, rng)
    segmented = SegmentedTable(table, segments.at(rows).labels, segments.k, refit_of(method, patterns))
    return whole, rows, segmented, rng


def _gather(
    patterns: PatternTable,
    whole: PatternTable,
    rows: Indices,
    segmented: SegmentedTable,
    segments: PatternSegments,
    to_draw: TablesToDraw | None,
    rng: np.random.Generator,
) -> Evidence:
    table, k, weights = segmented.table, segmented.k, segmented.weights
    if to_draw is None:
        to_draw = _tables_to_draw(table)
    data = table.replicates()
    mixtures = {n: data.fit(n, _STARTS, rng).parameters[:, 0] for n in sorted({1, 2, k})}
    independence = likelihood_ratio_test(table, mixtures[1], mixtures[2], to_draw.tests, rng)
    found = redraw(segmented, mixtures[1], to_draw, rng)
    left_out = left_out_columns(patterns, whole, table, rows)
    evidence = Evidence(
        k=k,
        independence=independence,
        **_against_null(
            table,
            mixtures,
            k,
            to_draw.tests if independence.is_beyond else 0,
            rng,
            counts=counts_rows(patterns, len(rows)),
        ),
        stability=found.stability,
        null_low=found.null_ends[0],
        null_high=found.null_ends[1],
        n_customers=table.n_customers,
        left_out=leave_features_out(table, segmented.refit, k, left_out, rng),
    )
    for_longer, for_more = rng.spawn(2)
    longer = search_longer(segmented, found.drawn, found.refits, for_longer)
    if independence.is_beyond:
        may_be_natural = evidence.is_beyond_continuum
        found = steadied(found, segmented, mixtures[1], to_draw, for_more, may_be_natural=may_be_natural)
    exchanged = exchanged_customers(segments.labels, found.labels, weights, k)
    features = [f.name for f in patterns.features]
    low, high = found.null_ends
    return replace(
        evidence,
        stability=found.stability,
        null_low=low,
        null_high=high,
        null_error=found.null_error,
        pairs=segment_pairs(patterns.as_shown().codes[rows], weights, segments, exchanged, features),
        longer_search=longer,
    )


def _tables_to_draw(table: CountTables) -> TablesToDraw:
    if len(table.codes) > MAX_PATTERNS_OF_REFITS:
        return TABLES_OF_MANY
    return TablesToDraw() if table.is_ordered is None else _TABLES_OF_ORDERED


def _against_null(
    table: CountTables,
    mixtures: dict[int, Floats],
    k: int,
    max_tables: int,
    rng: np.random.Generator,
    *,
    counts: bool,
) -> dict[str, Any]:
    """Compare `k` classes with the hardest model without segments: the fields of `Evidence` about it.

    There is no test where no tables may be drawn; where BIC or the lead settle the answer, few are drawn. Whether rows repeat
    customers is asked where the table `counts` rows.
    """
    if table.is_ordered is not None:
        table = table.grouped()
        mixtures = {n: table.replicates().fit(n, _STARTS, rng).parameters[:, 0] for n in mixtures}
    data, null, n = table.replicates(), hardest_null(table), table.n_customers
    independent, classes = (float(data.values(mixtures[number])[0]) for number in (1, k))
    n_least, n_free = (n_class_parameters(number, table.n_levels) for number in (1, k))
    classes_bic, null_bic = n_free * float(np.log(n)) - 2 * classes, bic_of(null, n)
    gained = (classes - n_free) - (independent - n_least)
    ahead = (classes - n_free) - (null.log_likelihood - null.n_parameters)
    lead = max(ahead / gained, _LEAST_SAID) if gained > 0 else _LEAST_SAID
    is_open = classes_bic < null_bic and lead >= LEAST_LEAD
    n_tables = max_tables if is_open else min(max_tables, _SHOWN)
    test = null_model_test(table, mixtures[k], null, n_tables, rng) if n_tables else None
    return {
        "rows_repeat": counts and rows_repeat(table, mixtures[k], null),
        "continuum": test,
        "continuum_kind": null.kind,
        "straight_lines": null.on_lines,
        "classes_bic": classes_bic,
        "continuum_bic": null_bic,
        "lead": lead,
    }
