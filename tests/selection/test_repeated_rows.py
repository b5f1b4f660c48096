"""Rows that repeat customers are told from customers who are alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.selection.count_tables import observed_table
from segmentry.selection.null_models import hardest_null
from segmentry.selection.repeated_rows import counts_rows, rows_repeat
from structures import as_table, classes, continuum

N_LEVELS = (4, 3, 4, 3, 3, 3)


def is_repeated(patterns, k: int) -> bool:
    table, _ = observed_table(patterns, np.random.default_rng(0))
    mixture = table.replicates().fit(k, 5, np.random.default_rng(1)).parameters[:, 0]
    return rows_repeat(table, mixture, hardest_null(table))


@pytest.mark.parametrize("is_even", [True, False])
def test_several_rows_of_each_customer_are_seen(is_even: bool) -> None:
    rng = np.random.default_rng(5)
    customers = np.column_stack([rng.integers(0, n, 500) for n in N_LEVELS])
    n_rows = np.full(500, 12) if is_even else rng.integers(1, 25, 500)
    assert is_repeated(as_table(np.repeat(customers, n_rows, axis=0)), 6)


def test_customers_who_are_alike_repeat_nobody() -> None:
    rng = np.random.default_rng(6)
    assert not is_repeated(classes(rng, 1_500, list(N_LEVELS), 3), 3)
    assert not is_repeated(continuum(rng, 1_500, list(N_LEVELS), 2.0), 4)
    assert not is_repeated(as_table(rng.integers(0, 2, (1_500, 4))), 2)  # every pattern has many customers


def test_where_numbers_are_not_those_of_rows_it_is_not_asked() -> None:
    """Withheld patterns are those of single rows, samples have fewer of them, and weights are no rows."""
    table = classes(np.random.default_rng(7), 1_500, list(N_LEVELS), 3)
    assert counts_rows(table, table.n_patterns)
    assert not counts_rows(table, table.n_patterns - 1)
    assert not counts_rows(table.withhold(2), table.withhold(2).n_patterns)
    weights = table.counts * 2.0
    weighted = replace(table, weights=weights, squared_weights=weights * 2)
    assert not counts_rows(weighted, weighted.n_patterns)


@pytest.mark.usefixtures("few_null_tables")
def test_a_table_without_patterns_of_few_customers_repeats_nobody() -> None:
    table = sg.collect(sample_households(rows=4_000), HOUSEHOLDS).withhold(5)
    assert not sg.run(table, HOUSEHOLDS, segments=3, analyses=0).evidence.rows_repeat
