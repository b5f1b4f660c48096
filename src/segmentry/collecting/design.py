"""The design of a sample, read once the segments are known: sums by stratum, cluster and segment."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlglot import exp

from segmentry.arrays import Labels
from segmentry.collecting.collection import Collected
from segmentry.collecting.pattern_segments import register_segments
from segmentry.engine import Engine
from segmentry.errors import DataError
from segmentry.patterns import DesignSums
from segmentry.recipe import Recipe
from segmentry.sql import MatchedTable, Query
from segmentry.sql.design import DesignQuery, design_query, design_values_query

MAX_CELLS = 50_000_000
"""Most sums that are held: of more clusters, segments and outcomes there is no room."""


def check_design(engine: Engine, matched: MatchedTable) -> None:
    """Check that every customer has a stratum and a cluster, and that there are several, before anything is fitted.

    Raises
    ------
    DataError
        It is not so, or a column holds lists.
    """
    design = matched.recipe.source.design
    if not design:
        return
    _check_types(engine, matched)
    found = engine.query(design_values_query(matched)).to_pylist()[0]
    for i, (key, name) in enumerate(design.items()):
        if found[f"n_{i}"] < found["n_customers"]:
            raise DataError(
                f"customers have no value in {name!r}",
                place=("source", key),
                hint="drop them in a clean step (drop_missing), or give them one",
            )
    differs = [found[f"differs_{i}"] for i in range(len(design))]
    if found["n_customers"] < 2 or ("cluster" in design and not any(differs)):
        raise DataError(
            "all customers are in one cluster, which says nothing about others",
            place=("source", "cluster"),
            hint="name the column of the places where customers were sampled, or leave it out",
        )


def _check_types(engine: Engine, matched: MatchedTable) -> None:
    """Refuse columns whose values are made of others; a kind does not tell them from dates."""
    import pyarrow as pa

    design, columns = matched.recipe.source.design, matched.table.columns
    others = {key: name for key, name in design.items() if columns[name] == "other"}
    if not others:
        return
    nothing = exp.select(*(exp.column(name, quoted=True) for name in others.values())).from_(
        matched.table.relation.origin.copy()
    )
    query = Query("Types of strata and clusters", matched.table.relation.query(nothing.limit(0)))
    for (key, name), field in zip(others.items(), engine.query(query).schema, strict=True):
        if pa.types.is_nested(field.type):
            raise DataError(
                f"{name!r} holds lists or structures",
                place=("source", key),
                hint="name a column of numbers, texts, dates or true/false",
            )


def design_sums(engine: Engine, collected: Collected, labels: Labels, n_segments: int) -> DesignSums | None:
    """Read the sums by sampled unit and segment; None where the recipe names neither strata nor clusters.

    Raises
    ------
    DataError
        There are too many clusters.
    """
    recipe = collected.matched.recipe
    if not recipe.source.design:
        return None
    register_segments(engine, collected, labels, np.ones(len(labels)))
    query = design_query(collected.matched, collected.patterns.origins.tolist())
    found = engine.query(query.query)
    if found.num_rows * (query.n_sums + query.n_squares) > MAX_CELLS:
        raise DataError(
            f"{found.num_rows:,} clusters by segment are too many to be held with the outcomes",
            place=("source", "cluster"),
            hint="a cluster is a place where several customers were asked; leave it out where each is one",
        )
    return _as_sums(recipe, query, found, n_segments)


def _as_sums(recipe: Recipe, query: DesignQuery, found: Any, n_segments: int) -> DesignSums:
    design = recipe.source.design
    units = [_numbered(found.column(i)) for i in range(len(design))]
    strata = units[0] if "stratum" in design else np.zeros(found.num_rows, np.intp)
    keys = np.column_stack([strata, *units[-1:]])  # a cluster's number may be used again in another stratum
    rows, place = np.unique(keys, axis=0, return_inverse=True)
    at = (place.reshape(-1), np.asarray(found.column(query.n_keys).to_numpy(), np.intp) - 1)
    values = [np.nan_to_num(_floats(column)) for column in found.columns[query.n_keys + 1 :]]

    def table(columns: list[Any]) -> Any:
        made = np.zeros((len(rows), n_segments, len(columns)))
        for i, column in enumerate(columns):
            made[*at, i] = column
        return made

    customers = table(values[:1])[:, :, 0]
    sums, squares = values[1 : 1 + query.n_sums], values[1 + query.n_sums :]
    of_row = rows[:, 0].astype(np.intp)
    in_row = customers.sum(axis=1) if squares else np.ones(len(rows))
    n_units = np.bincount(of_row, in_row).astype(np.intp)
    return DesignSums(of_row, n_units, customers, table(sums), table(squares) if squares else None)


def _numbered(values: Any) -> Any:
    """(n_rows,) the values of a key as whole numbers from 0."""
    return np.asarray(values.combine_chunks().dictionary_encode().indices.to_numpy(), np.intp)


def _floats(column: Any) -> Any:
    import pyarrow as pa

    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)
