"""Whoever asks how things stand hears what events have changed since the night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.audit.store import Store, open_store
from engine.errors import KamError
from engine.reports.accounts import AccountFilter, accounts
from engine.reports.actions import ActionFilter, actions
from engine.reports.finding import find_firing
from engine.reports.log import LogFilter, log
from engine.reports.obligations import ObligationFilter, obligations
from engine.reports.runs import runs
from engine.reports.warnings import WarningFilter, warnings
from tests.audit import event_sample as sample
from tests.audit.sample import DAY, action_row, record_run, sample_policy
from tests.night.book import Book
from tests.verification.event_store import NIGHTS

NEXT = DAY + timedelta(days=1)
NIGHT, FIRST, SECOND = f"{DAY}.1", f"{DAY}.e1", f"{DAY}.e2"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A night, and two events about A1: the first warns, the second finds no duty open."""
    with open_store(tmp_path / "store") as opened:
        record_run(
            opened,
            decisions=[("A1", "华东重工", "d", "standard"), ("A2", "Two", "d", "standard")],
            obligations=[("A1", "", "due", DAY), ("A2", "", "due", DAY)],
        )
        numbers = opened.rule_numbers([sample_policy()])
        line = ("A1", "warning_opened", numbers["d", "warning", "complaints"], None, "red", "{}")
        warned = sample.content(sample.decision("standard"), obligations=[sample.obligation()])
        sample.answer(
            opened, None, {"A1": warned}, [line], [action_row(numbers, "2" * 24)]
        )  # fmt: skip
        moved = sample.content(sample.decision("strategic"))
        sample.answer(opened, [sample.complaint("crm-2")], {"A1": moved})
        yield opened


def tiers(store: Store, run_id: str | None = None) -> dict[str, Any]:
    return {row["account"]: row["tier"] for row in accounts(store, AccountFilter(), run_id=run_id)
            .rows}  # fmt: skip


def test_accounts_are_as_the_last_event_left_them(store: Store) -> None:
    assert tiers(store) == {"A1": "strategic", "A2": "standard"}
    assert tiers(store, NIGHT) == {"A1": "standard", "A2": "standard"}
    assert tiers(store, FIRST) == {"A1": "standard", "A2": "standard"}
    assert tiers(store, SECOND) == {"A1": "strategic", "A2": "standard"}


def test_the_next_night_speaks_for_itself(store: Store) -> None:
    record_run(store, as_of=NEXT, decisions=[("A1", "华东重工", "d", "core")])

    assert tiers(store) == {"A1": "core"}
    assert tiers(store, SECOND) == {"A1": "strategic", "A2": "standard"}


def test_warnings_and_duties_are_as_the_last_event_left_them(store: Store) -> None:
    def open_warnings(run_id: str | None) -> list[tuple[str, str]]:
        rows = warnings(store, WarningFilter(), run_id=run_id).rows
        return [(row["account"], row["level"]) for row in rows]

    def owed(run_id: str | None) -> list[tuple[str, str]]:
        rows = obligations(store, ObligationFilter(), run_id=run_id).rows
        return sorted((row["account"], row["state"]) for row in rows)

    assert open_warnings(None) == open_warnings(FIRST) == [("A1", "red")]
    assert open_warnings(NIGHT) == []
    assert owed(NIGHT) == [("A1", "due"), ("A2", "due")]
    assert owed(FIRST) == [("A1", "overdue"), ("A2", "due")]
    assert owed(None) == [("A2", "due")]
    assert find_firing(store, "A1", "complaints", None).pack == "d", "it can be acknowledged"


def test_lines_and_actions_name_their_run(store: Store) -> None:
    lines = [(row["run"], row["kind"]) for row in log(store, LogFilter(account="A1")).rows]
    of_run = [row["kind"] for row in log(store, LogFilter(run_id=FIRST)).rows]
    asked = list(actions(store, ActionFilter(run_id=FIRST), lambda *_: "").rows)

    assert lines == [(FIRST, "action_emitted"), (FIRST, "warning_opened")]
    assert of_run == ["action_emitted", "warning_opened"]
    assert [row["action"] for row in asked] == ["2" * 24]
    assert list(log(store, LogFilter(run_id=SECOND)).rows) == []
    with pytest.raises(KamError, match=r"there is no run 2026-06-30\.e3"):
        log(store, LogFilter(run_id=f"{DAY}.e3"))


def test_runs_are_nights(store: Store) -> None:
    listed = runs(store, limit=5)

    assert [row["run"] for row in listed.rows] == [NIGHT]
    assert listed.total == 1


def test_the_story_of_an_account_goes_on_after_the_night(told_again: Book) -> None:
    from kam import main

    def story(*options: str) -> str:
        workspace = str(told_again.root)
        arguments = ["account", "a2", "--lang", "en", "--workspace", workspace, *options]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    assert "Gold" in story("--run", NIGHTS[1]), "the way there is part of the story"
    assert "Gold" not in story("--run", NIGHTS[0])

    with open_store(told_again.store) as store:
        row = next(one for one in told_again.decisions(NIGHTS[1]) if one["account_id"] == "a2")
        gold = {**row, "tier": "gold", "computed": "gold"}
        warned = sample.decision(account="a2", pack="small")["warnings"]
        sample.answer(
            store,
            [sample.complaint("crm-9", "a2", NEXT)],
            {"a2": sample.content({**gold, "warnings": warned})},
            as_of=NEXT,
        )

    assert "Complaints" in story()
