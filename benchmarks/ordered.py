"""Ordered features: columns of any shape without classes, and planted classes of numbers that are to be found again.

python benchmarks/ordered.py none 2000 20          # independent columns: how often BIC says one class
python benchmarks/ordered.py planted 2000 20       # k = 2 to 6: how often BIC finds k, and the adjusted Rand index
python benchmarks/ordered.py verdict 500 200       # whole runs of independent columns: number and verdict
python benchmarks/ordered.py grouping 5000 10      # centres and spreads by 64 levels beside those by four times as many
python benchmarks/ordered.py households 4000 3    # drafts in bands and of numbers: adjusted Rand index with planted segments
python benchmarks/ordered.py large 1000000 1       # seconds and memory of six classes of five ordered columns and five of categories, so many starts
"""

from __future__ import annotations

import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

import segmentry as sg
from segmentry.cluster import LatentClass
from segmentry.collecting.fine_levels import LEAST_MODELLED, MAX_LEVELS, with_fine
from segmentry.datasets import sample_households
from segmentry.recipe import Feature

Numbers = npt.NDArray[np.float64]

STARTS = 5
FINEST = 256
"""So many levels an ordered feature has at most."""
SHAPES: dict[str, Callable[[np.random.Generator, int], Numbers]] = {
    "lognormal": lambda rng, n: rng.lognormal(0, 1, n),
    "many zeros": lambda rng, n: np.where(rng.random(n) < 0.5, 0.0, rng.exponential(1, n)),
    "whole numbers": lambda rng, n: rng.poisson(3, n).astype(float),
    "two peaks": lambda rng, n: rng.normal(0, 1, n) + 6 * (rng.random(n) < 0.4),
    "ties": lambda rng, n: np.round(rng.normal(0, 1, n), 1),
    "uniform": lambda rng, n: rng.random(n),
    "heavy tails": lambda rng, n: rng.standard_cauchy(n),
    "ratings": lambda rng, n: rng.choice(5, n, p=[0.05, 0.1, 0.2, 0.25, 0.4]).astype(float),
}


def fine_levels(values: Numbers, n_levels: int = MAX_LEVELS) -> npt.NDArray[np.intp]:
    """Cut numbers into fine levels as a run does."""
    feature = Feature(name="x", column="x", edges=(float(np.quantile(values, 0.5)),), distribution="ordered")
    cuts = with_fine(feature, values, n_levels, LEAST_MODELLED).fine or feature.edges
    return np.searchsorted(np.array(cuts, np.float64), values, side="right")


def independent_columns(rng: np.random.Generator, n_rows: int) -> Numbers:
    """Draw six independent columns of shapes drawn by lot."""
    names = rng.choice(list(SHAPES), 6, replace=False)
    return np.column_stack([SHAPES[name](rng, n_rows) for name in names])


def planted_classes(
    rng: np.random.Generator, n_rows: int, n_classes: int, is_skewed: bool
) -> tuple[Numbers, npt.NDArray[np.intp]]:
    """Draw six columns that are normal within classes, or exponentials of such ones, and the class of each row."""
    shares = rng.dirichlet(np.full(n_classes, 20.0))
    classes = rng.choice(n_classes, n_rows, p=shares)
    centres = _apart(rng, n_classes)
    spreads = np.exp(rng.normal(0, 0.2, centres.shape))
    values = centres[classes] + spreads[classes] * rng.normal(size=(n_rows, centres.shape[1]))
    return (np.exp(0.7 * values) if is_skewed else values), classes


def _apart(rng: np.random.Generator, n_classes: int, distance: float = 3.5) -> Numbers:
    """Draw centres of classes, the nearest two so many standard deviations apart."""
    centres = rng.normal(size=(n_classes, 6))
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)[np.triu_indices(n_classes, 1)]
    return np.asarray(centres * distance / gaps.min())


def best_by_bic(values: Numbers, kind: str, most: int, seed: int) -> LatentClass:
    """Return the classes with the least BIC of 1 to `most`; the last two columns of mixed ones are categories."""
    X = np.column_stack([fine_levels(column) for column in values.T])
    asked = ["ordered"] * 4 + (["levels"] if kind == "mixed" else ["ordered"]) * 2
    fits = []
    for k in range(1, most + 1):
        fits.append(LatentClass(k, distributions=asked, n_init=STARTS, random_state=seed).fit(X))
        if len(fits) > 2 and fits[-1].bic_ > fits[-2].bic_ > fits[-3].bic_:
            break
    return min(fits, key=lambda fit: fit.bic_)


