"""Runs a program as a process of its own and measures the whole of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in


@dataclass(frozen=True)
class Usage:
    """One process from start to exit: seconds on the clock, of processor (all threads, user
    and system), and the most bytes it held."""

    wall: float
    cpu: float
    memory: int


def run(arguments: Sequence[str]) -> Usage:
    """Run `python ARGUMENTS` in the repository; raises with what it wrote if it fails."""
    return told(arguments)[0]


def told(arguments: Sequence[str]) -> tuple[Usage, str]:
    """As `run`, with what the program wrote."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    written = process.stdout.read()  # to its end: until the process closes it
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    text = written.decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {text}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * KILOBYTE), text


def middle(usages: Sequence[Usage]) -> Usage:
    """The median of each figure."""
    return Usage(
        median(one.wall for one in usages),
        median(one.cpu for one in usages),
        round(median(one.memory for one in usages)),
    )
