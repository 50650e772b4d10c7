"""What a night would have said about an account if some of its facts had been others.

The account alone is evaluated again. The others, and with them the totals and cut-offs of the
population, stand as they were kept; tiers over time stand too, because a tier moves at reviews.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from engine.audit.data_files import reading_errors
from engine.executors.protocol import Row
from engine.executors.single import evaluate_account, judge_account
from engine.explain.build import explain_account
from engine.explain.comparing import (
    changed_facts,
    changed_parts,
    changed_tests,
    level_word,
)
from engine.explain.difference import FactChange, ItemChange, ScoreChange, TestChange
from engine.explain.tree import Explanation
from engine.inquiry.given import GivenFact, given_facts, require_known
from engine.plan.steps import PackPlan
from engine.recall import KeptNight, chosen_packs
from engine.recall_facts import KeptFiles


@dataclass(frozen=True)
class WhatIf:
    """What one pack would say. `before` is what was decided, `after` what would be.

    `tier_moves_at_once`: the supposed facts bring the account into the population, out of it,
    or under the exclusion, which waits for no review.
    """

    run: str
    given: tuple[GivenFact, ...]
    before: Explanation
    after: Explanation
    tier_moves_at_once: bool
    has_review: bool
    facts: tuple[FactChange, ...]
    tests: tuple[TestChange, ...]
    scores: tuple[ScoreChange, ...]
    rules: tuple[ItemChange, ...]


def what_if(
    night: KeptNight, account: str, settings: Sequence[str], pack: str | None = None
) -> list[WhatIf]:
    """What each pack that reads one of the `settings` (``fact=value``) would have said.

    Raises `KamError`: an unknown account, pack or fact, a value of another type, an account
    whose row was set aside.
    """
    packs = chosen_packs(night, pack)
    require_known(settings, packs, night.run.run_id)
    with reading_errors(night.run), duckdb.connect() as connection:
        kept = KeptFiles(connection, night.run, night.plan)
        facts = kept.facts(account)
        supposing = _Supposing(night, kept, facts)
        found = [supposing.ask(one, settings) for one in packs]
    return [one for one in found if one is not None]


@dataclass
class _Supposing:
    night: KeptNight
    kept: KeptFiles
    facts: Row

    def ask(self, pack: PackPlan, settings: Sequence[str]) -> WhatIf | None:
        night, plan = self.night, self.night.plan
        policy = next(one for one in night.policies if one.id == pack.id)
        given = given_facts(settings, plan, pack, policy, self.facts)
        if not given:
            return None
        fixed = {one.after.column: one.after.value for one in given}
        facts = evaluate_account(
            plan,
            self.facts,
            night.statistics,
            self.kept.beside,
            fixed,
        )
        tier = self.kept.tier(pack.id, str(facts["account_id"]))
        supposed, at_once = self._tier(pack, facts, tier)
        before = self._explain(pack, self.facts, tier)
        after = self._explain(pack, facts, supposed)
        rules = _changed_rules(before, after)
        tests = _telling(changed_tests(before, after), rules)
        return WhatIf(
            run=night.run.run_id,
            given=tuple(given),
            before=before,
            after=after,
            tier_moves_at_once=at_once,
            has_review=pack.scheme is not None and pack.scheme.review is not None,
            facts=changed_facts(tests),
            tests=tests,
            scores=_changed_scores(before, after),
            rules=rules,
        )

    def _explain(self, pack: PackPlan, facts: Row, tier: str | None) -> Explanation:
        statistics = self.night.statistics
        places = self.kept.places(pack, facts)
        return explain_account(self.night.plan, pack, facts, statistics, tier, places)

    def _tier(self, pack: PackPlan, facts: Row, tier: str | None) -> tuple[str | None, bool]:
        """The tier on which rules are judged, and whether it is another one at once."""
        verdict = judge_account(pack, facts, self.night.statistics, tier)
        placed = verdict.in_population and tier is None
        dropped = verdict.excluded and not self._was_excluded(pack, tier)
        if placed or dropped or not verdict.in_population:
            return verdict.candidate, verdict.candidate != tier
        return tier, False

    def _was_excluded(self, pack: PackPlan, tier: str | None) -> bool:
        return judge_account(pack, self.facts, self.night.statistics, tier).excluded


def _changed_rules(before: Explanation, after: Explanation) -> tuple[ItemChange, ...]:
    one = {(rule.kind, rule.id): rule for rule in before.rules}
    other = {(rule.kind, rule.id): rule for rule in after.rules}
    found = []
    for key in dict.fromkeys((*other, *one)):
        left, right = level_word(one.get(key)), level_word(other.get(key))
        rule = other.get(key) or one[key]
        if left != right:
            found.append(
                ItemChange(rule.kind, rule.id, rule.title, left, right, None, (), rule.location)
            )
    return tuple(found)


def _telling(tests: Sequence[TestChange], rules: Sequence[ItemChange]) -> tuple[TestChange, ...]:
    """What decides tiers, and the tests of rules that say something else."""
    changed = {(rule.kind, rule.id) for rule in rules}
    tiers = ("population", "exclusion", "tier")
    return tuple(one for one in tests if one.kind in tiers or (one.kind, one.rule) in changed)


def _changed_scores(before: Explanation, after: Explanation) -> tuple[ScoreChange, ...]:
    return tuple(
        ScoreChange(new.score.title, old, new, changed_parts(old, new), None)
        for old, new in zip(before.scores, after.scores, strict=True)
        if old.score.value != new.score.value
    )
