"""The marks of leaves only say where to look: without them nobody is accused."""

from __future__ import annotations

import re

import pytest

from engine.verification.findings import Finding
from tests.night.book import Book
from tests.verification.store import RUNS, SignedStore, signed_store

LINE = "SELECT min(seq) FROM decision_log WHERE kind = 'warning_opened'"
FORGE = "UPDATE decision_log SET to_value = 'blue' WHERE seq = ?"


def found(store: SignedStore) -> list[tuple[str, str | None]]:
    return [(one.code, one.run) for one in store.verify().findings]


@pytest.mark.parametrize("tampering", [
    "DELETE FROM leaf_marks",
    "UPDATE leaf_marks SET marks = zeroblob(length(marks))",
    "UPDATE leaf_marks SET marks = substr(marks, 1, length(marks) - 4)",
    "UPDATE leaf_marks SET marks = CAST(marks || x'00000000' AS BLOB)",
    "UPDATE leaf_marks SET run_no = 0 - run_no",
])  # fmt: skip
def test_marks_that_are_gone_or_altered_are_named_once_a_run_and_accuse_no_line(
    signed: SignedStore, told_again: Book, tampering: str
) -> None:
    signed.execute(tampering)
    assert found(signed) == [("leaf-marks-altered", run) for run in RUNS]
    assert "as it was recorded" in signed.verify().findings[0].message
    events = signed_store(told_again.root)
    events.execute(tampering)
    runs = ["2026-06-30.1", "2026-06-30.e1", "2026-06-30.e2", "2026-07-01.1"]
    assert found(events) == [("leaf-marks-altered", run) for run in runs]


def test_line_that_was_altered_is_still_found_by_its_mark(signed: SignedStore) -> None:
    seq = signed.value(LINE)
    signed.execute(FORGE, seq)
    signed.execute("DELETE FROM leaf_marks WHERE run_no = 3")
    (altered, differs, marks) = [one for one in signed.verify().findings if _of_trees(one)]
    assert (altered.code, altered.run) == ("log-altered", RUNS[0])
    assert f"line {seq} " in altered.message
    assert (differs.code, differs.run) == ("root-differs", RUNS[0])
    assert (marks.code, marks.run) == ("leaf-marks-altered", RUNS[2])


def test_altered_run_without_marks_is_named_and_which_line_it_is_cannot_be_said(
    signed: SignedStore,
) -> None:
    signed.execute(FORGE, signed.value(LINE))
    signed.execute("DELETE FROM leaf_marks")
    of_run = [one for one in signed.verify().findings if one.run == RUNS[0] and _of_trees(one)]
    assert [one.code for one in of_run] == ["leaf-marks-altered", "root-differs"]
    assert "cannot be said" in of_run[0].message


LINES_OF_RUN = """
SELECT seq FROM decision_log JOIN runs USING (run_no) WHERE run_id = ? ORDER BY seq LIMIT 3
"""


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_altered_lines_are_named_beside_one_that_is_gone(signed: SignedStore, gone: int) -> None:
    lines = _lines(signed, RUNS[0])
    signed.execute("DELETE FROM decision_log WHERE seq = ?", lines[gone])
    altered = [seq for seq in lines if seq != lines[gone]]
    for seq in altered:
        signed.execute("UPDATE decision_log SET to_value = 'forged' WHERE seq = ?", seq)
    findings = signed.verify().findings
    assert [one.message for one in findings if one.code == "log-missing"] == [
        f"line {lines[gone]} is gone"
    ]
    told = [one.message for one in findings if one.code == "log-altered"]
    assert [re.match(r"line \d+", message)[0] for message in told] == [
        f"line {seq}" for seq in altered
    ]


def test_altered_lines_of_an_event_are_named_beside_one_that_is_gone(told_again: Book) -> None:
    events = signed_store(told_again.root)
    gone, altered, *_ = _lines(events, "2026-06-30.e1")
    events.execute("DELETE FROM decision_log WHERE seq = ?", gone)
    events.execute("UPDATE decision_log SET to_value = 'forged' WHERE seq = ?", altered)
    told = [one.message for one in events.verify().findings if one.code.startswith("log-")]
    assert told[0] == f"line {gone} is gone"
    assert told[1].startswith(f"line {altered} ")
    assert len(told) == 2


def _lines(store: SignedStore, run: str) -> list[int]:
    with store.database() as connection:
        return [seq for (seq,) in connection.execute(LINES_OF_RUN, (run,))]


def _of_trees(one: Finding) -> bool:
    return one.code in ("log-altered", "root-differs", "leaf-marks-altered")
