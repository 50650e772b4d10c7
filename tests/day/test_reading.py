"""One account out of the files of a night: what is read, from wherever it is read."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from engine.day.index import IndexedAccounts
from engine.day.kept import KeptAccount, LazyRecords, with_table
from engine.day.reading import NightAccounts
from engine.errors import KamError
from engine.executors.protocol import Row
from engine.recall_facts import KeptFiles
from tests.day.conftest import AS_OF, EARLIER
from tests.day.nights import last_night


def everyone(accounts: NightAccounts) -> list[str]:
    rows = accounts.connection.execute("SELECT account_id FROM facts").fetchall()
    return [account for (account,) in rows]


def in_order(account: KeptAccount) -> KeptAccount:
    """With the records of each table in a certain order: they have none of their own."""
    records = {name: tuple(sorted(rows, key=repr)) for name, rows in account.records.items()}
    return replace(account, records=records)


def test_the_index_holds_every_account_as_the_files_do(day_demo: Path) -> None:
    with (
        last_night(day_demo) as (night, before),
        NightAccounts(night, before) as files,
        IndexedAccounts(night, before) as index,
    ):
        wanted = everyone(files)
        read, indexed = files.read(wanted), index.read(wanted)
    assert len(read) == 40
    assert read.keys() == indexed.keys()  # files have no order of their own
    for account in wanted:
        assert in_order(read[account]) == in_order(indexed[account])


def test_a_table_of_records_is_read_when_it_is_asked_for_and_once() -> None:
    asked: list[str] = []

    def unread(table: str) -> Sequence[Row]:
        asked.append(table)
        return ({"of": table},)

    records = LazyRecords({name: partial(unread, name) for name in ("issues", "orders")})
    assert (list(records), len(records), asked) == (["issues", "orders"], 2, [])
    assert records["issues"] == records["issues"] == ({"of": "issues"},)
    assert records.get("surveys", ()) == ()
    other = with_table(records, "orders", ({"of": "today"},))
    assert other["orders"] == ({"of": "today"},)
    assert asked == ["issues"]
    assert other["issues"] == ({"of": "issues"},)
    assert asked == ["issues"]
    assert records == {"issues": ({"of": "issues"},), "orders": ({"of": "orders"},)}


def test_an_account_is_what_its_night_kept(day_demo: Path) -> None:
    with last_night(day_demo) as (night, before), NightAccounts(night, before) as accounts:
        kept = KeptFiles(accounts.connection, night.run, night.plan)
        for account in everyone(accounts)[:20]:
            found = accounts.read([account])[account]
            assert found.facts == kept.facts(account)
            assert found.now.decisions == kept.decisions(account)
            assert list(found.now.obligations) == kept.obligations(account)
            assert found.now.as_of == AS_OF
            assert found.previous is not None
            assert found.previous.as_of == EARLIER
            assert {row["account_id"] for row in found.previous.decisions.values()} == {account}


def test_accounts_are_read_together_as_they_are_read_alone(day_demo: Path) -> None:
    with last_night(day_demo) as (night, before), NightAccounts(night, before) as accounts:
        wanted = everyone(accounts)
        together = accounts.read(wanted[5:9] + wanted[30:32])
        assert sorted(together) == wanted[5:9] + wanted[30:32]
        for account, found in together.items():
            assert accounts.read([account])[account] == found


def test_a_first_night_has_nothing_before_it(day_demo: Path) -> None:
    with last_night(day_demo) as (night, _), NightAccounts(night) as accounts:
        first = everyone(accounts)[0]
        assert accounts.read([first])[first].previous is None


def test_an_unknown_account_is_named_with_a_near_one(day_demo: Path) -> None:
    with last_night(day_demo) as (night, _), NightAccounts(night) as accounts:
        first = everyone(accounts)[0]
        assert accounts.read([first.lower(), ""]) == {}
        problem = accounts.why_not(first + "x")
        assert problem.code == "event-unknown-account"
        assert f"did you mean '{first}'?" in (problem.hint or "")
        assert accounts.why_not("'; DROP TABLE facts; --").code == "event-unknown-account"


def test_the_file_of_the_index_is_nobody_elses_and_goes_away(day_demo: Path) -> None:
    with last_night(day_demo) as (night, before):
        with IndexedAccounts(night, before) as index:
            ((_, _, file),) = index.database.execute("PRAGMA database_list").fetchall()
            assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
            assert stat.S_IMODE(Path(file).parent.stat().st_mode) == 0o700
        assert not Path(file).parent.exists()


def test_a_swapped_file_of_records_is_noticed(day_copy: Path) -> None:
    with last_night(day_copy) as (night, _):
        records = night.run.path / "records"
        (records / "orders.parquet").write_bytes((records / "invoices.parquet").read_bytes())
        with pytest.raises(KamError) as caught:
            NightAccounts(night)
    assert [one.code for one in caught.value.problems] == ["day-records-altered"]


def test_records_that_are_gone_are_asked_of_the_night(day_copy: Path) -> None:
    with last_night(day_copy) as (night, _):
        (night.run.path / "records" / "hashes.json").unlink()
        with pytest.raises(KamError) as caught:
            NightAccounts(night)
    (problem,) = caught.value.problems
    assert problem.code == "day-records-missing"
    assert "kam run" in (problem.hint or "")
