"""Facts and tiers → the rules that hold, with the values seen.

Every rule is one scan of the columns that it reads, as whoever writes such a query by hand finds
to be the fastest: next to nothing of it holds, so that a scan writes little and most of its
tests are never made. A rule that holds is a pair of an account and a number; its names are put
beside it where somebody reads them. The values that it saw stand in a relation of their own, as
naming them takes a line of SQL for every rule, to be read with each question of what holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from engine.plan.sql import values
from engine.plan.sql.decisions import evidence_json
from engine.plan.sql.judging import Judged, any_of, population
from engine.plan.sql.statements import Statement, named, no_rows, union_all

_NAMES = ("outcome", "kind", "rule_id", "level")

_COLUMNS = {
    "pack": "VARCHAR",
    "account_no": "INTEGER",
    "kind": "VARCHAR",
    "rule_id": "VARCHAR",
    "level": "VARCHAR",
}
_EVIDENCE = {"evidence": "VARCHAR"}


def held_statements(judged: Judged) -> Iterator[Statement]:
    """``held__<pack>(account_no, outcome)``, outcomes by number; none without a rule."""
    if not judged.rules:
        return
    queries: list[exp.Query] = []
    for rule in judged.rules:
        truths, numbers = judged.truths(rule), judged.numbers(rule)
        outcome = numbers[0]
        if len(numbers) > 1:
            outcome = exp.Case()
            for truth, number in zip(truths, numbers, strict=True):
                outcome = outcome.when(truth, number, copy=False)
        tiers = [judged.tiers] if judged.reads_tier(rule) else []
        predicates = [predicate for _, predicate in rule.levels]
        queries.append(
            population(judged.plan, judged.pack, predicates, tiers)
            .select(
                values.column("account_no"),
                named(outcome, "outcome"),
                copy=False,
            )
            .where(any_of(truths), copy=False)
        )
    kinds = ", ".join(judged.judgement.kinds)
    comment = f"{judged.pack.id}: what holds of: {kinds}; of each its worst level, by number"
    yield Statement(judged.held, "table", comment, union_all(queries))


def hits_statement(name: str, found: Sequence[Judged]) -> Statement:
    """``name(pack, account_no, kind, rule_id, level)``."""
    queries = [_hits(judged) for judged in found if judged.rules]
    comment = "rules that hold"
    return Statement(name, "view", comment, union_all(queries or [no_rows(_COLUMNS)]))


def seen_statement(name: str, found: Sequence[Judged]) -> Statement:
    """``name(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON text."""
    queries = [_seen(judged) for judged in found if judged.rules]
    comment = "rules that hold, with the values seen"
    nothing = no_rows(_COLUMNS | _EVIDENCE)
    return Statement(name, "view", comment, union_all(queries or [nothing]))


def _hits(judged: Judged) -> exp.Select:
    return (
        exp.select(
            named(values.text(judged.pack.id), "pack"),
            values.column("account_no", "held"),
            *(values.column(one, "outcomes") for one in _NAMES[1:]),
            copy=False,
        )
        .from_(
            exp.alias_(values.table(judged.held), "held", table=True, quoted=True, copy=False),
            copy=False,
        )
        .join(_names(judged), using=[values.column("outcome")], copy=False)
    )


def _seen(judged: Judged) -> exp.Query:
    tier: exp.Expr = values.cast(exp.Null(), "VARCHAR")
    if judged.has_tiers:
        tier = values.column(judged.pack.tier_column, judged.tiers)
    query = _hits(judged).select(named(_evidence(judged, tier), "evidence"), copy=False)
    for relation in ("facts", *([judged.tiers] if judged.has_tiers else [])):
        same = exp.EQ(
            this=values.column("account_no", relation),
            expression=values.column("account_no", "held"),
        )
        query = query.join(values.table(relation), on=same, copy=False)
    return query


def _names(judged: Judged) -> exp.Values:
    """The names behind the numbers."""
    rows = [
        exp.Tuple(
            expressions=[
                values.decimal(one.number),
                *(values.text(text) for text in (one.rule.kind, one.rule.id, one.level)),
            ]
        )
        for one in judged.outcomes
    ]
    columns = [exp.to_identifier(one, quoted=True) for one in _NAMES]
    alias = exp.TableAlias(this=exp.to_identifier("outcomes", quoted=True), columns=columns)
    return exp.Values(expressions=rows, alias=alias)


def _evidence(judged: Judged, tier: exp.Expr) -> exp.Expr:
    """The values that the rule of a hit saw."""
    evidence = exp.Case()
    for rule in judged.rules:
        holds = exp.In(
            this=values.column("outcome", "held"), expressions=list(judged.numbers(rule))
        )
        seen = evidence_json(judged.plan, judged.pack, rule.evidence, tier.copy())
        evidence = evidence.when(holds, seen, copy=False)
    return evidence
