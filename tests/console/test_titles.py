"""What a policy has a title for is called by it: in answers to events, in obligations, in the log
of a comparison, and where a plan is signed."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich.text import Text

from engine.audit.policy_names import Names
from engine.console.differences import _add_log
from engine.console.event import answer_text
from engine.console.outline import Outline
from engine.console.speaker import Speaker
from engine.console.tables import obligation_columns, role_with_id
from engine.console.values import show_value
from engine.explain.difference import Moment
from engine.model import Title

NAMES = Names(
    types={"bought": "money"},
    titles={"bought": Title("年度交易额", "Annual purchase")},
    rules={
        ("tier", "class_a"): Title("A类", "Class A"),
        ("warning", "slow_payment"): Title("付款迟缓", "Slow payment"),
    },
    roles={"finance": Title("财务部", "Finance")},
)
PACKS = {"small": NAMES}


def change(kind: str, **said: Any) -> dict[str, Any]:
    empty = {"from": None, "to": None, "title_zh": None, "title_en": None, "file": None}
    return {"pack": "small", "kind": kind, **empty, **said}


def answered(changes: list[dict[str, Any]], language: str) -> str:
    action = {
        "pack": "small", "priority": "high", "title_zh": "复核", "title_en": "Review",
        "owner": "周敏", "owner_role": "finance", "due_on": None,
    }  # fmt: skip
    document = {
        "status": "decided", "account": "K1", "event": "e1", "run": "2026-06-30.e1",
        "changes": changes, "actions": [action],
        "notes": [{"message": "of class personal, and not kept: phone"}],
    }  # fmt: skip
    return answer_text(document, language, packs=PACKS).plain


def test_an_answer_names_tiers_reasons_values_and_roles_by_their_titles() -> None:
    changes = [
        change("account_left", **{"from": "class_a", "evidence": {"reason": "outside_population"}}),
        change("warning_opened", to="red", evidence={"bought": 103690500.0}),
    ]
    shown = answered(changes, "zh")
    assert "客户退出  A类" in shown
    assert "原因 不再适用本制度" in shown
    assert "年度交易额 103,690,500.00" in shown
    assert "周敏\uff08财务部\uff09" in shown
    assert "说明\uff1a密级为 personal\uff0c未予保存\uff1aphone" in shown
    assert "class_a" not in shown
    english = answered(changes, "en")
    assert "Annual purchase 103,690,500.00" in english
    assert "周敏 (Finance)" in english


def test_what_the_policy_has_no_title_for_stands_by_its_id() -> None:
    shown = answer_text(
        {"status": "decided", "account": "K1", "event": "e1", "actions": [],
         "changes": [change("tier_moved", **{"from": "class_a", "to": "b", "evidence": {"x": 1}})]},
        "zh",
    ).plain  # fmt: skip
    assert "class_a → b" in shown
    assert "x 1" in shown


def test_a_team_that_is_owed_is_named_by_the_role() -> None:
    (part,) = [one for one in obligation_columns(PACKS) if one.en == "part"]
    row = {"pack": "small", "kind": "team", "part": "finance"}
    assert part.show(row, "zh") == "财务部"
    assert part.show({**row, "kind": "response", "part": "T1"}, "zh") == "T1"


def test_the_log_of_a_comparison_has_the_words_of_the_log() -> None:
    root = Outline(Text("x"))
    moments = [
        Moment(date(2026, 6, 1), "r", "person_said", "slow_payment", None, "ack", None, None),
        Moment(
            date(2026, 6, 2), "r", "warning_escalated", "slow_payment", None, "finance", None, None
        ),
        Moment(
            date(2026, 6, 3), "r", "tier_moved", None, "class_a", None, "review", "tiers.yaml:3"
        ),
    ]
    _add_log(root, moments, Speaker("zh", "CNY", {}), NAMES)
    (branch,) = root.children
    assert [str(one.label) for one in branch.children] == [
        "2026-06-01 人工登记 付款迟缓 – → 确认",
        "2026-06-02 预警升级上报 付款迟缓 – → 财务部",
        "2026-06-03 等级变动 A类 → – (定期评定)  tiers.yaml:3",
    ]


def test_a_role_that_signs_is_called_by_its_title_beside_the_id_that_commands_take() -> None:
    assert role_with_id("finance", PACKS, "zh") == "财务部\uff08finance\uff09"
    assert role_with_id("finance", PACKS, "en") == "Finance (finance)"
    assert role_with_id("other", PACKS, "zh") == "other"


def test_money_with_a_part_of_a_unit_has_two_decimals() -> None:
    assert show_value(103690500.0, "money", "CNY", "zh") == "103,690,500.00 CNY"
