"""Listings as tables for people, in Chinese or English.

On a terminal long texts are folded; written to a file a table is as wide as it has to be,
so that nothing is lost either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.audit.policy_names import NO_NAMES, Names
from engine.audit.records import Masked
from engine.console.terminal import LEVEL_STYLES, visible
from engine.model import WARNING_LEVELS
from engine.reports.listing import Listing
from engine.reports.terms import TERMS, in_chinese

_LEVELS_ZH = in_chinese(WARNING_LEVELS)
_PRIORITIES_ZH = in_chinese(("urgent", "high", "normal", "low"))
_EVERYTHING = 100_000
"""Cells; the width of a table that is not shown on a terminal."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ColumnView:
    """A column of a table: its headings, and how a row shows in it in a language."""

    en: str
    zh: str
    show: Callable[[Row, str], str | Text]
    right: bool = False

    def heading(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


def print_table(
    listing: Listing, columns: Sequence[ColumnView], language: str, console: Console
) -> None:
    """Prints the rows of a listing, and how many more there are."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column.heading(language),
            justify="right" if column.right else "left",
            overflow="fold",
        )
    for row in listing.rows:
        table.add_row(*(_cell(column.show(row, language)) for column in columns))
    if not console.is_terminal:
        console.width = _EVERYTHING
    console.print(table)
    if line := _closing_line(table.row_count, listing.total, language):
        console.print(line, style="dim", highlight=False)


def _cell(shown: str | Text) -> Text:
    return shown if isinstance(shown, Text) else Text(visible(shown))


def _closing_line(shown: int, total: int | None, language: str) -> str:
    total = shown if total is None else total
    if not shown:
        return {"en": "Nothing to list.", "zh": "没有可列出的内容。"}[language]
    if total > shown:
        return {
            "en": f"… and {total - shown:,} more; --limit 0 lists all {total:,}.",
            "zh": f"…… 另有 {total - shown:,} 条；--limit 0 列出全部 {total:,} 条。",
        }[language]
    return ""


def field(key: str) -> Callable[[Row, str], str]:
    """Shows what stands under a key, and nothing where that is None."""
    return lambda row, language: "" if row[key] is None else str(row[key])


def titled(prefix: str, fallback: str) -> Callable[[Row, str], str]:
    """Shows the title under ``<prefix>_zh`` or ``_en``, or what stands under `fallback`."""
    return lambda row, language: str(row[f"{prefix}_{language}"] or row[fallback] or "")


# --- accounts ------------------------------------------------------------------------------


def _tier_before(row: Row, names: Names, language: str) -> str:
    before = row["previous_tier"]
    return "" if before in (None, row["tier"]) else names.tier(before, language)


def _scores(row: Row, names: Names, language: str) -> Text:
    scores = {
        names.value(name, language) or name: value
        for name, value in (row["scores"] or {}).items()
        if value is not None
    }
    shown = (
        f"{name} {value if isinstance(value, Masked) else f'{value:.1f}'}"
        for name, value in sorted(scores.items())
    )
    return Text("\n".join(shown))


def _open_warnings(row: Row, language: str) -> Text:
    counts = dict.fromkeys(reversed(WARNING_LEVELS), 0)
    for warning in row["warnings"] or ():
        counts[warning["level"]] += 1
    parts = [
        Text(f"{level_name(level, language)} {count}", style=LEVEL_STYLES[level])
        for level, count in counts.items()
        if count
    ]
    return Text(" ").join(parts)


def level_name(level: str, language: str) -> str:
    """The name of a warning level."""
    return _LEVELS_ZH.get(level, level) if language == "zh" else level


def account_columns(packs: Mapping[str, Names]) -> tuple[ColumnView, ...]:
    """The table of accounts; `packs` are the names that each pack has in the run."""

    def names(row: Row) -> Names:
        return packs.get(row["pack"], NO_NAMES)

    return (
        ColumnView("account", "客户编号", field("account")),
        ColumnView("name", "客户名称", field("name")),
        ColumnView("pack", "制度", field("pack")),
        ColumnView("tier", "等级", titled("tier", "tier")),
        ColumnView("before", "此前", lambda row, language: _tier_before(row, names(row), language)),
        ColumnView("since", "自", field("tier_since")),
        ColumnView("scores", "评分", lambda row, language: _scores(row, names(row), language)),
        ColumnView("warnings", "预警", _open_warnings),
        ColumnView("unknown", "无法判断", lambda row, _: str(row["unknowns"] or ""), right=True),
    )


# --- actions -------------------------------------------------------------------------------


def _due(row: Row, language: str) -> Text:
    return Text(str(row["due_on"] or ""), style="bold red" if row["status"] == "overdue" else "")


def _priority(row: Row, language: str) -> str:
    priority = str(row["priority"])
    return _PRIORITIES_ZH[priority] if language == "zh" else priority


def _owner(row: Row, language: str) -> str:
    owner, role = row["owner"], str(row[f"role_{language}"])
    return role if owner in (None, "", row["owner_role"]) else f"{owner} ({role})"


ACTION_STATUSES_ZH = in_chinese(("open", "overdue", "snoozed", "done", "expired"), "action_")


def _status(row: Row, language: str) -> str:
    status = str(row["status"])
    shown = ACTION_STATUSES_ZH[status] if language == "zh" else status
    return f"{shown} {row['snoozed_until']}" if status == "snoozed" else shown


ACTIONS: tuple[ColumnView, ...] = (
    # Enough of the id to name an action by; the whole of it is for programs.
    ColumnView("id", "编号", lambda row, _: str(row["action"])[:10]),
    ColumnView("status", "状态", _status),
    ColumnView("due", "期限", _due),
    ColumnView("priority", "优先级", _priority),
    ColumnView("owner", "责任人", _owner),
    ColumnView("account", "客户编号", field("account")),
    ColumnView("action", "行动", titled("title", "template")),
    ColumnView("text", "内容", titled("text", "template")),
)

# --- warnings ------------------------------------------------------------------------------

_WARNING_STATES_ZH = in_chinese(("firing", "pending", "cooling"))
_LAYERS_ZH = in_chinese(("frontline", "data", "management"))


def _level(row: Row, language: str) -> Text:
    level = row["level"]
    return Text(level_name(level, language), style=LEVEL_STYLES[level]) if level else Text("")


def _named(key: str, zh: Mapping[str, str]) -> Callable[[Row, str], str]:
    def show(row: Row, language: str) -> str:
        value = str(row[key] or "")
        return zh.get(value, value) if language == "zh" else value

    return show


def _handled(row: Row, language: str) -> str:
    """What people and the night have made of a warning."""
    words = _HANDLED_ZH if language == "zh" else _HANDLED_EN
    parts = [words[key].format(row[key]) for key in words if row[key]]
    return "\n".join(parts)


_HANDLED_EN = {
    "acknowledged": "acknowledged {}",
    "escalated": "escalated {}",
    "silenced_until": "silenced until {}",
    "inhibited": "inhibited",
    "cools_until": "until {}",
}
_HANDLED_ZH = {
    "acknowledged": "{} 已确认",
    "escalated": "{} 已上报",
    "silenced_until": "静默至 {}",
    "inhibited": TERMS["inhibited"][0],
    "cools_until": "至 {}",
}

WARNINGS: tuple[ColumnView, ...] = (
    ColumnView("level", "等级", _level),
    ColumnView("about", "对象", field("account")),
    ColumnView("name", "名称", field("name")),
    ColumnView("pack", "制度", field("pack")),
    ColumnView("rule", "规则", field("rule")),
    ColumnView("warning", "预警", titled("title", "rule")),
    ColumnView("layer", "层级", _named("layer", _LAYERS_ZH)),
    ColumnView("state", "状态", _named("state", _WARNING_STATES_ZH)),
    ColumnView("since", "自", field("since")),
    ColumnView("handled", "处理", lambda row, language: Text(_handled(row, language))),
)

# --- obligations ---------------------------------------------------------------------------

OBLIGATION_STATES_ZH = {
    **in_chinese(("due", "overdue"), suffix="_state"),
    **in_chinese(("exceeded", "open", "met", "late")),
}


def _state_of_obligation(row: Row, language: str) -> Text:
    state = row["state"]
    shown = OBLIGATION_STATES_ZH[state] if language == "zh" else state
    return Text(shown, style="bold red" if state == "overdue" else "")


def _limit_of_obligation(row: Row, language: str) -> str:
    limit = row["limit_at"]
    return str(row["due_on"] or "") if limit is None else f"{limit:%Y-%m-%d %H:%M}"


def _part(row: Row, names: Names, language: str) -> str:
    """Of a team, the role that somebody has to hold."""
    part = str(row["part"] or "")
    return names.role(part, language) if row["kind"] == "team" else part


def obligation_columns(packs: Mapping[str, Names]) -> tuple[ColumnView, ...]:
    """The table of obligations; `packs` are the names that each pack has in the run."""

    def part(row: Row, language: str) -> str:
        return _part(row, packs.get(row["pack"], NO_NAMES), language)

    return (*_OBLIGATIONS[:6], ColumnView("part", "项", part), *_OBLIGATIONS[6:])


_OBLIGATIONS: tuple[ColumnView, ...] = (
    ColumnView("state", "状态", _state_of_obligation),
    ColumnView("until", "期限", _limit_of_obligation),
    ColumnView("account", "客户编号", field("account")),
    ColumnView("name", "客户名称", field("name")),
    ColumnView("pack", "制度", field("pack")),
    ColumnView("owed", "义务", titled("title", "entitlement")),
    ColumnView("done", "已做", lambda row, _: f"{row['done']}/{row['needed']}", right=True),
    ColumnView("last", "最近", field("last_on")),
)


def role_with_id(role: str, packs: Mapping[str, Names], language: str) -> str:
    """A role by its title, and the id that commands take; the id alone where no pack has one.

    >>> role_with_id("finance", {}, "zh")
    'finance'
    """
    titles = (names.role(role, language) for names in packs.values())
    title = next((one for one in titles if one != role), None)
    if title is None:
        return role
    return f"{title}（{role}）" if language == "zh" else f"{title} ({role})"


# --- runs ----------------------------------------------------------------------------------


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _seconds(row: Row, language: str) -> str:
    return f"{(row['finished_at'] - row['started_at']).total_seconds():,.0f}"


RUNS: tuple[ColumnView, ...] = (
    ColumnView("run", "运行", field("run")),
    ColumnView("as of", "截至", field("as_of")),
    ColumnView("finished", "完成时间", lambda row, _: _local(row["finished_at"])),
    ColumnView("seconds", "用时（秒）", _seconds, right=True),
    ColumnView(
        "accounts",
        "客户数",
        lambda row, _: f"{row['counts'].get('accounts', 0):,}",
        right=True,
    ),
    ColumnView("log lines", "日志行数", lambda row, _: f"{row['log_lines']:,}", right=True),
    ColumnView("actions", "行动数", lambda row, _: f"{row['actions']:,}", right=True),
    ColumnView("engine", "引擎版本", field("engine_version")),
)
