"""Record tables → how the obligations of each account are met; see `ObligationStep`.

Whether an account is owed anything is the lifecycle's to say: these relations speak of every
account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from sqlglot import exp

from engine.facts.catalog import RECORD_ID
from engine.plan.sql import values
from engine.plan.sql.aggregates import record_types
from engine.plan.sql.decisions import evidence_json
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.statements import Statement, named, no_rows, union_all
from engine.plan.steps import ObligationStep, Plan

_Select = Callable[[Plan, ObligationStep], exp.Select]


def obligation_statements(plan: Plan) -> Iterator[Statement]:
    """``cadence_counts(pack, rule_id, account_no, done, done_before, last_on)``,
    ``timed_records(pack, rule_id, account_no, record, starts, stops, due)`` and
    ``team_coverage(pack, rule_id, role, account_no, people)``.
    """
    yield _relation(plan, ("cadence",), "cadence_counts", "table", _cadence, _CADENCE)
    yield _relation(plan, ("response", "deadline"), "timed_records", "view", _timed, _TIMED)
    yield _relation(plan, ("team",), "team_coverage", "table", _team, _TEAM)


_CADENCE = {
    "pack": "VARCHAR",
    "rule_id": "VARCHAR",
    "account_no": "INTEGER",
    "done": "INTEGER",
    "done_before": "INTEGER",
    "last_on": "DATE",
}
_TIMED = {
    "pack": "VARCHAR",
    "rule_id": "VARCHAR",
    "account_no": "INTEGER",
    "record": "VARCHAR",
    "starts": "TIMESTAMP",
    "stops": "TIMESTAMP",
    "due": "DATE",
}
_TEAM = {
    "pack": "VARCHAR",
    "rule_id": "VARCHAR",
    "role": "VARCHAR",
    "account_no": "INTEGER",
    "people": "INTEGER",
}
_COMMENTS = {
    "cadence_counts": "how often a regular duty was done in its period, and in the one before",
    "timed_records": "records that must be answered or done in time",
    "team_coverage": "how many people hold a role of a team",
}


def _relation(
    plan: Plan,
    kinds: tuple[str, ...],
    name: str,
    form: str,
    select: _Select,
    types: dict[str, str],
) -> Statement:
    queries: list[exp.Query] = []
    for pack in plan.packs:
        for step in pack.obligations:
            if step.kind in kinds and step.available:
                query = select(plan, step).select(
                    named(values.text(pack.id), "pack"),
                    named(values.text(step.rule_id), "rule_id"),
                    values.column("account_no"),
                    copy=False,
                )
                queries.append(query)
    kind: Literal["table", "view"] = "table" if form == "table" else "view"
    if not queries:
        return Statement(name, kind, _COMMENTS[name], no_rows(types))
    listed = exp.select(
        *(named(values.cast(values.column(key), kind), key) for key, kind in types.items()),
        copy=False,
    )
    inner = union_all(queries).subquery("every", copy=False)
    return Statement(name, kind, _COMMENTS[name], listed.from_(inner, copy=False))


def obligation_evidence(plan: Plan) -> Iterator[Statement]:
    """``obligation_evidence(pack, account_no, evidence)``: the values that the texts of actions
    name, for the accounts of which ``obligations`` ask for an action tonight.
    """
    queries = []
    for pack in plan.packs:
        asking = (
            exp.select(values.column("account_no"), copy=False)
            .from_(values.table("obligations"), copy=False)
            .where(
                values.column("asks"),
                exp.EQ(this=values.column("pack"), expression=values.text(pack.id)),
                copy=False,
            )
            .distinct(copy=False)
            .subquery("asking", copy=False)
        )
        evidence = evidence_json(plan, pack, pack.obligation_evidence)
        queries.append(
            exp.select(
                named(values.text(pack.id), "pack"),
                values.column("account_no"),
                named(evidence, "evidence"),
                copy=False,
            )
            .from_(values.table("facts"), copy=False)
            .join(asking, using=[values.column("account_no")], copy=False)
        )
    comment = "the values that actions of obligations name"
    yield Statement("obligation_evidence", "view", comment, union_all(queries))


def _cadence(plan: Plan, step: ObligationStep) -> exp.Select:
    assert step.span is not None
    day = values.column("record__day")
    start = values.literal(step.span.start)
    here = exp.Where(this=exp.GTE(this=day, expression=start))
    earlier = exp.Where(this=exp.LT(this=day.copy(), expression=start.copy()))
    count = exp.Count(this=exp.Star())
    since = exp.GTE(this=day.copy(), expression=values.literal(step.span.before))
    return (
        _records(plan, step, since)
        .select(
            named(exp.Filter(this=count, expression=here), "done"),
            named(exp.Filter(this=count.copy(), expression=earlier), "done_before"),
            named(exp.Max(this=day.copy()), "last_on"),
            copy=False,
        )
        .group_by(values.column("account_no"), copy=False)
    )


def _timed(plan: Plan, step: ObligationStep) -> exp.Select:
    assert step.stops is not None
    # The time of a record is there under this name alone.
    starts = step.starts or (step.time and "record__time") or step.due
    assert starts is not None
    begins = values.cast(values.column(starts), "TIMESTAMP")
    fallback = values.cast(values.column(starts), "VARCHAR")
    due = exp.Null() if step.due is None else values.column(step.due)
    return _records(plan, step).select(
        named(exp.Coalesce(this=values.column(RECORD_ID), expressions=[fallback]), "record"),
        named(begins, "starts"),
        named(values.cast(values.column(step.stops), "TIMESTAMP"), "stops"),
        named(values.cast(due, "DATE"), "due"),
        copy=False,
    )


def _team(plan: Plan, step: ObligationStep) -> exp.Select:
    as_of = values.literal(plan.as_of)
    ended = values.column("ended_on")
    current = exp.and_(
        exp.EQ(this=values.column("role"), expression=values.text(step.part)),
        exp.LTE(this=values.column("assigned_on"), expression=as_of),
        exp.or_(
            exp.Is(this=ended, expression=exp.Null()),
            exp.GT(this=ended.copy(), expression=as_of.copy()),
        ),
        copy=False,
    )
    people = exp.Count(this=exp.Distinct(expressions=[values.column("person")]))
    return (
        _records(plan, step, current)
        .select(named(values.text(step.part), "role"), named(people, "people"), copy=False)
        .group_by(values.column("account_no"), copy=False)
    )


def _records(plan: Plan, step: ObligationStep, *tests: exp.Expr) -> exp.Select:
    """The records of the step up to the as-of date, for which `where` and `tests` are true."""
    record = next(one for one in plan.records if one.name == step.record)
    terms = list(tests)
    if step.time is not None:
        day = values.column("record__day")
        terms.append(exp.LTE(this=day, expression=values.literal(plan.as_of)))
    if step.where is not None:
        terms.append(Predicates(record_types(record))(step.where))
    query = exp.select(copy=False).from_(values.table(f"records__{step.record}"), copy=False)
    return query.where(*terms, copy=False) if terms else query
