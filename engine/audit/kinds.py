"""The kinds of line that a decision log holds: a closed list, frozen in the store.

A kind is never renamed or removed, because logs of years ago speak of it; a new one is a
new row here and in a migration.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model import Title


@dataclass(frozen=True)
class LogKind:
    """`by_store`: the store writes such lines itself, from what a run hands over."""

    kind: str
    title: Title
    by_store: bool = False


LOG_KINDS: tuple[LogKind, ...] = (
    LogKind("tier_assigned", Title(zh="首次定级", en="Tier assigned")),
    LogKind("tier_moved", Title(zh="等级变动", en="Tier moved")),
    LogKind("account_left", Title(zh="客户退出", en="Account left")),
    LogKind("override_applied", Title(zh="人工定级生效", en="Override applied")),
    LogKind("override_expired", Title(zh="人工定级到期", en="Override expired")),
    LogKind("warning_opened", Title(zh="预警触发", en="Warning opened")),
    LogKind("warning_level_changed", Title(zh="预警等级变化", en="Warning level changed")),
    LogKind("warning_acknowledged", Title(zh="预警已确认", en="Warning acknowledged")),
    LogKind("warning_silenced", Title(zh="预警静默", en="Warning silenced")),
    LogKind("warning_escalated", Title(zh="预警升级上报", en="Warning escalated")),
    LogKind("warning_resolved", Title(zh="预警解除", en="Warning resolved")),
    LogKind("milestone_reached", Title(zh="里程碑达成", en="Milestone reached")),
    LogKind("milestone_proposed", Title(zh="升级提议待批", en="Promotion proposed")),
    LogKind("milestone_approved", Title(zh="升级提议获批", en="Promotion approved")),
    LogKind("milestone_ended", Title(zh="里程碑不再满足", en="Milestone ended")),
    LogKind("obligation_due", Title(zh="义务临近到期", en="Obligation due")),
    LogKind("obligation_overdue", Title(zh="义务逾期", en="Obligation overdue")),
    LogKind("obligation_met", Title(zh="义务履行", en="Obligation met")),
    LogKind("obligation_exceeded", Title(zh="义务超出上限", en="Obligation exceeded")),
    LogKind("action_emitted", Title(zh="行动下达", en="Action emitted"), by_store=True),
    LogKind("action_expired", Title(zh="行动失效", en="Action expired"), by_store=True),
    LogKind("action_reopened", Title(zh="行动恢复", en="Action reopened"), by_store=True),
    LogKind("person_said", Title(zh="人工登记", en="Said by a person"), by_store=True),
    LogKind("data_rejected", Title(zh="数据被拒", en="Data rejected")),
    LogKind("source_read", Title(zh="数据源读取", en="Source read"), by_store=True),
    LogKind("policy_changed", Title(zh="制度变更", en="Policy changed"), by_store=True),
    LogKind("account_forgotten", Title(zh="个人数据销毁", en="Account forgotten"), by_store=True),
    LogKind("values_expired", Title(zh="数据到期清除", en="Values expired"), by_store=True),
)
"""A first `tier_assigned` also says that an account joined; no line of its own does."""

KIND_NAMES: frozenset[str] = frozenset(entry.kind for entry in LOG_KINDS)

KINDS_BY_STORE: frozenset[str] = frozenset(entry.kind for entry in LOG_KINDS if entry.by_store)

NAMES_PERSON: frozenset[str] = frozenset({"milestone_approved"})
"""Kinds that say in the place of a new state who of our own people decided it."""