def without_classes(n_rows: int, n_tables: int) -> None:
    """Print how often independent columns are one class."""
    found, gains = [], []
    for seed in range(n_tables):
        values = independent_columns(np.random.default_rng(seed), n_rows)
        X = np.column_stack([fine_levels(column) for column in values.T])
        fits = [
            LatentClass(k, distributions="ordered", n_init=STARTS, random_state=seed).fit(X) for k in (1, 2)
        ]
        found.append(fits[0].bic_ < fits[1].bic_)
        gains.append(2 * (fits[1].log_likelihood_ - fits[0].log_likelihood_))
    print(f"{n_rows} rows, {n_tables} tables: one class in {np.mean(found):.0%}; ", end="")
    print(
        f"twice the gain of a second {np.median(gains):.1f}, 95 % {np.quantile(gains, 0.95):.1f}, most {max(gains):.1f}"
    )


def verdicts(n_rows: int, n_tables: int) -> None:
    """Print the number of segments and the verdict of runs of independent columns: six drawn by lot, in 64 fine levels each."""
    recipe = sg.Recipe.from_toml(
        "[model]\nrange = [1, 5]\n"
        + "".join(
            f'[features.f{j}]\ncolumn = "f{j}"\nquantiles = 4\ndistribution = "ordered"\n' for j in range(6)
        )
    )
    found: list[tuple[int, str]] = []
    for seed in range(n_tables):
        values = independent_columns(np.random.default_rng([n_rows, seed]), n_rows)
        table = pd.DataFrame(values, columns=[f"f{j}" for j in range(6)])
        result = sg.run(table, recipe, analyses=0, seed=seed)
        found.append((len(result.segments), result.verdict))
    one = np.mean([number == 1 for number, _ in found])
    none = np.mean([verdict == "none" for _, verdict in found])
    print(f"{n_rows} rows, {n_tables} tables: one segment in {one:.0%}, verdict none in {none:.0%}")


def mixed_classes(
    rng: np.random.Generator, n_rows: int, n_classes: int
) -> tuple[Numbers, npt.NDArray[np.intp]]:
    """Draw two normal columns, two skewed ones and two of four categories each, and the class of each row."""
    values, classes = planted_classes(rng, n_rows, n_classes, is_skewed=False)
    values[:, 2:4] = np.exp(0.7 * values[:, 2:4])
    for j in (4, 5):
        likely = rng.dirichlet(np.full(4, 0.7), n_classes)
        values[:, j] = (rng.random(n_rows)[:, None] > likely[classes].cumsum(axis=1)[:, :-1]).sum(axis=1)
    return values, classes


KINDS: dict[str, Callable[[np.random.Generator, int, int], tuple[Numbers, npt.NDArray[np.intp]]]] = {
    "normal": lambda rng, n, k: planted_classes(rng, n, k, is_skewed=False),
    "skewed": lambda rng, n, k: planted_classes(rng, n, k, is_skewed=True),
    "mixed": mixed_classes,
}


def with_classes(n_rows: int, n_tables: int) -> None:
    """Print how often planted classes are found, and how well rows are, beside a Gaussian mixture of as many classes."""
    for kind, draw in KINDS.items():
        right, ours, theirs, begin = [], [], [], time.perf_counter()
        for seed in range(n_tables):
            k = 2 + seed % 5
            values, classes = draw(np.random.default_rng(seed), n_rows, k)
            best = best_by_bic(values, kind, k + 2, seed)
            right.append(best.n_components == k)
            ours.append(adjusted_rand_score(classes, best.labels_))
            theirs.append(adjusted_rand_score(classes, gaussian_labels(values, kind, k, seed)))
        print(
            f"{kind}, {n_rows} rows, {n_tables} tables: k found in {np.mean(right):.0%}, "
            f"adjusted Rand index {np.mean(ours):.3f}, Gaussian mixture of the right k {np.mean(theirs):.3f}, "
            f"{time.perf_counter() - begin:.0f} s",
            flush=True,
        )


