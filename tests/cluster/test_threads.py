"""One thread while a fit runs, and the threads of before when the last fit ends."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from segmentry.cluster._threads import _libraries, one_thread


@pytest.fixture
def blas() -> ThreadpoolController:
    _libraries.cache_clear()  # other tests load further libraries
    found = ThreadpoolController().select(user_api="blas")
    if not found.lib_controllers:
        pytest.skip(f"numpy {np.__version__} uses linear algebra whose threads threadpoolctl cannot limit")
    return found


def _threads(blas: ThreadpoolController) -> set[int]:
    return {library.num_threads for library in blas.lib_controllers}


def test_one_thread_holds_until_the_last_of_overlapping_fits_ends(blas: ThreadpoolController) -> None:
    with blas.limit(limits=2):
        before = _threads(blas)
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        assert _threads(blas) == {1}
        first.__exit__(None, None, None)
        assert _threads(blas) == {1}
        second.__exit__(None, None, None)
        assert _threads(blas) == before


def test_one_thread_ends_with_an_error(blas: ThreadpoolController) -> None:
    with blas.limit(limits=2):
        before = _threads(blas)
        with pytest.raises(ZeroDivisionError), one_thread():
            1 / 0  # noqa: B018
        assert _threads(blas) == before


def test_every_library_of_linear_algebra_is_found(blas: ThreadpoolController) -> None:
    found = _libraries().select(user_api="blas").lib_controllers
    assert {library.filepath for library in found} == {library.filepath for library in blas.lib_controllers}


_OTHERS = """
import time
import numpy as np
from segmentry.cluster import KModes

def part_of_others(work):
    process, thread = time.process_time(), time.thread_time()
    work()
    whole = time.process_time() - process
    return 1 - (time.thread_time() - thread) / whole

rng = np.random.default_rng(0)
X = rng.integers(0, 5, (3_000, 5))
large = rng.random((1_500, 1_500))
fits = [part_of_others(lambda k=k: KModes(k, n_init=2, random_state=0).fit(X)) for k in (2, 4, 8, 12)]
print(max(fits), part_of_others(lambda: large @ large))
"""


def test_k_modes_on_a_grid_keep_to_one_thread_without_a_limit() -> None:
    many = {name: "2" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    out = subprocess.run(
        [sys.executable, "-c", _OTHERS], env=os.environ | many, capture_output=True, text=True, check=True
    ).stdout
    by_fits, by_large_product = map(float, out.split())
    assert by_large_product > 0.1 or os.cpu_count() == 1
    assert by_fits < 0.02
