"""Measurement of drift between two populations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.drift.changes import Change, compare_outcome
from segmentry.drift.draws import Redraws
from segmentry.drift.fit import Fit, compare_fit
from segmentry.drift.shares import LeftOut, Shift, compare_dropped_rows, compare_left_out, compare_shares
from segmentry.drift.unlike import Unlike, compare_unlike
from segmentry.drift.verdict import EXIT_CODES, DriftVerdict, judge_drift
from segmentry.patterns import FeatureLevels, OutcomeInfo
from segmentry.profiling.intervals import adjust_p_values
from segmentry.profiling.population import OTHER_CELLS, Population
from segmentry.text.display import Shown
from segmentry.text.numbers import count
from segmentry.text.plain_json import plain_value
from segmentry.text.words import counted

if TYPE_CHECKING:
    import pandas as pd

DRIFT_SCHEMA = 1
_DRAWS, _DRAWS_PER_TEST = 2_000, 80
_UNSEEN = -1


@dataclass(frozen=True, repr=False)
class Drift(Shown):
    """Whether a population has moved away from the segments.

    Attributes
    ----------
    verdict
        ``stable``, ``shifting`` or ``refit``, with its `reason` and `findings`.
    segments, features
        Old and new shares (`Shift`) of the segments, and of each feature's levels.
    fit
        Old and new misfit of the model.
    left_out
        Share of rows that cleaning drops; for each feature the share of customers with a value in no level, if any.
    changes
        Change of every outcome in every segment.
    old, new
        Both populations.
    names
        Names of the segments.
    title, source, old_source, method, seed
        Title of the recipe, sources of both populations, method of the segments, and seed of the redraws.
    unlike
        Shares of customers who are unlike the segments; None where they say nothing.
    """

    verdict: DriftVerdict
    segments: Shift
    features: tuple[Shift, ...]
    fit: Fit
    left_out: tuple[LeftOut, ...]
    changes: tuple[Change, ...]
    old: Population
    new: Population
    names: tuple[str, ...]
    title: str = ""
    source: str = ""
    old_source: str = ""
    method: str = ""
    seed: int = 0
    unlike: Unlike | None = None

    def _shown(self) -> tuple[str, dict[str, str]]:
        n = f"{counted(self.new.n_customers, 'customer')} compared with {count(self.old.n_customers)}"
        details = {f"{i}": f.text for i, f in enumerate(self.verdict.findings[:5], 1)}
        if more := len(self.verdict.findings) - len(details):
            details["..."] = counted(more, "further finding")
        return f"{self.verdict.kind}, {n}", details or {"reason": self.verdict.reason}

    @property
    def exit_code(self) -> int:
        """0 stable, 3 shifting, 4 refit."""
        return EXIT_CODES[self.verdict.kind]

    @property
    def levels(self) -> pd.DataFrame:
        """Table with a row per feature and level: old and new share, and their difference."""
        import pandas as pd

        rows = [
            (s.name, cell, s.old[i], s.new[i], s.new[i] - s.old[i])
            for s in self.features
            for i, cell in enumerate(s.cells)
        ]
        return pd.DataFrame(rows, columns=["feature", "level", "old", "new", "difference"])

    @property
    def outcomes(self) -> pd.DataFrame:
        """Table with a row per segment and outcome: old and new value, the difference and its interval."""
        import pandas as pd

        names = ["segment", "outcome", "role", "n_old", "n_new", "old", "new", "difference", "low", "high"]
        rows = [
            (c.segment, c.outcome.name, c.outcome.role, c.n_old, c.n_new, c.old, c.new, c.difference, c.low, c.high, c.p_adjusted)
            for c in self.changes
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[*names, "p_adjusted"])

    def to_dict(self) -> dict[str, Any]:
        """Return the content of drift.json as plain values."""
        plain: dict[str, Any] = plain_value(
            {
                "schema": DRIFT_SCHEMA,
                "verdict": self.verdict.kind,
                "reason": self.verdict.reason,
                "exit_code": self.exit_code,
                "findings": self.verdict.findings,
                "source": self.source,
                "old_source": self.old_source,
                "method": self.method,
                "seed": self.seed,
                "n_old": self.old.n_customers,
                "n_new": self.new.n_customers,
                "segments": plain_value(self.segments) | {"names": self.names},
                "features": self.features,
                "fit": plain_value(self.fit) | {"loss": self.fit.loss, "share_lost": self.fit.share_lost},
                "unlike": self.unlike,
                "left_out": self.left_out,
                "outcomes": self.outcomes.to_dict("records"),
            }
        )
        return plain


def measure_drift(
    old: Population,
    new: Population,
    features: Sequence[FeatureLevels],
    outcomes: Sequence[OutcomeInfo],
    names: Sequence[str],
    *,
    ids: Sequence[int] = (),
    seed: int = 0,
    **about: str,
) -> Drift:
    """Compare two populations of the same segmentation.

    Parameters
    ----------
    old
        Population that the segments were made from.
    new
        Population to compare with it.
    features
        Features with their levels.
    outcomes
        Outcomes.
    names
        Names of the segments.
    ids
        Numbers of the segments; by default 1, 2, and so on.
    seed
        Seed of the redraws.
    about
        Texts of the result: ``title``, ``source``, ``old_source``, ``method``.
    """
    redraws = Redraws(max(_DRAWS, _DRAWS_PER_TEST * (2 * len(features) + 3)), seed)
    n = old.n_effective, new.n_effective
    ids = ids or range(1, len(names) + 1)
    numbers = tuple(str(i) for i in ids)
    shifts = [
        compare_shares(
            "segments", "Segments", numbers, (old.segments, new.segments), n, redraws, keep_empty=True
        )
    ]
    for j, feature in enumerate(features):
        cells = (*feature.levels, *OTHER_CELLS)
        shifts.append(
            compare_shares(feature.name, feature.label, cells, (old.levels[j], new.levels[j]), n, redraws)
        )
    shares = _compare_left_out(old, new, features)
    kind = compare_unlike(old, new)
    tests = [*shifts, compare_fit(old, new, redraws), *shares, *([kind] if kind else [])]
    adjusted = _adjust_family(tests)
    unlike = adjusted.pop() if kind else None
    shifts, fit, shares = adjusted[: len(shifts)], adjusted[len(shifts)], adjusted[len(shifts) + 1 :]
    changes = _adjust_family(
        [
            replace(compare_outcome(old, new, s, j, o), segment=i)
            for s, i in enumerate(ids)
            for j, o in enumerate(outcomes)
        ]
    )
    verdict = judge_drift(shifts[0], shifts[1:], fit, shares, changes, unlike)
    return Drift(
        verdict, shifts[0], tuple(shifts[1:]), fit, tuple(shares), tuple(changes), old, new, tuple(names),
        seed=seed, unlike=unlike, **about,
    )  # fmt: skip


def _compare_left_out(old: Population, new: Population, features: Sequence[FeatureLevels]) -> list[LeftOut]:
    found: list[LeftOut] = []
    if old.n_dropped + new.n_dropped:
        found.append(compare_dropped_rows((old.n_dropped, old.n_rows), (new.n_dropped, new.n_rows)))
    for j, feature in enumerate(features):
        then, now = float(np.nan_to_num(old.levels[j][_UNSEEN])), float(new.levels[j][_UNSEEN])
        if then + now:
            n = [p.n_effective for p in (old, new)]
            of = [p.segments.sum() for p in (old, new)]
            pairs = [(x / total * m, m) for x, m, total in zip((then, now), n, of, strict=True)]
            found.append(compare_left_out(feature.name, feature.label, pairs[0], pairs[1]))
    return found


def _adjust_family(tests: list[Any]) -> list[Any]:
    """Return the tests with p-values adjusted for their number (Benjamini & Hochberg 1995)."""
    p_values = adjust_p_values([t.p_value for t in tests])
    return [replace(t, p_adjusted=float(p)) for t, p in zip(tests, p_values, strict=True)]
