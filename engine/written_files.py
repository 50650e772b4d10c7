"""Files that a person asked for by name: a page, a plan. Each is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import problem

DATABASE = "kam.db"
"""What a store is known by."""


def require_place(path: Path) -> None:
    """Makes sure that a file can be written there, before the work that fills it.

    Raises `KamError` ``cannot-write``, which says what stands in the way.
    """
    folder = path.parent
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise problem(
            "cannot-write",
            f"{path} cannot be written: the folder {folder} {what}",
            hint="make the folder first, or name another file",
        )
    if path.is_dir():
        raise problem("cannot-write", f"{path} is a folder", hint="name a file in it")
    require_outside_stores(path)


def require_outside_stores(path: Path) -> None:
    """Makes sure that a file is none of a store's: of the workspace's own, or of another one.

    Raises `KamError` ``cannot-write``.
    """
    where = path.parent.resolve()
    store = next((one for one in (where, *where.parents) if (one / DATABASE).is_file()), None)
    if store is not None:
        raise problem(
            "cannot-write",
            f"{path} lies in the store {store}, where kam alone writes",
            hint="name a file elsewhere",
        )


def write_whole(path: Path, content: bytes) -> None:
    """The whole file or nothing, so that nobody opens or passes on half of one.

    Raises `KamError` ``cannot-write``.
    """
    require_place(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        hint = "name a file in a folder into which you may write, on a disk with space"
        raise problem("cannot-write", f"{path} cannot be written: {why}", hint=hint) from None
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # what was in the way of writing is in the way of this, and has been told
        return
