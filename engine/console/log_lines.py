"""Lines of the decision log as people read them: what has changed, and the values seen.

A line names values, tiers and actions as its policy did; their titles and units are looked up in
that policy, which the store has kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.audit.kinds import LOG_KINDS
from engine.audit.policy_names import NO_NAMES, Names, PolicyNames
from engine.audit.records import SeenText
from engine.console.rejection_words import rejection_reason
from engine.console.tables import (
    ACTION_STATUSES_ZH,
    OBLIGATION_STATES_ZH,
    ColumnView,
    Row,
    field,
    level_name,
    titled,
)
from engine.console.terminal import LEVEL_STYLES
from engine.console.values import show_value
from engine.reports.terms import TERMS, in_chinese

_WORDS: Mapping[str, tuple[str, str]] = {
    # of the account
    "name": ("名称", "name"),
    "tier": ("等级", "tier"),
    "scope": ("对象", "scope"),
    # of a tier
    "reason": ("原因", "reason"),
    "approver": ("批准人", "approver"),
    "computed": ("评定等级", "computed"),
    "until": ("至", "until"),
    # of an obligation
    "part": ("项", "part"),
    "due_on": ("期限", "due on"),
    "limit_at": ("时限", "limit"),
    "done": ("已做", "done"),
    "needed": ("应做", "needed"),
    "last_on": ("最近", "last on"),
    # of an action, and of what people said
    "action": ("行动编号", "action"),
    "owner": ("责任人", "owner"),
    "owner_role": ("责任岗位", "role"),
    "by": ("登记人", "by"),
    "at": ("登记时间", "at"),
    "person": ("转给", "person"),
    "note": ("备注", "note"),
    # of a source
    "source": ("数据源", "source"),
    "file": ("文件", "file"),
    "rows_read": ("读取行数", "rows read"),
    "rows_used": ("采用行数", "rows used"),
    "rows_quarantined": ("被拒行数", "rows rejected"),
    # of what was destroyed
    "forgetting": ("销毁编号", "forgetting"),
    "values": ("值的个数", "values"),
    "class": ("密级", "class"),
    "before": ("早于", "before"),
    "runs": ("运行数", "runs"),
    "openings": ("底值数", "openings"),
}
"""What the engine itself puts into evidence, in Chinese and English. A policy's names go first."""

_SAID_ZH = in_chinese(("done", "snooze", "assign", "ack", "silence"), "say_")
_KINDS = {entry.kind: entry.title for entry in LOG_KINDS}
_TIERS = ("tier", "computed")
_NOT_SHOWN = ("sha256",)
"""A hash is for programs."""

_REJECTED: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "source": "数据源 {}",
        "file": "文件 {}",
        "row": "第 {:,} 行",
        "column": "列 {}",
        "value": "值 {}",
    },
    "en": {
        "source": "source {}",
        "file": "file {}",
        "row": "row {:,}",
        "column": "column {}",
        "value": "value {}",
    },
}
"""Where a cell stands that could not be used."""
_COMMA = {"zh": "，", "en": ", "}
_COLON = {"zh": "：", "en": ": "}


def log_columns(policies: PolicyNames) -> tuple[ColumnView, ...]:
    """The table of a log; `policies` are those of the store that it stands in."""

    def names(row: Row) -> Names:
        pack, policy = row["pack"], row["policy_hash"]
        return NO_NAMES if pack is None else policies.of_version(pack, policy)

    return (
        ColumnView("run", "运行", field("run")),
        ColumnView("account", "客户编号", field("account")),
        ColumnView("what", "事项", titled("kind", "kind")),
        ColumnView("rule", "规则", titled("title", "rule")),
        ColumnView(
            "change",
            "变化",
            lambda row, language: change_text(
                row["kind"], row["from"], row["to"], names(row), language
            ),
        ),
        ColumnView(
            "values seen", "依据数值", lambda row, language: _evidence(row, names(row), language)
        ),
        ColumnView("where", "出处", _place),
    )


def change_text(kind: str, before: Any, after: Any, names: Names, language: str) -> str:
    """What stood before and stands after, by its title where the policy has one.

    Shapes are those of a line of the log; the text is empty where neither says anything.
    """
    sides = (before, _ENDS.get(kind, after))
    then, now = ("" if side is None else side_text(kind, side, names, language) for side in sides)
    return f"{then or '–'} → {now or '–'}" if then or now else ""


