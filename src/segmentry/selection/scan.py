"""One row per number of segments: what each model costs, and what its likelihood says."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segmentry.errors import ModelError, SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.selection.cautions import max_classes
from segmentry.selection.elbow import knee
from segmentry.selection.thorough import with_indices

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.recipe.models import Method

SCAN_STARTS = 25
"""Random starts of latent classes; on the customer personality file 25 reach the best likelihood of 3, 4 and
5 classes from 30 of 30 seeds, 15 that of 5 classes from 26."""
LARGE, STARTS_OF_LARGE, MEANS_OF_LARGE = 5_000, 10, 3
"""Above so many patterns, so many starts of latent classes and of means: one of ten means of 92,000 patterns takes 0.3 s, and
from three seeds eight means of 10,900 patterns differed by two millionths."""
FEW_STARTS = 5
HOPELESS = 3
"""After so many rises of BIC in a row, further numbers of classes get few starts, followed less far: they are
shown, hardly chosen."""
ROUGH = 1e-8
PROOF_SECONDS = 5.0
"""Time for the bound of each number of modes, where indices are asked for."""
LIKELIHOOD_COLUMNS = ("log_likelihood", "n_parameters", "bic", "aic", "icl", "entropy_r2")


def load_estimators() -> None:
    """Load what fits models; it takes most of a second, which passes while a table is read."""
    from segmentry.cluster import LatentClassModel  # noqa: F401 - for its import alone


@dataclass(frozen=True)
class Scan:
    """The fitted models of one method by their number of segments, and the table of their criteria."""

    method: Method
    models: dict[int, Any]
    table: pd.DataFrame


def scan(
    patterns: PatternTable,
    method: Method = "latent-class",
    k: Iterable[int] = range(1, 11),
    *,
    seed: int = 0,
    asked: int | None = None,
    indices: bool = False,
    n_tables: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Scan:
    """Fit a method for each number of segments, and latent classes beside it for their BIC.

    Parameters
    ----------
    patterns
        The pattern table.
    method
        ``latent-class``, ``k-modes`` or ``k-means``.
    k
        Numbers of segments; those above the number of patterns are left out, and latent classes with as many
        parameters as there are customers.
    seed
        Of every random start.
    asked
        The number that is wanted whatever BIC says; it always gets all starts.
    indices
        Whether to add every index beside its null band (see `with_indices`), and to bound the cost of k-modes;
        takes about a minute.
    n_tables
        Tables drawn for the indices, instead of the default.
    progress
        Called with a line of text before each fit.

    Returns
    -------
    Scan
        Its table has a row per k: ``cost`` of k-modes (sum of distances) or k-means (inertia, also as
        ``inertia``); ``log_likelihood``, ``n_parameters``, ``bic``, ``aic``, ``icl`` and ``entropy_r2`` of
        k latent classes, and whether their EM ``converged``; ``smallest``, the share of the smallest segment;
        ``is_knee``, whether the curve of the cost, or of the log-likelihood, bends most there. With `indices`
        those, and of k-modes ``lower_bound`` and ``cost_gap``, the share of the cost that is not proved needed.

    Raises
    ------
    ModelError
        `k` is empty or holds a number below 1; none of it is at most the number of patterns; or the features cannot
        be clustered by the method.

    Examples
    --------
    >>> import numpy as np
    >>> from segmentry.datasets.structures import classes
    >>> patterns = classes(np.random.default_rng(0), 2_000, [3, 4, 3, 4, 3], 3)
    >>> found = scan(patterns, "latent-class", k=range(1, 6))
    >>> print(found.table[["k", "bic", "is_knee"]].round({"bic": -1}).to_string(index=False))
     k     bic  is_knee
     1 21040.0    False
     2 18730.0    False
     3 17640.0     True
     4 17720.0    False
     5 17800.0    False
    """
    import pandas as pd

    numbers = numbers_to_try(patterns, method, list(k), asked)
    models: dict[int, Any] = {}
    rows: list[dict[str, Any]] = []
    for n in numbers:
        if progress:
            progress(f"Fitting {n} segment{'s' if n > 1 else ''}")
        with warnings.catch_warnings():  # the table says which did not converge
            warnings.simplefilter("ignore", SegmentryWarning)
            is_rough = n != asked and _is_hopeless([row["bic"] for row in rows])
            effort: dict[str, Any] = {"n_init": FEW_STARTS, "tol": ROUGH} if is_rough else {}
            likelihood = fit(patterns, "latent-class", n, seed=seed, **effort)
            proof = {"prove": True, "time_limit": PROOF_SECONDS} if indices and method == "k-modes" else {}
            models[n] = (
                likelihood if method == "latent-class" else fit(patterns, method, n, seed=seed, **proof)
            )
        rows.append({"k": n, **models[n].costs(), **_criteria(likelihood), **_sizes(models[n], patterns)})
    table = _with_knee(pd.DataFrame(rows))
    if indices:
        labels = {n: model.labels_ for n, model in models.items()}
        table = with_indices(table, labels, patterns, method, seed=seed, n_tables=n_tables, progress=progress)
    return Scan(method, models, table)


def numbers_to_try(patterns: PatternTable, method: Method, wanted: list[int], asked: int | None) -> list[int]:
    """Return the numbers that can be tried, in ascending order."""
    if not wanted or min(wanted) < 1:
        raise ModelError(
            f"numbers of segments to try are whole numbers from 1, and there must be one; got {wanted}",
            source="k",
        )
    most = max_classes(patterns) if method == "latent-class" else patterns.n_patterns
    numbers = [n for n in sorted(set(wanted)) if n <= patterns.n_patterns and (n <= most or n == asked)]
    if not numbers:
        raise ModelError(
            f"the numbers of segments to try begin at {min(wanted)}, and these customers allow "
            f"at most {min(most, patterns.n_patterns)}: they make {patterns.n_patterns:,} "
            "patterns",
            hint="begin lower, or let the recipe make more levels",
        )
    return numbers


def _with_knee(table: pd.DataFrame) -> pd.DataFrame:
    curve = table["cost"] if "cost" in table else -table["log_likelihood"]
    return table.assign(is_knee=table["k"] == knee(table["k"].tolist(), curve.tolist()))


def _is_hopeless(bic: list[float]) -> bool:
    latest = bic[-HOPELESS - 1 :]
    return len(latest) > HOPELESS and all(b > a for a, b in itertools.pairwise(latest))


def fit(patterns: PatternTable, method: Method, n_segments: int, *, seed: int = 0, **settings: Any) -> Any:
    """Fit one model to the pattern table; `settings` are further hyper-parameters of the method's estimator.

    Raises
    ------
    ModelError
        There are more segments than patterns, or missing values where the method needs complete ones.
    """
    if n_segments > patterns.n_patterns:
        raise ModelError(
            f"{n_segments} segments need at least as many patterns, and the recipe makes "
            f"{patterns.n_patterns} of these customers",
            source="segments",
            hint="ask for fewer, or make more levels",
        )
    model = _estimator(patterns, method, n_segments, {"random_state": seed, **settings})
    return model.fit(patterns.codes, sample_weight=patterns.sample_weight)


def _estimator(patterns: PatternTable, method: Method, n: int, settings: dict[str, Any]) -> Any:
    from segmentry.cluster import KModesModel, LatentClassModel, OrdinalKMeansModel

    shared = {"missing_value": -1, "handle_unknown": "missing", **settings}
    is_small = patterns.n_patterns <= LARGE
    if method == "latent-class":
        starts = SCAN_STARTS if is_small else STARTS_OF_LARGE
        return LatentClassModel(n_components=n, **{"n_init": starts, **shared})
    if method == "k-modes":
        return KModesModel(
            n_clusters=n,
            distance=[f.distance for f in patterns.features],
            feature_weights=[f.weight for f in patterns.features],
            **shared,
        )
    _check_complete(patterns)
    few: dict[str, Any] = {} if is_small else {"n_init": MEANS_OF_LARGE}
    return OrdinalKMeansModel(n_clusters=n, **{**few, **shared})


def _check_complete(patterns: PatternTable) -> None:
    for j, feature in enumerate(patterns.features):
        missing = patterns.codes[:, j] < 0
        if missing.any():
            raise ModelError(
                f"{int(patterns.counts[missing].sum()):,} customers have no value, and k-means needs one",
                place=("features", feature.name),
                hint='say missing = "drop" or "level", or use latent-class or k-modes',
            )


def _criteria(model: Any) -> dict[str, float | bool]:
    criteria = {name: float(getattr(model, f"{name}_")) for name in LIKELIHOOD_COLUMNS}
    return {**criteria, "converged": bool(model.converged_)}


def _sizes(model: Any, patterns: PatternTable) -> dict[str, float]:
    import numpy as np

    sizes = np.bincount(model.labels_, patterns.sample_weight)
    return {"smallest": float(sizes[sizes > 0].min() / sizes.sum())}
