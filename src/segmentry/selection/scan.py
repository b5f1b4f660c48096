"""The scan: every number of segments is fitted, with a row for what each costs and what its likelihood says."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from segmentry.cluster import PatternModel
from segmentry.errors import ModelError, SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.selection.elbow import knee
from segmentry.selection.fits import fit_classes, fit_model, known_classes, searched_classes
from segmentry.selection.sample_size import max_classes
from segmentry.selection.thorough_indices import with_indices
from segmentry.system.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.cluster import LatentClassModel
    from segmentry.cluster.latent_class.starts import FoundMixture
    from segmentry.recipe.models import Method

FEW_STARTS, LOOSE_TOLERANCE = 5, 1e-6
N_RISES = 3
"""After so many rises of BIC in a row, further numbers of classes get few starts, followed less far: they are
shown, hardly chosen."""
MOST_TRIED = 15
"""While BIC is lowest at the largest number tried, further ones are tried, up to so many."""
PROOF_SECONDS = 5.0
"""Time for the bound of each number of modes, where indices are asked for."""


@dataclass(frozen=True)
class Scan:
    """The fitted models of one method by their number of segments, and the table of their criteria."""

    method: Method
    models: dict[int, PatternModel]
    table: pd.DataFrame


@dataclass(frozen=True)
class ScanWish:
    """Numbers of segments that a scan tries, the one that was asked for, and up to where it goes on; see `scan`."""

    numbers: list[int]
    asked: int | None = None
    grows_to: int | None = None


@dataclass(frozen=True)
class ClassFits:
    """Latent classes by their number, as the search of a scan has found them."""

    mixtures: Mapping[int, FoundMixture]

    @classmethod
    def of(cls, found: Scan) -> Self:
        """Take them from a scan of latent classes for another process."""
        from segmentry.cluster.latent_class.carrying_on import SearchedClasses

        models = found.models.items()
        return cls({k: model.found for k, model in models if isinstance(model, SearchedClasses)})

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild them from plain values."""
        from segmentry.cluster.latent_class.starts import FoundMixture

        return cls(
            {
                int(k): FoundMixture(**{**found, "parameters": np.array(found["parameters"])})
                for k, found in content["mixtures"].items()
            }
        )


@dataclass(frozen=True)
class ScanWatch:
    """What goes on beside a scan.

    Attributes
    ----------
    progress
        Function that is called with a line of text before each fit.
    settled
        Function that is called once with what is found so far, as soon as further numbers are hardly chosen; None for none.
    known
        Latent classes by their number that the same scan has found in another process; others are fitted.
    is_for_another
        Whether the latent classes keep what their search found, for another process.
    """

    progress: Progress = silent
    settled: Callable[[Scan], None] | None = None
    known: Mapping[int, FoundMixture] = field(default_factory=dict)
    is_for_another: bool = False


