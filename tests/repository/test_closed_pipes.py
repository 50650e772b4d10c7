"""Whoever reads no further than the first lines is no failure, and changes no exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.night.book import Book
from tests.often import seldom
from tests.repository.files import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows tells of pipes in another way")


def heard_by_nobody(*arguments: str, unbuffered: str = "", cwd: Path = ROOT) -> tuple[int, str]:
    """The exit code of a command whose output has no reader, and what it complains of."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, str(ROOT / "kam.py"), *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    return done.returncode, done.stderr


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book = Book(tmp_path_factory.mktemp("pipes") / "book")
    book.run()
    return book


OFTEN = (
    ("accounts",),
    ("log", "--limit", "0", "--format", "csv"),
    ("explain", "a1"),
    ("--help",),
)
"""A table, rows for programs, a page, and what click writes."""

SELDOM = (
    ("accounts", "--format", "json"),
    ("log", "--limit", "0"),
    ("actions",),
    ("warnings", "--format", "jsonl"),
    ("runs",),
    ("compile",),
    ("schema", "pack"),
    ("check",),
)


@pytest.mark.parametrize("unbuffered", ["", *seldom("1")])
@pytest.mark.parametrize("command", [*OFTEN, *seldom(*((one,) for one in SELDOM))], ids=" ".join)
def test_reader_who_has_had_enough_is_no_failure(
    book: Book, command: tuple[str, ...], unbuffered: str
) -> None:
    assert heard_by_nobody(*command, unbuffered=unbuffered, cwd=book.root) == (0, "")


def test_exit_code_says_the_same_when_nobody_reads(book: Book, tmp_path: Path) -> None:
    code, told = heard_by_nobody("status", "-w", str(tmp_path))
    assert (code, "missing-file" in told or "kam.yaml" in told) == (1, True)
    code, told = heard_by_nobody("status", "--max-age", "1m", cwd=book.root)
    assert (code, told) == (0, "")
    book.replace(
        "policies/small/pack.yaml", "when: {purchase: {gte: $big}", "when: {share: {gte: 0}"
    )
    code, told = heard_by_nobody("plan", "-w", str(book.root))
    assert (code, "problem" in told) == (2, False)


def test_night_whose_summary_nobody_reads_is_recorded(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    assert heard_by_nobody("run", str(book.root), "--as-of", "2026-06-30")[0] == 0
    assert book.tiers("2026-06-30.1")


def test_full_disk_is_still_told(book: Book) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "kam.py"), "log", "--limit", "0"],
            cwd=book.root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
