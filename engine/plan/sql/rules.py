"""Facts and tiers → what holds of each rule, hits and unknowns.

Before them stands the lifecycle, twice: it turns candidates into the tiers that stand after
the review, ``reviewed_tiers``, on which milestones are judged; and those, moved by the
milestones, into ``effective_tiers``, on which everything else is. Both have the columns
``pack, account_no, in_population, candidate, excluded, tier``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.plan.sql.hits import held_statements, hits_statement, seen_statement
from engine.plan.sql.judging import MILESTONES, RULES, Judged, Judgement
from engine.plan.sql.statements import Statement
from engine.plan.steps import Plan


def milestone_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack with milestones ``reviewed__<pack>`` and ``reached__<pack>``; then
    ``milestone_hits`` over all packs.

    ``milestone_hits(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON
    text. Reads ``facts``, ``statistics`` and ``reviewed_tiers``.
    """
    found = _judged(plan, MILESTONES)
    yield from _held(found)
    yield seen_statement("milestone_hits", found)


def rule_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack ``effective__<pack>`` and, if it has rules, ``held__<pack>``; then
    ``hits(pack, account_no, kind, rule_id, level)`` over all packs. Reads ``effective_tiers``."""
    found = _judged(plan, RULES)
    yield from _held(found)
    yield hits_statement("hits", found)


def seen_statements(plan: Plan) -> Iterator[Statement]:
    """``seen_hits``: the rows of ``hits`` with the columns of ``milestone_hits``."""
    yield seen_statement("seen_hits", _judged(plan, RULES))


def _judged(plan: Plan, judgement: Judgement) -> list[Judged]:
    return [Judged(plan, pack, judgement) for pack in plan.packs]


def _held(found: Iterable[Judged]) -> Iterator[Statement]:
    for judged in found:
        yield from judged.tier_statements()
        yield from held_statements(judged)
