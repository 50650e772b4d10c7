"""What is open tonight: warnings, obligations, actions, and what people have to decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.model import Title
from engine.reports.overview.model import (
    Cut,
    ObligationRow,
    Obligations,
    OverrideRow,
    OwnerCount,
    Proposal,
    RuleCount,
    WarningCount,
    WarningRow,
)
from engine.reports.overview.night import Night, account_of

ROWS = 40
FEW = 15
FORTNIGHT = timedelta(days=14)


# --- warnings ----------------------------------------------------------------------------


def warning_counts(night: Night) -> tuple[WarningCount, ...]:
    """Open warnings by pack, layer and level."""
    layers = {
        (pack.id, one.id): one.layer
        for pack in night.plan.packs
        for one in night.plan.warnings_of(pack)
    }
    found: dict[tuple[str, str, str], int] = {}
    for row in night.rows(_WARNING_COUNTS):
        layer = layers.get((row["pack"], row["rule"]), "data")
        key = (row["pack"], layer, row["level"])
        found[key] = found.get(key, 0) + row["warnings"]
    return tuple(
        WarningCount(night.pack_title(pack), layer, level, count)
        for (pack, layer, level), count in found.items()
    )


def grave_warnings(night: Night) -> Cut[WarningRow]:
    """The red and orange ones, red first, then by the night on which they began."""
    rows = night.rows(f"{_GRAVE} {_GRAVE_ORDER}", limit=ROWS)
    total = night.count(_GRAVE)
    return Cut(tuple(_warning(night, row) for row in rows), total)


def _warning(night: Night, row: Mapping[str, Any]) -> WarningRow:
    return WarningRow(
        account=account_of(row),
        scope=row["scope"],
        pack=night.pack_title(row["pack"]),
        title=night.rule_title(row["pack"], "warning", row["rule"]),
        level=row["level"],
        since=row["since"],
        owner=row["owner"],
        role=night.role_title(row["pack"], row["owner_role"]),
        acknowledged=row["acknowledged"],
        escalated=row["escalated"],
        silenced_until=row["silenced_until"],
    )


# --- obligations -------------------------------------------------------------------------


def obligations(night: Night) -> Obligations:
    """What is overdue, by whom and by what, and what falls due within a fortnight."""
    until = night.run.as_of + FORTNIGHT
    owners = night.rows(_BY_OWNER)
    rules = night.rows(_BY_RULE)
    oldest = night.rows(f"{_OVERDUE} {_OLDEST_FIRST}", limit=FEW)
    soon = night.rows(f"{_SOON} {_NEXT_FIRST}", today=night.run.as_of, until=until, limit=FEW)
    late = night.count(_OVERDUE)
    coming = night.count(_SOON, today=night.run.as_of, until=until)
    return Obligations(
        states={row["state"]: row["obligations"] for row in night.rows(_STATES)},
        by_owner=Cut(tuple(_owner(night, row) for row in owners[:FEW]), len(owners)),
        by_rule=Cut(tuple(_rule(night, row) for row in rules[:FEW]), len(rules)),
        oldest=Cut(tuple(_obligation(night, row) for row in oldest), late),
        fortnight=Cut(tuple(_obligation(night, row) for row in soon), coming),
    )


def _owner(night: Night, row: Mapping[str, Any]) -> OwnerCount:
    # A person has one line, whatever roles the work came through.
    role = None if row["owner"] else night.role_title(None, row["owner_role"])
    return OwnerCount(row["owner"], role, row["count"], row["oldest"])


def _rule(night: Night, row: Mapping[str, Any]) -> RuleCount:
    title = night.rule_title(row["pack"], "entitlement", row["rule_id"])
    return RuleCount(night.pack_title(row["pack"]), title, row["count"], row["oldest"])


def _obligation(night: Night, row: Mapping[str, Any]) -> ObligationRow:
    return ObligationRow(
        account=account_of(row),
        pack=night.pack_title(row["pack"]),
        title=night.rule_title(row["pack"], "entitlement", row["rule_id"]),
        part=_part(night, row),
        state=row["state"],
        since=row["since"],
        due_on=row["due_on"],
        owner=row["owner"],
        role=night.role_title(row["pack"], row["owner_role"]),
    )


def _part(night: Night, row: Mapping[str, Any]) -> Title | None:
    if row["kind"] == "team":
        return night.role_title(row["pack"], row["part"])
    return Title(row["part"], row["part"]) if row["part"] else None


# --- actions, proposals and overrides ----------------------------------------------------


def overdue_actions(night: Night) -> Cut[OwnerCount]:
    """By owner: actions that should have been done before tonight."""
    rows = night.rows(_OVERDUE_ACTIONS, today=night.run.as_of)
    return Cut(tuple(_owner(night, row) for row in rows[:FEW]), len(rows))


def late_actions(night: Night) -> int:
    return night.count(f"FROM standing WHERE {_LATE}", today=night.run.as_of)


def open_actions(night: Night) -> int:
    return night.count("FROM standing")


def proposals(night: Night) -> Cut[Proposal]:
    """What awaits a decision, the oldest first."""
    rows = night.rows(f"{_PROPOSALS} {_OLDEST_PROPOSAL}", limit=ROWS)
    total = night.count(_PROPOSALS)
    return Cut(tuple(_proposal(night, row) for row in rows), total)


def _proposal(night: Night, row: Mapping[str, Any]) -> Proposal:
    pack = night.pack(row["pack"])
    milestone = None if pack is None else pack.milestones.get(row["rule"])
    return Proposal(
        account=account_of(row),
        pack=night.pack_title(row["pack"]),
        title=night.rule_title(row["pack"], "milestone", row["rule"]),
        tier=night.tier_title(row["pack"], row["tier"]),
        to=night.tier_title(row["pack"], None if milestone is None else milestone.to_tier),
        since=row["since"],
    )


def overrides(night: Night) -> Cut[OverrideRow]:
    """Those in force tonight, the first to end first."""
    written = {
        (one.pack, one.account): one
        for one in night.overrides.tiers
        if (one.starts is None or one.starts <= night.run.as_of) and night.run.as_of <= one.until
    }
    found = []
    for row in night.rows(_OVERRIDES, limit=ROWS):
        one = written.get((row["pack"], row["account_id"]))
        found.append(
            OverrideRow(
                account=account_of(row),
                pack=night.pack_title(row["pack"]),
                tier=night.rule_title(row["pack"], "tier", row["tier"]),
                computed=night.tier_title(row["pack"], row["computed"]),
                approver=None if one is None else night.reader.staff(one.approver),
                reason=None if one is None else night.reader.staff(one.reason),
                until=row["override_until"],
            )
        )
    total = night.count(f"FROM decisions WHERE {_IN_FORCE}")
    return Cut(tuple(found), total)


# --- the questions -----------------------------------------------------------------------

_WARNING_COUNTS = """
SELECT pack, warning.rule AS rule, warning.level AS level, count(*)::INTEGER AS warnings
FROM (SELECT pack, unnest(warnings) AS warning FROM decided)
GROUP BY ALL ORDER BY ALL
"""
_GRAVE = """
SELECT open.account_id, open.name, open.account_no, open.scope, open.pack,
    open.warning.rule AS rule, open.warning.level AS level, open.warning.since AS since,
    open.warning.acknowledged AS acknowledged, open.warning.escalated AS escalated,
    open.warning.silenced_until AS silenced_until, owners.owner, owners.owner_role
