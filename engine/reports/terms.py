"""What things are called wherever they are shown, in Chinese and English: one name for each.

Tables, the story of an account, the report, answers to events and the log take them from here.
"""

from __future__ import annotations

from collections.abc import Iterable

TERMS: dict[str, tuple[str, str]] = {
    # reasons of a tier, as the lifecycle names them
    "placed": ("首次评定", "placed on arrival"),
    "review": ("定期评定", "review"),
    "milestone": ("达成里程碑", "milestone"),
    "approval": ("提议获批", "proposal approved"),
    "excluded": ("被排除", "excluded"),
    "override_ended": ("人工定级到期", "override ended"),
    "corrected": ("数据更正", "facts corrected"),
    "pack_removed": ("制度停用", "policy removed"),
    "not_in_sources": ("数据中已无此客户", "gone from the sources"),
    "population_unknown": ("无法判断是否适用", "unknown whether the policy applies"),
    "outside_population": ("不再适用本制度", "outside the population"),
    "override": ("人工定级", "override"),
    # states of an obligation
    "open": ("未到期", "open"),
    "due_state": ("临近到期", "due"),
    "overdue_state": ("逾期", "overdue"),
    "met": ("已履行", "met"),
    "late": ("迟履行", "met late"),
    "exceeded": ("超出上限", "exceeded"),
    # states of a warning, and what was made of it
    "firing": ("触发", "firing"),
    "pending": ("待触发", "pending"),
    "cooling": ("冷却", "cooling"),
    "inhibited": ("被红色预警抑制", "inhibited by a red one"),
    # layers of warnings
    "frontline": ("一线", "frontline"),
    "data": ("数据", "data"),
    "management": ("管理", "management"),
    # states of an action
    "action_open": ("待办", "open"),
    "action_overdue": ("逾期", "overdue"),
    "action_snoozed": ("推迟", "snoozed"),
    "action_done": ("已完成", "done"),
    "action_expired": ("已失效", "expired"),
    # what people say
    "say_done": ("完成", "done"),
    "say_snooze": ("推迟", "snooze"),
    "say_assign": ("转派", "assign"),
    "say_ack": ("确认", "acknowledge"),
    "say_silence": ("静默", "silence"),
    "say_silence_ended": ("静默已解除", "silence ended"),
    # priorities
    "urgent": ("紧急", "urgent"),
    "high": ("高", "high"),
    "normal": ("普通", "normal"),
    "low": ("低", "low"),
    # levels of a warning
    "red": ("红", "red"),
    "orange": ("橙", "orange"),
    "yellow": ("黄", "yellow"),
    "blue": ("蓝", "blue"),
}
"""Key → (Chinese, English)."""


def in_chinese(names: Iterable[str], prefix: str = "", suffix: str = "") -> dict[str, str]:
    """What each of these is called in Chinese; its key here has the prefix and the suffix.

    >>> in_chinese(["done"], "action_"), in_chinese(["due"], suffix="_state")
    ({'done': '已完成'}, {'due': '临近到期'})
    """
    return {name: TERMS[f"{prefix}{name}{suffix}"][0] for name in names}
