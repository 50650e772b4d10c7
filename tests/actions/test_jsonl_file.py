"""The file sink: whole lines, once each, whatever stands at the end of the file."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.actions.sinks import jsonl_file
from engine.actions.sinks.jsonl_file import LINES
from tests.actions.outbox_store import Office
from tests.books.triggers import without_triggers

CRM = "  crm: {kind: jsonl, path: out/crm.jsonl}\n"


def office(tmp_path: Path, accounts: int) -> Office:
    one = Office(tmp_path, CRM)
    one.night([(f"A{number}", "low") for number in range(accounts)])
    return one


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    text = (tmp_path / "out" / "crm.jsonl").read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def keys(tmp_path: Path) -> list[str]:
    return [line["idempotency_key"] for line in lines(tmp_path)]


def as_if_it_had_died_before_the_receipt(one: Office) -> None:
    with one.database() as connection:
        with without_triggers(connection):
            connection.execute("UPDATE outbox SET status = 'pending', attempts = 0")
        connection.commit()


def test_every_message_is_a_line_in_order(tmp_path: Path) -> None:
    one = office(tmp_path, 2 * LINES + 1)
    report = one.deliver()
    assert report.good
    assert [line["account"] for line in lines(tmp_path)] == [f"A{n}" for n in range(2 * LINES + 1)]
    assert len(one.receipts()) == 3


def test_later_night_is_appended(tmp_path: Path) -> None:
    one = office(tmp_path, 2)
    one.deliver()
    one.night([("B1", "low")])
    one.deliver()
    assert [line["account"] for line in lines(tmp_path)] == ["A0", "A1", "B1"]


def test_lines_without_a_receipt_are_not_written_twice(tmp_path: Path) -> None:
    one = office(tmp_path, 3)
    one.deliver()
    as_if_it_had_died_before_the_receipt(one)
    one.night([("B1", "low")])
    assert one.deliver().good
    assert len(keys(tmp_path)) == 4 == len(set(keys(tmp_path)))
    assert one.receipts()[-1]["reason"] == "3 stood in the file already"


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_file_that_ends_anywhere_is_repaired(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    tmp_path = tmp_path_factory.mktemp("office")
    one = office(tmp_path, 3)
    one.deliver()
    file = tmp_path / "out" / "crm.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    as_if_it_had_died_before_the_receipt(one)
    assert one.deliver().good
    assert file.read_bytes() == whole


def test_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    one = office(tmp_path, 1)
    one.deliver()
    (tmp_path / "out" / "crm.jsonl").rename(tmp_path / "taken.jsonl")
    one.night([("B1", "low")])
    one.deliver()
    assert [line["account"] for line in lines(tmp_path)] == ["B1"]


def test_file_of_somebody_else_is_not_cut(tmp_path: Path) -> None:
    one = office(tmp_path, 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "crm.jsonl").write_text('{"a": 1}\nnotes without an end', encoding="utf-8")
    (sink,) = one.deliver().sinks
    assert sink.problem is not None and sink.problem.code == "not-an-outbox"
    assert (tmp_path / "out" / "crm.jsonl").read_text(encoding="utf-8").endswith("without an end")


def test_full_disk_leaves_no_half_of_a_parcel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = office(tmp_path, 3)
    real = os.write

    def nearly_full(file: int, content: memoryview) -> int:
        if len(content) < 50:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, content[: len(content) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(jsonl_file.os, "write", nearly_full)
        (sink,) = one.deliver().sinks
    assert (tmp_path / "out" / "crm.jsonl").read_bytes() == b""
    assert (sink.pending, sink.reason) == (3, "crm.jsonl: No space left on device")
    assert one.deliver(wait=True).good
    assert len(keys(tmp_path)) == 3


@pytest.mark.parametrize("target", ["folder", "file"])
def test_link_does_not_lead_out_of_the_workspace(tmp_path: Path, target: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    one = Office(tmp_path / "workspace", CRM)
    one.night([("A1", "low")])
    if target == "folder":
        (one.root / "out").symlink_to(outside)
    else:
        (one.root / "out").mkdir()
        (one.root / "out" / "crm.jsonl").symlink_to(outside / "crm.jsonl")
    (sink,) = one.deliver().sinks
    assert sink.problem is not None and sink.problem.code == "path-outside"
    assert list(outside.iterdir()) == []


def test_path_that_is_a_folder_is_a_problem(tmp_path: Path) -> None:
    one = office(tmp_path, 1)
    (tmp_path / "out" / "crm.jsonl").mkdir(parents=True)
    (sink,) = one.deliver().sinks
    assert sink.problem is not None and sink.problem.code == "sink-not-writable"
    assert one.counts() == {"pending": 1}


def test_file_is_not_for_everybody(tmp_path: Path) -> None:
    one = office(tmp_path, 1)
    one.deliver()
    assert (tmp_path / "out" / "crm.jsonl").stat().st_mode & 0o007 == 0
