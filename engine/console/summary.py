"""The summary at the end of a night, for people: what changed and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.audit.records import SourceRecord
from engine.console.terminal import LEVEL_STYLES
from engine.errors import Problem
from engine.plan.steps import PackPlan

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "night": "Night of {as_of} · run {run_id} · {workspace}",
        "repeated": "Nothing has changed since run {run_id}: same policies, same facts. "
        "Nothing was written.",
        "line": "{run_id}: {moved:,} tiers given or moved, {opened:,} warnings opened, "
        "{resolved:,} resolved, {actions:,} actions",
        "repeated_line": "{run_id}: nothing has changed",
        "tier": "tier",
        "accounts": "accounts",
        "before": "before",
        "in": "moved in",
        "out": "moved out",
        "new": "new",
        "left": "{count} left",
        "tiers": "{pack} {version}: {accounts} accounts",
        "warnings": "warnings",
        "open": "open",
        "opened": "opened tonight",
        "resolved": "{count} resolved",
        "pending": "{count} pending",
        "escalated": "{count} escalated tonight",
        "obligations": "obligations",
        "overdue": "overdue",
        "due": "due soon",
        "kept": "met",
        "cadence": "regular duties",
        "response": "response times",
        "deadline": "deadlines",
        "team": "teams",
        "people": "waiting for people: {list}",
        "proposals": "proposed promotions {count}",
        "overrides": "overrides in force {count}",
        "milestones": "milestones that hold: {list}",
        "actions": "Actions emitted tonight, by owner",
        "no_actions": "No action was emitted tonight.",
        "data": "Data",
        "source": "source",
        "read": "rows read",
        "used": "used",
        "quarantined": "quarantined",
        "unknown": "Not decidable for lack of facts: {rules} rules, {accounts} accounts "
        "(most: {most})",
        "population": "whether the policy applies",
        "unknown_one": "Not decidable for lack of facts: 1 rule, {accounts} accounts ({most})",
        "notes": "{count} notes on the policies; `kam check` lists them",
        "signed": "The checkpoint of this run is signed by {name}.",
        "unsigned": "The checkpoint of this run is not signed: `kam keys new` makes a key.",
        "cost": "{seconds:.1f} s, peak memory {memory}",
        "red": "red",
        "orange": "orange",
        "yellow": "yellow",
        "blue": "blue",
    },
    "zh": {
        "night": "{as_of} 夜间运行 · {run_id} · {workspace}",
        "repeated": "自运行 {run_id} 以来制度与数据均无变化，未写入任何内容。",
        "line": "{run_id}：定级与变动 {moved:,}，触发预警 {opened:,}，"
        "解除 {resolved:,}，下达行动 {actions:,}",
        "repeated_line": "{run_id}：无变化",
        "tier": "等级",
        "accounts": "客户数",
        "before": "上次",
        "in": "调入",
        "out": "调出",
        "new": "新增",
        "left": "退出 {count}",
        "tiers": "{pack} {version}：{accounts} 家客户",
        "warnings": "预警",
        "open": "未解除",
        "opened": "今晚触发",
        "resolved": "已解除 {count}",
        "pending": "待触发 {count}",
        "escalated": "今晚上报 {count}",
        "obligations": "义务",
        "overdue": "逾期",
        "due": "临近到期",
        "kept": "已履行",
        "cadence": "定期事项",
        "response": "响应时限",
        "deadline": "交付期限",
        "team": "团队配置",
        "people": "待人处理：{list}",
        "proposals": "升级提议 {count} 项",
        "overrides": "人工定级 {count} 户",
        "milestones": "正在满足的里程碑：{list}",
        "actions": "今晚下达的行动（按责任角色）",
        "no_actions": "今晚没有下达行动。",
        "data": "数据",
        "source": "数据源",
        "read": "读取行数",
        "used": "采用",
        "quarantined": "被拒",
        "unknown": "因缺少数据无法判断：{rules} 条规则，{accounts} 家客户（最多：{most}）",
        "notes": "制度提示 {count} 条，可用 `kam check` 查看",
        "population": "是否适用本制度",
        "signed": "本次运行的检查点由 {name} 签名。",
        "unsigned": "本次运行的检查点未签名；`kam keys new` 可生成密钥。",
        "cost": "用时 {seconds:.1f} 秒，内存峰值 {memory}",
        "red": "红",
        "orange": "橙",
        "yellow": "黄",
        "blue": "蓝",
    },
}


class Night(Protocol):
    """What the summary needs of `engine.runner.NightReport`."""

    @property
    def run_id(self) -> str: ...
    @property
    def repeated(self) -> bool: ...
    @property
    def counts(self) -> Mapping[str, Any]: ...
    @property
    def previous_counts(self) -> Mapping[str, Any] | None: ...
    @property
    def sources(self) -> Sequence[SourceRecord]: ...
    @property
    def notes(self) -> Sequence[Problem]: ...
    @property
    def night_notes(self) -> Sequence[Problem]: ...
    @property
    def packs(self) -> Sequence[PackPlan]: ...
    @property
    def as_of(self) -> str: ...
    @property
    def workspace_name(self) -> str: ...
    @property
    def signed_by(self) -> str | None: ...
    @property
    def seconds(self) -> Mapping[str, float]: ...
    @property
    def peak_memory(self) -> int: ...


def night_line(night: Night, lang: str) -> str:
    """A night in one line: the run, and how much has happened in it."""
    packs = night.counts["packs"].values()
    return WORDS[lang]["repeated_line" if night.repeated else "line"].format(
        run_id=night.run_id,
        moved=sum(count for pack in packs for _, _, count in pack["moves"]),
        opened=sum(sum(pack["opened"].values()) for pack in packs),
        resolved=sum(pack["resolved"] for pack in packs),
        actions=sum(night.counts["actions"].values()),
    )


def print_summary(console: Console, night: Night, lang: str) -> None:
    """The night at a glance; a repeated night says so, and nothing more, as nothing happened."""
    words = WORDS[lang]
    title = words["night"].format(
        as_of=night.as_of, run_id=night.run_id, workspace=night.workspace_name
    )
    console.print(Text(title, style="bold"))
    if night.repeated:
        console.print(words["repeated"].format(run_id=night.run_id))
        return
    for pack in night.packs:
        console.print()
        console.print(_pack(night, pack, lang))
    console.print()
    console.print(_actions(night, lang))
    console.print(Text(words["data"], style="bold"))
    console.print(_sources(night.sources, words))
    for one in night.night_notes:
        console.print(Text(str(one), style="yellow"))
    if night.notes:
        console.print(words["notes"].format(count=len(night.notes)), style="dim")
    signed = words["unsigned" if night.signed_by is None else "signed"]
    console.print(signed.format(name=night.signed_by), style="dim")
    seconds = sum(night.seconds.values())
    memory = f"{night.peak_memory / 2**20:,.0f} MiB"
    console.print(words["cost"].format(seconds=seconds, memory=memory), style="dim")


def _pack(night: Night, pack: PackPlan, lang: str) -> RenderableType:
    words = WORDS[lang]
    now = night.counts["packs"][pack.id]
    before = ((night.previous_counts or {}).get("packs") or {}).get(pack.id)
    heading = words["tiers"].format(
        pack=getattr(pack.title, lang), version=pack.version, accounts=f"{now['in_population']:,}"
    )
    parts: list[RenderableType] = [Text(heading, style="bold")]
    if pack.tiers:
        parts.append(_tiers(pack, now, before, lang))
    if any(now["warnings"].values()) or now["resolved"] or now["pending"]:
        parts.append(_warnings(now, lang))
        besides = [
            words[key].format(count=f"{now[key]:,}")
            for key in ("resolved", "pending", "escalated")
            if now[key]
        ]
        if besides:
            parts.append(Text(", ".join(besides)))
    if now["obligations"]:
        parts.append(_obligations(now["obligations"], words))
    for_people = [
        words[key].format(count=f"{now[key]:,}") for key in ("proposals", "overrides") if now[key]
    ]
    if for_people:
        parts.append(Text(words["people"].format(list=", ".join(for_people))))
    if now["milestones"]:
        titles = {one.id: getattr(one.title, lang) for one in pack.milestones.values()}
        listed = ", ".join(f"{titles[key]} {count:,}" for key, count in now["milestones"].items())
        parts.append(Text(words["milestones"].format(list=listed)))
    if now["unknown_rules"]:
        parts.append(Text(_unknown(pack, now, lang), style="dim"))
    return Group(*parts)


def _tiers(
    pack: PackPlan, now: Mapping[str, Any], before: Mapping[str, Any] | None, lang: str
) -> Table:
    words = WORDS[lang]
    table = _table(words, "tier", "accounts", "before", "in", "out", "new")
    for tier in pack.tiers:
        moves = now["moves"]
        moved_in = sum(n for old, new, n in moves if new == tier.id and old is not None)
        moved_out = sum(n for old, new, n in moves if old == tier.id and new is not None)
        new = sum(n for old, new, n in moves if new == tier.id and old is None)
        table.add_row(
            getattr(tier.title, lang),
            f"{now['tiers'][tier.id]:,}",
            "–" if before is None else f"{before['tiers'].get(tier.id, 0):,}",
            *(f"{count:,}" if count else "" for count in (moved_in, moved_out, new)),
        )
    if now["left"]:
        table.caption = words["left"].format(count=now["left"])
    return table


def _warnings(now: Mapping[str, Any], lang: str) -> Table:
    words = WORDS[lang]
    table = _table(words, "warnings", "open", "opened")
    for level, count in now["warnings"].items():
        if count:
            opened = now["opened"].get(level, 0)
            name = Text(words[level], style=LEVEL_STYLES[level])
            table.add_row(name, f"{count:,}", f"{opened:,}" if opened else "")
    return table


def _obligations(obligations: Mapping[str, Mapping[str, int]], words: Mapping[str, str]) -> Table:
    """What the entitlements make us owe: late is met too late, exceeded more than enough."""
    table = _table(words, "obligations", "overdue", "due", "kept")
    for kind, states in obligations.items():
        kept = sum(states.get(state, 0) for state in ("met", "late", "exceeded"))
        overdue = states.get("overdue", 0)
        table.add_row(
            words[kind],
            Text(f"{overdue:,}", style="red") if overdue else "",
            f"{states['due']:,}" if states.get("due") else "",
            f"{kept:,}" if kept else "",
        )
    return table


def _unknown(pack: PackPlan, now: Mapping[str, Any], lang: str) -> str:
    titles = {f"{rule.kind}:{rule.id}": getattr(rule.title, lang) for rule in pack.rules}
    titles["pack:population"] = WORDS[lang]["population"]
    titles |= {f"tier:{tier.id}": getattr(tier.title, lang) for tier in pack.tiers}
    most = [
        f"{titles.get(rule, rule)} {count:,}"
        for rule, count in list(now["unknown_rules"].items())[:3]
    ]
    count = len(now["unknown_rules"])
    return WORDS[lang]["unknown" if count > 1 or lang == "zh" else "unknown_one"].format(
        rules=count,
        accounts=f"{now['unknown_accounts']:,}",
        most=", ".join(most),
    )


def _actions(night: Night, lang: str) -> RenderableType:
    words = WORDS[lang]
    actions = night.counts["actions"]
    if not actions:
        return Text(words["no_actions"])
    roles = {key: title for pack in night.packs for key, title in pack.roles.items()}
    table = Table(show_header=False, box=None, pad_edge=False)
    for role, count in sorted(actions.items(), key=lambda item: (-item[1], item[0])):
        title = roles.get(role)
        table.add_row(getattr(title, lang) if title else role, f"{count:>7,}")
    return Group(Text(words["actions"], style="bold"), table)


def _sources(sources: Sequence[SourceRecord], words: Mapping[str, str]) -> Table:
    table = _table(words, "source", "read", "used", "quarantined")
    for one in sources:
        bad = Text(f"{one.rows_quarantined:,}", style="yellow") if one.rows_quarantined else ""
        table.add_row(one.name, f"{one.rows_read:,}", f"{one.rows_used:,}", bad)
    return table


def _table(words: Mapping[str, str], first: str, *others: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, caption_justify="left")
    table.add_column(words[first])
    for name in others:
        table.add_column(words[name], justify="right")
    return table
