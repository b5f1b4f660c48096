"""A process that runs functions of segmentry answers in turn, and ends when it is left or when nobody asks any more."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from segmentry.system.progress import UnwantedError
from segmentry.system.worker import Parcel, WorkerEndedError, WorkerProcess, begun, worker_process


def doubled(parcel: Parcel) -> Parcel:
    arrays = {name: 2 * values for name, values in parcel.arrays.items()}
    return Parcel({"said": parcel.values["say"]}, arrays)


def asleep(parcel: Parcel) -> Parcel:
    time.sleep(parcel.values["seconds"])
    return parcel


def turning(parcel: Parcel) -> Parcel:
    end = time.monotonic() + parcel.values["seconds"]
    while time.monotonic() < end:
        pass
    return parcel


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process finds this module: tests are imported by their file, not by a name."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    for function in (doubled, asleep, turning):
        monkeypatch.setattr(function, "__module__", "test_worker")


@pytest.mark.usefixtures("importable")
def test_parcels_go_and_come_in_turn() -> None:
    with WorkerProcess("json") as worker:
        arrays = {"a": np.arange(3), "b": np.array([[0.5, np.nan]])}
        first = worker.submit(doubled, Parcel({"say": "é"}, arrays))
        second = worker.submit(doubled, Parcel({"say": [1, None, float("nan")]}))
        assert first.result().values == {"said": "é"}
        np.testing.assert_array_equal(first.result().arrays["a"], [0, 2, 4])
        np.testing.assert_array_equal(first.result().arrays["b"], [[1.0, np.nan]])
        said = second.result().values["said"]
        assert said[:2] == [1, None]
        assert np.isnan(said[2])
        assert second.result().arrays == {}


@pytest.mark.usefixtures("importable")
def test_leaving_ends_the_process_whatever_it_is_at() -> None:
    with WorkerProcess() as worker:
        assert worker.submit(doubled, Parcel({"say": 1})).result().values == {"said": 1}
        worker.submit(asleep, Parcel({"seconds": 60}))
        time.sleep(0.2)
        assert worker.exit_code is None
    assert worker.exit_code is not None


@pytest.mark.usefixtures("importable")
def test_answers_that_nobody_wants_end_those_who_wait_and_what_is_asked_next_is_answered() -> None:
    with WorkerProcess() as worker:
        for seconds in (0.0, 0.3, 0.0):
            asked = [worker.submit(turning, Parcel({"seconds": 60})) for _ in range(3)]
            time.sleep(seconds)
            worker.drop()
            for future in asked:
                with pytest.raises(UnwantedError):
                    future.result(timeout=0)
            assert worker.submit(doubled, Parcel({"say": 7})).result(timeout=30).values == {"said": 7}
        worker.drop()
        assert worker.submit(doubled, Parcel({"say": 8})).result(timeout=30).values == {"said": 8}
        assert worker.exit_code is None


@pytest.mark.usefixtures("importable")
def test_many_moves_leave_no_answer_in_the_place_of_another() -> None:
    with WorkerProcess() as worker:
        for n in range(200):
            worker.submit(turning, Parcel({"seconds": 0.002 * (n % 3)}))
            unwanted = worker.submit(doubled, Parcel({"say": "unwanted"}))
            time.sleep(0.001 * (n % 5))
            worker.drop()
            assert unwanted.done()
            assert worker.submit(doubled, Parcel({"say": n})).result(timeout=30).values == {"said": n}


@pytest.mark.usefixtures("importable")
def test_what_waits_for_its_turn_can_be_cancelled() -> None:
    with WorkerProcess() as worker:
        first = worker.submit(turning, Parcel({"seconds": 0.5}))
        second, third = (worker.submit(doubled, Parcel({"say": n})) for n in (2, 3))
        assert second.cancel()
        assert third.result(timeout=30).values == {"said": 3}
        assert first.done()
        assert not third.cancel()


@pytest.mark.usefixtures("importable")
def test_what_is_asked_of_a_process_that_ended_is_an_error() -> None:
    with WorkerProcess() as worker:
        worker.end()
        with pytest.raises(WorkerEndedError, match="ended with -9"):
            worker.submit(doubled, Parcel({"say": 1})).result()


def test_a_process_that_has_begun_is_the_one_that_is_asked_for() -> None:
    with begun("json"), worker_process("json") as worker, worker_process("json") as other:
        assert worker.pid != other.pid
        assert worker.exit_code is None
    assert worker.exit_code is not None


def test_a_process_that_has_begun_ends_where_nobody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[WorkerProcess] = []
    begin = WorkerProcess.__init__

    def kept(self: WorkerProcess, *modules: str) -> None:
        made.append(self)
        begin(self, *modules)

    monkeypatch.setattr(WorkerProcess, "__init__", kept)
    with pytest.raises(KeyError), begun("json"):
        raise KeyError
    with worker_process("json"):
        assert [one.exit_code is None for one in made] == [False, True]


def test_it_ends_with_those_who_ask_whatever_it_is_at(tmp_path) -> None:
    (tmp_path / "slow_module.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    code = "from segmentry.system.worker import WorkerProcess; w = WorkerProcess('slow_module'); print(w.pid)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    pid = int(done.stdout)
    for _ in range(100):
        if not _is_running(pid):
            break
        time.sleep(0.05)
    assert not _is_running(pid)


def test_it_ends_without_a_word_when_nothing_is_asked() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segmentry.system.worker"], input=b"", capture_output=True, check=True
    )
    assert done.stdout == b""
    assert done.stderr == b""


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and nobody waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
