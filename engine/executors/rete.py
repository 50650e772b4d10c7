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

from engine.dataclass import dataclass
from engine.errors import Problem
from engine.executors.columnar import ColumnarExecutor
from engine.executors.predicates import Lookup, Truth, truth_of
from engine.executors.protocol import (
    Evaluation,
    Executor,
    FactTables,
    Hit,
    Row,
    RuleKey,
    TierChanges,
    Unsupported,
)
from engine.executors.reference import in_population, measure
from engine.executors.rete_compile import (
    EXCLUSION,
    PackProgram,
    Program,
    compile_program,
    level_head,
    tier_head,
)
from engine.executors.rete_host import MATCHING, NOT_INSTALLED, Matcher, is_installed
from engine.executors.rete_network import ACCOUNT, TIERS, Ruleset
from engine.executors.rete_values import MISSING, marker_of
from engine.executors.single import Verdict
from engine.plan.steps import PackPlan, Plan, Predicate

NETWORKS_KEPT = 4
"""Compiled plans that are kept; the one that was used longest ago goes first."""

OUTSIDE = Verdict(False, False, None, None, {}, frozenset())
"""What a pack says about an account that is not of its population."""


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
        self, plan: Plan, facts: Row, statistics: Row, tiers: Mapping[str, str] | None = None
    ) -> dict[str, Verdict]:
        """What every pack says about one account, by pack id.

        `facts` is its row of ``facts``; `tiers` are its effective tiers by pack, where they
        are not the candidates. Gives what `engine.executors.single.judge_account` gives.
        Raises as `evaluate` does.
        """
        lookup = {**facts, **statistics}
        with MATCHING:
            return {
                network.program.pack.id: network.judge(lookup, tiers or {})
                for network in _networks(plan)
            }


def for_events() -> tuple[Executor, Problem | None]:
    """The Rete executor; without its library the columnar one, and what to tell the user."""
    if is_installed():
        return ReteExecutor(), None
    told = f"{NOT_INSTALLED.message}; the columnar executor answers instead"
    return ColumnarExecutor(), Problem(
        NOT_INSTALLED.code, told, hint=NOT_INSTALLED.hint, severity="warning"
    )


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


@dataclass(frozen=True)
class Network:
    """One pack in the library. Everything here runs while `MATCHING` is held."""

    program: PackProgram
    sure: tuple[Matcher, ...]
    doubt: tuple[Matcher, ...]

    def judge(self, lookup: Row, tiers: Mapping[str, str]) -> Verdict:
        """What the pack says about one account, whose facts stand in `lookup` together with the
        statistics; see `ReteExecutor.decide_account`."""
        pack = self.program.pack
        if not in_population(pack, lookup):
            return OUTSIDE
        try:
            asked = self._assert_account(self.program.account_fact(lookup))
            truths = self._truths(lookup)
            candidate = _candidate(pack, truths)
            unknown = {("tier", tier) for tier in _unknown_tiers(pack, truths)}
            tier = tiers.get(pack.id, candidate)
            self._assert_tier(tier, asked)
            truths = self._truths({**lookup, pack.tier_column: tier})
        finally:
            for matcher in (*self.sure, *self.doubt):
                matcher.close()
        levels: dict[tuple[str, str], str] = {}
        for rule in pack.rules:
            level, is_unknown = truths.level_of(rule.kind, rule.id, rule.levels)
            if level is not None:
                levels[rule.kind, rule.id] = level
            elif is_unknown:
                unknown.add((rule.kind, rule.id))
        excluded = truths.of_exclusion(pack) is True
        return Verdict(True, excluded, candidate, tier, levels, frozenset(unknown))

    def unregister(self) -> None:
        for matcher in (*self.sure, *self.doubt):
            matcher.unregister()

    def _assert_account(self, fact: Mapping[str, int]) -> tuple[Matcher, ...]:
        """Post what each ruleset reads of the account; return the rulesets that were asked.

        Possible and sure are the same where nothing is missing, so that doubts are asked for
        only where something is.
        """
        missing = {name for name in fact if name.endswith(f".{MISSING}")}
        if not self.program.pack.tiers:
            missing.add(marker_of(self.program.pack.tier_column))
        doubts = tuple(one for one in self.doubt if _may_doubt(one.ruleset, missing))
        asked = (*self.sure, *doubts)
        for matcher in asked:
            wanted = matcher.ruleset.properties
            matcher.post("account", ACCOUNT, {name: fact[name] for name in wanted & fact.keys()})
        return asked

    def _assert_tier(self, tier: str | None, asked: tuple[Matcher, ...]) -> None:
        fact = self.program.tier_fact(tier)
        for matcher in asked:
            wanted = matcher.ruleset.tiers & fact.keys()
            if wanted:
                matcher.post("tiers", TIERS, {name: fact[name] for name in wanted})

    def _truths(self, lookup: Lookup) -> Truths:
        sure = frozenset().union(*(matcher.found for matcher in self.sure))
        possible = frozenset().union(*(matcher.found for matcher in self.doubt))
        return Truths(sure, possible, self.program.unsaid, lookup)


def _may_doubt(ruleset: Ruleset, missing: set[str]) -> bool:
    return not (ruleset.properties.isdisjoint(missing) and ruleset.tiers.isdisjoint(missing))


@dataclass(frozen=True)
class Truths:
    """What the network has found; for what it is not asked, what the reference evaluator says."""

    sure: frozenset[str]
    possible: frozenset[str]
    unsaid: frozenset[tuple[str, str]]
    lookup: Lookup

    def of(self, head: str, subject: tuple[str, str], predicate: Predicate) -> Truth:
        if subject in self.unsaid:
            return truth_of(predicate, self.lookup)
        if head in self.sure:
            return True
        return None if head in self.possible else False

    def of_exclusion(self, pack: PackPlan) -> Truth:
        if pack.exclude is None:
            return False
        return self.of(EXCLUSION, (EXCLUSION, ""), pack.exclude)

    def level_of(
        self, kind: str, rule_id: str, levels: tuple[tuple[str, Predicate], ...]
    ) -> tuple[str | None, bool]:
        """The worst level that holds (None: none does), and whether the rule is unknown."""
        unknown = False
        for level, predicate in levels:
            truth = self.of(level_head(kind, rule_id, level), (kind, rule_id), predicate)
            if truth is True:
                return level, False
            unknown = unknown or truth is None
        return None, unknown


def _candidate(pack: PackPlan, truths: Truths) -> str | None:
    """The best tier whose criteria hold, else the default."""
    excluded = truths.of_exclusion(pack) is True
    for tier in pack.tiers:
        if tier.predicate is None:
            return tier.id
        if not excluded and truths.of(tier_head(tier.id), ("tier", tier.id), tier.predicate):
            return tier.id
    return None


def _unknown_tiers(pack: PackPlan, truths: Truths) -> Iterator[str]:
    """The tiers above the candidate that the account may be in, if more were known."""
    if truths.of_exclusion(pack) is True:
        return
    for tier in pack.tiers:
        if tier.predicate is None:
            return
        truth = truths.of(tier_head(tier.id), ("tier", tier.id), tier.predicate)
        if truth is True:
            return
        if truth is None:
            yield tier.id
