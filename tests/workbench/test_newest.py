"""One value, the newest: what is overtaken is never taken."""

from __future__ import annotations

from threading import Thread

from segmentry.workbench.newest import Newest


def test_the_newest_is_taken_once() -> None:
    place: Newest[int] = Newest()
    assert place.take() is None
    place.put(1)
    place.put(2)
    assert place.has_come
    assert place.take() == 2
    assert place.take() is None
    assert not place.has_come


def test_what_is_put_back_gives_way_to_a_newer_one() -> None:
    place: Newest[int] = Newest()
    place.put_back(1)
    assert place.take() == 1
    place.put(2)
    place.put_back(1)
    assert place.take() == 2


def test_waiting_ends_when_a_value_comes_or_none_will() -> None:
    place: Newest[int] = Newest()
    assert not place.wait(0.01)
    thread = Thread(target=place.put, args=(1,))
    thread.start()
    assert place.wait(30)
    thread.join()
    place.take()
    closing = Thread(target=place.close)
    closing.start()
    assert place.wait(30)
    closing.join()
    assert place.is_closed
