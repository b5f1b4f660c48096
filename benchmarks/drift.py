"""How often drift calls the same population stable, and planted shifts what they are: the table in docs/drift.md.

python -m benchmarks.drift [--draws 200]; some minutes. Every draw is fresh households of the generator, twenty draws at a time.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd

import segmentry as sg
from segmentry.datasets import sample_households

AT_ONCE = 20
SIZES = (500, 2_000, 10_000)
FEATURES = (["Income"], ["Year_Birth"], ["Education"], ["Marital_Status"], ["Kidhome", "Teenhome"])
Shift = Callable[[int, int], pd.DataFrame]


def same(n: int, seed: int) -> pd.DataFrame:
    return sample_households(rows=n, seed=seed)


def richer(n: int, seed: int) -> pd.DataFrame:
    """Customers of 60,000 and over are twice as frequent."""
    rows = sample_households(rows=3 * n, seed=seed)
    return rows.sample(n, weights=np.where(rows["Income"] >= 60_000, 2.0, 1.0), random_state=seed)


def widowed(n: int, seed: int) -> pd.DataFrame:
    """Eight of 100 customers become single."""
    rows = sample_households(rows=n, seed=seed)
    chosen = np.random.default_rng(seed).random(n) < 0.08
    rows.loc[chosen, "Marital_Status"] = "Single"
    return rows


def new_level(n: int, seed: int) -> pd.DataFrame:
    """Three of 100 customers have an education that the recipe does not know."""
    rows = sample_households(rows=n, seed=seed)
    rows.loc[np.random.default_rng(seed).random(n) < 0.03, "Education"] = "Kindergarten"
    return rows


def mixed(n: int, seed: int) -> pd.DataFrame:
    """Half of the customers have each feature from somebody else: equal margins, less dependence."""
    rows, rng = sample_households(rows=n, seed=seed), np.random.default_rng(seed)
    chosen = rng.random(n) < 0.5
    for columns in FEATURES:
        part = rows.loc[chosen, columns].to_numpy()
        rows.loc[chosen, columns] = part[rng.permutation(len(part))]
    return rows


CASES: dict[str, tuple[Shift, str]] = {
    "the same population": (same, ""),
    "customers of 60,000 and over twice as frequent": (richer, "segments"),
    "8 of 100 become single": (widowed, "levels"),
    "3 of 100 have a new level": (new_level, "unseen"),
    "half of the customers mixed, equal margins": (mixed, "fit"),
}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--draws", type=int, default=200)
    draws = ask.parse_args().draws
    model = sg.run(sample_households(rows=4_000, seed=11), "households", segments=4)
    print("| population | customers | stable | shifting | refit | names the planted shift |")
    print("|---|---|---|---|---|---|")
    for name, (make, about) in CASES.items():
        for n in SIZES:
            some = draws if make is same else max(draws // 8, 1)
            found = []
            for first in range(0, some, AT_ONCE):
                many = make(n * AT_ONCE, 1_000 + first)
                parts = [many[i * n : (i + 1) * n] for i in range(min(AT_ONCE, some - first))]
                found += [model.drift(part).verdict for part in parts]
            kinds = Counter(v.kind for v in found)
            hits = sum(about in {f.about for f in v.findings} for v in found) if about else 0
            cells = [f"{kinds[k] / some:.1%}" for k in ("stable", "shifting", "refit")]
            print(
                f"| {name} | {n:,} | {' | '.join(cells)} | {f'{hits / some:.0%}' if about else ''} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
