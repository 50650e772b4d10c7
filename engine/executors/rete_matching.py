"""One pack in the library: which of its rulesets an account is asked by, and what they find."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.executors.protocol import Row
from engine.executors.reference import in_population
from engine.executors.rete_compile import EXCLUSION, PackProgram
from engine.executors.rete_host import Matcher
from engine.executors.rete_network import ACCOUNT, TIERS, Ruleset
from engine.executors.rete_truths import Truths, candidate_of, unknown_tiers
from engine.executors.rete_values import MISSING, marker_of
from engine.executors.single import Verdict

Subject = tuple[str, str]
"""Kind and id, as in `Verdict`."""

OUTSIDE = Verdict(False, False, None, None, {}, frozenset())
"""What a pack says about an account that is not of its population."""

_OF_TIERS = frozenset({"tier", EXCLUSION})

QUESTIONS_KEPT = 1000
"""Sets of columns that have moved together; kinds of events make a few dozen."""


@dataclass(frozen=True)
class Before:
    """How an account was when rules were judged about it before: `moved` are the columns that have
    another value since, `tiers` its effective tiers by pack."""

    moved: frozenset[str]
    tiers: Mapping[str, str | None]


@dataclass(frozen=True)
class Question:
    """What the network is asked about an account of which certain columns have moved.

    `sure` and `doubt` are the rulesets that decide by one of those columns; `columns` are what
    they read. `unsaid` are the kinds and ids about which the network is not asked.
    """

    sure: tuple[Matcher, ...]
    doubt: tuple[Matcher, ...]
    columns: tuple[str, ...]
    unsaid: frozenset[Subject]


class Network:
    """One pack. Everything here runs while `MATCHING` is held.

    A session of the library costs more than what is matched in it. So a ruleset is asked in a
    session that is closed before the next one is opened, whose memory that one takes again; and
    none is asked that decides by nothing that has moved.
    """

    def __init__(
        self, program: PackProgram, sure: tuple[Matcher, ...], doubt: tuple[Matcher, ...]
    ) -> None:
        self.program = program
        self.sure = sure
        self.doubt = doubt
        self._reads = frozenset().union(*program.reads.values())
        self._decides = {one: program.decided_by(one.ruleset) for one in (*sure, *doubt)}
        self._questions: dict[tuple[frozenset[str], bool], Question] = {}

    def judge(self, lookup: Row, tiers: Mapping[str, str], before: Before | None = None) -> Verdict:
        """What the pack says about one account, whose facts stand in `lookup` together with the
        statistics; see `engine.executors.rete.ReteExecutor.decide_account`."""
        pack = self.program.pack
        if not in_population(pack, lookup):
            return OUTSIDE
        moved = self._reads if before is None else before.moved & self._reads
        tier = tiers[pack.id] if pack.id in tiers else self._candidate(moved, lookup)
        if before is not None and before.tiers.get(pack.id) != tier:
            moved |= {pack.tier_column}
        truths = self._ask(self._question(moved), {**lookup, pack.tier_column: tier}, tier)
        unknown = {("tier", one) for one in unknown_tiers(pack, truths)}
        levels: dict[Subject, str] = {}
        for rule in pack.rules:
            level, is_unknown = truths.level_of(rule)
            if level is not None:
                levels[rule.kind, rule.id] = level
            elif is_unknown:
                unknown.add((rule.kind, rule.id))
        excluded = truths.of_exclusion(pack) is True
        candidate = candidate_of(pack, truths)
        return Verdict(True, excluded, candidate, tier, levels, frozenset(unknown))

    def unregister(self) -> None:
        for matcher in (*self.sure, *self.doubt):
            matcher.unregister()

    # --- what is asked -------------------------------------------------------------------

    def _question(self, moved: frozenset[str], of_tiers: bool = False) -> Question:
        """About all that reads what has moved, or about what the candidate hangs on alone."""
        found = self._questions.get((moved, of_tiers))
        if found is None:
            if len(self._questions) >= QUESTIONS_KEPT:
                self._questions.clear()
            found = self._questions[moved, of_tiers] = self._put(moved, of_tiers)
        return found

    def _put(self, moved: frozenset[str], of_tiers: bool) -> Question:
        program = self.program
        asked = {
            subject
            for subject, reads in program.reads.items()
            if not moved.isdisjoint(reads) and (not of_tiers or subject[0] in _OF_TIERS)
        }
        asked -= program.unsaid

        def wanted(matchers: Sequence[Matcher]) -> tuple[Matcher, ...]:
            return tuple(one for one in matchers if not asked.isdisjoint(self._decides[one]))

        sure, doubt = wanted(self.sure), wanted(self.doubt)
        read = {name for one in (*sure, *doubt) for name in one.ruleset.properties}
        columns = sorted({name.rpartition(".")[0] for name in read})
        return Question(sure, doubt, tuple(columns), frozenset(program.reads.keys() - asked))

    # --- what is found -------------------------------------------------------------------

    def _candidate(self, moved: frozenset[str], lookup: Row) -> str | None:
        question = self._question(moved, of_tiers=True)
        return candidate_of(self.program.pack, self._ask(question, lookup))

    def _ask(self, question: Question, lookup: Row, tier: str | None = None) -> Truths:
        """Possible and sure are the same where nothing is missing, so that doubts are asked for
        only where something is."""
        pack = self.program.pack
        fact = self.program.account_fact(lookup, question.columns)
        tier_fact = self.program.tier_fact(tier) if pack.tier_column in lookup else {}
        missing = {name for name in fact if name.endswith(f".{MISSING}")}
        if not pack.tiers:
            missing.add(marker_of(pack.tier_column))
        doubts = [one for one in question.doubt if _may_doubt(one.ruleset, missing)]
        sure, possible = _found(question.sure, fact, tier_fact), _found(doubts, fact, tier_fact)
        return Truths(sure, possible, question.unsaid, lookup)


def _may_doubt(ruleset: Ruleset, missing: Collection[str]) -> bool:
    return not (ruleset.properties.isdisjoint(missing) and ruleset.tiers.isdisjoint(missing))


def _found(
    matchers: Sequence[Matcher], fact: Mapping[str, int], tier: Mapping[str, int]
) -> frozenset[str]:
    """What the rulesets conclude from what each reads of the account and of its tier."""
    found: set[str] = set()
    for matcher in matchers:
        ruleset = matcher.ruleset
        try:
            matcher.post("account", ACCOUNT, _part(fact, ruleset.properties))
            if not ruleset.tiers.isdisjoint(tier):
                matcher.post("tiers", TIERS, _part(tier, ruleset.tiers))
            found |= matcher.found
        finally:
            matcher.close()
    return frozenset(found)


def _part(fact: Mapping[str, int], wanted: frozenset[str]) -> dict[str, int]:
    return {name: fact[name] for name in wanted & fact.keys()}
