"""The day's changes against what was recorded last: one line per change for the log.

As changes.sql, in its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.language.overrides import TierOverride
from engine.lifecycle.account.json_text import joined, obj
from engine.lifecycle.account.pack_day import PackDay
from engine.lifecycle.account.policy import Said
from engine.lifecycle.account.state import (
    AccountDay,
    Change,
    DecisionRow,
    MilestoneRow,
    ObligationRow,
    WarningRow,
)


def changes(found: Mapping[str, PackDay], said: Said, day: AccountDay) -> tuple[Change, ...]:
    """Of every pack that decides, and of those that did."""
    recorded = {} if day.recorded is None else day.recorded.decisions
    owed = () if day.recorded is None else day.recorded.obligations
    lines: list[Change] = []
    for pack in {*found, *recorded}:
        account = _Account(pack, found.get(pack), recorded.get(pack), owed, day)
        lines += account.changes(said.overrides.get((day.account_id, pack)))
    return tuple(sorted(lines, key=_order))


def _order(line: Change) -> tuple[str, int, str, str, str]:
    return (line.pack, line.kind_order, line.rule_id, line.kind, line.evidence or "")


@dataclass(frozen=True)
class _Account:
    """An account in one pack: as it is, and as it was recorded."""

    pack: str
    now: PackDay | None
    recorded: DecisionRow | None
    owed: Iterable[ObligationRow]
    day: AccountDay

    def changes(self, override: TierOverride | None) -> Iterator[Change]:
        yield from self._left()
        if self.now is not None:
            yield from self._tier(self.now)
            yield from self._override(self.now, override)
            yield from self._obligations(self.now)
        yield from self._warnings()
        yield from self._milestones()

    def _line(
        self,
        order: int,
        kind: str,
        rule: str,
        first: str | None,
        last: str | None,
        evidence: str | None,
        *,
        stands: bool = True,
    ) -> Change:
        """What does not stand any more has no number of tonight's."""
        number = self.day.account_no if stands else None
        account = self.day.account_id
        return Change(self.pack, order, rule, kind, first, last, evidence, number, account)

    # --- tiers ---------------------------------------------------------------------------

    @property
    def _tier_before(self) -> str | None:
        was = self.recorded
        return was["tier"] if was is not None and was["in_population"] else None

    def _tier(self, now: PackDay) -> Iterator[Change]:
        """One that is new and gets the default tier, which no rule gave it, is no change."""
        tiers, before = now.tiers, self._tier_before
        if tiers.tier is None or tiers.tier == before or tiers.tier not in now.policy.ranks:
            return
        if before is None and tiers.tier == now.policy.default:
            return
        kind = "tier_assigned" if before is None else "tier_moved"
        reason = obj([("reason", self._reason(now))])
        evidence = joined(now.policy.evidence.tier(self.day.facts), reason)
        yield self._line(1, kind, tiers.tier, before, tiers.tier, evidence)

    def _reason(self, now: PackDay) -> str:
        was = self.recorded
        if now.tiers.override_until is not None:
            return "override"
        if now.tiers.reason is not None:
            return now.tiers.reason
        ended = was is not None and was["in_population"] and was["override_until"] is not None
        return "override_ended" if ended else "corrected"

    def _left(self) -> Iterator[Change]:
        was, now = self.recorded, self.now
        if was is None or not was["in_population"] or (now and now.tiers.in_population):
            return
        reason = "pack_removed"
        if now is not None:
            reason = "population_unknown" if now.may_be_in(self.day) else "outside_population"
        evidence = obj([("reason", reason)])
        yield self._line(
            2, "account_left", self.pack, was["tier"], None, evidence, stands=now is not None
        )

    def _override(self, now: PackDay, override: TierOverride | None) -> Iterator[Change]:
        tiers, was = now.tiers, self.recorded
        until, before = tiers.override_until, None if was is None else was["override_until"]
        if until is not None and until != before:
            assert override is not None
            evidence = obj(
                [
                    ("approver", override.approver),
                    ("reason", override.reason),
                    ("until", until.isoformat()),
                    ("computed", tiers.computed),
                ]
            )
            yield self._line(
                3, "override_applied", tiers.tier or "", tiers.computed, tiers.tier, evidence
            )
        if until is None and before is not None and was is not None and tiers.in_population:
            evidence = obj([("until", before.isoformat())])
            yield self._line(
                3, "override_expired", tiers.tier or "", was["tier"], tiers.tier, evidence
            )

    # --- warnings ------------------------------------------------------------------------

    def _warnings(self) -> Iterator[Change]:
        was = (
            {} if self.recorded is None else {one["rule"]: one for one in self.recorded["warnings"]}
        )
        firing = () if self.now is None else self.now.warnings.firing
        for row in firing:
            yield from self._warning(row, was.pop(row["rule"], None))
        for rule, row in was.items():
            yield self._line(7, "warning_resolved", rule, row["level"], None, None, stands=False)

    def _warning(self, row: WarningRow, was: WarningRow | None) -> Iterator[Change]:
        rule, level, evidence = row["rule"], row["level"], row["evidence"]
        before = None if was is None else was["level"]
        if before != level:
            kind = "warning_opened" if was is None else "warning_level_changed"
            yield self._line(4, kind, rule, before, level, evidence)
        if _is_new(row["acknowledged"], None if was is None else was["acknowledged"]):
            yield self._line(
                5, "warning_acknowledged", rule, None, _text(row["acknowledged"]), None
            )
        if _is_new(row["silenced_until"], None if was is None else was["silenced_until"]):
            yield self._line(5, "warning_silenced", rule, None, _text(row["silenced_until"]), None)
        if _is_new(row["escalated"], None if was is None else was["escalated"]):
            assert self.now is not None
            role = self.now.policy.warnings[rule].escalate_to
            yield self._line(6, "warning_escalated", rule, level, role, evidence)

    # --- milestones ----------------------------------------------------------------------

    def _milestones(self) -> Iterator[Change]:
        was: dict[str, MilestoneRow] = {}
        if self.recorded is not None:
            was = {one["rule"]: one for one in self.recorded["milestones"]}
        over = set(was)
        if self.now is not None:
            over -= {row["rule"] for row in self.now.milestones.open}
            over -= {one.rule for one in self.now.milestones.reached}
            yield from self._spoken(self.now, was)
        for rule in over:
            yield self._line(9, "milestone_ended", rule, None, None, None, stands=False)

    def _spoken(self, now: PackDay, was: Mapping[str, MilestoneRow]) -> Iterator[Change]:
        for row in now.milestones.open:
            before = was.get(row["rule"])
            if before is None or before["said_on"] != row["said_on"]:
                proposes = row["effect"] == "propose"
                kind = "milestone_proposed" if proposes else "milestone_reached"
                yield self._line(8, kind, row["rule"], None, None, row["evidence"])
        computed = None if self.recorded is None else self.recorded["computed"]
        for one in now.milestones.reached:
            # Nothing stays open of it: that the tier was moved already says that it was said.
            if now.tiers.computed != computed or one.rule in was:
                kind = "milestone_approved" if one.effect == "propose" else "milestone_reached"
                yield self._line(8, kind, one.rule, None, one.approver, one.evidence)

    # --- obligations ---------------------------------------------------------------------

    def _obligations(self, now: PackDay) -> Iterator[Change]:
        was = {
            (one["rule_id"], one["part"], one["kind"]): one["state"]
            for one in self.owed
            if one["pack"] == self.pack
        }
        for row in now.obligations.rows:
            before = was.get((row["rule_id"], row["part"], row["kind"]))
            state = row["state"]
            # What is met when it is first seen is no change.
            if state in (before, "open") or (state == "met" and before is None):
                continue
            kind = f"obligation_{'met' if state == 'late' else state}"
            yield self._line(10, kind, row["rule_id"], before, state, _seen(row))


def _seen(row: ObligationRow) -> str:
    limit = row["limit_at"]
    return obj(
        [
            ("part", row["part"] or None),
            ("due_on", _text(row["due_on"])),
            ("limit_at", None if limit is None else limit.isoformat(timespec="seconds")),
            ("done", row["done"]),
            ("needed", row["needed"]),
            ("last_on", _text(row["last_on"])),
        ]
    )


def _is_new(now: date | None, before: date | None) -> bool:
    return now is not None and now != before


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
