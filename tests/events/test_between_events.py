"""What else happens to a store between two events: backups, forgetting, what people say, other
policies, rows that cannot be used, retention."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import kam
from engine.audit.lock import hold
from engine.audit.store import open_store
from engine.day.events import Answer, Event, Rejected
from engine.errors import KamError
from engine.replay.rerun import replay
from engine.runner.desk import EventDesk
from engine.verification.verify import verify_store
from tests.events.ledger import LAST, NIGHT, Ledger


def complaint(id: str, account: str = "A1", **values: Any) -> Event:
    said = {"issue_id": id, "opened_at": f"{NIGHT} 08:00", "class": "complaint", "severity": 2}
    return Event(id, "record", account, {**said, **values}, "issues")


def answer(ledger: Ledger, *events: Event) -> list[Answer | Rejected]:
    with EventDesk(ledger.root) as desk:
        return [one for event in events for one in desk.answer([event])]


def statuses(answers: list[Answer | Rejected]) -> list[str]:
    return [
        one.problem.code if isinstance(one, Rejected) else str(one.document["status"])
        for one in answers
    ]


def say(ledger: Ledger, *words: str) -> Result:
    result = CliRunner().invoke(kam.main, [*words, "-w", str(ledger.root)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def assert_sound(ledger: Ledger) -> None:
    assert verify_store(ledger.store).findings == ()
    with open_store(ledger.store, read_only=True) as store:
        for run in store.runs():
            assert replay(ledger.root, store, run).state == "identical", run.run_id


def opened(answers: list[Answer | Rejected]) -> set[tuple[str, str]]:
    """Account and rule of every warning that was raised."""
    return {
        (str(one.document["account"]), change["rule"])
        for one in answers
        if isinstance(one, Answer)
        for change in one.document["changes"]
        if change["kind"] == "warning_opened"
    }


# --- backups -------------------------------------------------------------------------------


def test_after_a_restore_events_ask_for_the_night_and_go_on_after_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    (first,) = answer(ledger, complaint("C1"))
    say(ledger, "backup", str(tmp_path / "b.tar"))
    shutil.rmtree(ledger.store)
    restored = say(ledger, "restore", str(tmp_path / "b.tar"))
    assert "kam run" in restored.output
    with pytest.raises(KamError) as refused:
        answer(ledger, complaint("C1"))
    (problem,) = refused.value.problems
    assert problem.code == "day-records-missing"
    assert "kam run" in (problem.hint or "")
    ledger.night(NIGHT)
    again, more = answer(ledger, complaint("C1"), complaint("C2"))
    assert isinstance(again, Answer)
    assert isinstance(first, Answer)
    assert (again.is_first, again.document) == (False, first.document)
    assert isinstance(more, Answer)
    assert_sound(ledger)


def test_a_backup_holds_what_waits(ledger: Ledger, tmp_path: Path) -> None:
    with hold(ledger.store), EventDesk(ledger.root, wait=0) as desk:
        assert statuses(desk.answer([complaint("C1")])) == ["queued"]
    say(ledger, "backup", str(tmp_path / "b.tar"))
    shutil.rmtree(ledger.store)
    say(ledger, "restore", str(tmp_path / "b.tar"))
    ledger.night(NIGHT)
    with EventDesk(ledger.root) as desk:
        assert statuses(desk.drain()) == ["decided"]
    assert_sound(ledger)


# --- forgetting ----------------------------------------------------------------------------


def test_an_account_that_was_forgotten_takes_events_again_after_the_next_night(
    ledger: Ledger,
) -> None:
    assert statuses(answer(ledger, complaint("C1"))) == ["decided"]
    say(ledger, "forget", "A1", "--reason", "asked for", "--by", "tester")
    found = answer(ledger, complaint("C1"), complaint("C2"), complaint("C3", "A2"))
    assert statuses(found) == ["decided", "event-account-forgotten", "decided"]
    assert verify_store(ledger.store).findings == ()
    ledger.night(LAST)
    assert statuses(answer(ledger, complaint("C2"))) == ["decided"]
    assert verify_store(ledger.store).findings == ()


def test_a_desk_that_is_open_hears_that_an_account_was_forgotten(ledger: Ledger) -> None:
    with EventDesk(ledger.root, indexed=True) as desk:
        assert statuses(list(desk.answer([complaint("C1")]))) == ["decided"]
        say(ledger, "forget", "A1", "--reason", "asked for", "--by", "tester")
        assert statuses(list(desk.answer([complaint("C2")]))) == ["event-account-forgotten"]
    assert verify_store(ledger.store).findings == ()


# --- what people say -----------------------------------------------------------------------


def test_what_people_say_between_events_counts_from_the_next_night(ledger: Ledger) -> None:
    """Acknowledgements, silences and overrides: the night of the day hears them first, and what
    the events raised is neither said nor asked for again."""
    ledger.on(LAST)
    dated = {"opened_at": f"{LAST} 08:00"}
    account = "A1"
    with EventDesk(ledger.root) as desk:
        raised: list[Answer | Rejected] = []
        for number in range(3):
            raised += desk.answer([complaint(f"C{number}", account, **dated)])
        rules = {rule for _, rule in opened(raised)}
        assert "trouble" in rules or ledger_has(ledger, account, "trouble")
        say(ledger, "warnings", "ack", account, "trouble", "--by", "tester")
        say(ledger, "warnings", "silence", account, "trouble", "--until", "2026-07-01", "--by", "t")
        (ledger.root / "overrides.yaml").write_text(OVERRIDES, "utf-8")
        with (ledger.root / "kam.yaml").open("a", encoding="utf-8") as stream:
            stream.write("overrides: overrides.yaml\n")
        more = desk.answer([complaint("C9", account, **dated)])
        assert statuses(list(more)) == ["decided"]
    run = ledger.night(LAST)
    ((raised,),) = ledger.lines(
        "SELECT count(*) FROM decision_log_lines WHERE kind = 'warning_opened' "
        "AND account_id = ? AND rule_id = 'trouble' AND to_value = 'yellow'",
        account,
    )
    assert raised <= 1
    kinds = {
        kind
        for (kind,) in ledger.lines(
            "SELECT kind FROM decision_log_lines WHERE account_id = ? AND run_id = ?",
            account,
            run.run_id,
        )
    }
    assert "override_applied" in kinds
    (after,) = answer(ledger, complaint("C10", account, **dated))
    assert isinstance(after, Answer)
    assert after.document["packs"]["drawn"]["tier"] == "gold"
    assert after.document["actions"] == []
    assert_sound(ledger)


OVERRIDES = """\
overrides:
  - account: A1
    pack: drawn
    tier: gold
    until: 2026-12-31
    reason: a person said so
    approver: 陈静
