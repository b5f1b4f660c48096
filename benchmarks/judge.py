"""The same yardstick for all: costs, likelihoods and agreement computed here, never taken from a library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

_ROWS = 2**17
_TINY = 1e-300


def k_modes_cost(codes: Codes, found: dict[str, Any]) -> float:
    """Add up, over the rows, how many features differ from the nearest mode; missing cells differ from none.

    Modes are those found; where only labels are, the most frequent levels of each cluster.
    """
    modes = found["modes"] if "modes" in found else modes_of(codes, found["labels"])
    total = 0
    for part in _parts(codes):
        differs = (part[:, None, :] != modes[None]) & (part[:, None, :] >= 0)
        total += int(differs.sum(axis=2).min(axis=1).sum())
    return float(total)


def modes_of(codes: Codes, labels: npt.NDArray[np.integer[Any]]) -> Codes:
    """Return the most frequent level of every feature in every cluster."""
    columns = [codes[:, j] for j in range(codes.shape[1])]
    clusters = np.unique(labels)
    return np.array([[_mode(column[labels == c]) for column in columns] for c in clusters])


def log_likelihood(codes: Codes, found: dict[str, Any]) -> float:
    """Return the log-likelihood of the rows under independent features within classes."""
    return float(sum(_log_sums(joint).sum() for joint in _joints(codes, found)))


def most_probable(codes: Codes, found: dict[str, Any]) -> npt.NDArray[np.intp]:
    """Return the class that each row most probably belongs to."""
    return np.concatenate([joint.argmax(axis=1) for joint in _joints(codes, found)])


def adjusted_rand(truth: npt.NDArray[Any], labels: npt.NDArray[Any]) -> float:
    """Return the agreement of two partitions, 0 by chance and 1 when equal (Hubert & Arabie 1985)."""
    first, second = (np.unique(part, return_inverse=True)[1] for part in (truth, labels))
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)
    both, rows, columns = (_pairs(counts) for counts in (table, table.sum(axis=1), table.sum(axis=0)))
    expected, largest = rows * columns / _pairs(table.sum()), (rows + columns) / 2
    return float((both - expected) / (largest - expected)) if largest != expected else 1.0


def _mode(values: Codes) -> int:
    known = values[values >= 0]
    return int(np.bincount(known.astype(np.intp)).argmax()) if len(known) else -1


def _parts(codes: Codes) -> Iterator[Codes]:
    for start in range(0, len(codes), _ROWS):
        yield codes[start : start + _ROWS].astype(np.int64)


def _joints(codes: Codes, found: dict[str, Any]) -> Iterator[Floats]:
    prior = _logs(found["prior"])
    tables = [_with_missing(_logs(part)) for part in found["probabilities"]]
    for part in _parts(codes):
        yield prior + sum(table[part[:, j]] for j, table in enumerate(tables))


def _with_missing(logs: Floats) -> Floats:
    """Return one row per level, and a last one of zeros, which the code -1 finds."""
    return np.vstack([logs.T, np.zeros(len(logs))])


def _logs(shares: Sequence[float] | Floats) -> Floats:
    return np.log(np.maximum(np.asarray(shares, dtype=np.float64), _TINY))


def _log_sums(joint: Floats) -> Floats:
    peak = joint.max(axis=1)
    sums: Floats = peak + np.log(np.exp(joint - peak[:, None]).sum(axis=1))
    return sums


def _pairs(counts: Any) -> float:
    return float((counts * (counts - 1) / 2).sum())
