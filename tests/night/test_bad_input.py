"""Bad input gets a clear error and loses nothing: after each, the store is as it was."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import KamError
from tests.night.book import NIGHT, Book

TOMORROW = NIGHT + timedelta(days=1)

Break = Callable[[Book], None]


def policy(content: str | bytes) -> Break:
    return lambda book: book.write("policies/small/extra.yaml", content)


def change(name: str, old: str, new: str) -> Break:
    return lambda book: book.replace(name, old, new)


ALIAS_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FORMULA = "formula: purchase / total(purchase)"

PACK = "policies/small/pack.yaml"
ORDERS_HEADER = "account_id,ordered_on,amount"

REFUSED: dict[str, tuple[Break, str]] = {
    "malformed YAML": (policy("measures: {a: [1, 2\n"), r"extra\.yaml:2:1: yaml-syntax: .*bracket"),
    "an empty file": (policy(""), r"extra\.yaml:1:1: empty-file"),
    "a huge file": (policy("# " + "x" * 5 * 1024 * 1024), r"extra\.yaml:1:1: file-too-big"),
    "deep nesting": (
        policy("a: " + "[" * 5000 + "]" * 5000),
        r"extra\.yaml:1:67: nested-too-deeply",
    ),
    "an alias bomb": (policy(ALIAS_BOMB), r"extra\.yaml:\d+:\d+: too-many-aliases"),
    "a duplicate key": (
        change(PACK, "  owner: office\n\n", "  owner: office\n  owner: x\n\n"),
        r"pack\.yaml:7:3: duplicate-key: .*'owner'",
    ),
    "an unknown key": (
        change(PACK, "    when: {purchase: {gte: 80万}}", "    wen: {purchase: {gte: 80万}}"),
        r"pack\.yaml:\d+:5: unknown-key: .*'wen'.*did you mean 'when'",
    ),
    "an unknown measure": (
        change(PACK, "{complaints_90d: {gte: 4}}", "{complaint_90d: {gte: 4}}"),
        r"pack\.yaml:\d+:\d+: unknown-measure: .*complaint_90d.*did you mean 'complaints_90d'",
    ),
    "a formula that reads a file": (
        change(PACK, FORMULA, "formula: purchase / read_csv('/etc/passwd')"),
        r"pack\.yaml:\d+:\d+: formula-not-allowed: .*read_csv",
    ),
    "a formula with a subquery": (
        change(PACK, FORMULA, "formula: purchase / (select count(*) from accounts)"),
        r"pack\.yaml:\d+:\d+: formula-not-allowed",
    ),
    "a function that is not on the list": (
        change(PACK, FORMULA, "formula: pg_sleep(purchase)"),
        r"pack\.yaml:\d+:\d+: formula-not-allowed: .*pg_sleep",
    ),
    "a missing source": (
        lambda book: (book.root / "data/orders.csv").unlink(),
        r"facts\.yaml:\d+:\d+: missing-source: .*data/orders\.csv",
    ),
    "a source outside the workspace": (
        change("facts.yaml", "source: data/orders.csv", "source: ../orders.csv"),
        r"facts\.yaml:\d+:\d+: .*outside",
    ),
    "a wrong delimiter": (
        change("data/orders.csv", ORDERS_HEADER, "account_id;ordered_on;amount"),
        r"facts\.yaml:\d+:\d+: .*;",
    ),
    "a column that is not there": (
        change("data/orders.csv", ORDERS_HEADER, "account_id,ordered_on,amonut"),
        r"facts\.yaml:\d+:\d+: missing-source-column: .*did you mean 'amonut'",
    ),
    "most rows unusable": (
        lambda book: book.write(
            "data/orders.csv",
            f"{ORDERS_HEADER}\na1,2026-01-01,x\na1,2026-01-01,y\na1,2026-01-01,1\n",
        ),
        r"guard-quarantined: orders .*2 of 3 rows",
    ),
    "most records those of a bad account": (
        lambda book: (
            book.replace("data/accounts.csv", "active,A", "dormant,A"),
            change("kam.yaml", "quarantined: {at_most: 50%}", "quarantined: {at_most: 30%}")(book),
        )[0],
        r"guard-quarantined: records of accounts whose own row cannot be used: 2 of 4 rows of "
        r"orders and 2 of 2 rows of complaints, more than the 30%.*"
        r"mend data/accounts\.csv.*row 2: status 'dormant'",
    ),
    "most accounts gone": (
        lambda book: (
            book.write("data/accounts.csv", "account_id,name,status,rating\na1,x,active,A\n"),
            change("kam.yaml", "quarantined: {at_most: 50%}", "quarantined: {at_most: 100%}")(book),
        )[0],
        r"guard-accounts: 1 accounts, 4 the night before",
    ),
    "most tiers moved": (
        lambda book: (
            change(PACK, "{top: 50%}", "{top: 1%}")(book),
            change(PACK, "{value: 100万", "{value: 1")(book),
            change("kam.yaml", "{at_most: 90%}", "{at_most: 30%}")(book),
        )[0],
        r"guard-tier-changes: small: 2 of 3 accounts",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_night_is_refused_with_a_clear_error_and_the_store_is_unchanged(
    begun: Book, case: str
) -> None:
    before = begun.fingerprint()
    spoil, message = REFUSED[case]
    spoil(begun)
    with pytest.raises(KamError, match=message):
        begun.run(TOMORROW)
    assert begun.fingerprint() == before


# --- rows that are set aside -------------------------------------------------------------

ROWS: dict[str, tuple[str, str | bytes, str]] = {
    "a ragged row": ("orders", "a1,2026-06-01\n", "cells"),
    "a row with too many cells": ("orders", "a1,2026-06-01,1,2\n", "cells"),
    "a NUL byte": ("orders", b"a1,2026-06-01,1\x000\n", "NUL"),
    "bytes of another encoding": (
        "accounts",
        b"a9," + "华夏".encode("gbk") + b",active,A\n",
        "UTF-8",
    ),
    "a date that is none": ("orders", "a1,0000-00-00,10\n", "0000-00-00"),
    "a day that does not exist": ("orders", "a1,2026-02-30,10\n", "2026-02-30"),
    "day and month in doubt": ("orders", "a1,03/04/2026,10\n", "format"),
    "a thousands separator": ("orders", 'a1,2026-06-01,"1,000.00"\n', "thousands"),
    "a currency sign": ("orders", "a1,2026-06-01,¥100\n", "currency"),
    "infinity": ("orders", "a1,2026-06-01,Infinity\n", "Infinity"),
    "not a number": ("orders", "a1,2026-06-01,NaN\n", "NaN"),
    "a third decimal": ("orders", "a1,2026-06-01,1.005\n", "precision"),
    "an unknown account": ("orders", "zz,2026-06-01,10\n", "zz"),
    "no account": ("orders", ",2026-06-01,10\n", "account"),
    "a duplicate account": ("accounts", "a1,又一个,active,A\n", "a1"),
    "a value that is not listed": ("accounts", "a9,某某,dormant,A\n", "dormant"),
}  # fmt: skip


# A night for one of each way to be unreadable; tests/facts holds every cell to its reason.
OFTEN = {"a ragged row", "a NUL byte", "bytes of another encoding", "a day that does not exist",
         "a duplicate account"}  # fmt: skip


@pytest.mark.parametrize(
    "case", [one if one in OFTEN else pytest.param(one, marks=pytest.mark.slow) for one in ROWS]
)
def test_bad_row_is_quarantined_with_its_reason_and_the_rest_goes_on(book: Book, case: str) -> None:
    source, row, word = ROWS[case]
    rows_before = (book.root / f"data/{source}.csv").read_bytes().count(b"\n")
    book.append(f"data/{source}.csv", row)
    report = book.run()
    (line,) = book.rejected(report.run_id)
    assert (line["source"], line["row"]) == (source, rows_before + 1)
    assert word in f"{line['value']} {line['reason']}"
    assert book.tiers(report.run_id) == {"a1": "gold", "a2": "silver", "a3": "plain", "a4": None}


def test_order_of_the_future_is_neither_lost_nor_counted(book: Book) -> None:
    book.append("data/orders.csv", "a3,2099-01-01,5000000\n")
    report = book.run()
    assert book.rejected(report.run_id) == []
    assert book.tiers(report.run_id)["a3"] == "plain"


# --- a store that cannot take the night --------------------------------------------------


def test_store_of_a_newer_version_is_refused(begun: Book) -> None:
    with sqlite3.connect(begun.root / "store" / "kam.db") as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('kam', '9999_of_the_future', '2099-01-01')"
        )
    connection.close()
    kept = (begun.root / "store" / "kam.db").read_bytes()
    with pytest.raises(KamError, match="store-newer"):
        begun.run(TOMORROW)
    assert (begun.root / "store" / "kam.db").read_bytes() == kept


def test_store_that_is_a_file_is_refused(book: Book) -> None:
    book.write("store", "not a folder")
    with pytest.raises(KamError, match="store"):
        book.run()
    assert (book.root / "store").read_text() == "not a folder"


NIGHT_IN_LITTLE_SPACE = """
import resource, signal, sys
from datetime import date
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from engine.errors import KamError
from engine.runner import run_night
try:
    run_night(Path(sys.argv[1]), date(2026, 7, 1))
