"""Warnings: pending, firing, cooling; acknowledged, escalated, silenced, inhibited.

As warnings.sql; the table of states stands in docs/lifecycle.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.executors.single import Verdict
from engine.lifecycle.account.policy import PackPolicy, Said, WarningTerms
from engine.lifecycle.account.state import AccountDay, WaitingRow, WarningRow
from engine.lifecycle.inputs import Mark
from engine.model import WARNING_LEVELS

RANKS = {level: number for number, level in enumerate(WARNING_LEVELS, start=1)}
"""1 for the mildest level."""


@dataclass(frozen=True)
class Warnings:
    """`calls` and `escalates` are the rules of firing warnings that ask for an action."""

    firing: tuple[WarningRow, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()
    calls: frozenset[str] = frozenset()
    escalates: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tonight:
    """What a rule says: at a level, clear (None) or unknown."""

    level: str | None
    is_unknown: bool
    evidence: str | None


def advance(
    policy: PackPolicy, verdict: Verdict, tier: str | None, said: Said, day: AccountDay
) -> Warnings:
    """The warnings of one pack, before `quieten`; `verdict` is on the effective tier."""
    earlier = day.decided_before(policy.id)
    was = {} if earlier is None else {one["rule"]: one for one in earlier["warnings"]}
    waited = {} if earlier is None else {one["rule"]: one for one in earlier["waiting"]}
    rules = (
        {rule for kind, rule in verdict.levels if kind == "warning"} | was.keys() | waited.keys()
    )
    firing: list[WarningRow] = []
    waiting: list[WaitingRow] = []
    for rule in sorted(rules):
        terms = policy.warnings.get(rule)
        if terms is None or not verdict.in_population:  # nothing that is gone fires or waits
            continue
        now = _tonight(policy, verdict, rule, tier, day)
        fires, waits = (
            _not_firing(terms, rule, waited.get(rule), now, day.as_of)
            if rule not in was
            else _fire_on(terms, was[rule], now, day.as_of)
        )
        if fires is not None:
            marks = said.marks.get((day.account_id, policy.id, rule), ())
            firing.append(_marked(fires, marks))
        if waits is not None:
            waiting.append(waits)
    return Warnings(tuple(firing), tuple(waiting))


def _tonight(
    policy: PackPolicy, verdict: Verdict, rule: str, tier: str | None, day: AccountDay
) -> Tonight:
    level = verdict.levels.get(("warning", rule))
    if level is None:
        return Tonight(None, ("warning", rule) in verdict.unknown, None)
    return Tonight(level, False, policy.evidence.rule("warning", rule, day.facts, tier))


# --- one rule ----------------------------------------------------------------------------

Fate = tuple[WarningRow | None, WaitingRow | None]
"""A rule fires, or waits, or neither."""


def _fire_on(terms: WarningTerms, was: WarningRow, now: Tonight, as_of: date) -> Fate:
    """Of a warning that has fired: raised, as it was, milder, or resolved."""
    row: WarningRow = {
        **was,
        "acknowledged": None,
        "silenced_until": None,
        "is_inhibited": False,
        "called": was["called"] or [],
        "evidence": was["evidence"] if now.evidence is None else now.evidence,
    }
    if now.is_unknown:
        return row, None
    worse = RANKS.get(now.level or "", 0) - RANKS[was["level"]]
    if worse >= 0:
        assert now.level is not None
        row["level"], row["clear_since"] = now.level, None
        if worse > 0:
            row["raised"] = as_of
        return row, None
    clear_since = as_of if was["clear_since"] is None else was["clear_since"]
    if as_of < clear_since + timedelta(days=terms.keep_days):
        row["clear_since"] = clear_since
        return row, None
    if now.level is not None:
        row["level"], row["clear_since"] = now.level, None
        return row, None
    if not terms.cool_days:
        return None, None
    until = as_of + timedelta(days=terms.cool_days)
    cooling = _waiting(was["rule"], "cooling", was["level"], as_of, until, row["evidence"])
    return None, cooling


def _not_firing(
    terms: WarningTerms, rule: str, was: WaitingRow | None, now: Tonight, as_of: date
) -> Fate:
    """Of a warning that waits, or of which nothing was said."""
    evidence = now.evidence if was is None or now.evidence is not None else was["evidence"]
    if was is not None and was["state"] == "cooling":
        assert was["until"] is not None
        if as_of < was["until"]:
            return None, {**was, "evidence": evidence or ""}
        was = None  # a cool-down that is over is as if the warning had never been
    if now.level is None:
        return None, was if now.is_unknown else None
    assert evidence is not None
    since = as_of if was is None else was["since"]
    if as_of < since + timedelta(days=terms.pending_days):
        return None, _waiting(rule, "pending", now.level, since, None, evidence)
    fires: WarningRow = {
        "rule": rule,
        "level": now.level,
        "since": as_of,
        "raised": as_of,
        "clear_since": None,
        "acknowledged": None,
        "escalated": None,
        "silenced_until": None,
        "is_inhibited": False,
        "called": [],
        "evidence": evidence,
    }
    return fires, None


def _waiting(
    rule: str, state: str, level: str, since: date, until: date | None, evidence: str
) -> WaitingRow:
    return {
        "rule": rule,
        "state": state,
        "level": level,
        "since": since,
        "until": until,
        "evidence": evidence,
    }


def _marked(row: WarningRow, marks: Iterable[Mark]) -> WarningRow:
    """With what people said: the first acknowledgement counts, and the last silence."""
    for mark in marks:
        if mark.kind == "silence":
            row["silenced_until"] = mark.until
        elif mark.kind == "ack" and mark.day >= row["raised"]:
            row["acknowledged"] = min(mark.day, row["acknowledged"] or mark.day)
    return row


# --- all of an account -------------------------------------------------------------------


def quieten(
    found: Mapping[str, Warnings], policies: Mapping[str, PackPolicy], as_of: date
) -> dict[str, Warnings]:
    """Which warnings of all packs speak: a red one that does inhibits the milder ones."""
    for one in found.values():
        for row in one.firing:
            if row["silenced_until"] is not None and row["silenced_until"] < as_of:
                row["silenced_until"] = None
    is_red = any(
        row["level"] == "red" and row["silenced_until"] is None
        for one in found.values()
        for row in one.firing
    )
    return {
        pack: _speaking(one, policies[pack].warnings, is_red, as_of) for pack, one in found.items()
    }


def _speaking(
    found: Warnings, terms: Mapping[str, WarningTerms], is_red: bool, as_of: date
) -> Warnings:
    calls, escalates = set(), set()
    for row in found.firing:
        row["is_inhibited"] = is_red and row["level"] in ("yellow", "blue")
        if row["is_inhibited"] or row["silenced_until"] is not None:
            continue
        if row["level"] not in row["called"]:
            row["called"] = [*row["called"], row["level"]]
            calls.add(row["rule"])
        if _escalates(row, terms[row["rule"]]):
            row["escalated"] = as_of
            escalates.add(row["rule"])
    return Warnings(found.firing, found.waiting, frozenset(calls), frozenset(escalates))


def _escalates(row: WarningRow, terms: WarningTerms) -> bool:
    """Once per day on which it was raised, unless somebody acknowledged it."""
    return (
        row["acknowledged"] is None
        and terms.escalate_before is not None
        and row["raised"] <= terms.escalate_before
        and (row["escalated"] is None or row["escalated"] < row["raised"])
    )
