import numpy as np
import pytest

from segmentry.datasets import DIRT, TWIN_SHARE


def _assert_about(seen: float, planted: float, n: int, widening: float = 1.0) -> None:
    """Twins repeat faults, which widens the error by the factor given."""
    assert abs(seen - planted) <= 4 * widening * np.sqrt(planted * (1 - planted) / n)


def test_twins_equal_an_earlier_row_in_all_but_the_id(dirty):
    is_twin = dirty.drop(columns="ID").duplicated()
    _assert_about(is_twin.mean(), TWIN_SHARE, len(dirty))
    assert set(dirty.loc[is_twin, "ID"] % 2) == {0}


def test_clean_samples_have_no_twins(sample):
    assert not sample.drop(columns="ID").duplicated().any()


@pytest.mark.parametrize("fault", [f for f in DIRT if f.change == "set"], ids=lambda f: f.name)
def test_faults_that_set_a_value_are_counted(dirty, fault):
    column = dirty[fault.column]
    seen = column.isna() if fault.value is None else column == fault.value
    _assert_about(seen.mean(), fault.share, len(dirty), 1.1)


@pytest.mark.parametrize("fault", [f for f in DIRT if f.change != "set"], ids=lambda f: f.name)
def test_faults_that_alter_text_are_counted(dirty, fault):
    text = dirty[fault.column]
    seen = text == text.str.lower() if fault.change == "lower" else text.str.endswith(" ")
    _assert_about(seen.mean(), fault.share, len(dirty), 1.1)


def test_faults_touch_their_own_columns_only(sample, dirty):
    touched = {f.column for f in DIRT}
    own = ~dirty.drop(columns="ID").duplicated()
    for column in dirty.columns:
        same = (dirty[column] == sample[column])[own].mean()
        assert same == 1 if column not in touched else 0.98 < same < 1


def test_missing_values_are_of_income_alone(dirty):
    missing = dirty.isna().sum()
    assert set(missing[missing > 0].index) == {"Income"}


def test_shares_of_faults_fit_into_one_draw():
    assert sum(f.share for f in DIRT) < 1
