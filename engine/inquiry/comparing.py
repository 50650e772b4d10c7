"""One pack on two nights → what differs for an account, with the causes of each difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import KamError
from engine.executors.protocol import Row
from engine.executors.single import judge_account
from engine.explain.build import explain_account
from engine.explain.causes import UndeterminedError, find_causes
from engine.explain.comparing import (
    changed_facts,
    changed_parts,
    changed_tests,
    verdict_word,
)
from engine.explain.difference import (
    Causes,
    Difference,
    Factor,
    ItemChange,
    Moment,
    NightRef,
    PolicyChange,
    Reason,
    ScoreChange,
    TestChange,
    TierChange,
)
from engine.explain.policy_changes import policy_changes
from engine.explain.states import (
    marked,
    obligation_reasons,
    obligation_states,
    warning_reasons,
    warning_states,
    warning_word,
)
from engine.explain.tier_reasons import approvals_between, tier_reasons
from engine.explain.tree import Explanation, ScoreNode
from engine.inquiry.definitions import bare, read_by, read_for_tiers
from engine.inquiry.worlds import Evaluated, Worlds
from engine.language.checks.scopes import account_policy
from engine.model import Policy, Title
from engine.plan.steps import PackPlan, RuleStep
from engine.recall import KeptNight

Kept = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """One night, one pack, one account; what the night does not have is None."""

    night: KeptNight
    account: str
    pack: PackPlan | None
    policy: Policy | None
    facts: Row | None
    decision: Kept | None
    obligations: list[dict[str, Any]]

    @property
    def tier(self) -> str | None:
        return None if self.decision is None else self.decision["tier"]

    @property
    def ref(self) -> NightRef:
        decision = self.decision
        return NightRef(
            run=self.night.run.run_id,
            as_of=self.night.run.as_of,
            version=None if self.pack is None else self.pack.version,
            in_population=None if decision is None else bool(decision["in_population"]),
            is_set_aside=decision is not None and decision["account_no"] is None,
        )

    def explanation(self) -> Explanation | None:
        if self.pack is None or self.facts is None:
            return None
        night = self.night
        return explain_account(night.plan, self.pack, self.facts, night.statistics, self.tier)


def compare_pack(sides: tuple[Side, Side], worlds: Worlds | None, log: list[Moment]) -> Difference:
    """Everything that differs between two nights; `log` are the lines between them."""
    return _Comparison(*sides, worlds, log).compare()


@dataclass
class _Comparison:
    early: Side
    late: Side
    worlds: Worlds | None
    log: list[Moment]

    def __post_init__(self) -> None:
        self.pack = self._pack()
        self.told = (self.early.explanation(), self.late.explanation())
        self.factors = tuple(self._factors())

    def _pack(self) -> PackPlan:
        pack = self.late.pack or self.early.pack
        assert pack is not None
        return pack

    def _factors(self) -> Iterator[Factor]:
        if self.worlds is None:
            return
        facts, policy, time = self.worlds.factors
        if facts:
            yield "facts"
        if policy:
            yield "policy"
        if time:
            yield "time"
        if self.early.tier != self.late.tier:
            yield "tier"

    def compare(self) -> Difference:
        items = tuple(self._items())
        tests = self._tests(items)
        return Difference(
            account_id=self.late.account,
            name=self._name(),
            pack=self.pack.id,
            title=self.pack.title,
            currency=self.late.night.plan.currency,
            before=self.early.ref,
            after=self.late.ref,
            tier_titles=self._tier_titles(),
            tiers=tuple(self._tiers()),
            tier_causes=self._tier_causes(),
            tier_reasons=tuple(self._tier_reasons()),
            tests=tests,
            facts=changed_facts(tests),
            scores=tuple(self._scores()),
            items=items,
            policy=self._policy(),
            log=tuple(self.log),
        )

    def _name(self) -> str | None:
        for side in (self.late, self.early):
            name = (side.facts or side.decision or {}).get("name")
            if isinstance(name, str):
                return name
        return None

    def _tier_titles(self) -> dict[str, Title]:
        packs = [side.pack for side in (self.early, self.late) if side.pack is not None]
        return {tier.id: tier.title for pack in packs for tier in pack.tiers}

    @property
    def _dates(self) -> tuple[Any, Any]:
        return self.early.night.run.as_of, self.late.night.run.as_of

    # --- tiers ---------------------------------------------------------------------------

    def _tiers(self) -> Iterator[TierChange]:
        one, other = self.early.decision or {}, self.late.decision or {}
        for which in ("candidate", "computed", "tier"):
            if one.get(which) != other.get(which):
                yield TierChange(which, one.get(which), other.get(which))

    def _tier_reasons(self) -> Iterator[Reason]:
        if self.early.pack is None or self.late.pack is None:
            yield Reason("pack_new" if self.early.pack is None else "pack_gone")
            return
        if self.late.ref.is_set_aside:
            yield Reason("set_aside")
            return
        yield from tier_reasons(
            self.early.decision,
            self.late.decision,
            self.late.pack.scheme,
            self.late.night.overrides,
            self.log,
            self._dates,
        )

    def _tier_causes(self) -> Causes | None:
        def candidate(pack: PackPlan, found: Evaluated, tier: str | None) -> str | None:
            return judge_account(pack, found.facts, found.statistics, tier).candidate

        return self._causes(candidate, read_for_tiers, self._without_tier)

    @property
    def _without_tier(self) -> tuple[Factor, ...]:
        return tuple(one for one in self.factors if one != "tier")

    # --- causes --------------------------------------------------------------------------

    def _causes(
        self,
        verdict: Callable[[PackPlan, Evaluated, str | None], str | None],
        reads: Callable[[PackPlan], Iterable[str]],
        factors: tuple[Factor, ...],
    ) -> Causes | None:
        """Why a verdict differs; None if it does not, or if it cannot be asked."""
        worlds = self.worlds
        if worlds is None or self.early.pack is None or self.late.pack is None:
            return None

        def outcome(new: frozenset[Factor]) -> str | None:
            try:
                found = worlds.evaluate(
                    (int("facts" in new), int("policy" in new), int("time" in new))
                )
            except KamError as error:  # the policy decides nothing on that date
                raise UndeterminedError(()) from error
            pack = next(one for one in found.plan.packs if one.id == self.pack.id)
            read = worlds.definitions(found.plan).base_of(reads(pack))
            if missing := sorted(found.unknown & read):
                raise UndeterminedError(missing)
            return verdict(pack, found, (self.late if "tier" in new else self.early).tier)

        return find_causes(outcome, factors)

    def _rule_causes(self, kind: str, rule_id: str) -> Causes | None:
        def says(pack: PackPlan, found: Evaluated, tier: str | None) -> str | None:
            said = judge_account(pack, found.facts, found.statistics, tier)
            key = (kind, rule_id)
            return verdict_word(said.levels.get(key), key in said.unknown)

        return self._causes(says, lambda pack: _reads(pack, kind, rule_id), self.factors)

    # --- what stands ---------------------------------------------------------------------

    def _items(self) -> Iterator[ItemChange]:
        if self.late.ref.is_set_aside:
            return
        yield from self._warnings()
        yield from self._milestones()
        yield from self._entitlements()
        yield from self._obligations()

    def _warnings(self) -> Iterator[ItemChange]:
        one, other = warning_states(self.early.decision), warning_states(self.late.decision)
        for rule in sorted({*one, *other}):
            before, after = one.get(rule), other.get(rule)
            words = warning_word(before), warning_word(after)
            if words[0] == words[1] and not marked(before, after):
                continue
            now = None if self.late.pack is None else self.late.pack.warnings.get(rule)
            reasons = warning_reasons(
                now, before, after, self._says("warning", rule), self.late.night.run.as_of
            )
            yield self._item("warning", rule, words, tuple(reasons))

    def _milestones(self) -> Iterator[ItemChange]:
        one, other = _open(self.early.decision), _open(self.late.decision)
        for rule in sorted({*one, *other}):
            if (one.get(rule) is None) is (other.get(rule) is None):
                continue
            said = approvals_between(
                self.late.night.overrides, self.late.account, self.pack.id, rule, self._dates
            )
            words = one.get(rule), other.get(rule)
            yield self._item("milestone", rule, words, tuple(said))

    def _entitlements(self) -> Iterator[ItemChange]:
        one = set((self.early.decision or {}).get("entitlements") or ())
        other = set((self.late.decision or {}).get("entitlements") or ())
        for rule in sorted(one ^ other):
            words = ("owed" if rule in one else None), ("owed" if rule in other else None)
            yield self._item("entitlement", rule, words, ())

    def _obligations(self) -> Iterator[ItemChange]:
        one = obligation_states(self.early.obligations, self.pack.id)
        other = obligation_states(self.late.obligations, self.pack.id)
        for key in sorted({*one, *other}):
            before, after = one.get(key), other.get(key)
            words = (before or {}).get("state"), (after or {}).get("state")
            if words[0] == words[1]:
                continue
            reasons = obligation_reasons(before, after, self.late.night.run.as_of)
            yield self._item("obligation", key[0], words, tuple(reasons), part=key[2])

    def _item(
        self,
        kind: str,
        rule: str,
        words: tuple[str | None, str | None],
        reasons: tuple[Reason, ...],
        part: str = "",
    ) -> ItemChange:
        title, location = (
            _named(self.late.pack, kind, rule)
            or _named(self.early.pack, kind, rule)
            or (Title(rule, rule), None)
        )
        causes = None
        if kind == "entitlement":
            causes = self._entitlement_causes(rule)
        elif kind != "obligation":
            causes = self._rule_causes(kind, rule)
        named = rule if not part else f"{rule} {part}"
        return ItemChange(kind, named, title, *words, causes, reasons, location)

    def _entitlement_causes(self, rule: str) -> Causes | None:
        def owed(pack: PackPlan, found: Evaluated, tier: str | None) -> str | None:
            one = pack.entitlements.get(rule)
            if one is None:
                return None
            if one.when is None:
                return "owed" if tier in one.tiers else None
            said = judge_account(pack, found.facts, found.statistics, tier)
            return "owed" if ("entitlement", rule) in said.levels else None

        return self._causes(owed, lambda pack: _reads(pack, "entitlement", rule), self.factors)

    def _says(self, kind: str, rule: str) -> str | None:
        """What a rule says on the later night, by itself."""
        side = self.late
        if side.pack is None or side.facts is None:
            return None
        said = judge_account(side.pack, side.facts, side.night.statistics, side.tier)
        return verdict_word(said.levels.get((kind, rule)), (kind, rule) in said.unknown)

    # --- scores, tests, policy -----------------------------------------------------------

    def _scores(self) -> Iterator[ScoreChange]:
        one, other = (_scores_of(told) for told in self.told)
        for name in dict.fromkeys((*other, *one)):
            before, after = one.get(name), other.get(name)
            if _value(before) == _value(after):
                continue
            shown = after or before
            assert shown is not None
            title, parts = shown.score.title, changed_parts(before, after)
            causes = self._score_causes(name)
            if causes is not None:  # what each factor comes to would tell a value that is masked
                causes = replace(causes, alone={})
            yield ScoreChange(title, before, after, parts, causes)

    def _score_causes(self, column: str) -> Causes | None:
        def value(pack: PackPlan, found: Evaluated, tier: str | None) -> str | None:
            score = found.facts.get(column)
            return None if score is None else str(score)

        return self._causes(value, lambda pack: (column,), self._without_tier)

    def _tests(self, items: tuple[ItemChange, ...]) -> tuple[TestChange, ...]:
        """What decides tiers, and the tests of rules that say something else."""
        before, after = self.told
        if before is None or after is None:
            return ()
        changed = {(item.kind, item.id) for item in items}
        tiers = ("population", "exclusion", "tier")
        return tuple(
            one
            for one in changed_tests(before, after)
            if one.kind in tiers or (one.kind, one.rule) in changed
        )

    def _policy(self) -> tuple[PolicyChange, ...]:
        then, now = self.early.policy, self.late.policy
        if then is None or now is None:
            return ()
        return policy_changes(account_policy(then), account_policy(now), self._dates, bare)


def _rules(pack: PackPlan, kind: str, rule_id: str) -> list[RuleStep]:
    return [rule for rule in pack.rules if (rule.kind, rule.id) == (kind, rule_id)]


def _reads(pack: PackPlan, kind: str, rule_id: str) -> tuple[str, ...]:
    """What a rule reads, the population of its pack included."""
    found = [] if pack.population is None else [pack.population]
    for rule in _rules(pack, kind, rule_id):
        for _, predicate in rule.levels:
            found.extend(read_by(predicate))
    return tuple(found)


def _open(decision: Kept | None) -> dict[str, str]:
    """The milestones that stand open, by rule: ``reported`` or ``proposed``."""
    words = {"report": "reported", "propose": "proposed"}
    listed = (decision or {}).get("milestones") or ()
    return {one["rule"]: words.get(one["effect"], one["effect"]) for one in listed}


def _named(pack: PackPlan | None, kind: str, rule: str) -> tuple[Title, Any] | None:
    if pack is None:
        return None
    sections: dict[str, Mapping[str, Any]] = {
        "warning": pack.warnings,
        "milestone": pack.milestones,
        "entitlement": pack.entitlements,
        "obligation": pack.entitlements,
    }
    found = sections[kind].get(rule)
    return None if found is None else (found.title, found.location)


def _scores_of(told: Explanation | None) -> dict[str, ScoreNode]:
    return {} if told is None else {one.score.column: one for one in told.scores}


def _value(score: ScoreNode | None) -> object:
    return None if score is None else score.score.value
