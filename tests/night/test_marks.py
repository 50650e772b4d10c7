"""Nights that follow what people say: marks, overrides, approvals, corrections, missed nights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.audit.marks import Said
from engine.audit.store import open_store
from engine.errors import KamError
from engine.runner import run_nights
from tests.books.shared import shared
from tests.night.book import NIGHT, Book

PACK = "policies/small/pack.yaml"
COMPLAINTS = "data/complaints.csv"
NOW = datetime(2026, 6, 30, 10, 0, tzinfo=UTC)


def day(count: int) -> date:
    """A number of days after the first night."""
    return NIGHT + timedelta(days=count)


def escalating(book: Book) -> Book:
    """The warning about complaints escalates to the boss after 3 days; the boss approves."""
    book.replace(
        PACK,
        "  office: {title: {zh: 办公室, en: Office}}\n",
        "  office: {title: {zh: 办公室, en: Office}}\n  boss: {title: {zh: 总经理, en: Boss}}\n",
    )
    book.replace(
        PACK, "    layer: data\n", "    layer: data\n    escalate: {after: 3 days, to: boss}\n"
    )
    book.replace(PACK, "tiers:\n  population", "tiers:\n  approvers: [boss]\n  population")
    book.append("kam.yaml", "people: {office: 陈静, boss: 王建国}\n")
    return book


@pytest.fixture
def book(book: Book) -> Book:
    return escalating(book)


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Book:
    def make(root: Path) -> None:
        escalating(Book(root)).run()

    return Book(shared(tmp_path_factory, "escalating", make), files={})


def say(book: Book, kind: str, on: date, **about: Any) -> None:
    with open_store(book.root / "store") as store:
        store.say(Said(kind, "陈静", NOW, on, **about))


def say_of_warning(book: Book, kind: str, on: date, until: date | None = None) -> None:
    say(book, kind, on, pack="small", account="a1", rule="complaints", until=until)


def actions(book: Book) -> list[tuple[str, str, str, str]]:
    """(template, role, owner, status) in the order in which they were called for."""
    with open_store(book.root / "store", read_only=True) as store:
        rows = store.database.view("action_lines").rows_where(order_by="action_no")
        return [
            (row["template_id"], row["owner_role"], row["owner"], row["status"]) for row in rows
        ]


def kinds(book: Book, run_id: str) -> list[str]:
    return [kind for kind, *_ in book.log(run_id)]


def warning(book: Book, run_id: str, account: str = "a1") -> dict[str, Any]:
    (row,) = (one for one in book.decisions(run_id) if one["account_id"] == account)
    (found,) = row["warnings"]
    return dict(found)


# --- acknowledged and silenced -------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("later", "escalates"), [(2, False), (3, True), (4, True)])
def test_warning_escalates_once_after_its_time(begun: Book, later: int, escalates: bool) -> None:
    report = begun.run(day(later))
    assert ("warning_escalated" in kinds(begun, report.run_id)) is escalates
    assert (("call", "boss", "王建国", "open") in actions(begun)) is escalates
    again = begun.run(day(later + 5))
    assert ("warning_escalated" in kinds(begun, again.run_id)) is not escalates


@pytest.mark.slow
@pytest.mark.parametrize("later", [3, 30])
def test_acknowledged_warning_does_not_escalate(begun: Book, later: int) -> None:
    say_of_warning(begun, "ack", day(1))
    report = begun.run(day(later))
    assert kinds(begun, report.run_id) == ["warning_acknowledged", "person_said"]
    assert warning(begun, report.run_id)["acknowledged"] == day(1)
    assert actions(begun) == [("call", "office", "陈静", "open")]


@pytest.mark.slow
def test_acknowledgement_holds_until_the_level_goes_up(begun: Book) -> None:
    say_of_warning(begun, "ack", day(0))
    begun.append(COMPLAINTS, "a1,2026-06-30\na1,2026-06-30\n")
    raised = begun.run(day(1))
    assert warning(begun, raised.run_id)["acknowledged"] is None
    assert "warning_escalated" in kinds(begun, begun.run(day(4)).run_id)


@pytest.mark.slow
def test_acknowledgement_of_a_later_day_waits_for_its_day(begun: Book) -> None:
    say_of_warning(begun, "ack", day(5))
    assert "warning_escalated" in kinds(begun, begun.run(day(4)).run_id)


@pytest.mark.slow
def test_silenced_warning_calls_for_no_action_until_the_day_after(begun: Book) -> None:
    say_of_warning(begun, "silence", day(0), until=day(2))
    begun.append(COMPLAINTS, "a1,2026-06-30\na1,2026-06-30\n")
    for later in (1, 2):
        report = begun.run(day(later))
        assert "action_emitted" not in kinds(begun, report.run_id)
        assert warning(begun, report.run_id)["silenced_until"] == day(2)
    after = begun.run(day(3))
    assert kinds(begun, after.run_id) == ["action_emitted"]
    assert [one[0] for one in actions(begun)] == ["call", "visit"]
    assert warning(begun, after.run_id)["silenced_until"] is None


@pytest.mark.slow
def test_silenced_warning_does_not_escalate_until_the_day_after(begun: Book) -> None:
    say_of_warning(begun, "silence", day(0), until=day(4))
    assert "warning_escalated" not in kinds(begun, begun.run(day(4)).run_id)
    assert "warning_escalated" in kinds(begun, begun.run(day(5)).run_id)


@pytest.mark.slow
def test_last_silence_counts_and_one_in_the_past_ends_it(begun: Book) -> None:
    say_of_warning(begun, "silence", day(0), until=day(30))
    say_of_warning(begun, "silence", day(1), until=day(0))
    assert "warning_escalated" in kinds(begun, begun.run(day(3)).run_id)


@pytest.mark.slow
def test_what_was_said_makes_the_night_a_new_one_and_stands_in_the_log(begun: Book) -> None:
    repeated = begun.run()
    assert (repeated.repeated, repeated.run_id) == (True, "2026-06-30.1")
    say_of_warning(begun, "ack", day(0))
    again = begun.run()
    assert (again.repeated, again.run_id) == (False, "2026-06-30.2")
    assert kinds(begun, again.run_id) == ["warning_acknowledged", "person_said"]
    assert begun.run().repeated


# --- actions -------------------------------------------------------------------------------


@pytest.mark.slow
def test_action_that_is_done_stays_done(begun: Book) -> None:
    say(begun, "done", day(0), action_no=1)
    for later in (1, 2):
        begun.run(day(later))
        assert actions(begun) == [("call", "office", "陈静", "done")]
    begun.write(COMPLAINTS, "account_id,opened_on\n")
    report = begun.run(day(3))
    assert "warning_resolved" in kinds(begun, report.run_id)
    assert "action_expired" not in kinds(begun, report.run_id)
    assert actions(begun) == [("call", "office", "陈静", "done")]


@pytest.mark.slow
def test_snoozed_action_wakes_on_its_day(begun: Book) -> None:
    say(begun, "snooze", day(0), action_no=1, until=day(2))
    begun.run(day(1))
    assert actions(begun)[0][3] == "snoozed"
    begun.run(day(2))
    assert actions(begun)[0][3] == "open"


@pytest.mark.slow
def test_snoozed_action_wakes_on_the_first_night_after_a_gap(begun: Book) -> None:
    say(begun, "snooze", day(0), action_no=1, until=day(1))
    begun.run(day(2))
    assert actions(begun)[0][3] == "open"


@pytest.mark.slow
def test_action_expires_with_its_warning(begun: Book) -> None:
    begun.write(COMPLAINTS, "account_id,opened_on\n")
    report = begun.run(day(1))
    assert kinds(begun, report.run_id) == ["warning_resolved", "action_expired"]
    assert actions(begun) == [("call", "office", "陈静", "expired")]


@pytest.mark.slow
def test_warning_that_fires_again_calls_for_an_action_of_its_own(begun: Book) -> None:
    complaints = (begun.root / COMPLAINTS).read_text(encoding="utf-8")
    begun.write(COMPLAINTS, "account_id,opened_on\n")
    begun.run(day(1))
    begun.write(COMPLAINTS, complaints)
    begun.run(day(2))
    assert [status for *_, status in actions(begun)] == ["expired", "open"]


@pytest.mark.slow
def test_action_expires_when_its_account_leaves(begun: Book) -> None:
    begun.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,closed,A")
    assert "action_expired" in kinds(begun, begun.run(day(1)).run_id)


# --- overrides and approvals ---------------------------------------------------------------


def overrides(book: Book, text: str) -> None:
    if not (book.root / "overrides.yaml").exists():
        book.append("kam.yaml", "overrides: overrides.yaml\n")
    book.write("overrides.yaml", text)


def override(account: str = "a3") -> str:
    return (
        f"overrides:\n  - {{account: {account}, tier: gold, reason: 战略合作, approver: 王建国, "
        f"from: {day(2)}, until: {day(4)}}}\n"
    )


@pytest.mark.slow
def test_override_applies_from_its_first_to_its_last_day_and_both_are_logged(book: Book) -> None:
    overrides(book, override())
    found = {later: book.run(day(later)) for later in range(6)}
    tiers = [book.tiers(report.run_id)["a3"] for report in found.values()]
    assert tiers == ["plain", "plain", "gold", "gold", "gold", "plain"]
    logged = {
        later: [line[:4] for line in book.log(report.run_id) if line[0].startswith("override")]
        for later, report in found.items()
        if later
    }
    assert logged == {
        1: [],
        2: [("override_applied", "a3", "gold", "plain")],
        3: [],
        4: [],
        5: [("override_expired", "a3", "plain", "gold")],
    }
    for later in (2, 5):
        assert "tier_moved" in kinds(book, found[later].run_id)
    during = next(one for one in book.decisions(found[3].run_id) if one["account_id"] == "a3")
    assert (during["computed"], during["tier_since"]) == ("plain", day(2))
    assert during["entitlements"] == ["hotline"]


def test_override_of_an_account_that_no_source_has_is_a_note_of_the_night(book: Book) -> None:
    overrides(book, override("zz"))
    for _ in range(2):  # the second is the same night again
        (note,) = [one for one in book.run().night_notes if one.code == "override-unknown-account"]
        assert note.severity == "warning" and "'zz'" in note.message
        assert str(note.location).startswith("overrides.yaml:2:")


def test_override_of_an_account_in_quarantine_is_not_of_an_unknown_one(book: Book) -> None:
    overrides(book, override())
    book.replace("data/accounts.csv", "a3,泰山水泥,active,B", "a3,泰山水泥,active,ZZZ")
    assert "override-unknown-account" not in {one.code for one in book.run().night_notes}


def proposing(book: Book) -> None:
    book.replace(
        PACK, "    from: silver\n", "    from: silver\n    to: gold\n    effect: propose\n"
    )


def approval(on: date) -> str:
    return f"approvals:\n  - {{account: a2, milestone: nearly_gold, approver: 王建国, on: {on}}}\n"


@pytest.mark.slow
def test_approval_moves_the_account_that_was_proposed(book: Book) -> None:
    proposing(book)
    assert ("milestone_proposed", "a2", "nearly_gold", None, None) in book.log(book.run().run_id)
    overrides(book, approval(day(2)))
    before = book.run(day(1))
    assert book.tiers(before.run_id)["a2"] == "silver"
    after = book.run(day(2))
    assert book.tiers(after.run_id)["a2"] == "gold"
    assert [line for line in book.log(after.run_id) if line[1] == "a2"] == [
        ("tier_moved", "a2", "gold", "silver", "gold"),
        ("milestone_approved", "a2", "nearly_gold", None, "王建国"),
    ]


@pytest.mark.slow
def test_approval_of_a_day_before_the_proposal_does_not_count(book: Book) -> None:
    proposing(book)
    overrides(book, approval(day(-1)))
    for later in (0, 1):
        assert book.tiers(book.run(day(later)).run_id)["a2"] == "silver"


def test_approval_by_somebody_who_may_not_is_refused_and_nothing_is_lost(book: Book) -> None:
    proposing(book)
    book.run()
    overrides(book, approval(day(1)).replace("王建国", "陈静"))
    before = book.fingerprint()
    with pytest.raises(KamError, match=r"overrides\.yaml:2:\d+: may-not-approve: '陈静'"):
        book.run(day(1))
    assert book.fingerprint() == before


# --- the same night again ------------------------------------------------------------------


@pytest.mark.slow
def test_night_that_is_run_again_starts_from_the_night_before(begun: Book) -> None:
    """What the first attempt saw wrongly leaves no trace in the state."""
    complaints = (begun.root / COMPLAINTS).read_text(encoding="utf-8")
    begun.write(COMPLAINTS, "account_id,opened_on\n")
    wrong = begun.run(day(3))
    assert "warning_resolved" in kinds(begun, wrong.run_id)
    begun.write(COMPLAINTS, complaints)
    mended = begun.run(day(3))
    assert mended.run_id == "2026-07-03.2"
    assert warning(begun, mended.run_id)["since"] == NIGHT
    assert kinds(begun, mended.run_id)[0] == "warning_opened"


@pytest.mark.slow
def test_action_of_a_warning_that_a_correction_takes_back_expires(begun: Book) -> None:
    complaints = (begun.root / COMPLAINTS).read_text(encoding="utf-8")
    begun.append(COMPLAINTS, "a2,2026-07-01\na2,2026-07-01\n")
    begun.run(day(1))
    begun.write(COMPLAINTS, complaints)
    mended = begun.run(day(1))
    assert "action_expired" in kinds(begun, mended.run_id)
    assert [status for *_, status in actions(begun)] == ["open", "expired"]


@pytest.mark.slow
def test_action_that_expired_by_mistake_is_open_again_after_the_correction(begun: Book) -> None:
    complaints = (begun.root / COMPLAINTS).read_text(encoding="utf-8")
    begun.write(COMPLAINTS, "account_id,opened_on\n")
    begun.run(day(1))
    begun.write(COMPLAINTS, complaints)
    begun.run(day(1))
    assert actions(begun) == [("call", "office", "陈静", "open")]


@pytest.mark.slow
def test_reminder_of_a_proposal_outlives_a_second_run_of_its_night(book: Book) -> None:
    proposing(book)
    book.replace(PACK, "    effect: propose\n", "    effect: propose\n    action: call\n")
    book.run()
    book.run(day(1))  # the first night of July: said again
    book.append("data/orders.csv", "a3,2026-06-01,1.00\n")
    again = book.run(day(1))
    assert not again.repeated
    proposals = [status for template, *_, status in actions(book)[1:] if template == "call"]
    assert proposals == ["expired", "open"]


# --- missed nights -------------------------------------------------------------------------


@pytest.fixture
def twin(book: Book, tmp_path: Path) -> Book:
    """The same workspace a second time."""
    other = Book(tmp_path / "twin")
    for name in ("kam.yaml", PACK):
        other.write(name, (book.root / name).read_bytes())
    return other


def kept(book: Book) -> dict[str, str]:
    names = ("decisions.parquet", "obligations.parquet")
    return {name: hash for name, hash in book.fingerprint().items() if name.endswith(names)}


@pytest.mark.slow
def test_catching_up_equals_running_each_night(book: Book, twin: Book) -> None:
    for one in (book, twin):
        one.append(COMPLAINTS, "a1,2026-07-02\na1,2026-07-03\na3,2026-07-03\na3,2026-07-04\n")
        one.run()
    for later in range(1, 6):
        book.run(day(later))
    reports = list(run_nights(twin.root, day(5)))
    assert [one.as_of for one in reports] == [day(later).isoformat() for later in range(1, 6)]
    assert kept(book) == kept(twin)
    assert len(kept(twin)) == 12
    assert actions(book) == actions(twin)


def test_catching_up_without_a_run_before_is_a_plain_run(book: Book) -> None:
    assert [one.run_id for one in run_nights(book.root, day(5))] == ["2026-07-05.1"]


@pytest.mark.slow
def test_catching_up_without_a_missed_night_is_a_plain_run(begun: Book) -> None:
    assert [one.repeated for one in run_nights(begun.root, NIGHT)] == [True]
    assert [one.run_id for one in run_nights(begun.root, day(1))] == ["2026-07-01.1"]


@pytest.mark.slow
def test_catching_up_stops_at_the_first_night_that_is_refused(begun: Book) -> None:
    begun.replace("kam.yaml", "tier_changes: {at_most: 90%}", "tier_changes: {at_most: 0%}")
    begun.append("data/orders.csv", "a3,2026-07-03,2000000.00\n")
    nights = run_nights(begun.root, day(5))
    assert [next(nights).as_of, next(nights).as_of] == ["2026-07-01", "2026-07-02"]
    with pytest.raises(KamError, match="guard-tier-changes"):
        next(nights)
    with open_store(begun.root / "store", read_only=True) as store:
        assert next(store.runs()).run_id == "2026-07-02.1"


# --- nights before the last ----------------------------------------------------------------


def refusal(book: Book, as_of: date | None, way: Any = None) -> tuple[str, str, str]:
    before = book.fingerprint()
    with pytest.raises(KamError) as error:
        list(run_nights(book.root, as_of)) if way == "catch up" else book.run(as_of)  # type: ignore[arg-type]
    assert book.fingerprint() == before
    (found,) = error.value.problems
    return found.code, found.message, found.hint or ""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["run", "catch up"])
def test_night_before_the_last_names_the_commands_that_read_it(begun: Book, way: str) -> None:
    begun.run(day(3))
    begun.run(day(5))
    code, message, hint = refusal(begun, day(3), way)
    assert (code, "2026-07-03 lies before it" in message) == ("night-before-last", True)
    assert "kam explain ACCOUNT --run 2026-07-03.1" in hint
    assert "kam log --run 2026-07-03.1 say what that night decided" in hint
    _, _, hint = refusal(begun, day(2), way)
    assert "--run 2026-06-30.1 say what the night before, of 2026-06-30, decided" in hint
    _, _, hint = refusal(begun, day(-1), way)
    assert "kam runs" in hint


def test_clock_that_was_turned_back_is_named_as_the_cause(book: Book) -> None:
    book.run(date(2999, 1, 1))
    code, message, hint = refusal(book, None)
    assert code == "clock-turned-back"
    assert "the last night is 2999-01-01 (run 2999-01-01.1)" in message
    assert "Asia/Shanghai" in message
    assert "check the clock" in hint


def test_date_of_the_workspace_before_the_last_night_points_at_kam_yaml(begun: Book) -> None:
    begun.append("kam.yaml", "as_of: 2026-06-01\n")
    with pytest.raises(KamError, match=r"kam\.yaml:1:1: night-before-last: .*2026-06-01 lies"):
        begun.run(None)  # type: ignore[arg-type]
