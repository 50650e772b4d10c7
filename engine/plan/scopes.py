"""What lies beyond the account, as a plan over a plan.

A scope (the portfolio, each customer manager) is a policy of its own, whose entities are
its accounts and whose one record table ``accounts`` has a row per account: every account
column, measure and scorecard, and the effective tier. So it is planned and evaluated by
what plans and evaluates accounts, once these have been decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from engine.language.checks.scopes import ACCOUNTS, account_policy, scope_policy, scopes_in
from engine.language.checks.silence import missing_facts
from engine.language.tracing import is_own
from engine.model import Policy, RecordType, Vocabulary
from engine.plan.steps import FactColumn, Plan, ScopePlan

ENTITY_ROLE = "customer_manager"
"""The role in assignments whose holders are the entities of the scope of this name."""
PORTFOLIO = "portfolio"
"""The scope of one entity, which has this id and name."""


def scope_plans(
    policies: Sequence[Policy],
    mapped: Vocabulary,
    build: Callable[[Policy, Vocabulary], Plan],
) -> tuple[ScopePlan, ...]:
    """One plan per policy and scope in which it measures or warns; `build` makes each.

    A column of ``accounts`` that no account can have, given what the workspace maps, is
    not mapped either: measures over it are missing, where a sum would be zero.
    """
    return tuple(
        ScopePlan(scope, policy.id, build(inner, _mapped(policy, inner, mapped)))
        for policy in policies
        for scope in scopes_in(policy)
        if _says_anything(inner := scope_policy(policy, scope))
    )


def _says_anything(policy: Policy) -> bool:
    """Measures that the pack includes and does not use are no reason to measure."""
    own = (one for one in policy.measures.values() if is_own(policy, one.location))
    return bool(policy.warnings) or any(own)


def _mapped(policy: Policy, inner: Policy, mapped: Vocabulary) -> Vocabulary:
    missing = missing_facts(account_policy(policy), mapped)
    table = inner.vocabulary.records[ACCOUNTS]
    columns = {name: column for name, column in table.columns.items() if name not in missing}
    known = RecordType(table.name, table.title, table.time, columns, table.location)
    return Vocabulary(inner.vocabulary.accounts, {ACCOUNTS: known})


def columns_read(plan: Plan) -> tuple[FactColumn, ...]:
    """The columns of ``accounts`` that the plan of a scope reads, and that can have values."""
    return tuple(
        column
        for record in plan.records
        if record.name == ACCOUNTS
        for column in record.columns
        if column.available
    )


def names_read(scopes: Iterable[ScopePlan], pack: str) -> Iterator[str]:
    """The facts of accounts that the scopes of a pack read, by the pack's own names."""
    for one in scopes:
        if one.pack_id == pack:
            yield from (column.name for column in columns_read(one.plan))
