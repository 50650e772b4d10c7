"""The lines of the log as the table shows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from engine.audit.policy_names import PolicyNames
from engine.console.log_lines import log_columns

TABLES = """
CREATE TABLE policy_versions (policy_no INTEGER, pack TEXT, policy_hash TEXT);
CREATE TABLE rules (policy_no INTEGER, kind TEXT, rule_id TEXT, title_zh TEXT, title_en TEXT);
CREATE TABLE policy_columns (policy_no INTEGER, name TEXT, fact_column TEXT, type TEXT,
  title_zh TEXT, title_en TEXT);
CREATE TABLE policy_roles (policy_no INTEGER, role TEXT, title_zh TEXT, title_en TEXT);
INSERT INTO policy_versions VALUES (1, 'small', 'abc');
INSERT INTO rules VALUES (1, 'action', 'event', '策划客户活动', 'Plan an event'),
  (1, 'action', 'open', '开放日', 'Open day');
"""


@pytest.fixture
def policies() -> Iterator[PolicyNames]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    yield PolicyNames(connection)
    connection.close()


def shown(policies: PolicyNames, language: str, **line: Any) -> tuple[str, str]:
    """What changed, and the values seen."""
    row = {"pack": "small", "policy_hash": "abc", "evidence": '{"action": "a1", "owner": null}'}
    columns = {one.en: one for one in log_columns(policies)}
    change, seen = (columns[name].show(row | line, language) for name in ("change", "values seen"))
    return str(change), str(seen)


@pytest.mark.parametrize(
    ("kind", "before", "change", "chinese"),
    [
        ("action_expired", "open", "open → expired", "待办 → 已失效"),
        ("action_expired", "snoozed", "snoozed → expired", "推迟 → 已失效"),
        ("action_reopened", "expired", "expired → open", "已失效 → 待办"),
    ],
)
def test_an_action_that_ends_shows_its_status_and_not_another_task(
    policies: PolicyNames, kind: str, before: str, change: str, chinese: str
) -> None:
    line = {"kind": kind, "from": before, "to": "event"}
    assert shown(policies, "en", **line) == (change, "title Plan an event, action a1")
    assert shown(policies, "zh", **line) == (chinese, "行动 策划客户活动，行动编号 a1")


def test_an_action_that_is_emitted_shows_its_title(policies: PolicyNames) -> None:
    line = {"kind": "action_emitted", "from": None}
    assert shown(policies, "zh", **line, to="event")[0] == "– → 策划客户活动"
    assert shown(policies, "en", **line, to="open")[0] == "– → Open day"
    assert shown(policies, "zh", **line, to="unknown") == ("– → unknown", "行动编号 a1")
