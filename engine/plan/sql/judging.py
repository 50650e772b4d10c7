"""Which rules are judged together and on which tiers, and where a condition finds what it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from engine.plan.columns import column_types, is_accounts_alone
from engine.plan.predicates import columns_of, leaves
from engine.plan.sql import values
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.statements import Statement, named
from engine.plan.steps import PackPlan, Plan, Predicate, Ranked, RuleStep

CANDIDATE = "tier__candidate"
EXCLUDED = "tier__excluded"


@dataclass(frozen=True)
class Judgement:
    """Rules of some kinds, judged on the tiers of the relation `source`.

    `tiers` and `held` begin the names of two relations of each pack: the tiers of its
    accounts, and which rules hold.
    """

    kinds: tuple[str, ...]
    source: str
    tiers: str
    held: str


MILESTONES = Judgement(("milestone",), "reviewed_tiers", "reviewed", "reached")
RULES = Judgement(("warning", "entitlement"), "effective_tiers", "effective", "held")


@dataclass(frozen=True)
class Outcome:
    """A level of a rule, under the number by which ``held__<pack>`` names it."""

    number: int
    rule: RuleStep
    level: str


class Judged:
    """The rules of one pack that are judged together, as SQL."""

    def __init__(self, plan: Plan, pack: PackPlan, judgement: Judgement) -> None:
        self.plan = plan
        self.pack = pack
        self.judgement = judgement
        self.rules = [rule for rule in pack.rules if rule.kind in judgement.kinds]

    @property
    def held(self) -> str:
        return f"{self.judgement.held}__{self.pack.id}"

    @property
    def tiers(self) -> str:
        return f"{self.judgement.tiers}__{self.pack.id}"

    @cached_property
    def predicates(self) -> Predicates:
        """Conditions as SQL; the tier is that of the relation `tiers`."""
        types = column_types(self.plan) | {self.pack.tier_column: "ordinal"}
        return Predicates(types, tables={self.pack.tier_column: self.tiers})

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """In the order of the rules, of each the worst level first."""
        every = [(rule, level) for rule in self.rules for level, _ in rule.levels]
        return [Outcome(number, *one) for number, one in enumerate(every, start=1)]

    def numbers(self, rule: RuleStep) -> list[exp.Expr]:
        """The numbers of the levels of a rule, worst first."""
        return [values.decimal(one.number) for one in self.outcomes if one.rule is rule]

    def truths(self, rule: RuleStep) -> list[exp.Expr]:
        """Whether each level holds, worst first; NULL for unknown."""
        return [self.predicates(predicate) for _, predicate in rule.levels]

    # --- where it is judged

    @cached_property
    def has_tiers(self) -> bool:
        """Whether anybody asks for a tier: a condition, or the evidence of a hit."""
        return bool(self.pack.tiers) or any(self.reads_tier(rule) for rule in self.rules)

    def reads_tier(self, rule: RuleStep) -> bool:
        return any(self.pack.tier_column in columns_of(predicate) for _, predicate in rule.levels)

    def tier_statements(self) -> Iterator[Statement]:
        """``(account_no, tier__<pack>, tier__candidate, tier__excluded)`` of the population:
        narrow and without other packs, as many conditions look into it."""
        if not self.has_tiers:
            return
        query = (
            exp.select(
                values.column("account_no"),
                named(values.column("tier"), self.pack.tier_column),
                named(values.column("candidate"), CANDIDATE),
                named(values.column("excluded"), EXCLUDED),
                copy=False,
            )
            .from_(values.table(self.judgement.source), copy=False)
            .where(
                exp.EQ(this=values.column("pack"), expression=values.text(self.pack.id)),
                values.column("in_population"),
                copy=False,
            )
        )
        kinds = ", ".join(self.judgement.kinds)
        comment = f"{self.pack.id}: the tiers on which are judged: {kinds}"
        yield Statement(self.tiers, "table", comment, query)


def any_of(truths: Iterable[exp.Expr]) -> exp.Expr:
    """Whether any level holds; missing if none does and one might."""
    found = [truth.copy() for truth in truths]
    return found[0] if len(found) == 1 else exp.paren(exp.or_(*found, copy=False), copy=False)


def population(
    plan: Plan, pack: PackPlan, predicates: Collection[Predicate], tiers: Iterable[str]
) -> exp.Select:
    """A query, without columns yet, over the facts of the pack's population, with the relations
    of `tiers` beside them, and statistics if the predicates read any."""
    beside = list(tiers)
    types = column_types(plan).keys() | {pack.tier_column}
    reads_statistics = any(_reads_statistics(one, types) for one in predicates)
    facts = _facts(plan, is_joined=bool(beside) or reads_statistics)
    query = exp.select(copy=False).from_(facts, copy=False)
    for relation in beside:
        query = query.join(values.table(relation), using=[values.column("account_no")], copy=False)
    if reads_statistics:
        query = query.join(values.table("statistics"), join_type="cross", copy=False)
    if pack.population is not None:
        query = query.where(values.column(pack.population), copy=False)
    return query


def _facts(plan: Plan, *, is_joined: bool) -> exp.Expr:
    """``facts``, or where they are the accounts as they are, those.

    The engine reads a view anew wherever it is named, which for many short rules takes longer
    than to judge them. Beside other relations it is the view all the same: the accounts may have
    columns that the plan does not know, and that must hide no others.
    """
    mapped = all(one.available for one in plan.accounts)
    if is_joined or not (mapped and is_accounts_alone(plan)):
        return values.table("facts")
    return exp.alias_(values.table("accounts"), "facts", table=True, quoted=True, copy=False)


def _reads_statistics(predicate: Predicate, types: Collection[str]) -> bool:
    is_ranked = any(isinstance(leaf, Ranked) for leaf in leaves(predicate))
    return is_ranked or any(name not in types for name in columns_of(predicate))
