"""How many segments there are, if any: the verdict's grounds, criteria by number, and how customers split."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from segmentry.report import wording
from segmentry.report.facts.features import labels_of
from segmentry.segmentation import Segmentation
from segmentry.selection import (
    EFFORT,
    LEAST_LEAD,
    SIGNIFICANCE_LEVEL,
    STABLE,
    LongerSearch,
    NullTest,
    Stability,
)
from segmentry.text.numbers import count, percent
from segmentry.text.words import listed


@dataclass(frozen=True)
class EvidenceFact:
    """One ground of the verdict: a measured value, and the range of values where the null model holds.

    `kind` says how `value` is written: as a share, or as a number.
    """

    question: str
    measure: str
    kind: str
    value: float
    null: str
    null_low: float
    null_high: float
    answer: str


@dataclass(frozen=True)
class LeftOutFact:
    """A feature beside segments that the other features form: how closely it goes with them, and whether it belongs."""

    label: str
    cramers_v: float
    p_adjusted: float
    answer: str


@dataclass(frozen=True)
class CriterionFact:
    """A criterion for each number of segments, with its null band where one was drawn.

    `best` is the best number by this criterion; `null` names the null model of the band.
    """

    name: str
    label: str
    null: str
    is_lower_better: bool | None
    k: tuple[int, ...]
    values: tuple[float, ...]
    null_low: tuple[float, ...]
    null_high: tuple[float, ...]
    best: int
    chosen: int

    @property
    def has_band(self) -> bool:
        """Whether a null band was drawn."""
        return any(map(math.isfinite, self.null_high))


@dataclass(frozen=True)
class NumberFact:
    """Figures that `--thorough` adds for a number of segments: the test against one fewer, and who changes segment.

    `moved`, `moved_by_jitter` and `moved_by_merging` are shares of customers; `cost_gap`, of k-modes alone, is the share
    of the cost that is not proved to be needed. Figures that were not computed are not-a-number.
    """

    k: int
    p_value: float
    n_tables: float
    moved: float
    moved_by_jitter: float
    moved_by_merging: float
    cost_gap: float


@dataclass(frozen=True)
class FlowFact:
    """Customers of one chosen segment who are in group `start` of k and in group `end` of k + 1."""

    k: int
    start: int
    end: int
    segment: int
    share: float


@dataclass(frozen=True)
class SplitFact:
    """How customers move from k to k + 1 groups; `kept` is, for each k, the share who stay with most of their group."""

    table: str
    chosen: int
    numbers: tuple[int, ...]
    flows: tuple[FlowFact, ...]
    kept: tuple[float, ...]


def evidence_facts(result: Segmentation) -> tuple[EvidenceFact, ...]:
    """Gather the grounds of the verdict."""
    found = result.evidence
    if found is None:
        return ()
    chance = _tested(wording.CHANCE, found.independence, is_so=found.independence.is_beyond)
    facts = [chance]
    if found.continuum is not None:
        question, measure, null = wording.CONTINUUM
        name = wording.NULL_MODELS[found.continuum_kind] + (wording.ON_LINES if found.straight_lines else "")
        bic = {"classes": count(found.classes_bic), "null": count(found.continuum_bic)}
        lead = {"least": percent(LEAST_LEAD), "lead": percent(found.lead)}
        words = (question, measure.format(k=found.k, **bic, **lead), null.format(name=name))
        tested = _tested(words, found.continuum, is_so=found.is_beyond_continuum)
        is_half = not found.is_beyond_continuum and tested.value > tested.null_high
        facts.append(replace(tested, answer=wording.IN_PART) if is_half else tested)
    lowest = found.stability.lowest
    is_settled = lowest <= found.null_high or lowest >= STABLE
    answer = _yes(lowest > found.null_high) if is_settled else wording.IN_PART
    question, measure, null = wording.REFITS
    n_refits, unmatched = count(found.stability.n_refits), _unmatched(found.stability)
    measure = measure.format(n=n_refits, unmatched=unmatched, longer=_longer(found.longer_search))
    ends = (found.null_low, found.null_high)
    return (*facts, EvidenceFact(question, measure, "share", lowest, null, *ends, answer))


def _longer(found: LongerSearch | None) -> str:
    if found is None:
        return ""
    n, better = count(found.n_tables), count(found.n_better) if found.n_better else wording.NO_TABLE
    return wording.LONGER_SEARCH.format(times=count(EFFORT), n=n, better=better)


def left_out_facts(result: Segmentation) -> tuple[LeftOutFact, ...]:
    """Gather which features belong to the structure, the closest first; none where they could not be tested."""
    found = () if result.evidence is None else result.evidence.left_out
    labels = labels_of(result)
    tested = sorted((one for one in found if one.p_value == one.p_value), key=lambda one: -one.cramers_v)
    return tuple(
        LeftOutFact(
            labels[one.feature], one.cramers_v, one.p_adjusted, _yes(one.p_adjusted <= SIGNIFICANCE_LEVEL)
        )
        for one in tested
    )


def _unmatched(found: Stability) -> str:
    """Name the segments that have no counterpart in some refits."""
    missing = [
        wording.UNMATCHED_IN.format(segment=segment, n=count(n))
        for segment, n in enumerate(found.n_unmatched, 1)
        if n
    ]
    return wording.UNMATCHED.format(segments=listed(missing)) if missing else wording.ALL_MATCHED


def _tested(words: tuple[str, str, str], test: NullTest, *, is_so: bool) -> EvidenceFact:
    question, measure, null = words
    ends = (test.null_low, test.null_high)
    return EvidenceFact(question, measure, "number", test.statistic, null, *ends, _yes(is_so))


def _yes(is_so: bool) -> str:
    return wording.YES if is_so else wording.NO


def criterion_facts(result: Segmentation) -> tuple[CriterionFact, ...]:
    """Gather the misfit, BIC, and every index that was computed, for each number of segments."""
    table = result.selection
    if len(table) < 2:
        return ()
    if "cost" in table and result.method != "latent-class":
        fit, label = table["cost"], wording.INERTIA if result.method == "k-means" else wording.DISTANCES
    else:
        fit, label = -2 * table["log_likelihood"], wording.LIKELIHOOD
    bends = table.loc[table["is_knee"], "k"].tolist() if "is_knee" in table else []
    knee = int(bends[0]) if bends else 0
    made = [
        _criterion(result, "elbow", label, None, fit.to_numpy(float), knee),
        _criterion(result, "bic", wording.BIC, True, table["bic"].to_numpy(float), result.choice.best_by_bic),
    ]
    for name, label in wording.INDICES.items():
        if name in table and table[name].notna().sum() > 1:
            values = table[name].to_numpy(float)
            best = int(table["k"].iloc[int(np.nanargmax(values))])
            made.append(_criterion(result, name, label, False, values, best))
    return tuple(made)


def _criterion(
    result: Segmentation, name: str, label: str, is_lower_better: bool | None, values: np.ndarray, best: int
) -> CriterionFact:
    table = result.selection
    nothing = np.full(len(table), math.nan)
    low = table[f"{name}_null_low"].to_numpy(float) if f"{name}_null_low" in table else nothing
    high = table[f"{name}_null_high"].to_numpy(float) if f"{name}_null_high" in table else nothing
    numbers = tuple(int(k) for k in table["k"])
    a, b, c = (tuple(v.tolist()) for v in (values, low, high))
    null = wording.NULLS.get(name, wording.INDEPENDENT)
    return CriterionFact(name, label, null, is_lower_better, numbers, a, b, c, best, result.choice.k)


def number_facts(result: Segmentation) -> tuple[NumberFact, ...]:
    """Gather tests and changes of segment for each number of segments, where every index was computed."""
    table = result.selection
    if "moved" not in table:
        return ()
    columns = (
        "likelihood_ratio_p", "likelihood_ratio_tables", "moved", "moved_by_jitter", "moved_by_merging", "cost_gap",
    )  # fmt: skip
    rows = table.reindex(columns=["k", *columns])
    return tuple(NumberFact(int(k), *map(float, values)) for k, *values in rows.itertuples(index=False))


def split_facts(result: Segmentation) -> tuple[SplitFact, ...]:
    """Gather how customers split from k to k + 1 groups, and how a table of independent columns does."""
    if not len(result.splits):
        return ()
    made = []
    for name, rows in result.splits.groupby("table", sort=False):
        total = float(rows[rows["k"] == rows["k"].min()]["customers"].sum())
        flows = tuple(
            FlowFact(int(k), int(a), int(b), int(s), float(n / total))
            for k, a, b, s, n in rows[["k", "start", "end", "segment", "customers"]].itertuples(index=False)
        )
        numbers = tuple(sorted({f.k for f in flows} | {f.k + 1 for f in flows}))
        kept = tuple(_kept(flows, k) for k in numbers[:-1])
        made.append(SplitFact(str(name), result.choice.k, numbers, flows, kept))
    return tuple(made)


def _kept(flows: tuple[FlowFact, ...], k: int) -> float:
    """Compute for each k the share of customers in the largest flow out of their group."""
    sums: dict[int, dict[int, float]] = {}
    for flow in flows:
        if flow.k == k:
            ends = sums.setdefault(flow.start, {})
            ends[flow.end] = ends.get(flow.end, 0.0) + flow.share
    return sum(max(ends.values()) for ends in sums.values())
