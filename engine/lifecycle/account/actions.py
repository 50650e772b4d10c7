"""Actions that the day calls for, and the causes that have ended.

As actions.sql.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.lifecycle.account.causes import action_id, cause_id
from engine.lifecycle.account.pack_day import PackDay
from engine.lifecycle.account.policy import ActionTerms, PackPolicy, Said
from engine.lifecycle.account.state import (
    AccountDay,
    ActionRow,
    ObligationRow,
    Standing,
    WarningRow,
)


@dataclass(frozen=True)
class Cause:
    """Something that asks: `asked_as` is ``escalation`` for a warning that does so again."""

    kind: str
    asked_as: str
    rule: str
    level: str
    part: str
    since: date
    opened: date
    evidence: str


def emitted(found: Iterable[PackDay], said: Said, day: AccountDay) -> tuple[ActionRow, ...]:
    """What tonight asks for, in the order of packs; one cause asks once, whoever asked before."""
    rows: list[ActionRow] = []
    for one in found:
        for cause in (*_of_warnings(one), *_of_milestones(one, day), *_of_obligations(one, day)):
            terms = one.policy.actions.get((cause.asked_as, cause.rule, cause.level))
            if terms is not None:
                rows.append(_action(one.policy, cause, terms, said, day))
    return tuple(rows)


def _of_warnings(one: PackDay) -> Iterator[Cause]:
    for row in one.warnings.firing:
        rule, level, since = row["rule"], row["level"], row["since"]
        if rule in one.warnings.calls:
            yield Cause("warning", "warning", rule, level, "", since, since, row["evidence"])
        if rule in one.warnings.escalates:
            opened, evidence = row["raised"], row["evidence"]
            yield Cause("warning", "escalation", rule, level, "", since, opened, evidence)


def _of_milestones(one: PackDay, day: AccountDay) -> Iterator[Cause]:
    found: list[tuple[str, date, date, str]] = []
    for row in one.milestones.open:
        if row["rule"] in one.milestones.says:
            said_on = row["said_on"]
            opened = said_on if row["effect"] == "propose" and said_on else row["since"]
            found.append((row["rule"], row["since"], opened, row["evidence"]))
    for reached in one.milestones.reached:
        if reached.effect == "promote":
            found.append((reached.rule, reached.since, day.as_of, reached.evidence))
    for rule, since, opened, evidence in sorted(found):
        yield Cause("milestone", "milestone", rule, "", "", since, opened, evidence)


def _of_obligations(one: PackDay, day: AccountDay) -> Iterator[Cause]:
    if not one.obligations.asks:
        return
    evidence = one.policy.evidence.obligation(day.facts)
    for rule, part in sorted(one.obligations.asks):
        opened = day.as_of
        yield Cause("entitlement", "entitlement", rule, "", part, opened, opened, evidence)


def _action(
    policy: PackPolicy, cause: Cause, terms: ActionTerms, said: Said, day: AccountDay
) -> ActionRow:
    template = terms.template
    if cause.asked_as == "escalation":
        template = f"{template}@{terms.owner_role}"
    part = cause.part if cause.kind == "entitlement" else cause.level
    pack, account = policy.id, day.account_id
    return {
        "action_id": action_id(pack, account, cause.rule, part, template, cause.opened),
        "cause_id": cause_id(pack, account, cause.kind, cause.rule, cause.part, cause.since),
        "pack": pack,
        "scope": "account",
        "account_no": day.account_no,
        "account_id": account,
        "kind": cause.kind,
        "asked_as": cause.asked_as,
        "rule_id": cause.rule,
        "level": cause.level,
        "template": terms.template,
        "owner_role": terms.owner_role,
        "owner": _owner(terms, day.owners, said.people),
        "due_on": terms.due_on,
        "priority": terms.priority,
        "opened_on": day.as_of,
        "evidence": cause.evidence,
    }


def _owner(terms: ActionTerms, owners: Mapping[str, str], people: Mapping[str, str]) -> str:
    """Who holds the role for the account, else for the company; else the same for the pack's."""
    for role in (terms.owner_role, terms.pack_owner):
        person = owners.get(role) or people.get(role)
        if person is not None:
            return person
    return terms.pack_owner


# --- what has ended ----------------------------------------------------------------------


def ended(found: Mapping[str, PackDay], day: AccountDay) -> tuple[tuple[str, str | None], ...]:
    """Causes of the last state and of the last record that are there no more, in order."""
    standing = [one for one in (day.previous, day.recorded) if one is not None]
    account = day.account_id
    causes: set[tuple[str, str | None]] = set()
    for pack, rule, since in _fired(standing) - _firing(found):
        causes.add((cause_id(pack, account, "warning", rule, "", since), None))
    for pack, rule, since in _proposed(standing):
        is_over, opened_before = _decided(found.get(pack), rule, since)
        if is_over:
            causes.add((cause_id(pack, account, "milestone", rule, "", since), opened_before))
    for pack, rule, part, _, asked_on in _lapsed(standing) - _lapsing(found):
        causes.add((cause_id(pack, account, "entitlement", rule, part, asked_on), None))
    return tuple(sorted(causes, key=lambda one: (one[0], one[1] or "")))


_Fired = tuple[str, str, date]


def _fired(standing: Iterable[Standing]) -> set[_Fired]:
    rows = (pair for one in standing for pair in one.decisions.items())
    return {one for pack, decided in rows for one in _warnings(pack, decided["warnings"])}


def _firing(found: Mapping[str, PackDay]) -> set[_Fired]:
    rows = ((pack, now.warnings.firing) for pack, now in found.items())
    return {one for pack, firing in rows for one in _warnings(pack, firing)}


def _warnings(pack: str, rows: Iterable[WarningRow]) -> Iterator[_Fired]:
    return ((pack, row["rule"], row["since"]) for row in rows)


def _proposed(standing: Iterable[Standing]) -> set[tuple[str, str, date]]:
    return {
        (pack, row["rule"], row["since"])
        for one in standing
        for pack, decided in one.decisions.items()
        for row in decided["milestones"]
        if row["effect"] == "propose"
    }


def _decided(now: PackDay | None, rule: str, since: date) -> tuple[bool, str | None]:
    """Whether a proposal is decided or holds no longer; one that speaks again replaces what it
    said before that day."""
    rows = () if now is None else now.milestones.open
    row = next((one for one in rows if one["rule"] == rule), None)
    if now is None or row is None or row["since"] != since:
        return True, None
    said_on = row["said_on"]
    return rule in now.milestones.says, None if said_on is None else said_on.isoformat()


_Lapse = tuple[str, str, str, str, date]


def _lapsed(standing: Iterable[Standing]) -> set[_Lapse]:
    return {lapse for one in standing for lapse in _lapses(one.obligations)}


def _lapsing(found: Mapping[str, PackDay]) -> set[_Lapse]:
    return {lapse for one in found.values() for lapse in _lapses(one.obligations.rows)}


def _lapses(rows: Iterable[ObligationRow]) -> Iterator[_Lapse]:
    for row in rows:
        if row["asked_on"] is not None:
            yield row["pack"], row["rule_id"], row["part"], row["kind"], row["asked_on"]
