"""Who would have more to do, and what it would cost.

Meetings a quarter: accounts that are owed a cadence × its ``at_least`` × periods a quarter. A
quarter has 3 months, 13 weeks and 91 days, a year 4 quarters; what is owed every 2 weeks comes 6.5
times a quarter, what is owed once a year 0.25 times. The role is the entitlement's ``owner``, else
that of its action, else the pack's.

Accounts per manager: the accounts above the default tier, by the person who holds the role for them
in the assignments.

Cost of a pricing: rate × measure, summed over the accounts that are owed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import duckdb

from engine.model import DEFAULT_CLASS, Classification, Entitlement, Period, Policy, Title
from engine.proposal.model import Assigned, Cost, Duty, Load, Owed, PackChange, RoleLoad
from engine.proposal.outcome import Outcome

QUARTER: Mapping[str, Decimal] = {
    "day": Decimal(91),
    "week": Decimal(13),
    "month": Decimal(3),
    "quarter": Decimal(1),
    "year": Decimal("0.25"),
}
"""How many of a period a quarter has."""
DUTIES = ("cadence", "response", "deadline", "team")
COSTS = ("pricing", "budget")

Counts = Mapping[tuple[str, str], int]
"""(rule, "before" or "after") → accounts that are owed it."""


def times_a_quarter(entitlement: Entitlement | None) -> Decimal | None:
    """How often a quarter a cadence is owed; None of another kind. Two decimals.

    >>> times_a_quarter(None) is None
    True
    """
    if entitlement is None or entitlement.kind != "cadence":
        return None
    every, at_least = entitlement.terms["every"], entitlement.terms["at_least"]
    assert isinstance(every, Period) and isinstance(at_least, int)
    return (at_least * QUARTER[every.unit] / every.count).quantize(Decimal("0.01"))


def role_of(policy: Policy, entitlement: Entitlement) -> str:
    """The role to which a duty falls."""
    if "owner" in entitlement.terms:
        return str(entitlement.terms["owner"])
    if entitlement.action in policy.actions:
        return policy.actions[str(entitlement.action)].owner
    return policy.owner


class PackWork:
    """Duties, assignments and costs of one pack in two outcomes."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        pack: str,
        before: Outcome,
        after: Outcome,
    ) -> None:
        self.connection = connection
        self.pack = pack
        self.before, self.after = before, after
        self.old, self.new = before.policies.get(pack), after.policies.get(pack)
        rows = connection.execute(
            "SELECT rule, 'before', count(*) FROM old_effects "
            "WHERE pack = $pack AND kind = 'entitlement' GROUP BY 1 UNION ALL "
            "SELECT rule, 'after', count(*) FROM new_effects "
            "WHERE pack = $pack AND kind = 'entitlement' GROUP BY 1",
            {"pack": pack},
        ).fetchall()
        self.counts: Counts = {(rule, side): number for rule, side, number in rows}

    def duties(self) -> Iterator[Duty]:
        """In order of the role, what it does most often first."""
        found = [self._duty(*pair) for pair in self._entitlements(DUTIES)]
        yield from sorted(found, key=lambda one: (one.role, -sum(one.meetings), one.rule))

    def costs(self) -> Iterator[Cost]:
        for old, new in self._entitlements(COSTS):
            one = new or old
            assert one is not None
            approver = str(one.terms["needs_approval_by"]) if one.kind == "budget" else None
            yield Cost(
                one.id,
                one.kind,
                one.title,
                *self._accounts(one.id),
                self._money(self.before, old),
                self._money(self.after, new),
                str(one.terms["measure"]) if one.kind == "pricing" else None,
                approver,
                None if approver is None else self._title(approver),
                self._class(one),
            )

    def owed(self) -> Iterator[Owed]:
        for old, new in self._entitlements(DUTIES):
            one = new or old
            assert one is not None
            states = [side.owed.get((self.pack, one.id), {}) for side in (self.before, self.after)]
            if any(states):
                yield Owed(one.id, one.kind, one.title, *states)

    def assigned(self) -> Iterator[Assigned]:
        """In order of the role; roles without an assignment are left out."""
        loads = {
            side: {role: Load(*rest) for role, *rest in self._loads(side)}
            for side in ("old", "new")
        }
        for role in sorted({*loads["old"], *loads["new"]}):
            sides = (loads["old"].get(role, Load()), loads["new"].get(role, Load()))
            yield Assigned(role, self._title(role), *sides)

    def _loads(self, side: str) -> Sequence[tuple[str, int, int, int]]:
        rows: Sequence[tuple[str, int, int, int]] = self.connection.execute(
            "SELECT role, count(*), sum(accounts)::BIGINT, max(accounts) FROM ("  # noqa: S608
            "SELECT role, person, count(*) AS accounts "
            f"FROM {side}_accounts AS a JOIN {side}_owners AS o USING (account_id) "
            "WHERE a.pack = ? AND a.is_key GROUP BY ALL) GROUP BY role ORDER BY role",
            [self.pack],
        ).fetchall()
        return rows

    def _entitlements(
        self, kinds: Sequence[str]
    ) -> Iterator[tuple[Entitlement | None, Entitlement | None]]:
        old = self.old.entitlements if self.old is not None else {}
        new = self.new.entitlements if self.new is not None else {}
        for name in dict.fromkeys([*new, *old]):
            pair = old.get(name), new.get(name)
            if any(one is not None and one.kind in kinds for one in pair):
                yield pair

    def _duty(self, old: Entitlement | None, new: Entitlement | None) -> Duty:
        one, policy = (new, self.new) if new is not None else (old, self.old)
        assert one is not None and policy is not None
        role = role_of(policy, one)
        return Duty(
            role,
            self._title(role),
            one.id,
            one.kind,
            one.title,
            *self._accounts(one.id),
            times_a_quarter(old),
            times_a_quarter(new),
        )

    def _accounts(self, rule: str) -> tuple[int, int]:
        return self.counts.get((rule, "before"), 0), self.counts.get((rule, "after"), 0)

    def _money(self, side: Outcome, one: Entitlement | None) -> Decimal | None:
        """Nothing where the entitlement is not there; None where its measure is not money."""
        if one is None:
            return Decimal(0)
        return side.costs.get((self.pack, one.id))

    def _class(self, one: Entitlement) -> Classification:
        side = self.after if self.new is not None else self.before
        pack = side.pack(self.pack)
        column = None if pack is None else pack.columns.get(str(one.terms.get("measure")))
        return side.plan.classes.get(column or "", DEFAULT_CLASS)

    def _title(self, role: str) -> Title:
        for policy in (self.new, self.old):
            if policy is not None and role in policy.roles:
                return policy.roles[role].title
        return Title(zh=role, en=role)


def role_loads(packs: Sequence[PackChange]) -> tuple[RoleLoad, ...]:
    """Meetings a quarter by role over all packs, the busiest role first."""
    found: dict[str, list[Decimal]] = {}
    titles: dict[str, Title] = {}
    for pack in packs:
        for duty in pack.duties:
            if duty.kind == "cadence":
                titles.setdefault(duty.role, duty.role_title)
                sums = found.setdefault(duty.role, [Decimal(0), Decimal(0)])
                sums[0] += duty.meetings[0]
                sums[1] += duty.meetings[1]
    loads = [RoleLoad(role, titles[role], before, after) for role, (before, after) in found.items()]
    return tuple(sorted(loads, key=lambda one: (-one.after, -one.before, one.role)))
