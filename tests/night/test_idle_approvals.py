"""An approval that approves nothing is a note of the night: what somebody decided is not lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.errors import Problem
from engine.runner import NightReport
from tests.night.book import NIGHT, Book

PACK = "policies/small/pack.yaml"


def day(count: int) -> date:
    """A number of days after the first night."""
    return NIGHT + timedelta(days=count)


@pytest.fixture
def book(book: Book) -> Book:
    """A book in which a2 is proposed for gold; 王建国 approves."""
    for old, new in (
        ("  office: {title: {zh: 办公室, en: Office}}\n", "  boss: {title: {zh: 总, en: Boss}}\n"),
        ("tiers:\n  population", "tiers:\n  approvers: [boss]\n  population"),
        ("    from: silver\n", "    from: silver\n    to: gold\n    effect: propose\n"),
    ):
        book.replace(PACK, old, new if old.startswith(("tiers", "    ")) else old + new)
    book.append("kam.yaml", "people: {office: 陈静, boss: 王建国}\n")
    return book


def approve(book: Book, on: date, account: str = "a2") -> None:
    entry = f"{{account: {account}, milestone: nearly_gold, approver: 王建国, on: {on}}}"
    book.write("overrides.yaml", f"approvals:\n  - {entry}\n")
    if "overrides:" not in (book.root / "kam.yaml").read_text(encoding="utf-8"):
        book.append("kam.yaml", "overrides: overrides.yaml\n")


def idle(report: NightReport) -> list[Problem]:
    return [one for one in report.night_notes if one.code == "approval-without-effect"]


def test_approval_of_a_day_before_the_proposal_is_a_note_of_every_night(book: Book) -> None:
    approve(book, day(-1))
    for _ in range(2):  # the second is the same night again
        (note,) = idle(book.run())
        assert note.severity == "warning"
        assert "'nearly_gold' for account 'a2'" in note.message
        assert "it is of 2026-06-29, and the proposal was made on 2026-06-30" in note.message
        assert str(note.location).startswith("overrides.yaml:2:")
        assert "on: 2026-06-30" in (note.hint or "")
    assert len(idle(book.run(day(1)))) == 1


def test_approval_of_what_nothing_proposes_is_a_note(book: Book) -> None:
    approve(book, day(0), "a3")
    (note,) = idle(book.run())
    assert "for account 'a3'" in note.message and "nothing of that name" in note.message
    assert str(note.location).startswith("overrides.yaml:2:")


def test_approval_that_has_had_its_effect_is_never_a_note(book: Book) -> None:
    approve(book, day(0))
    first = book.run()
    assert (idle(first), book.tiers(first.run_id)["a2"]) == ([], "gold")
    for later in (0, 1, 2):  # from the second night on it is proposed anew: every night reviews
        assert idle(book.run(day(later))) == []


@pytest.mark.slow
def test_approval_of_a_later_day_is_no_note(book: Book) -> None:
    approve(book, day(2))
    assert idle(book.run()) == idle(book.run(day(1))) == []
    report = book.run(day(2))
    assert (idle(report), book.tiers(report.run_id)["a2"]) == ([], "gold")


@pytest.mark.slow
def test_approval_of_an_account_in_quarantine_is_no_note(book: Book) -> None:
    book.run()
    approve(book, day(1))
    book.replace("data/accounts.csv", "a2,黄河电气,active,", "a2,黄河电气,nonsense,")
    assert idle(book.run(day(1))) == []


def test_approval_of_an_unknown_account_is_told_once(book: Book) -> None:
    approve(book, day(0), "zz")
    (note,) = book.run().night_notes
    assert note.code == "override-unknown-account"
