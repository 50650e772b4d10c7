"""Builds the milestones, warnings and actions of a policy."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Problem
from engine.language.build_parts import read_period, read_source, read_title
from engine.language.conditions import Report, read_condition
from engine.language.documents import Node
from engine.language.quantities import period
from engine.model import (
    WARNING_LEVELS,
    ActionTemplate,
    Escalation,
    Milestone,
    Title,
    WarningLevel,
    WarningRule,
)


def build_milestone(node: Node, report: Report) -> Milestone:
    return Milestone(
        id=node.key,
        title=read_title(node),
        source=read_source(node),
        from_tier=node.read("from"),
        to_tier=node.read("to"),
        when=read_condition(node["when"], report),
        effect=node.read("effect", "report"),
        hold=read_period(node, "hold"),
        progress=node.read("progress"),
        action=node.read("action"),
        location=node.location,
    )


def build_warning(node: Node, report: Report) -> WarningRule:
    levels = node["levels"]
    return WarningRule(
        id=node.key,
        title=read_title(node),
        source=read_source(node),
        layer=node.read("layer", "data"),
        levels=tuple(
            build_level(levels[name], report) for name in reversed(WARNING_LEVELS) if name in levels
        ),
        pending_for=read_period(node, "for"),
        keep_firing_for=read_period(node, "keep_firing_for"),
        escalate=build_escalation(node),
        actions=build_level_actions(node, report),
        location=node.location,
        cool_down=read_period(node, "cool_down"),
        scope=node.read("scope", "account"),
    )


def build_level(node: Node, report: Report) -> WarningLevel:
    return WarningLevel(node.key, read_condition(node["when"], report), node.location)


def build_escalation(node: Node) -> Escalation | None:
    if "escalate" not in node:
        return None
    written = node.value["escalate"]
    return Escalation(period(written["after"]), written["to"])


def build_level_actions(node: Node, report: Report) -> Mapping[str, str]:
    """Level → action; a single action is that of every level of the warning."""
    action = node.get("action")
    levels = node.value["levels"]
    if action is None:
        return {}
    if isinstance(action.value, str):
        return dict.fromkeys(levels, action.value)
    for entry in action.entries():
        if entry.key not in levels:
            message = f"the warning has no level '{entry.key}'"
            hint = f"its levels are: {', '.join(levels)}"
            report(Problem("unknown-level", message, entry.location, hint))
    return dict(action.value)


def build_action(node: Node, report: Report) -> ActionTemplate:
    text = node.value["text"]
    return ActionTemplate(
        id=node.key,
        title=read_title(node),
        source=read_source(node),
        owner=node.value["owner"],
        due=read_period(node, "due"),
        priority=node.read("priority", "normal"),
        text=Title(text["zh"], text["en"]),
        location=node.location,
    )
