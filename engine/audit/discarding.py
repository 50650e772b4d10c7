"""Takes a store away again that was made for a first night, and that night was refused."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from engine.audit.lock import LOCK_FILE
from engine.audit.opening import DATABASE_FILE
from engine.audit.run_folder import RUNS_FOLDER


def discard(folder: Path) -> None:
    """Remove a store that holds no run; call it under the lock, which goes last.

    What cannot be removed stays: a store without runs is harmless.
    """
    with suppress(OSError):
        for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm"):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / RUNS_FOLDER, ignore_errors=True)
        shutil.rmtree(folder / "spill", ignore_errors=True)
        for path in folder.glob(f"{LOCK_FILE}*"):
            path.unlink()
        folder.rmdir()  # only if nothing else is in it
