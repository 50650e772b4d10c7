"""Everything that the store tells of one account: what was, what is, and what is due next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.audit.data_files import reading_errors, require_data_files
from engine.audit.failures import store_errors
from engine.audit.named_rows import named_rows
from engine.errors import KamError
from engine.explain.masking import Veil
from engine.explain.tree import Explanation
from engine.language.overrides import Overrides
from engine.lifecycle.kept_rows import kept_relation
from engine.model import Entitlement, Title
from engine.plan.steps import PackPlan, Plan
from engine.reports.day import is_last_night, states_since
from engine.reports.standing import standing_actions
from engine.reports.story import (
    AccountStory,
    Action,
    Move,
    Obligation,
    OpenMilestone,
    OpenWarning,
    Override,
    Owed,
    Said,
    ScoreStory,
    Standing,
    WaitingWarning,
)

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Run, Store

NIGHTS = 12
"""So many nights of scores are shown at most."""
CLOSED = 10
"""So many closed actions are shown at most."""

_TOLD_BY_OVERRIDE = ("override", "override_ended")
"""Reasons of a move of which another line of the log says more."""

_DECISIONS = "decisions.parquet"
_OBLIGATIONS = "obligations.parquet"


def account_stories(
    store: Store,
    run: Run,
    plan: Plan,
    overrides: Overrides,
    explanations: Sequence[Explanation],
    rates: Mapping[str, Any],
    veils: Mapping[str, Veil],
) -> list[AccountStory]:
    """The story of an account under the packs of its `explanations`, in that order.

    `rates` is its row of facts.parquet; both are as the reader may see them, who stands behind
    `veils`, of each pack. Later runs and what
    people said after the run are left out, unless the run is the last one: then what people said
    since is told too, and what events have changed.
    """
    packs = {pack.id: pack for pack in plan.packs}
    require_data_files(run, _DECISIONS, _OBLIGATIONS)
    nights = list(islice(_nights(store, run), NIGHTS))
    with _connect() as connection, reading_errors(*nights):
        reader = _Reader(store, run, plan, overrides, connection, rates, veils, nights)
        if explanations:
            reader.make_relations(explanations[0].account_id)
        return [reader.story(packs[one.pack], one) for one in explanations]


def _connect() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect()


def _nights(store: Store, run: Run) -> Iterator[Run]:
    """The runs whose decisions still stand, the latest of each night, the last night first."""
    seen: set[date] = set()
    for one in store.runs():
        if one.run_no > run.run_no or one.as_of in seen:
            continue
        seen.add(one.as_of)
        try:
            require_data_files(one, _DECISIONS)
        except KamError:  # history that was moved away; the run itself has been looked at
            continue
        yield one


@dataclass
class _Reader:
    store: Store
    run: Run
    plan: Plan
    overrides: Overrides
    connection: duckdb.DuckDBPyConnection
    facts: Mapping[str, Any]
    veils: Mapping[str, Veil]
    nights: Sequence[Run]

    def make_relations(self, account: str) -> None:
        """``decided`` and ``owed``: as the night left them, or the last event since."""
        states = states_since(self.store, self.run, account) if self._is_last else ()
        for name, part in (("decided", "decisions"), ("owed", "obligations")):
            kept_relation(self.connection, name, part, self.run.path / f"{part}.parquet", states)

    def story(self, pack: PackPlan, told: Explanation) -> AccountStory:
        account = told.account_id
        decision = self._decision(pack, account)
        return AccountStory(
            account_id=account,
            name=told.name,
            pack=pack.id,
            title=pack.title,
            version=pack.version,
            run=self.run.run_id,
            as_of=self.run.as_of,
            currency=self.plan.currency,
            in_population=bool(decision.get("in_population")),
            is_set_aside=bool(decision) and decision["account_no"] is None,
            standing=self._standing(pack, account, decision),
            moves=tuple(self._moves(pack, account)),
            scores=tuple(self._scores(pack, told)),
            entitlements=tuple(self._entitlements(pack, account, decision)),
            obligations=tuple(self._obligations(pack, account)),
            warnings=tuple(_warnings(pack, decision)),
            waiting=tuple(_waiting(pack, decision)),
            milestones=tuple(_milestones(pack, decision)),
            actions=tuple(self._open_actions(pack, account)),
            closed=tuple(self._closed_actions(pack, account)),
            said=tuple(self._said(pack, account)),
        )

    # --- tonight -------------------------------------------------------------------------

    def _rows(self, sql: str, pack: PackPlan, account: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql, {"pack": pack.id, "account": account})
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _decision(self, pack: PackPlan, account: str) -> dict[str, Any]:
        found = self._rows(_DECISION, pack, account)
        return found[0] if found else {}

    def _standing(self, pack: PackPlan, account: str, row: Mapping[str, Any]) -> Standing:
        tiers = _tier_titles(pack)
        demotion = None if pack.scheme is None else pack.scheme.demotion
        return Standing(
            tier=tiers.get(row.get("tier")),
            since=row.get("tier_since"),
            computed=tiers.get(row.get("computed")),
            candidate=tiers.get(row.get("candidate")),
            worse_reviews=row.get("worse_reviews") or 0,
            reviews_allowed=None if demotion is None else demotion.after.count,
            held_reviews=row.get("held_reviews") or 0,
            held_until=row.get("held_until"),
            override=self._override(pack, account) if row.get("override_until") else None,
        )

    def _override(self, pack: PackPlan, account: str) -> Override | None:
        as_of = self.run.as_of
        for one in self.overrides.tiers:
            begun = one.starts is None or one.starts <= as_of
            if (one.account, one.pack) == (account, pack.id) and begun and as_of <= one.until:
                title = _tier_titles(pack).get(one.tier, Title(one.tier, one.tier))
                return Override(title, one.approver, one.reason, one.starts, one.until)
        return None

    def _scores(self, pack: PackPlan, told: Explanation) -> Iterator[ScoreStory]:
        past: dict[str, list[tuple[date, float | None]]] = {}
        for night in reversed(self.nights):
            cursor = self.connection.execute(
                _SCORES,
                {
                    "path": str(night.path / _DECISIONS),
                    "pack": pack.id,
                    "account": told.account_id,
                },
            )
            for (scores,) in cursor.fetchall():
                for name, value in (scores or {}).items():
                    past.setdefault(name, []).append((night.as_of, value))
        names = {column: name for name, column in pack.columns.items()}
        for node in told.scores:
            name = names.get(node.score.column, node.score.column)
            # Asked of the column: a score that is missing tonight has a value on other nights.
            hidden = self.veils[pack.id].hides(node.score.column)
            yield ScoreStory(node, () if hidden else tuple(past.get(name, ())))

    def _entitlements(self, pack: PackPlan, account: str, row: Mapping[str, Any]) -> Iterator[Owed]:
        for name in row.get("entitlements") or ():
            one = pack.entitlements.get(name)
            if one is not None:
                yield self._owed(pack, account, one)

    def _owed(self, pack: PackPlan, account: str, one: Entitlement) -> Owed:
        columns = (f"{pack.id}__{one.id}__rate", f"{one.id}__rate")
        rate = next((self.facts[name] for name in columns if name in self.facts), None)
        role = one.terms.get("needs_approval_by") if one.kind == "budget" else None
        approval = next(
            (
                given
                for given in reversed(self.overrides.approvals)
                if (given.account, given.pack, given.entitlement) == (account, pack.id, one.id)
                and given.on <= self.run.as_of
                and (given.until is None or self.run.as_of <= given.until)
            ),
            None,
        )
        return Owed(
            id=one.id,
            kind=one.kind,
            title=one.title,
            rate=rate if one.kind == "pricing" else None,
            approver=None if role is None else _role(pack, str(role)),
            approved_by=None if approval is None else approval.approver,
            approved_until=None if approval is None else approval.until,
        )

    def _obligations(self, pack: PackPlan, account: str) -> Iterator[Obligation]:
        for row in self._rows(_OWED, pack, account):
            owed = pack.entitlements.get(row["rule_id"])
            part = row["part"]
            if row["kind"] == "team" and part in pack.roles:
                part = None
            yield Obligation(
                id=row["rule_id"],
                kind=row["kind"],
                title=_with_role(pack, owed, row),
                part=part,
                state=row["state"],
                since=row["since"],
                due_on=row["due_on"],
                limit_at=row["limit_at"],
                done=row["done"],
                needed=row["needed"],
                last_on=row["last_on"],
            )

    # --- what was ------------------------------------------------------------------------

    def _select(self, sql: str, pack: PackPlan, account: str) -> list[dict[str, Any]]:
        with store_errors(self.store.path):
            cursor = self.store.connection.execute(
                sql,
                {
                    "account": account,
                    "pack": pack.id,
                    "run_no": self.store.last_run_no() if self._is_last else self.run.run_no,
                    "limit": CLOSED,
                    "last_mark": self._last_mark(),
                },
            )
            return list(named_rows(cursor))

    @cached_property
    def _is_last(self) -> bool:
        return is_last_night(self.store, self.run)

    def _last_mark(self) -> int:
        return self.store.last_mark() if self._is_last else self.run.last_mark

    def _moves(self, pack: PackPlan, account: str) -> Iterator[Move]:
        tiers = _tier_titles(pack)
        for row in self._select(_MOVES, pack, account):
            evidence = json.loads(row["evidence"] or "{}")
            if row["kind"] == "tier_moved" and evidence.get("reason") in _TOLD_BY_OVERRIDE:
                continue
            place = f"{row['file']}:{row['line']}" if row["file"] else None
            rule = Title(row["title_zh"], row["title_en"]) if row["title_zh"] else None
            yield Move(
                on=date.fromisoformat(row["as_of"]),
                kind=row["kind"],
                before=_titled(tiers, row["from_value"]),
                after=_titled(tiers, row["to_value"]),
                reason=evidence.get("reason"),
                rule=rule,
                place=place,
            )

    def _open_actions(self, pack: PackPlan, account: str) -> Iterator[Action]:
        today = self.run.as_of.isoformat()
        if self._is_last:
            rows = iter(self._select(_OPEN, pack, account))
        else:
            rows = standing_actions(
                self.store, self.run, _STOOD_OPEN, account=account, pack=pack.id
            )
        for row in rows:
            snoozed = row["snoozed_until"]
            late = row["due_on"] is not None and row["due_on"] < today
            status = "snoozed" if snoozed else ("overdue" if late else "open")
            yield _action(pack, row, status)

    def _closed_actions(self, pack: PackPlan, account: str) -> Iterator[Action]:
        for row in self._select(_CLOSED, pack, account):
            yield _action(pack, row, row["status"])

    def _said(self, pack: PackPlan, account: str) -> Iterator[Said]:
        for row in self._select(_SAID, pack, account):
            about = Title(row["title_zh"], row["title_en"]) if row["title_zh"] else None
            yield Said(
                on=row["said_on"],
                by=row["said_by"],
                kind=row["kind"],
                about=about,
                until=row["until"],
                person=row["person"],
                note=row["note"],
            )


# --- rows → what they say ----------------------------------------------------------------


def _tier_titles(pack: PackPlan) -> dict[str | None, Title]:
    return {tier.id: tier.title for tier in pack.tiers}


def _titled(tiers: Mapping[str | None, Title], tier: str | None) -> Title | None:
    """A tier that the pack no longer has keeps its id."""
    return None if tier is None else tiers.get(tier, Title(tier, tier))


def _role(pack: PackPlan, role: str) -> Title:
    return pack.roles.get(role, Title(role, role))


def _with_role(pack: PackPlan, owed: Entitlement | None, row: Mapping[str, Any]) -> Title:
    title = Title(row["rule_id"], row["rule_id"]) if owed is None else owed.title
    role = pack.roles.get(row["part"]) if row["kind"] == "team" else None
    return title if role is None else Title(f"{title.zh}·{role.zh}", f"{title.en}: {role.en}")


def _warnings(pack: PackPlan, row: Mapping[str, Any]) -> Iterator[OpenWarning]:
    for one in row.get("warnings") or ():
        rule = pack.warnings.get(one["rule"])
        yield OpenWarning(
            id=one["rule"],
            title=Title(one["rule"], one["rule"]) if rule is None else rule.title,
            layer=None if rule is None else rule.layer,
            level=one["level"],
            since=one["since"],
            raised=one["raised"],
            acknowledged=one["acknowledged"],
            escalated=one["escalated"],
            silenced_until=one["silenced_until"],
            is_inhibited=bool(one["is_inhibited"]),
        )


def _waiting(pack: PackPlan, row: Mapping[str, Any]) -> Iterator[WaitingWarning]:
    for one in row.get("waiting") or ():
        rule = pack.warnings.get(one["rule"])
        title = Title(one["rule"], one["rule"]) if rule is None else rule.title
        yield WaitingWarning(
            one["rule"], title, one["state"], one["level"] or None, one["since"], one["until"]
        )


def _milestones(pack: PackPlan, row: Mapping[str, Any]) -> Iterator[OpenMilestone]:
    for one in row.get("milestones") or ():
        rule = pack.milestones.get(one["rule"])
        title = Title(one["rule"], one["rule"]) if rule is None else rule.title
        yield OpenMilestone(one["rule"], title, one["effect"], one["since"])


def _action(pack: PackPlan, row: Mapping[str, Any], status: str) -> Action:
    return Action(
        id=row["action_id"],
        title=Title(row["title_zh"], row["title_en"]),
        rule=Title(row["rule_zh"], row["rule_en"]),
        owner=row["owner"],
        owner_role=_role(pack, row["owner_role"]),
        priority=row["priority"],
        opened_on=row["opened_on"],
        due_on=row["due_on"],
        status=status,
        snoozed_until=row["snoozed_until"],
    )


# --- the questions -----------------------------------------------------------------------

_DECISION = """
SELECT * FROM decided
WHERE pack = $pack AND scope = 'account' AND account_id = $account
"""
_SCORES = """
SELECT scores FROM read_parquet($path)
WHERE pack = $pack AND scope = 'account' AND account_id = $account
"""
_OWED = """
SELECT * FROM owed WHERE pack = $pack AND account_id = $account
ORDER BY due_on NULLS LAST, rule_id, part
"""
_MOVES = """
SELECT as_of, kind, from_value, to_value, evidence, title_zh, title_en, file, line
FROM decision_log_lines
WHERE account_id = :account AND pack = :pack AND run_no <= :run_no
  AND kind IN ('tier_assigned', 'tier_moved', 'account_left', 'override_applied',
    'override_expired', 'milestone_approved')
