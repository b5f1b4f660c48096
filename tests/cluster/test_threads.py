"""One thread while a fit runs, and the threads of before when the last fit ends."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from segmentry.cluster.kmodes.p_median import keeps_to_one_thread
from segmentry.cluster.threads import _libraries, one_thread


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
from segmentry.cluster.kmodes.p_median import PMedianProblem, keeps_to_one_thread

def part_of_others(work):
    process, thread = time.process_time(), time.thread_time()
    work()
    whole = time.process_time() - process
    return 1 - (time.thread_time() - thread) / whole

rng = np.random.default_rng(0)
large = rng.random((1_500, 1_500))
sizes = [(2, 8_192, 500), (4, 640, 640), (8, 2_048, 500), (12, 1_300, 600), (40, 400, 700)]
searches = []
for n_clusters, n_patterns, n_candidates in sizes:
    assert keeps_to_one_thread(n_clusters, n_patterns)
    distances = rng.integers(0, 6, (n_candidates, n_patterns)).astype(np.float32)
    problem = PMedianProblem(distances, np.full(n_patterns, 1 / n_patterns), max_iter=10)
    searches.append(part_of_others(lambda: problem.descend(range(n_clusters))))
print(max(searches), part_of_others(lambda: large @ large))
"""


def test_small_searches_for_modes_keep_to_one_thread_without_a_limit() -> None:
    many = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "2")
    out = subprocess.run(
        [sys.executable, "-c", _OTHERS], env=os.environ | many, capture_output=True, text=True, check=True
    ).stdout
    by_searches, by_large_product = map(float, out.split())
    assert by_large_product > 0.1 or os.cpu_count() == 1
    assert by_searches < 0.02


@pytest.mark.parametrize(("n_clusters", "n_patterns"), [(1, 100), (8, 10_000), (60, 5_000)])
def test_larger_searches_need_a_limit(n_clusters: int, n_patterns: int) -> None:
    assert not keeps_to_one_thread(n_clusters, n_patterns)
