"""The sections of the table: what is claimed of which processes, and the bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from truths import effects, structure
from truths.campaigns import CAMPAIGNS, NOTHING_PAYS
from truths.causes import CONFOUNDED, LEAKS
from truths.cells import Claim, Section
from truths.independence import INDEPENDENT, UNITS
from truths.no_classes import NO_CLASSES
from truths.planted import INSIDE, PLANTED, STRANGERS
from truths.populations import POPULATIONS
from truths.unrelated import UNRELATED, class_rates

METHODS = ("latent-class", "k-modes", "k-means")


def _always(*claims: Claim) -> Callable[[str], Sequence[Claim]]:
    return lambda _: claims


def _sizes(*sizes: int) -> Callable[[str], Sequence[int]]:
    return lambda _: sizes


def _strangers(process: str) -> Sequence[Claim]:
    power = Claim("features that belong are found", "true", low=None if process == "weak" else 0.90)
    return (Claim("unrelated features called related", "false", 0.04, 0.06), power)


def _unrelated(_: str) -> Sequence[Claim]:
    return (
        Claim("reports with any claim", "claims", high=0.064),
        Claim(f"intervals cover, from {effects.KNOWN_FROM} customers", "covers", low=0.92),
        Claim("the same of fewer customers", "covers_few"),
        Claim("means that have an interval", "is_known"),
        Claim("intervals of differences cover 0", "differences", low=0.92),
        Claim("intervals of ratios cover 1", "ratios", low=0.92),
    )


def _campaigns(process: str) -> Sequence[Claim]:
    is_nothing = process in NOTHING_PAYS
    bounded = (0.90, 1.10) if not is_nothing and process != "spread-below" else (None, None)
    return (
        Claim("a set is named", "is_named", high=0.05 if is_nothing else None),
        Claim("profit told, of the true one", "profit", *bounded),
        Claim("profit told less the true one, of the cost of contacting all", "overstated"),
        Claim("interval of the set's profit covers", "covers", low=0.92),
        Claim("interval of the highest rate covers", "rate_covers", low=0.92),
        Claim("interval of the highest expected profit covers", "profit_covers", low=0.92),
        Claim("says contact of a segment that does not pay", "has_wrong_contact", high=0.05),
    )


def _strata(process: str) -> Sequence[Claim]:
    if process == "own-cause":
        return (Claim("differences with a cause of their own hold", "real_holds"),)
    return (
        Claim("any difference without another cause holds", "holds", high=0.10),
        Claim("any difference is reversed", "reversed", high=0.10),
    )


def _drift(process: str) -> Sequence[Claim]:
    if POPULATIONS[process].is_shift:
        return (Claim("found", "is_alarm", low=0.80 if process == "new-kind-50000" else None),)
    return (Claim("false alarms", "is_alarm", high=0.05),)


SECTIONS: dict[str, Section] = {
    "independent": Section(
        "Independent columns",
        partial(structure.judge_verdict, INDEPENDENT),
        dict(INDEPENDENT),
        _always(Claim("none", "is_none", low=0.95), Claim("one segment", "is_one")),
        _sizes(60, 500, 2_000, 20_000),
        methods=METHODS,
    ),
    "units": Section(
        "Weights in other units",
        structure.judge_units,
        dict(UNITS),
        _always(
            Claim("the same number", "k_is_same", low=1.0),
            Claim("the same verdict", "verdict_is_same", low=1.0),
        ),
        _sizes(2_000),
        methods=METHODS,
        tables=20,
    ),
    "continuum": Section(
        "Dependence without classes",
        partial(structure.judge_verdict, NO_CLASSES),
        dict(NO_CLASSES),
        _always(Claim("natural", "is_natural", high=0.05)),
        _sizes(500, 2_000, 20_000, 200_000),
        asked=("auto", "3", "4", "5"),
    ),
    "planted": Section(
        "Planted classes",
        partial(structure.judge_verdict, PLANTED),
        dict(PLANTED),
        _always(
            Claim("natural", "is_natural", low=0.85),
            Claim("k right", "k_is_right", low=0.90),
            Claim("agreement with the truth (adjusted Rand)", "agreement"),
        ),
        _sizes(20_000),
        tables=100,
    ),
    "inside": Section(
        "Classes that are normal or dependent inside",
        partial(structure.judge_verdict, INSIDE),
        dict(INSIDE),
        _always(
            Claim("recommended k right", "k_is_right", low=0.80),
            Claim("natural", "is_natural"),
            Claim("agreement with the truth (adjusted Rand)", "agreement"),
        ),
        _sizes(2_000, 20_000),
        tables=100,
    ),
    "stability": Section(
        "Stability of eight to ten classes, and of what was unsteady",
        structure.judge_stability,
        dict(structure.UNSTEADY),
        _always(
            Claim("distance to refits that reach their optimum", "gap", high=0.05),
            Claim("every seed gives the same verdict", "verdict_is_same", low=0.98),
            Claim("every seed gives the same segments", "segments_are_same"),
        ),
        _sizes(20_000),
        tables=50,
    ),
    "strangers": Section(
        "Left-out features",
        structure.judge_strangers,
        dict(STRANGERS),
        _strangers,
        _sizes(2_000),
        methods=METHODS,
        tables=400,
    ),
    "unrelated": Section(
        "Unrelated outcomes",
        effects.judge_unrelated,
        dict(UNRELATED),
        _unrelated,
        _sizes(500, 2_000, 10_000),
        methods=("given",),
        tables=1_000,
    ),
    "rates": Section(
        "Rates of classes that are hard to tell apart",
        effects.judge_class_rates,
        {"purity-50": class_rates},
        _always(
            Claim("the interval that leads covers", "leading", low=0.92),
            Claim("the corrected interval covers", "corrected", low=0.92),
        ),
        _sizes(2_000, 10_000),
    ),
    "targeting": Section(
        "Whom to contact",
        effects.judge_campaigns,
        dict(CAMPAIGNS),
        _campaigns,
        _sizes(1_000, 10_000),
        methods=("given",),
        tables=400,
    ),
    "leakage": Section(
        "Outcomes that features determine",
        effects.judge_leaks,
        dict(LEAKS),
        _always(
            Claim("leaks that are tested", "tested", high=0.0),
            Claim("honest outcomes that are tested", "others_tested", low=1.0),
        ),
        _sizes(1_000, 10_000),
        asked=("3",),
        tables=40,
    ),
    "strata": Section(
        "Differences that a confounder explains",
        effects.judge_strata,
        dict(CONFOUNDED),
        _strata,
        _sizes(1_000, 4_000, 20_000),
        methods=("given",),
    ),
    "drift": Section(
        "Drift",
        effects.judge_drift,
        {name: getattr(move.make, "func", move.make) for name, move in POPULATIONS.items()},
        _drift,
        lambda process: (POPULATIONS[process].new,),
        tables=200,
    ),
}
