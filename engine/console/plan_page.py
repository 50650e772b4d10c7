"""Writes the page of a plan into a file."""

from __future__ import annotations

from pathlib import Path

from engine.console.terminal import visible
from engine.console.values import show_value
from engine.errors import problem
from engine.proposal.html.page import MARK, render_plan
from engine.proposal.model import Proposal
from engine.written_files import require_place, write_whole

_HEAD = 1024
"""Bytes; the mark of a page stands within the first of them."""


def check_target(target: Path) -> None:
    """Makes sure that the page may be written there.

    Raises `KamError`: ``cannot-write``, ``file-exists`` for a file that is not ours.
    """
    require_place(target)
    if target.exists():
        with target.open("rb") as file:
            if MARK.encode() not in file.read(_HEAD):
                raise problem(
                    "file-exists",
                    f"{target} exists, and kam plan did not write it",
                    hint="name another file with --html",
                )


def write_page(target: Path, proposal: Proposal, language: str, limit: int) -> None:
    """The whole page or nothing. Raises `KamError` as `check_target`."""
    check_target(target)
    page = render_plan(proposal, language, limit, show_value, visible)
    write_whole(target, page.encode())
