"""Mode and group of a file that is replaced, taken over by the new one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def take_rights(old: Path, new: Path) -> None:
    """Give a new file or folder the mode and, where the user may, the group of the old one; nothing where there is none."""
    with suppress(OSError):
        found = old.stat()
        if hasattr(os, "chown") and found.st_gid != new.stat().st_gid:
            with suppress(OSError):
                os.chown(new, -1, found.st_gid)
        new.chmod(found.st_mode & 0o7777)
