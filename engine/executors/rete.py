"""The Rete executor: the plan's rules on durable-rules, for one account at a time.

Measures, scores and statistics are columns before any rule is matched, as in every executor.
The network then says which predicates hold: the account is asserted as a fact, the tiers whose
criteria hold are concluded, the first of them becomes a fact itself (or the tier that the
lifecycle has made of it), and milestones, entitlements and warnings join with it. Nothing here
decides what a policy means; see `engine.executors.rete_literals` for how three-valued logic is
said to a network that knows only matches.

A plan is compiled once, which takes a moment; after that an account costs milliseconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from engine.executors.protocol import (
    Evaluation,
    FactTables,
    Hit,
    Row,
    RuleKey,
    TierChanges,
    Unsupported,
)
from engine.executors.reference import measure
from engine.executors.rete_compile import PackProgram, Program, compile_program
from engine.executors.rete_host import MATCHING, Matcher
from engine.executors.rete_matching import Before, Network
from engine.executors.rete_network import Ruleset
from engine.executors.single import Verdict
from engine.plan.steps import PackPlan, Plan

NETWORKS_KEPT = 4
"""Compiled plans that are kept; the one that was used longest ago goes first."""


class ReteExecutor:
    """Decides like every executor; what durable-rules cannot say is answered by `truth_of`."""

    name = "rete"

    def unsupported(self, plan: Plan) -> tuple[Unsupported, ...]:
        """The tiers and rules that the network does not decide. They are decided all the same,
        by the reference evaluator."""
        return compile_program(plan).unsupported

    def evaluate(
        self, plan: Plan, tables: FactTables, changes: TierChanges | None = None
    ) -> Evaluation:
        """See `engine.executors.protocol.Executor.evaluate`.

        Raises `KamError`: `events-not-installed`, `mistyped-fact`, `events-engine-failed`.
        """
        measured = measure(plan, tables)
        candidates: dict[str, list[str | None]] = {pack.id: [] for pack in plan.packs}
        hits: list[Hit] = []
        unknowns: list[RuleKey] = []
        for row in measured.facts:
            account = str(row["account_id"])
            changed = {pack: moved.get(account) for pack, moved in (changes or {}).items()}
            tiers = {pack: tier for pack, tier in changed.items() if tier is not None}
            decided = self.decide_account(plan, row, measured.statistics, tiers)
            for pack in plan.packs:
                verdict = decided[pack.id]
                candidates[pack.id].append(verdict.candidate)
                hits += _hits(pack, verdict, row, measured.statistics)
                unknowns += (_key(pack, subject, row) for subject in verdict.unknown)
        return Evaluation(
            measured.facts,
            measured.statistics,
            {pack: tuple(tiers) for pack, tiers in candidates.items()},
            tuple(sorted(hits, key=lambda hit: hit.key)),
            tuple(sorted(unknowns)),
            measured.obligations,
        )

    def decide_account(
        self,
        plan: Plan,
        facts: Row,
        statistics: Row,
        tiers: Mapping[str, str] | None = None,
        before: Before | None = None,
    ) -> dict[str, Verdict]:
        """What every pack says about one account, by pack id.

        `facts` is its row of ``facts``; `tiers` are its effective tiers by pack, where they
        are not the candidates. `before` is how the account was when rules of this plan were last
        judged about it: a rule that reads nothing that has moved since is not matched, and
        answered by the evaluator. Gives what `engine.executors.single.judge_account` gives.
        Raises as `evaluate` does.
        """
        lookup = {**facts, **statistics}
        with MATCHING:
            return {
                network.program.pack.id: network.judge(lookup, tiers or {}, before)
                for network in _networks(plan)
            }


def _key(pack: PackPlan, subject: tuple[str, str], row: Row) -> RuleKey:
    number = row["account_no"]
    assert isinstance(number, int)
    return RuleKey(pack.id, *subject, number, str(row["account_id"]))


def _hits(pack: PackPlan, verdict: Verdict, row: Row, statistics: Row) -> Iterator[Hit]:
    lookup = {**row, **statistics}
    for rule in pack.rules:
        subject = (rule.kind, rule.id)
        if subject in verdict.levels:
            evidence = {column: lookup.get(column) for column in rule.evidence}
            yield Hit(_key(pack, subject, row), verdict.levels[subject], evidence)


# --- networks ----------------------------------------------------------------------------

_NETWORKS: OrderedDict[str, tuple[Network, ...]] = OrderedDict()
"""Hash of a plan → one network per pack."""


def _networks(plan: Plan) -> tuple[Network, ...]:
    if plan.hash in _NETWORKS:
        _NETWORKS.move_to_end(plan.hash)
        return _NETWORKS[plan.hash]
    program: Program = compile_program(plan)
    networks = tuple(_network(plan, one) for one in program.packs)
    _NETWORKS[plan.hash] = networks
    while len(_NETWORKS) > NETWORKS_KEPT:
        _, oldest = _NETWORKS.popitem(last=False)
        for network in oldest:
            network.unregister()
    return networks


def _network(plan: Plan, program: PackProgram) -> Network:
    def matchers(name: str, compiled: tuple[Ruleset, ...]) -> tuple[Matcher, ...]:
        prefix = f"{plan.hash} {program.pack.id} {name}"
        return tuple(Matcher(f"{prefix} {number}", one) for number, one in enumerate(compiled))

    return Network(program, matchers("sure", program.sure), matchers("doubt", program.doubt))