def gaussian_labels(values: Numbers, kind: str, k: int, seed: int) -> npt.NDArray[np.intp]:
    """Return the classes of a diagonal Gaussian mixture of k classes; it takes categories as columns of 0 and 1."""
    if kind == "mixed":
        values = np.hstack([values[:, :4], *(values[:, [j]] == np.arange(4) for j in (4, 5))])
    model = GaussianMixture(k, covariance_type="diag", n_init=10, random_state=seed, reg_covar=1e-3)
    return np.asarray(model.fit(values).predict(values))


def groupings(n_rows: int, n_tables: int) -> None:
    """Print by how many standard errors centres and spreads differ from those of finer levels."""
    apart: dict[str, list[Numbers]] = {"centres": [], "spreads": []}
    for seed in range(n_tables):
        values, _ = planted_classes(np.random.default_rng(seed), n_rows, 3, is_skewed=seed % 2 == 1)
        usual, finer = (np.column_stack([fine_levels(v, n) for v in values.T]) for n in (MAX_LEVELS, FINEST))
        asked: dict[str, Any] = {
            "distributions": "ordered",
            "n_init": STARTS,
            "random_state": seed,
            "tol": 1e-10,
        }
        models = [LatentClass(3, **asked).fit(X) for X in (usual, finer)]
        errors = models[0].standard_errors(usual)
        distances = np.square(models[0].centres_[:, None] - models[1].centres_).sum(axis=2)
        one, other = linear_sum_assignment(distances)
        for name, found in apart.items():
            own, further = (np.asarray(getattr(model, f"{name}_")) for model in models)
            found.append((own[one] - further[other]) / getattr(errors, name)[one])
    for name, found in apart.items():
        known = np.concatenate(found).ravel()
        known = np.abs(known[np.isfinite(known)])
        print(
            f"{n_rows} rows, {n_tables} tables, {len(known)} {name}: median {np.median(known):.3f}, "
            f"root mean square {np.sqrt(np.mean(known**2)):.3f} standard errors"
        )


def drafts(n_rows: int, n_tables: int) -> None:
    """Print how well drafts in bands and of numbers find the planted segments of generated households, and how long a run takes."""
    for is_ordered in (False, True):
        found, numbers, begin = [], [], time.perf_counter()
        for seed in range(1, n_tables + 1):
            table = sample_households(rows=n_rows, seed=seed, truth=True)
            shown = table.drop(columns="true_segment")
            result = sg.run(shown, sg.draft(shown, ordered=is_ordered), analyses=0)
            numbers.append(len(result.segments))
            found.append(adjusted_rand_score(table["true_segment"], result.assign(shown)["segment"]))
        print(
            f"{n_rows} rows, {n_tables} tables, {'numbers' if is_ordered else 'bands'}: segments {numbers}, adjusted Rand index "
            f"{np.mean(found):.3f} ({min(found):.3f} to {max(found):.3f}), {(time.perf_counter() - begin) / n_tables:.1f} s each",
            flush=True,
        )


def mixed_columns(rng: np.random.Generator, n_rows: int, k: int) -> npt.NDArray[np.int8]:
    """Draw k classes of five columns of 64 levels, normal inside, and five of four categories."""
    classes = rng.choice(k, n_rows, p=rng.dirichlet(np.full(k, 20.0)))
    X = np.empty((n_rows, 10), np.int8)
    for j in range(5):
        values = rng.normal(0, 1.2, k)[classes] + rng.normal(size=n_rows)
        X[:, j] = np.searchsorted(np.quantile(values[:200_000], np.arange(1, 64) / 64), values)
    for j in range(5, 10):
        likely = rng.dirichlet(np.full(4, 0.8), k).cumsum(axis=1)
        X[:, j] = (rng.random(n_rows)[:, None] > likely[classes][:, :-1]).sum(axis=1)
    return X


def large(n_rows: int, n_starts: int) -> None:
    """Print how long six classes of ten mixed columns take, and how much memory the process had at most."""
    k = 6
    X = mixed_columns(np.random.default_rng(0), n_rows, k)
    begin = time.perf_counter()
    asked = ["ordered"] * 5 + ["levels"] * 5
    model = LatentClass(k, distributions=asked, n_init=n_starts, random_state=0).fit(X)
    seconds = time.perf_counter() - begin
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n_rows} rows: {seconds:.1f} s, {model.n_iter_} steps, at most {most:,.0f} MB")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asked, n_rows, n_tables = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    what = {
        "none": without_classes,
        "planted": with_classes,
        "verdict": verdicts,
        "grouping": groupings,
        "households": drafts,
        "large": large,
    }
    what[asked](n_rows, n_tables)
