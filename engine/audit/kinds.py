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
    LogKind("warning_opened", Title(zh="预警触发", en="Warning opened")),
    LogKind("warning_level_changed", Title(zh="预警等级变化", en="Warning level changed")),
    LogKind("warning_resolved", Title(zh="预警解除", en="Warning resolved")),
    LogKind("milestone_reached", Title(zh="里程碑达成", en="Milestone reached")),
    LogKind("milestone_ended", Title(zh="里程碑不再满足", en="Milestone ended")),
    LogKind("action_emitted", Title(zh="行动下达", en="Action emitted"), by_store=True),
    LogKind("data_rejected", Title(zh="数据被拒", en="Data rejected")),
    LogKind("source_read", Title(zh="数据源读取", en="Source read"), by_store=True),
    LogKind("policy_changed", Title(zh="制度变更", en="Policy changed"), by_store=True),
)
"""A first `tier_assigned` also says that an account joined; no line of its own does."""

KIND_NAMES: frozenset[str] = frozenset(entry.kind for entry in LOG_KINDS)

KINDS_BY_STORE: frozenset[str] = frozenset(entry.kind for entry in LOG_KINDS if entry.by_store)