ORDER BY seq DESC
"""
_URGENT_FIRST = "ORDER BY due_on IS NULL, due_on, action_no"
_OPEN = f"""
SELECT * FROM action_lines
WHERE account_id = :account AND pack = :pack AND status IN ('open', 'snoozed')
{_URGENT_FIRST}
"""  # noqa: S608
_STOOD_OPEN = f"""
SELECT * FROM standing WHERE account_id = :account AND pack = :pack {_URGENT_FIRST}
"""  # noqa: S608
_CLOSED = """
SELECT * FROM action_lines
WHERE account_id = :account AND pack = :pack AND run_no <= :run_no
  AND ((status = 'done' AND action_no NOT IN (
    SELECT action_no FROM marks WHERE kind = 'done' AND mark_no > :last_mark
  )) OR (status = 'expired' AND action_id NOT IN (
    SELECT json_extract(evidence, '$.action') FROM decision_log
    WHERE account_id = :account AND kind = 'action_expired' AND run_no > :run_no
  )))
ORDER BY action_no DESC LIMIT :limit
"""
_SAID = """
SELECT m.said_on, m.said_by, m.kind, m.until, m.person, m.note, u.title_zh, u.title_en
FROM marks AS m
LEFT JOIN actions AS a ON a.action_no = m.action_no
LEFT JOIN rules AS u ON u.rule_no = coalesce(a.template_no, (
    SELECT max(w.rule_no) FROM rules AS w JOIN policy_versions AS p USING (policy_no)
    WHERE p.pack = m.pack AND w.kind = 'warning' AND w.rule_id = m.rule_id
))
LEFT JOIN policy_versions AS v ON v.policy_no = u.policy_no
WHERE coalesce(m.account_id, a.account_id) = :account AND coalesce(m.pack, v.pack) = :pack
  AND m.mark_no <= :last_mark
ORDER BY m.mark_no DESC
"""