def scan(
    patterns: PatternTable,
    method: Method = "latent-class",
    k: Iterable[int] = range(1, 11),
    *,
    seed: int = 0,
    asked: int | None = None,
    grows_to: int | None = None,
    indices: bool | int = False,
    watch: ScanWatch | None = None,
) -> Scan:
    """Fit a method for each number of segments, and latent classes beside it for their BIC.

    Parameters
    ----------
    patterns
        Pattern table.
    method
        ``latent-class``, ``k-modes`` or ``k-means``.
    k
        Numbers of segments. Left out are those above the number of patterns, and latent classes with as many
        parameters as there are customers.
    seed
        Seed of the random starts.
    asked
        Number that is wanted whatever BIC says; it always gets all starts.
    grows_to
        Number up to which further numbers are tried while BIC is lowest at the largest; None for those of `k` alone.
    indices
        Whether to add every index beside its null band (see `with_indices`), and to bound the cost of k-modes, which takes
        about a minute; or the number of tables drawn for these bands.
    watch
        Who is told how it goes.

    Returns
    -------
    Scan
        Its table has a row per k: ``cost`` of k-modes (sum of distances) or k-means (inertia, also as
        ``inertia``); ``log_likelihood``, ``n_parameters``, ``bic``, ``aic``, ``icl`` and ``entropy_r2`` of
        k latent classes, and whether their EM ``converged``; ``smallest``, the share of the smallest segment;
        ``is_knee``, whether the curve of the cost, or of the log-likelihood, bends most there. With `indices`
        also those, and for k-modes ``lower_bound`` and ``cost_gap``, the share of the cost that is not proved needed.

    Raises
    ------
    ModelError
        `k` is empty or holds a number below 1; none of it is at most the number of patterns; or the features cannot
        be clustered by the method.

    Examples
    --------
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> found = scan(sg.collect(sample_households(rows=2_000), "households"), k=range(1, 6))
    >>> print(found.table[["k", "bic", "is_knee"]].round({"bic": -1}).to_string(index=False))
     k     bic  is_knee
     1 24060.0    False
     2 23370.0    False
     3 22910.0     True
     4 22920.0    False
     5 23010.0    False
    """
    numbers = numbers_to_try(patterns, method, list(k), asked)
    proof = {"prove": True, "time_limit": PROOF_SECONDS} if indices and method == "k-modes" else {}
    models: dict[int, PatternModel] = {}
    rows: list[dict[str, Any]] = []
    watch = watch or ScanWatch()
    settled = watch.settled
    for n in _growing(numbers, rows, patterns, grows_to):
        if n not in watch.known:
            watch.progress(f"Fitting {n} segment{'s' if n > 1 else ''}")
        is_hopeless = n != asked and _is_hopeless([row["bic"] for row in rows])
        if is_hopeless and settled is not None and (asked is None or asked in models):
            settled(_scan_of(method, models, rows))
            settled = None
        less = {"n_init": FEW_STARTS, "tol": LOOSE_TOLERANCE} if is_hopeless else {}
        with warnings.catch_warnings():  # the table says which did not converge
            warnings.simplefilter("ignore", SegmentryWarning)
            classes = _classes(watch, patterns, n, seed=seed, **less)
            is_of_classes = method == "latent-class"
            models[n] = classes if is_of_classes else fit_model(patterns, method, n, seed=seed, **proof)
        rows.append({"k": n, **models[n].costs(), **classes.criteria(), **_sizes(models[n], patterns)})
    found = _scan_of(method, models, rows)
    if not indices:
        return found
    labels = {n: model.labels_ for n, model in models.items()}
    n_tables = None if indices is True else indices
    table = with_indices(
        found.table, labels, patterns, method, seed=seed, n_tables=n_tables, progress=watch.progress
    )
    return replace(found, table=table)


def _classes(watch: ScanWatch, patterns: PatternTable, n: int, **settings: Any) -> LatentClassModel:
    if n in watch.known:
        return known_classes(watch.known[n], patterns, n, **settings)
    return (searched_classes if watch.is_for_another else fit_classes)(patterns, n, **settings)


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


def _growing(
    numbers: list[int], rows: list[dict[str, Any]], patterns: PatternTable, grows_to: int | None
) -> Iterator[int]:
    """Give the numbers, and then further ones while the last row has the lowest BIC."""
    yield from numbers
    most = min(grows_to or 0, patterns.n_patterns, max_classes(patterns))
    for n in range(numbers[-1] + 1, most + 1):
        if rows[-1]["bic"] > min(row["bic"] for row in rows):
            return
        yield n


def _scan_of(method: Method, models: dict[int, PatternModel], rows: list[dict[str, Any]]) -> Scan:
    import pandas as pd

    table = pd.DataFrame(rows)
    curve = table["cost"] if "cost" in table else -table["log_likelihood"]
    table["is_knee"] = table["k"] == knee(table["k"].tolist(), curve.tolist())
    return Scan(method, dict(models), table)


def _is_hopeless(bic: list[float]) -> bool:
    latest = bic[-N_RISES - 1 :]
    return len(latest) > N_RISES and all(b > a for a, b in itertools.pairwise(latest))


def _sizes(model: PatternModel, patterns: PatternTable) -> dict[str, float]:
    sizes = np.bincount(model.labels_, patterns.sample_weight)
    return {"smallest": float(sizes[sizes > 0].min() / sizes.sum())}