"""


def ledger_has(ledger: Ledger, account: str, rule: str) -> bool:
    query = "SELECT 1 FROM decision_log_lines WHERE account_id = ? AND rule_id = ?"
    return bool(ledger.lines(query, account, rule))


# --- policies and data that change ---------------------------------------------------------


def test_a_policy_that_is_being_edited_does_not_disturb_the_day(ledger: Ledger) -> None:
    with EventDesk(ledger.root) as desk:
        expected = desk.evaluate(complaint("C1"))
    (ledger.root / "policies" / "drawn" / "pack.yaml").write_text("pack: {half", "utf-8")
    (ledger.root / "facts.yaml").write_text("accounts: {half", "utf-8")
    with EventDesk(ledger.root) as desk:
        assert desk.evaluate(complaint("C1")) == expected
        assert statuses(list(desk.answer([complaint("C1")]))) == ["decided"]


def test_an_account_whose_row_cannot_be_used_takes_no_events_and_keeps_its_state(
    ledger: Ledger,
) -> None:
    path = ledger.root / "data" / "accounts.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("A1,A1,", "A1,A1,Z"), "utf-8")
    ledger.night(LAST)
    (found,) = answer(ledger, complaint("C1"))
    assert isinstance(found, Rejected)
    assert found.problem.code == "event-account-set-aside"
    assert "A1" in found.problem.message
    path.write_text(text, "utf-8")
    ledger.night(LAST)
    assert statuses(answer(ledger, complaint("C1"))) == ["decided"]
    assert_sound(ledger)


@pytest.mark.slow
def test_events_of_an_account_that_is_set_aside_later_wait_for_its_row(ledger: Ledger) -> None:
    """What was told of it is neither lost nor said twice."""
    first = answer(ledger, *(complaint(f"C{number}", "A1") for number in range(3)))
    path = ledger.root / "data" / "accounts.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("A1,A1,", "A1,A1,Z"), "utf-8")
    aside = ledger.night(LAST)
    path.write_text(text, "utf-8")
    ledger.night(LAST)
    said = ledger.lines(
        "SELECT rule_id, to_value FROM decision_log_lines WHERE kind = 'warning_opened' "
        "AND account_id = 'A1' ORDER BY seq"
    )
    assert len(said) == len(set(said))
    assert statuses(first) == ["decided"] * 3
    assert ledger.lines(
        "SELECT count(*) FROM decision_log_lines WHERE run_id = ? AND account_id = 'A1' "
        "AND kind IN ('warning_resolved', 'account_left')",
        aside.run_id,
    ) == [(0,)]
    assert_sound(ledger)


def test_an_identical_record_that_is_told_after_a_night_counts_as_it_will_in_the_next(
    ledger: Ledger,
) -> None:
    """Records without a key: two events say two things, a night in between or not."""
    order = {"ordered_on": NIGHT.isoformat(), "amount": "500.00"}
    answer(ledger, Event("o1", "record", "A3", order, "orders"))
    ledger.night(NIGHT)
    (second,) = answer(ledger, Event("o2", "record", "A3", order, "orders"))
    assert isinstance(second, Answer)
    assert (before := purchase(ledger)) is not None
    ledger.night(NIGHT)
    (third,) = answer(ledger, Event("f1", "account", "A3", {"home": "south"}))
    assert isinstance(third, Answer)
    assert purchase(ledger) == before


def purchase(ledger: Ledger) -> float | None:
    """What the last event about A3 knew of its purchases."""
    rows = ledger.lines(
        "SELECT content FROM event_decisions WHERE account_id = 'A3' ORDER BY run_no DESC LIMIT 1"
    )
    facts = json.loads(rows[0][0])["facts"]
    found = [value for name, value in facts.items() if name.endswith("purchase")]
    return None if not found else found[0]