except KamError as error:
    print(error)
    sys.exit(1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 40_000])
def test_full_disk_is_said_and_the_store_is_unchanged(begun: Book, limit: int) -> None:
    """No file may grow past `limit` bytes: SQLite's own files, the snapshot, or the database.

    A file that may not grow is reported by the system as an I/O error, a disk without room as
    full; tests/audit asserts the latter.
    """
    before = begun.fingerprint()
    done = subprocess.run(
        [sys.executable, "-c", NIGHT_IN_LITTLE_SPACE, str(begun.root), str(limit)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert re.search("store-(io-error|full): .*store", done.stdout), done.stdout
    assert begun.fingerprint() == before
    assert not [path for path in (begun.root / "store" / "runs").iterdir() if "07-01" in path.name]


def test_workspace_without_kam_yaml_names_the_command_that_makes_one(tmp_path: Path) -> None:
    from engine.runner import run_night

    with pytest.raises(KamError, match=r"missing-workspace.*kam init"):
        run_night(tmp_path)


@pytest.mark.parametrize("spoil", ["data/orders.csv", "data/accounts.csv"])
def test_refused_first_night_leaves_no_store_behind(book: Book, spoil: str) -> None:
    (book.root / spoil).unlink()
    with pytest.raises(KamError, match="missing-source"):
        book.run()
    assert not (book.root / "store").exists()


def test_accounts_file_without_accounts_is_refused_once(book: Book) -> None:
    book.write("data/accounts.csv", "account_id,name,status,rating\n")
    with pytest.raises(KamError) as refused:
        book.run()
    assert [one.code for one in refused.value.problems] == ["no-accounts"]
    assert not (book.root / "store").exists()
