"""Texts that have an order: ranges of numbers, scales in six languages, what all values share."""

from __future__ import annotations

import pytest

from segmentry.drafting.categories import MOST_LEVELS, group_values
from segmentry.drafting.scales import order_texts


@pytest.mark.parametrize(
    "values",
    [
        ["under 18", "18-24", "25-34", "35-44", "65+"],
        ["0", "1-2", "3+"],
        ["<20k", "20k-40k", "40k-1m", ">1m"],
        ["Less than $40K", "$40K - $60K", "$60K - $80K", "$120K +"],
        ["bis 500 €", "501 bis 1.000 €", "1.001 bis 2.500 €", "über 2.500 €"],
        ["moins de 20 000 €", "20 000 à 40 000 €", "plus de 40 000 €"],
        ["Menor que R$1.045,00 por mês", "De R$1.045,00 a R$2.000,00", "De R$2.001,00 a R$3.000,00", "Acima de R$ 3.000,00"],
        ["fino a 15.000", "15.000-28.000", "oltre 28.000"],
        ["0.5-1.5", "1.5-2.5"],
        ["low risk", "medium risk", "high risk"],
        ["emp_lt_1", "emp_1", "emp_2", "emp_ge_10"],
        ["unemployed", "... < 1 year", "1 <= ... < 4 years", "... >= 7 years"],
        ["Preschool", "1st-4th", "5th-6th", "9th", "12th", "HS-grad", "Some-college", "Bachelors", "Masters", "Doctorate"],
        ["Non-Travel", "Travel_Rarely", "Travel_Frequently"],
        ["Bad", "Good", "Better", "Best"],
        ["not", "notvery", "somewhat", "very"],
        ["Never", "Occas", "Regul", "Heavy"],
        ["não satisfeito", "parcialmente satisfeito", "totalmente satisfeito"],
        ["muy bajo", "bajo", "medio", "alto", "muy alto"],
        ["mai", "raramente", "qualche volta", "spesso", "sempre"],
        ["Sem escolaridade", "Ensino fundamental incompleto", "Ensino fundamental completo", "Ensino médio incompleto",
         "Ensino médio completo", "Ensino superior incompleto", "Ensino superior completo", "Mestrado"],
        ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"],
        ["Not at all important", "Slightly important", "Somewhat important", "Important", "Very important"],
        ["Very unlikely", "Unlikely", "Maybe", "Likely", "Very likely"],
        ["very dissatisfied", "somewhat dissatisfied", "neither satisfied nor dissatisfied", "somewhat satisfied", "very satisfied"],
        ["none", "parttime", "fulltime"],
        ["Not employed", "Part-time", "Full-time"],
        ["do not watch", "<1", "1", "2", "3", "4", "5+"],
        ["never", "rarely", "sometimes", "most of time", "always"],
        ["primary", "high school incomplete", "high school", "university"],
    ],
)  # fmt: skip
def test_the_order_is_found_again(values: list[str]) -> None:
    mixed = [*values[1::2][::-1], *values[::2]]
    assert order_texts(mixed) == [[v] for v in values]


@pytest.mark.parametrize(
    "values",
    [["Type 1", "Type 2", "Type 3"], ["1", "2", "3"], ["under 18", "25-34", "unclear"], ["a", "b"], ["10-5", "3-1"],
     ["high", "blue"], ["same", "SAME"], ["only"], []],
)  # fmt: skip
def test_no_order_is_made_up(values: list[str]) -> None:
    assert order_texts(values) is None


def test_many_ranges_become_few_levels_whose_labels_name_both_ends() -> None:
    bands = [(f"{low}-{low + 4}", 50) for low in range(20, 80, 5)]
    found = group_values(bands)
    assert found.is_scale
    assert len(found.groups) == MOST_LEVELS
    assert [v for members in found.groups.values() for v in members] == [v for v, _ in bands]
    rare = group_values([("none", 100), ("low", 100), ("medium", 1), ("high", 1), ("very high", 1)])
    assert list(rare.groups) == ["none", "low to very high"]
