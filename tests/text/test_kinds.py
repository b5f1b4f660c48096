"""Values are compared with annotations, whatever name a type goes by."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pytest
from typing_extensions import TypeAliasType

from segmentry.text.kinds import is_of_kind

T = TypeVar("T", bound=np.generic)
Arrays = TypeAliasType("Arrays", np.ndarray[Any, np.dtype[T]], type_params=(T,))
"""As numpy 2.5 defines NDArray on Python 3.12 and later."""
Words = TypeAliasType("Words", tuple)


@pytest.mark.parametrize("hint", [npt.NDArray[np.float64], Arrays[np.float64], Arrays, np.ndarray])
def test_arrays_are_arrays_by_every_name(hint: Any) -> None:
    assert is_of_kind(np.zeros(2), hint)
    assert not is_of_kind([0.0, 0.0], hint)


def test_a_name_for_a_plain_type_is_that_type() -> None:
    assert is_of_kind((1,), Words)
    assert not is_of_kind([1], Words)
