"""Events that wait while a transaction runs are answered together in the next one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from engine.day.events import Answer, Event, Rejected
from engine.errors import KamError, problem
from engine.service import batching
from engine.service.batching import BATCH, MOST_WAITING, Batcher
from tests.service.desks import FakeDesk


def event(event_id: str) -> Event:
    return Event(event_id, "account", "A1", {"x": 1})


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def batcher(desk: FakeDesk) -> Iterator[Batcher]:
    one = Batcher(desk)
    one.start()
    yield one
    desk.released.set()
    one.close()


def test_waiting_events_share_the_next_transaction(desk: FakeDesk, batcher: Batcher) -> None:
    first = batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    others = [batcher.submit([event(str(number))]) for number in range(20)]
    assert batcher.waiting == 21
    desk.released.set()
    answers = [one.result(5)[0] for one in (first, *others)]
    assert [one.event for one in answers if isinstance(one, Answer)] == [
        "slow",
        *map(str, range(20)),
    ]
    assert [len(one) for one in desk.batches] == [1, 20]
    assert batcher.waiting == 0


def test_transaction_is_bounded(desk: FakeDesk, batcher: Batcher) -> None:
    batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    others = [batcher.submit([event(f"{number}")]) for number in range(BATCH + 1)]
    desk.released.set()
    others[-1].result(5)
    assert [len(one) for one in desk.batches] == [1, BATCH, 1]


def test_answers_go_to_those_who_asked(desk: FakeDesk, batcher: Batcher) -> None:
    batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    refused = Rejected(problem("event-malformed", "no").problems[0], None, 2)
    first = batcher.submit([event("a"), refused])
    second = batcher.submit([event("b"), event("c")])
    desk.released.set()
    assert [type(one) for one in first.result(5)] == [Answer, Rejected]
    assert [one.event for one in second.result(5)] == ["b", "c"]


def test_defect_in_a_transaction_is_the_fault_of_one(desk: FakeDesk, batcher: Batcher) -> None:
    batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    good, bad, also = (batcher.submit([event(name)]) for name in ("a", "broken", "b"))
    desk.released.set()
    assert good.result(5)[0].event == "a"
    assert also.result(5)[0].event == "b"
    with pytest.raises(ZeroDivisionError):
        bad.result(5)
    assert batcher.waiting == 0


def test_desk_that_answers_too_little_is_a_defect(
    desk: FakeDesk, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "answer", lambda events: [])
    with pytest.raises(RuntimeError, match="0 answers for 1 events"):
        batcher.submit([event("a")]).result(5)


@pytest.mark.parametrize("over", [0, 1])
def test_so_many_may_wait_and_no_more(desk: FakeDesk, batcher: Batcher, over: int) -> None:
    batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    batcher.submit([event("a")] * (MOST_WAITING - 2))
    if not over:
        batcher.submit([event("b")])
        return
    with pytest.raises(KamError) as caught:
        batcher.submit([event("b")] * 2)
    assert caught.value.problems[0].code == "overloaded"


def test_close_answers_what_was_submitted_and_takes_no_more(
    desk: FakeDesk, batcher: Batcher
) -> None:
    first = batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    second = batcher.submit([event("a")])
    desk.released.set()
    batcher.close()
    assert first.done() and second.done()
    with pytest.raises(KamError) as caught:
        batcher.submit([event("b")])
    assert caught.value.problems[0].code == "stopping"
    assert not batcher.is_alive
    batcher.close()


def test_batcher_that_never_began_can_be_closed(desk: FakeDesk) -> None:
    Batcher(desk).close()


def test_event_whose_sender_went_away_is_taken_all_the_same(
    desk: FakeDesk, batcher: Batcher
) -> None:
    batcher.submit([event("slow")])
    assert desk.is_taking.wait(5)
    gone, there = batcher.submit([event("a")]), batcher.submit([event("b")])
    assert gone.cancel()
    desk.released.set()
    there.result(5)
    assert set(desk.first) == {"slow", "a", "b"}
    assert batcher.waiting == 0


def test_desk_is_told_of_new_nights_and_of_what_was_queued(
    desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "HOUSEKEEPING_SECONDS", 0.02)
    one = Batcher(desk)
    one.start()
    until(lambda: len(desk.housekeeping) >= 2)
    one.close()
    assert desk.housekeeping[:2] == ["refresh", "drain"]


@pytest.mark.parametrize("error", [problem("store-busy", "x"), ValueError("x")])
def test_housekeeping_that_fails_stops_nothing(
    desk: FakeDesk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> None:
        desk.housekeeping.append("failed")
        raise error

    monkeypatch.setattr(batching, "HOUSEKEEPING_SECONDS", 0.02)
    monkeypatch.setattr(desk, "refresh", fail)
    one = Batcher(desk)
    one.start()
    until(lambda: "failed" in desk.housekeeping)
    assert one.submit([event("a")]).result(5)[0].event == "a"
    one.close()
