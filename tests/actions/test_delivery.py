"""The loop: what is sent, in which order, how fast, and what is left."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.actions.backoff import FIRST_WAIT, JITTER, LONGEST_WAIT, Pace, wait_after
from engine.actions.delivery import LOCK_FILE
from engine.actions.messages import Message
from engine.actions.preview import preview
from engine.actions.sinks.base import OpenSink, Outcome, Parcel
from engine.audit import outbox
from engine.audit.outbox import requeue
from engine.audit.transactions import transaction
from engine.console.values import bare_value
from engine.errors import KamError
from engine.language.sinks import Sink
from tests.actions.outbox_store import START, FakeClock, Office

FILE = "  crm: {kind: jsonl, path: crm.jsonl}\n"
DELIVERED, RETRY, REFUSED = Outcome("delivered"), Outcome("retry", "down"), Outcome("refused", "no")


class Told:
    """A sink that does what it is told, one message at a time."""

    def __init__(self, outcomes: Iterator[Outcome], patience: int = 5) -> None:
        self.patience = patience
        self.outcomes = outcomes
        self.sent: list[tuple[str, str | None, str]] = []
        """(key, account, outcome)."""

    def __call__(
        self, sink: Sink, root: Path, environment: Mapping[str, str], now: Callable[[], datetime]
    ) -> OpenSink:
        return self

    def parcels(self, messages: Sequence[Message]) -> Iterator[Parcel]:
        return (Parcel((one,), b"") for one in messages)

    def send(self, parcel: Parcel) -> Outcome:
        outcome = next(self.outcomes, DELIVERED)
        self.sent.append((parcel.messages[0].key, parcel.messages[0].account, outcome.kind))
        return outcome

    def close(self) -> None:
        pass


def contents(root: Path) -> dict[Path, bytes]:
    """Every file but those that SQLite keeps beside a database that is open."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if not path.name.endswith(("-shm", "-wal"))}


def told(*outcomes: Outcome, patience: int = 5) -> Told:
    return Told(iter(outcomes), patience)