def side_text(kind: str, side: str, names: Names, language: str) -> str:
    """One side of a line of a kind."""
    show = _SIDES.get(kind) or _SIDES.get(kind.partition("_")[0], _as_it_is)
    return show(side, names, language)


def kind_title(kind: str, language: str) -> str:
    """What a kind of line is called."""
    title = _KINDS.get(kind)
    return kind if title is None else title.zh if language == "zh" else title.en


def reason_text(reason: str, language: str) -> str:
    """A reason of the lifecycle in words; what a person wrote as it is."""
    chinese, english = TERMS.get(reason, (reason, reason))
    return chinese if language == "zh" else english


def _as_it_is(value: str, names: Names, language: str) -> str:
    return value


def _hash(value: str, names: Names, language: str) -> str:
    return value[:12]  # which tells two of them apart


def _level(value: str, names: Names, language: str) -> str:
    """A level, or the role that was told of the warning."""
    return level_name(value, language) if value in LEVEL_STYLES else names.role(value, language)


def _tier(value: str, names: Names, language: str) -> str:
    return names.tier(value, language)


def _action(value: str, names: Names, language: str) -> str:
    return names.action(value, language) or value


def _status(value: str, names: Names, language: str) -> str:
    """A status of an action."""
    return ACTION_STATUSES_ZH.get(value, value) if language == "zh" else value


def _word(chinese: Mapping[str, str]) -> Callable[[str, Names, str], str]:
    return lambda value, _, language: chinese.get(value, value) if language == "zh" else value


_ENDS = {"action_expired": "expired", "action_reopened": "open"}
"""What became of an action, by the kind of the line; the line itself names its template there."""

_SIDES: Mapping[str, Callable[[str, Names, str], str]] = {
    "policy": _hash,
    "tier": _tier,
    "override": _tier,
    "account": _tier,
    "warning": _level,
    "obligation": _word(OBLIGATION_STATES_ZH),
    "action": _action,
    **dict.fromkeys(_ENDS, _status),
    "person": _word(_SAID_ZH),
}
"""By the kind of a line, or its first word."""


def _evidence(row: Row, names: Names, language: str) -> str:
    evidence = row["evidence"]
    text = evidence.marked if isinstance(evidence, SeenText) else evidence
    seen = json.loads(text or "{}", parse_float=Decimal)
    return seen_text(row["kind"], seen, row["to"], names, language)


def seen_text(kind: str, seen: Mapping[str, Any], after: Any, names: Names, language: str) -> str:
    """The values behind a line whose kind and later side these are, each by its title."""
    if kind == "data_rejected":
        return _rejection(seen, language)
    values = list(_values(seen, names, language))
    if kind in _ENDS and after is not None:
        title = names.action(after, language) or after
        values.insert(0, f"{_TITLE[language]} {title}")
    return _COMMA[language].join(values)


_TITLE = {"zh": "行动", "en": "title"}
"""Before the title of the action that a line is about."""


def _values(seen: Mapping[str, Any], names: Names, language: str) -> Iterator[str]:
    """Each value with its name; what is missing is said in full by `kam explain`."""
    for name, value in seen.items():
        if value is not None and name not in _NOT_SHOWN:
            yield f"{_name(name, names, language)} {_value(name, value, names, language)}"


def _name(name: str, names: Names, language: str) -> str:
    chinese, english = _WORDS.get(name, (name, name))
    return names.value(name, language) or (chinese if language == "zh" else english)


def _value(name: str, value: Any, names: Names, language: str) -> str:
    if name in _TIERS and isinstance(value, str):
        return _tier(value, names, language)
    if name == "owner_role":
        return names.role(value, language)
    if name == "reason" and isinstance(value, str):
        return reason_text(value, language)
    shown = show_value(value, names.types.get(name, "text"), "", language, exact=True)
    return (shown or "").strip()


def _rejection(seen: Mapping[str, Any], language: str) -> str:
    """Where a cell stands, and why it could not be used."""
    where = _COMMA[language].join(
        shown.format(seen[key])
        for key, shown in _REJECTED[language].items()
        if seen.get(key) not in (None, "")
    )
    return f"{where}{_COLON[language]}{rejection_reason(str(seen.get('reason')), language)}"


def _place(row: Row, language: str) -> str:
    return f"{row['file']}:{row['line']}" if row["file"] else ""
