"""Events that wait for the store: on the disk when that is said, and gone only when answered."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from engine.audit.events import inbox
from engine.errors import KamError

EVENT = {"id": "crm-1", "account": "A1", "note": "\u2028投诉\n\ud800"}


def test_what_is_put_is_taken_in_order_and_then_gone(tmp_path: Path) -> None:
    first = inbox.put(tmp_path, [EVENT, {"id": "crm-2"}])
    second = inbox.put(tmp_path, [{"id": "crm-3"}])

    taken = [(one.path, [json.loads(line) for line in one.lines]) for one in inbox.take(tmp_path)]

    assert taken == [(first, [EVENT, {"id": "crm-2"}]), (second, [{"id": "crm-3"}])]
    assert inbox.waiting(tmp_path) == []
    assert list((tmp_path / "inbox").iterdir()) == []


def test_only_its_owner_reads_a_file(tmp_path: Path) -> None:
    path = inbox.put(tmp_path, [EVENT])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_stays_until_what_it_says_is_committed(tmp_path: Path) -> None:
    for number in range(3):
        inbox.put(tmp_path, [{"id": f"crm-{number}"}])

    taking = inbox.take(tmp_path)
    next(taking)
    assert len(inbox.waiting(tmp_path)) == 3
    next(taking)
    assert len(inbox.waiting(tmp_path)) == 2
    taking.close()  # as a crash would

    assert [one.lines for one in inbox.take(tmp_path)] == [
        ('{"id": "crm-1"}',), ('{"id": "crm-2"}',),
    ]  # fmt: skip


def test_no_inbox_is_an_empty_one(tmp_path: Path) -> None:
    assert list(inbox.take(tmp_path)) == []
    assert inbox.contents(tmp_path) == []
    inbox.remove_parts(tmp_path)


def test_a_file_that_vanishes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    inbox.put(tmp_path, [{"id": "crm-1"}])
    second = inbox.put(tmp_path, [{"id": "crm-2"}])
    taking = inbox.take(tmp_path)
    next(taking)

    second.unlink()

    assert list(taking) == []


def test_what_cannot_be_written_is_not_queued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(KamError) as failure:
        inbox.put(tmp_path, [EVENT])

    assert failure.value.problems[0].code == "store-full"
    assert list((tmp_path / "inbox").iterdir()) == []


def test_parts_of_writers_that_died_are_removed_after_a_while(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    old, young = (tmp_path / "inbox" / f".{name}.jsonl.part" for name in ("old", "young"))
    for path in (old, young):
        path.write_text("{")
    os.utime(old, (time.time() - 3700,) * 2)

    assert list(inbox.take(tmp_path)) == []
    inbox.remove_parts(tmp_path)

    assert (old.exists(), young.exists()) == (False, True)
