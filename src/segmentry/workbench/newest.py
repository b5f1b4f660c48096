"""A place for one value, the newest: who works on an older one can see that it was overtaken."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Holds the newest value until it is taken. Any thread may call it."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._value: T | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether no further value will come."""
        return self._is_closed

    @property
    def has_come(self) -> bool:
        """Whether a value is there that was not taken yet, or none will come any more."""
        return self._value is not None or self._is_closed

    def put(self, value: T) -> None:
        """Put a value in the place of the one that is there."""
        with self._changed:
            self._value = value
            self._changed.notify_all()

    def put_back(self, value: T) -> None:
        """Put a value that was taken, unless a newer one has come."""
        with self._changed:
            self._value = value if self._value is None else self._value

    def close(self) -> None:
        """End all waiting."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until a value comes, at most so long; return whether one has, or none will."""
        with self._changed:
            return self._changed.wait_for(lambda: self.has_come, timeout=seconds)

    def take(self) -> T | None:
        """Take the value; None where there is none."""
        with self._changed:
            value, self._value = self._value, None
            return value
