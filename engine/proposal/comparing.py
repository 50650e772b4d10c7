"""Two outcomes side by side → what is other in each pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from engine.model import Title
from engine.proposal.attribution import Attribution
from engine.proposal.model import (
    ActionChange,
    Cells,
    Effect,
    Move,
    PackChange,
    RuleChange,
    Touched,
)
from engine.proposal.outcome import Outcome
from engine.proposal.workload import PackWork

RULES = ("warning", "entitlement", "milestone")
LEVELS = ("red", "orange", "yellow", "blue")

Rows = Sequence[tuple[Any, ...]]


def pack_change(
    connection: duckdb.DuckDBPyConnection,
    pack: str,
    before: Outcome,
    after: Outcome,
    attribution: Attribution,
) -> PackChange:
    """What is other in a pack that at least one of the outcomes has."""
    return _Comparison(connection, pack, before, after, attribution).change()


class _Comparison:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        pack: str,
        before: Outcome,
        after: Outcome,
        attribution: Attribution,
    ) -> None:
        self.connection = connection
        self.pack = pack
        self.before, self.after = before, after
        self.attribution = attribution
        self.sides = [side for side in (after.pack(pack), before.pack(pack)) if side is not None]
        self.effects = [
            Effect(*row)
            for row in self._rows(
                "SELECT pack, kind, rule, scope, account_id, before, after FROM effects "
                "WHERE pack = $pack ORDER BY kind, rule, scope, account_id"
            )
        ]
        self.names: Mapping[str, str | None] = dict(
            self._rows(
                "SELECT account_id, coalesce(new.name, old.name) FROM "
                "(FROM new_accounts WHERE pack = $pack) AS new FULL JOIN "
                "(FROM old_accounts WHERE pack = $pack) AS old USING (account_id) "
                "WHERE account_id IN (SELECT account_id FROM effects WHERE pack = $pack)"
            )
        )

    def change(self) -> PackChange:
        work = PackWork(self.connection, self.pack, self.before, self.after)
        tiers = {tier.id: tier.title for side in self.sides for tier in side.tiers}
        return PackChange(
            id=self.pack,
            title=self.sides[0].title,
            tiers=tiers,
            accounts_before=self._accounts("old"),
            accounts_after=self._accounts("new"),
            tonight=self._cells("tier"),
            candidates=self._cells("candidate"),
            moves=tuple(self._moves()),
            rules=tuple(self._rules()),
            duties=tuple(work.duties()),
            assigned=tuple(work.assigned()),
            costs=tuple(work.costs()),
            owed=tuple(work.owed()),
        )

    def _rows(self, query: str) -> Rows:
        return self.connection.execute(query, {"pack": self.pack}).fetchall()

    def _accounts(self, side: str) -> int:
        query = f"SELECT count(*) FROM {side}_accounts WHERE pack = $pack"  # noqa: S608
        return int(self._rows(query)[0][0])

    def _cells(self, kind: str) -> Cells:
        rows = self._rows(
            "SELECT old.value, new.value, count(*) FROM "  # noqa: S608
            f"(FROM old_effects WHERE pack = $pack AND kind = '{kind}') AS old FULL JOIN "
            f"(FROM new_effects WHERE pack = $pack AND kind = '{kind}') AS new "
            "USING (account_id) GROUP BY ALL ORDER BY ALL"
        )
        return {(old, new): number for old, new, number in rows}

    def _moves(self) -> Iterator[Move]:
        """The accounts whose tier or candidate is another: the best tiers first, then by id."""
        found: dict[str, dict[str, Effect]] = {}
        for effect in self.effects:
            if effect.kind in ("tier", "candidate"):
                found.setdefault(effect.account, {})[effect.kind] = effect
        still = self._unmoved(found)
        ranks = {tier: place for place, tier in enumerate(self._tiers())}
        moves = [self._move(account, pair, still) for account, pair in found.items()]
        yield from sorted(
            moves,
            key=lambda one: (
                one.before == one.after,
                min(ranks.get(tier or "", len(ranks)) for tier in (one.after, one.before)),
                one.account,
            ),
        )

    def _tiers(self) -> list[str]:
        return list(dict.fromkeys(tier.id for side in self.sides for tier in side.tiers))

    def _unmoved(self, found: Mapping[str, Mapping[str, Effect]]) -> dict[tuple[str, str], str]:
        """Tier or candidate of the accounts of which only the other of the two is another."""
        if all(len(pair) == 2 for pair in found.values()):
            return {}
        rows = self._rows(
            "SELECT account_id, kind, value FROM new_effects WHERE pack = $pack "
            "AND kind IN ('tier', 'candidate') AND account_id IN "
            "(SELECT account_id FROM effects WHERE pack = $pack "
            "AND kind IN ('tier', 'candidate'))"
        )
        return {(account, kind): value for account, kind, value in rows}

    def _move(
        self, account: str, pair: Mapping[str, Effect], still: Mapping[tuple[str, str], str]
    ) -> Move:
        def both(kind: str) -> tuple[str | None, str | None]:
            if kind in pair:
                return pair[kind].before, pair[kind].after
            return still.get((account, kind)), still.get((account, kind))

        effect = pair.get("tier") or pair["candidate"]
        cause = self.attribution.cause(effect)
        return Move(account, self.names.get(account), *both("tier"), *both("candidate"), cause)

    def _rules(self) -> Iterator[RuleChange]:
        touched: dict[tuple[str, str], list[Touched]] = {}
        for effect in self.effects:
            if effect.kind in RULES:
                touched.setdefault((effect.kind, effect.rule), []).append(
                    Touched(
                        effect.account,
                        self.names.get(effect.account),
                        effect.scope,
                        effect.before,
                        effect.after,
                        self.attribution.cause(effect),
                    )
                )
        counts = {side: self._counts(side) for side in ("old", "new")}
        for kind, rule in sorted(touched, key=lambda key: (RULES.index(key[0]), key[1])):
            before, after = (counts[side].get((kind, rule), {}) for side in ("old", "new"))
            yield RuleChange(
                kind,
                rule,
                self._title(kind, rule),
                sum(before.values()),
                sum(after.values()),
                _levels(before) if kind == "warning" else {},
                _levels(after) if kind == "warning" else {},
                tuple(touched[kind, rule]),
            )

    def _counts(self, side: str) -> dict[tuple[str, str], dict[str, int]]:
        found: dict[tuple[str, str], dict[str, int]] = {}
        rows = self._rows(
            f"SELECT kind, rule, value, count(*) FROM {side}_effects "  # noqa: S608
            "WHERE pack = $pack AND kind NOT IN ('tier', 'candidate') GROUP BY ALL"
        )
        for kind, rule, value, number in rows:
            found.setdefault((kind, rule), {})[value] = number
        return found

    def _title(self, kind: str, rule: str) -> Title:
        for side in (self.after, self.before):
            policy = side.policies.get(self.pack)
            known: Mapping[str, Any] = {} if policy is None else getattr(policy, f"{kind}s")
            if rule in known:
                title: Title = known[rule].title
                return title
        return Title(zh=rule, en=rule)


def _levels(counts: Mapping[str, int]) -> dict[str, int]:
    return {level: counts[level] for level in LEVELS if level in counts}


def action_changes(
    connection: duckdb.DuckDBPyConnection, before: Outcome, after: Outcome
) -> Iterator[ActionChange]:
    """Actions of tonight that come or go, by role."""
    rows = connection.execute(
        "SELECT coalesce(new.owner_role, old.owner_role), "
        "count(*) FILTER (old.action_id IS NULL), count(*) FILTER (new.action_id IS NULL) "
        "FROM new_actions AS new FULL JOIN old_actions AS old USING (action_id) "
        "WHERE old.action_id IS NULL OR new.action_id IS NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    titles = {
        role: one.title
        for side in (before, after)
        for policy in side.policies.values()
        for role, one in policy.roles.items()
    }
    for role, appear, vanish in rows:
        yield ActionChange(role, titles.get(role, Title(zh=role, en=role)), appear, vanish)
