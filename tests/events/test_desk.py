"""The desk of the working day: what is asked twice, what cannot be taken, what has to wait."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.audit.events import inbox
from engine.audit.lock import hold
from engine.day.events import Answer, Event, Rejected, TypedEvent
from engine.day.reading_events import read_events
from engine.errors import KamError
from engine.runner.desk import EventDesk
from engine.runner.working_day import WorkingDay
from engine.verification.verify import verify_store
from tests.events.book import END, EventBook, after_one_night, write_book
from tests.often import named

ACCOUNT = "K0000005"


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> EventBook:
    """Never changed; tests take a copy."""
    return after_one_night(tmp_path_factory)


@pytest.fixture
def book(night: EventBook, tmp_path: Path) -> EventBook:
    shutil.copytree(night.root, tmp_path / "book")
    return EventBook(tmp_path / "book")


@pytest.fixture
def desk(book: EventBook) -> Iterator[EventDesk]:
    with EventDesk(book.root, wait=0.1) as desk:
        yield desk


def signal(id: str = "s-1", account: str = ACCOUNT, kind: str = "management_change") -> Event:
    values = {"observed_on": END.isoformat(), "kind": kind, "severity": 5}
    return Event(id, "record", account, values, "signals")


def rating(id: str, said: str, at: datetime | None = None) -> Event:
    return Event(id, "account", ACCOUNT, {"credit_rating": said}, at=at)


def codes(answers: list[Answer | Rejected]) -> list[str]:
    return [
        one.problem.code if isinstance(one, Rejected) else str(one.document["status"])
        for one in answers
    ]


# --- what an event says and does ---------------------------------------------------------


def test_a_grave_signal_raises_the_red_warning_and_asks_for_its_action(
    book: EventBook, desk: EventDesk
) -> None:
    (answer,) = desk.answer([signal()])
    assert isinstance(answer, Answer)
    document = answer.document
    assert document["run"] == "2026-06-30.e1"
    opened = {(one["rule"], one["to"]) for one in document["changes"]}
    assert ("management_change", "red") in opened
    (action,) = [one for one in document["actions"] if one["rule"] == "management_change"]
    assert action["template"] == "executive_visit"
    logged = book.lines(
        "SELECT kind, to_value FROM decision_log_lines WHERE run_id = '2026-06-30.e1' "
        "AND rule_id = 'management_change' ORDER BY seq"
    )
    assert logged == [("warning_opened", "red"), ("action_emitted", "executive_visit")]
    assert book.lines("SELECT status FROM actions WHERE action_id = ?", action["action"]) == [
        ("open",)
    ]
    assert not verify_store(book.store).findings


def test_two_events_about_one_account_in_one_batch_are_each_decided_upon_the_other(
    desk: EventDesk,
) -> None:
    first, second = desk.answer([signal("a"), signal("b", kind="payment_default")])
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert [first.document["run"], second.document["run"]] == ["2026-06-30.e1", "2026-06-30.e2"]
    rules = {one["rule"] for one in second.document["packs"]["key_account_rules"]["warnings"]}
    assert {"management_change", "overdue_receivables"} <= rules
    assert "management_change" not in {one["rule"] for one in second.document["changes"]}


def test_events_about_several_accounts_are_one_run(desk: EventDesk) -> None:
    answers = desk.answer([signal("a"), signal("b", "K0000003"), signal("c", "K0000007")])
    assert {one.document["run"] for one in answers if isinstance(one, Answer)} == {"2026-06-30.e1"}


def test_a_desk_that_is_opened_anew_knows_what_the_one_before_it_decided(
    book: EventBook, desk: EventDesk
) -> None:
    desk.answer([signal("a")])
    with EventDesk(book.root) as other:
        (answer,) = other.answer([signal("b", kind="payment_default")])
    assert isinstance(answer, Answer)
    rules = {one["rule"] for one in answer.document["packs"]["key_account_rules"]["warnings"]}
    assert {"management_change", "overdue_receivables"} <= rules


def test_an_account_at_hand_is_decided_as_one_that_is_read(book: EventBook) -> None:
    with EventDesk(book.root, indexed=True) as desk:
        at_hand = desk.evaluate(signal())
    with EventDesk(book.root) as desk:
        assert desk.evaluate(signal()) == at_hand


# --- once and only once ------------------------------------------------------------------


def test_a_night_at_hand_is_not_searched_for_garbage_while_events_wait(book: EventBook) -> None:
    before = gc.get_freeze_count()
    with EventDesk(book.root, indexed=True):
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0


def test_the_same_event_again_gets_the_first_answer(book: EventBook, desk: EventDesk) -> None:
    (first,) = desk.answer([signal()])
    (again,) = desk.answer([replace(signal(), line=7)])
    assert isinstance(first, Answer)
    assert isinstance(again, Answer)
    assert (first.is_first, again.is_first) == (True, False)
    assert json.dumps(again.document) == json.dumps(first.document)
    assert book.lines("SELECT count(*) FROM events") == [(1,)]


def test_the_same_event_twice_in_one_batch_is_taken_once(book: EventBook, desk: EventDesk) -> None:
    first, again = desk.answer([signal(), signal()])
    assert isinstance(again, Answer)
    assert not again.is_first
    assert again.document == first.document  # type: ignore[union-attr]
    assert book.lines("SELECT count(*) FROM events") == [(1,)]


@pytest.mark.parametrize("batch", [True, False])
def test_another_event_under_a_known_id_is_an_error(desk: EventDesk, batch: bool) -> None:
    other = signal(kind="payment_default")
    if batch:
        answers = desk.answer([signal(), other])
    else:
        answers = desk.answer([signal()]) + desk.answer([other])
    assert codes(answers) == ["decided", "event-id-reused"]


def test_a_question_stores_nothing(book: EventBook, desk: EventDesk) -> None:
    answer = desk.evaluate(signal())
    assert isinstance(answer, Answer)
    assert answer.document["run"] is None
    assert answer.document["changes"]
    assert book.lines("SELECT count(*) FROM events") == [(0,)]
    (decided,) = desk.answer([signal()])
    assert isinstance(decided, Answer)
    assert {**decided.document, "run": None} == answer.document


# --- what cannot be taken ----------------------------------------------------------------


def test_a_bad_event_in_the_middle_stops_none_of_the_others(
    desk: EventDesk, tmp_path: Path
) -> None:
    lines = [
        json.dumps(signal(f"s-{number}", f"K{number:07d}").content()) for number in range(1, 8)
    ]
    lines[3] = "{broken"
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    with file.open("rb") as stream:
        answers = desk.answer(list(read_events(stream)))
    assert codes(answers) == [*["decided"] * 3, "event-malformed", *["decided"] * 3]
    assert answers[3].line == 4


def test_an_unknown_account_is_told_with_one_that_is_near(desk: EventDesk) -> None:
    (answer,) = desk.answer([signal(account="K0000O05")])
    assert isinstance(answer, Rejected)
    assert answer.problem.code == "event-unknown-account"
    assert "K0000005" in (answer.problem.hint or "")


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(1, "decided"), (0, "decided"), (-1, "event-superseded")],
)
def test_a_fact_that_a_later_one_has_replaced_is_refused(
    desk: EventDesk, minutes: int, expected: str
) -> None:
    noon = datetime(2026, 6, 30, 4, tzinfo=UTC)
    desk.answer([rating("first", "B", noon)])
    answers = desk.answer([rating("second", "D", noon + timedelta(minutes=minutes))])
    assert codes(answers) == [expected]


def test_records_may_come_out_of_order(desk: EventDesk) -> None:
    late = replace(signal("late"), at=datetime(2026, 6, 30, 9, tzinfo=UTC))
    early = replace(signal("early"), at=datetime(2026, 5, 1, 9, tzinfo=UTC))
    assert codes(desk.answer([late, early])) == ["decided", "decided"]


def test_an_event_of_tomorrow_is_refused_and_one_of_today_is_not(desk: EventDesk) -> None:
    midnight = datetime(2026, 6, 30, 16, tzinfo=UTC)  # of Shanghai, where the workspace is
    last = replace(signal("a"), at=midnight - timedelta(seconds=1))
    next_day = replace(signal("b"), at=midnight)
    assert codes(desk.answer([last, next_day])) == ["decided", "event-from-the-future"]


def test_without_a_night_there_is_no_desk(tmp_path: Path) -> None:
    write_book(tmp_path / "book", 5)
    with pytest.raises(KamError, match="no-store"):
        EventDesk(tmp_path / "book")


def test_a_day_before_the_last_night_is_refused(book: EventBook) -> None:
    book.on(END - timedelta(days=1))
    with pytest.raises(KamError, match="day-before-night"):
        EventDesk(book.root)


# --- what has to wait --------------------------------------------------------------------


def test_while_a_run_holds_the_store_events_are_queued_and_then_decided(
    book: EventBook, desk: EventDesk
) -> None:
    with hold(book.store):
        answers = desk.answer([signal("a"), signal("b", "K9"), signal("c", "K0000003")])
        assert codes(answers) == ["queued", "event-unknown-account", "queued"]
        assert book.lines("SELECT count(*) FROM events") == [(0,)]
        assert desk.drain() == []
    assert codes(desk.drain()) == ["decided", "decided"]
    assert desk.drain() == []
    assert not inbox.waiting(book.store)
    (again,) = desk.answer([signal("a")])
    assert isinstance(again, Answer)
    assert not again.is_first


def test_a_desk_can_be_opened_while_a_run_holds_the_store(book: EventBook) -> None:
    with hold(book.store), EventDesk(book.root, wait=0) as desk:
        assert codes(desk.answer([signal()])) == ["queued"]
        assert isinstance(desk.evaluate(signal()), Answer)


def test_a_queued_event_that_cannot_be_taken_any_more_is_kept_with_the_reason(
    book: EventBook, desk: EventDesk
) -> None:
    with hold(book.store):
        desk.answer([signal("a")])
    desk.answer([signal("a", kind="payment_default")])
    assert codes(desk.drain()) == ["event-id-reused"]
    (line,) = (book.store / "inbox" / inbox.REFUSED_FILE).read_text().splitlines()
    assert json.loads(line)["refused"] == "event-id-reused"
    assert json.loads(line)["event"]["id"] == "a"


@pytest.mark.parametrize(
    "line",
    named(
        {
            "half of a surrogate pair": json.dumps(
                {
                    "event": {**signal("bad").content(), "values": {"note": "\ud83d"}},
                    "came_at": "2026-06-30T09:00:00+00:00",
                }
            ),
            "no moment": json.dumps({"event": signal("bad").content(), "came_at": "yesterday"}),
            "no moment at all": json.dumps({"event": signal("bad").content()}),
            "a text": '"text"',
            "half a line": '{"event": {"id"',
        },
        often={"half of a surrogate pair", "half a line"},
    ),
)
def test_a_line_of_the_inbox_that_no_reader_takes_is_rejected_and_the_rest_decided(
    book: EventBook, desk: EventDesk, line: str
) -> None:
    with hold(book.store):
        desk.answer([signal("a")])
        desk.answer([signal("b", "K0000003")])
    first, _ = inbox.waiting(book.store)
    first.write_text(f"{line}\n{first.read_text()}")
    assert codes(desk.drain()) == ["event-malformed", "decided", "decided"]
    assert not inbox.waiting(book.store)
    (kept,) = (book.store / "inbox" / inbox.REFUSED_FILE).read_text().splitlines()
    assert json.loads(kept)["refused"] == "event-malformed"


# --- nights ------------------------------------------------------------------------------


def test_a_desk_goes_on_with_a_night_that_is_run_beneath_it(
    book: EventBook, desk: EventDesk
) -> None:
    desk.answer([signal("a")])
    book.night(END)  # the same night again: the event is news
    assert desk.refresh() == "2026-06-30.2"
    (answer,) = desk.answer([signal("b", kind="payment_default")])
    assert isinstance(answer, Answer)
    rules = {one["rule"] for one in answer.document["packs"]["key_account_rules"]["warnings"]}
    assert {"management_change", "overdue_receivables"} <= rules


def test_an_account_is_shown_as_its_last_event_left_it(desk: EventDesk) -> None:
    before = desk.account(ACCOUNT, "confidential")
    desk.answer([signal()])
    after = desk.account(ACCOUNT, "confidential")
    rules = [
        {one["rule"] for one in shown["packs"]["key_account_rules"]["warnings"]}
        for shown in (before, after)
    ]
    assert rules[1] - rules[0] == {"management_change"}
    assert json.dumps(after)


def test_an_unknown_account_is_not_shown(desk: EventDesk) -> None:
    with pytest.raises(KamError, match="unknown-account"):
        desk.account("K9", "confidential")


def test_two_desks_on_one_workspace_know_of_each_other(book: EventBook, desk: EventDesk) -> None:
    desk.answer([signal("a", kind="competitor_contact")])
    with EventDesk(book.root) as other:
        other.answer([signal("b", kind="payment_default")])
    (answer,) = desk.answer([signal("c")])
    assert isinstance(answer, Answer)
    rules = {one["rule"] for one in answer.document["packs"]["key_account_rules"]["warnings"]}
    assert {"management_change", "overdue_receivables"} <= rules


def test_an_event_that_kam_itself_fails_over_does_not_hold_up_those_behind_it(
    book: EventBook, desk: EventDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hold(book.store):
        desk.answer([signal("a"), signal("b", "K0000003")])
    taken = WorkingDay.take

    def take(self: WorkingDay, typed: TypedEvent, *known: frozenset[str]) -> object:
        if typed.event.id == "a":
            raise KeyError("a measure that nobody knows")
        return taken(self, typed, *known)

    monkeypatch.setattr(WorkingDay, "take", take)
    assert codes(desk.drain()) == ["event-undecided", "decided"]
    assert not inbox.waiting(book.store)
    (kept,) = (book.store / "inbox" / inbox.REFUSED_FILE).read_text().splitlines()
    assert json.loads(kept)["event"]["id"] == "a"