FROM (SELECT account_id, name, account_no, scope, pack, unnest(warnings) AS warning
    FROM decided) AS open
LEFT JOIN owners
    ON owners.pack = open.pack AND owners.rule_kind = 'warning'
    AND owners.rule_id = open.warning.rule AND owners.account_id = open.account_id
WHERE open.warning.level IN ('red', 'orange')
"""
_GRAVE_ORDER = """
ORDER BY level = 'red' DESC, since, pack, scope, account_no NULLS FIRST, account_id, rule
LIMIT $limit
"""
_STATES = """
SELECT state, count(*)::INTEGER AS obligations FROM obligations GROUP BY state ORDER BY state
"""
_OVERDUE = """
SELECT owed.pack, owed.rule_id, owed.kind, owed.part, owed.account_id, owed.account_no, owed.state,
    owed.since, owed.due_on, decisions.name, owners.owner, owners.owner_role
FROM (FROM obligations WHERE state = 'overdue') AS owed
LEFT JOIN decisions ON decisions.pack = owed.pack AND decisions.account_id = owed.account_id
LEFT JOIN owners
    ON owners.pack = owed.pack AND owners.rule_kind = 'entitlement'
    AND owners.rule_id = owed.rule_id AND owners.account_id = owed.account_id
"""
_SOON = _OVERDUE.replace(
    "state = 'overdue'", "state IN ('open', 'due') AND due_on BETWEEN $today AND $until"
)
_OLDEST_FIRST = """
ORDER BY since, due_on NULLS LAST, pack, account_no NULLS LAST, account_id, rule_id, part
LIMIT $limit
"""
_NEXT_FIRST = _OLDEST_FIRST.replace("since, due_on NULLS LAST", "due_on")
_BY_OWNER = f"""
SELECT owner, CASE WHEN owner IS NULL THEN owner_role END AS owner_role,
    count(*)::INTEGER AS count, min(since) AS oldest
FROM ({_OVERDUE}) GROUP BY ALL ORDER BY count DESC, owner NULLS LAST, owner_role
"""  # noqa: S608
_BY_RULE = """
SELECT pack, rule_id, count(*)::INTEGER AS count, min(since) AS oldest
FROM obligations WHERE state = 'overdue' GROUP BY ALL ORDER BY count DESC, pack, rule_id
"""
_LATE = "due_on < $today AND snoozed_until IS NULL"
_OVERDUE_ACTIONS = f"""
SELECT owner, CASE WHEN owner IS NULL THEN owner_role END AS owner_role,
    count(*)::INTEGER AS count, min(due_on) AS oldest
FROM standing WHERE {_LATE}
GROUP BY ALL ORDER BY count DESC, owner NULLS LAST, owner_role
"""  # noqa: S608
_PROPOSALS = """
SELECT account_id, name, account_no, pack, tier, milestone.rule AS rule,
    milestone.since AS since
FROM (SELECT account_id, name, account_no, pack, tier, unnest(milestones) AS milestone
    FROM decisions)
WHERE milestone.effect = 'propose'
"""
_OLDEST_PROPOSAL = "ORDER BY since, pack, account_no NULLS LAST, account_id, rule LIMIT $limit"
_IN_FORCE = "override_until IS NOT NULL AND in_population"
_OVERRIDES = f"""
SELECT account_id, name, pack, tier, computed, override_until FROM decisions
WHERE {_IN_FORCE}
ORDER BY override_until, pack, account_no NULLS LAST, account_id LIMIT $limit
"""  # noqa: S608