def test_messages_about_an_account_arrive_in_order(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low"), ("A2", "low"), ("A1", "low")])
    one.night([("A1", "low"), ("A2", "low")])
    sink = told(RETRY, DELIVERED, DELIVERED)
    one.deliver(opener=sink)
    # The first of A1 failed: the others of A1 wait behind it, those of A2 do not.
    assert [account for _, account, _ in sink.sent] == ["A1", "A2", "A2"]
    one.deliver(opener=sink, wait=True)
    arrived = [key for key, account, kind in sink.sent if account == "A1" and kind == "delivered"]
    assert arrived == sorted(arrived) and len(arrived) == 3


def test_sink_that_fails_is_given_up_for_this_time(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([(f"A{number}", "low") for number in range(9)])
    sink = told(*[RETRY] * 9, patience=3)
    report = one.deliver(opener=sink)
    assert len(sink.sent) == 3
    assert (report.sinks[0].failed, report.sinks[0].pending) == (3, 9)


def test_refusals_do_not_eat_the_outbox(tmp_path: Path) -> None:
    """A wrong secret is refused for every message; most of them outlive it."""
    one = Office(tmp_path, FILE)
    one.night([(f"A{number}", "low") for number in range(9)])
    one.deliver(opener=told(*[REFUSED] * 9, patience=3))
    assert one.counts() == {"dead": 3, "pending": 6}


def test_message_is_dead_after_its_last_attempt(tmp_path: Path) -> None:
    one = Office(tmp_path, "  crm: {kind: jsonl, path: crm.jsonl, attempts: 3}\n")
    one.night([("A1", "low"), ("A1", "low")])
    sink = told(RETRY, RETRY, RETRY)
    report = one.deliver(opener=sink, wait=True)
    assert one.counts() == {"dead": 1, "delivered": 1}
    assert [kind for _, _, kind in sink.sent] == ["retry"] * 3 + ["delivered"]
    assert (report.good, report.sinks[0].died) == (False, 1)
    assert one.deliver(opener=sink).good  # one of before does not count again


def test_dead_letter_that_is_sent_back_keeps_its_key(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low")])
    sink = told(REFUSED)
    one.deliver(opener=sink)
    with one.database() as connection, transaction(connection):
        assert requeue(connection, [sink.sent[0][0]], START) == 1
    assert one.deliver(opener=sink).good
    assert sink.sent[0][0] == sink.sent[1][0]


def test_receipts_number_the_attempts(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low")])
    one.deliver(opener=told(RETRY, RETRY), wait=True)
    with one.database() as connection:
        query = "SELECT attempt FROM delivery_messages ORDER BY delivery_no"
        assert [row[0] for row in connection.execute(query)] == [1, 2, 3]


def test_waits_grow_from_half_a_minute_to_six_hours(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low")])
    assert one.deliver(opener=told(*[RETRY] * 9), wait=True).good
    times = [datetime.fromisoformat(receipt["started_at"]) for receipt in one.receipts()]
    waits = [later - earlier for earlier, later in pairwise(times)]
    expected = [30, 120, 480, 1920, 7680, 21600, 21600, 21600, 21600]
    for wait, longest in zip(waits, expected, strict=True):
        assert longest * (1 - JITTER) <= wait.total_seconds() <= longest + 1


@given(st.integers(1, 10**9), st.text(max_size=20))
def test_wait_is_bounded_and_always_the_same(attempts: int, key: str) -> None:
    wait = wait_after(attempts, key)
    assert FIRST_WAIT * (1 - JITTER) <= wait <= LONGEST_WAIT
    assert wait == wait_after(attempts, key)


def test_waits_of_different_messages_differ() -> None:
    assert len({wait_after(1, f"key {number}") for number in range(100)}) == 100


# --- limits ---------------------------------------------------------------------------------


@given(
    limit=st.integers(1, 30),
    gaps=st.lists(st.floats(0, 20), min_size=1, max_size=80),
)
def test_no_minute_holds_more_requests_than_the_limit(limit: int, gaps: list[float]) -> None:
    clock = FakeClock()
    pace = Pace(limit, [], clock)
    sent: list[datetime] = []
    for gap in gaps:
        clock.moment += timedelta(seconds=gap)
        assert pace.wait(None)
        sent.append(clock.moment)
    for index in range(len(sent) - limit):
        assert sent[index + limit] - sent[index] >= timedelta(minutes=1) - timedelta(seconds=0.01)


def test_limit_holds_from_one_delivery_to_the_next(tmp_path: Path) -> None:
    one = Office(
        tmp_path,
        "  erp: {kind: webhook, url: 'http://localhost', secret_env: S, limit: 4 per minute}\n",
        {"S": "s"},
    )
    for _ in range(3):
        one.night([("A1", "low"), ("A2", "low"), ("A3", "low")])
        one.deliver(opener=told())
    times = [datetime.fromisoformat(receipt["started_at"]) for receipt in one.receipts()]
    assert len(times) == 9
    assert all(times[i + 4] - times[i] >= timedelta(seconds=59.9) for i in range(5))


def test_delivery_begins_nothing_after_its_time(tmp_path: Path) -> None:
    one = Office(
        tmp_path,
        "  erp: {kind: webhook, url: 'http://localhost', secret_env: S, limit: 2 per minute}\n",
        {"S": "s"},
    )
    one.night([(f"A{number}", "low") for number in range(9)])
    report = one.deliver(opener=told(), seconds=90, wait=True)
    assert (report.sinks[0].delivered, report.sinks[0].pending, report.good) == (4, 5, False)
    assert one.clock.moment < START + timedelta(seconds=95)


# --- one at a time, and nothing for nothing -------------------------------------------------


def test_two_deliveries_at_once_are_refused(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low")])
    with FileLock(one.workspace.store_folder / LOCK_FILE), pytest.raises(KamError) as caught:
        one.deliver()
    assert caught.value.problems[0].code == "delivery-busy"
    assert one.deliver().good


def test_run_may_go_on_while_messages_are_delivered(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low")])
    sink = told()
    send = sink.send

    def meanwhile(parcel: Parcel) -> Outcome:
        if len(sink.sent) == 0:
            one.night([("A2", "low")])
        return send(parcel)

    sink.send = meanwhile  # type: ignore[method-assign]
    one.deliver(opener=sink)
    one.deliver(opener=sink)
    assert [account for _, account, _ in sink.sent] == ["A1", "A2"]


def test_sink_that_kam_yaml_does_not_name_any_more_is_reported(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low")])
    one.write_sinks("  other: {kind: jsonl, path: other.jsonl}\n")
    report = one.deliver()
    assert [(sink.sink, sink.problem and sink.problem.code) for sink in report.sinks] == [
        *(("other", None), ("crm", "unknown-sink")),
    ]
    assert not report.good and one.counts() == {"pending": 1}


def test_named_sinks_alone_are_served(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE + "  bi: {kind: jsonl, path: bi.jsonl}\n")
    one.night([("A1", "low")])
    assert [sink.sink for sink in one.deliver(only=("bi",)).sinks] == ["bi"]
    assert (tmp_path / "bi.jsonl").exists() and not (tmp_path / "crm.jsonl").exists()


def test_delivery_of_nothing_writes_nothing(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE)
    report = one.deliver(wait=True)
    assert report.good and one.receipts() == []
    assert not (tmp_path / "crm.jsonl").exists()


def test_preview_sends_and_writes_nothing(tmp_path: Path) -> None:
    one = Office(tmp_path, FILE + "  sales: {kind: wecom, url_env: NOT_SET, lang: en}\n")
    one.night([("A1", "low"), ("A2", "urgent")])
    before = contents(tmp_path)
    crm, sales = preview(one.workspace, bare_value, START)
    assert contents(tmp_path) == before
    assert (crm.due, sales.due, len(crm.texts)) == (2, 2, 2)
    assert sales.texts[0].startswith(
        "kam small, Executive sponsor: 2 to do\n[urgent] Executive visit: 公司 A2"
    )


def test_values_are_masked_as_the_sink_may_read_them(tmp_path: Path) -> None:
    readers = ("personal", "confidential", "internal")
    one = Office(
        tmp_path,
        "".join(f"  {r}: {{kind: jsonl, path: {r}.jsonl, reader: {r}}}\n" for r in readers),
    )
    token = "sealed:" + "0123456789abcdef" * 4
    run_no = one.night([("A1", "low")], name=token)
    with one.database() as connection, transaction(connection):
        for name, grade in (("name", "personal"), ("annual_purchase", "confidential")):
            connection.execute(
                "INSERT INTO column_classes VALUES (?, 1, ?, ?)", (run_no, name, grade)
            )
        row = (token, "A1", "name", "text", "王女士", run_no)
        connection.execute("INSERT INTO sealed_values VALUES (?, ?, ?, ?, ?, ?)", row)
    assert one.deliver().good
    said = {
        reader: json.loads((tmp_path / f"{reader}.jsonl").read_text(encoding="utf-8"))
        for reader in readers
    }
    assert [said[reader]["name"] for reader in readers] == ["王女士", token, token]
    assert [said[reader]["text_en"].partition(",")[0] for reader in readers[:2]] == [
        "王女士: Complaints rising. 5", "•••• 01234567: Complaints rising. 5",
    ]  # fmt: skip
    assert "5,230,000" not in said["internal"]["text_en"]
    assert "王女士" not in str([said["confidential"], said["internal"]])


# --- whatever happens -----------------------------------------------------------------------

OUTCOMES = st.sampled_from(
    [
        *(DELIVERED, RETRY, REFUSED),
        Outcome("retry", "busy", 429, b"", timedelta(seconds=5)),
        Outcome("retry", "busy", 429, b"", timedelta(hours=2)),
    ]
)
_folders = count()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    nights=st.lists(
        st.lists(st.sampled_from(["A1", "A2", "A3"]), max_size=4), min_size=1, max_size=4
    ),
    outcomes=st.lists(OUTCOMES, max_size=40),
    patience=st.integers(1, 4),
    waits=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_no_message_is_ever_lost_or_out_of_order(
    tmp_path_factory: pytest.TempPathFactory,
    nights: list[list[str]],
    outcomes: list[Outcome],
    patience: int,
    waits: list[bool],
) -> None:
    root = tmp_path_factory.mktemp("office") / str(next(_folders))
    one = Office(root, "  crm: {kind: jsonl, path: crm.jsonl, attempts: 4}\n")
    sink = told(*outcomes, patience=patience)
    for night, wait in zip(nights, waits, strict=False):
        one.night([(account, "low") for account in night])
        one.deliver(opener=sink, wait=wait)
    enqueued = {
        f"{run:012x}{number:012x}-crm"
        for run, night in enumerate(nights, 1)
        for number in range(len(night))
    }
    statuses = one.statuses()
    assert set(statuses) == enqueued
    sent = {
        status: {key for key, _, kind in sink.sent if kind == status}
        for status in ("delivered", "retry", "refused")
    }
    assert {key for key, status in statuses.items() if status == "delivered"} == sent["delivered"]
    assert sent["refused"] <= {key for key, status in statuses.items() if status == "dead"}
    for account in ("A1", "A2", "A3"):
        keys = [key for key, about, _ in sink.sent if about == account]
        assert keys == sorted(keys)
    one.deliver(opener=told(), wait=True)
    assert set(one.statuses().values()) <= {"delivered", "dead"}


def test_full_disk_after_sending_keeps_the_message_and_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Office(tmp_path, FILE)
    one.night([("A1", "low"), ("A2", "low")])
    sink = told()

    def full(*_: Any) -> None:
        with sqlite3.connect(":memory:") as other:
            other.execute("PRAGMA page_size = 512")
            other.execute("PRAGMA max_page_count = 1")
            other.execute("CREATE TABLE t AS SELECT zeroblob(99999)")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "record", full)
        with pytest.raises(KamError) as caught:
            one.deliver(opener=sink)
    assert caught.value.problems[0].code == "store-full"
    assert len(sink.sent) == 1  # nothing is sent while receipts cannot be written
    assert one.deliver(opener=sink).good
    keys = [key for key, _, _ in sink.sent]
    assert keys[0] == keys[1] and len(set(keys)) == 2
