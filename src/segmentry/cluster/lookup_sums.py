"""A fitted model as the sums by which it places rows, for those who place them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.input.frames import Levels
from segmentry.cluster.kmodes.distance import mode_tables, read_distances
from segmentry.cluster.latent_class.model import share_logs, table_of_logs
from segmentry.cluster.packed_codes import feature_groups


@dataclass(frozen=True)
class Sums:
    """Per cluster a constant and one number per feature; the cluster with the smallest sum has the row.

    `constants` (n_clusters,) are added to the first feature's; `tables` per feature (n_levels, n_clusters), by the
    position of the level in `categories`; a missing cell adds 0. `groups` are the sizes of the runs of features that
    are added up first.
    """

    kind: Literal["likelihood", "distance", "squared"]
    constants: Floats
    tables: list[Floats]
    categories: list[Levels]
    groups: list[int]


def sums_of(core: Any) -> Sums:
    """Return the sums by which a fitted core of latent classes, k-modes or k-means places a row."""
    kind, constants, tables = _parts(core)
    groups = [len(group) for group in feature_groups([len(table) for table in tables])]
    return Sums(kind, constants, [table[:-1] for table in tables], list(core.categories_), groups)


def _parts(core: Any) -> tuple[Literal["likelihood", "distance", "squared"], Floats, list[Floats]]:
    """The kind of the sums, their constants, and the tables (n_levels + 1, n_clusters)."""
    if hasattr(core, "class_prior_"):
        tables = [table_of_logs(probabilities) for probabilities in core.response_proba_]
        return "likelihood", share_logs(core.class_prior_), tables
    if hasattr(core, "mode_codes_"):
        distances = read_distances(core.distance, core.feature_weights, core.categories_)
        modes = np.asarray(core.mode_codes_)
        return "distance", np.zeros(len(modes)), mode_tables(distances, modes)
    return "squared", np.zeros(len(core.cluster_centers_)), list(core.level_tables())
