"""What must be on the disk before anything else is done."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Returns when the bytes of a file, or the names in a folder, are on the disk.

    A new file is there after a crash only once its folder is synced too. Raises: `OSError`.
    """
    if path.is_dir() and os.name == "nt":
        return  # Windows syncs a folder's names with the files
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
