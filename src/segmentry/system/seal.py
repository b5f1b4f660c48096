"""A seal that this user alone can make: what stands in a folder may have come with it from anywhere."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

_LENGTH = 32


def seal_of(content: str) -> str:
    """Return the seal of a text; empty where no key can be kept."""
    key = _key(make=True)
    return "" if key is None else hmac.new(key, content.encode(), hashlib.sha256).hexdigest()


def is_sealed(content: str, seal: object) -> bool:
    """Whether this user's segmentry sealed the text."""
    key = _key(make=False)
    if key is None or not isinstance(seal, str):
        return False
    expected = hmac.new(key, content.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), seal.encode())


def _key(*, make: bool) -> bytes | None:
    """Read the key of this user, or make it; None where there is none, or no place for it."""
    with suppress(OSError, RuntimeError):
        path = _state_folder() / "segmentry" / "key"
        if make and not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError):
                file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                os.write(file, secrets.token_bytes(_LENGTH))
                os.close(file)
        key = path.read_bytes()
        return key if len(key) == _LENGTH else None
    return None


def _state_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
