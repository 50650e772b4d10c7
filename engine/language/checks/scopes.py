"""A policy, seen from what its measures and warnings are about: accounts, portfolio, managers.

A scope beyond the account is a policy of its own, with the accounts as its records. So
whatever checks, plans or evaluates a policy about accounts does so for a scope too, without
knowing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.language.checks.facts import TIER, Fact, account_facts, tier_ids
from engine.language.checks.once import once
from engine.model import (
    SCOPES,
    Column,
    Measure,
    Policy,
    RecordType,
    Scope,
    Title,
    Vocabulary,
    WarningRule,
)

ACCOUNTS = "accounts"
"""The record table of a scope: one record per account, with what is known of it."""


def scopes_in(policy: Policy) -> tuple[Scope, ...]:
    """The scopes beyond the account that a measure or a warning names."""
    named = {one.scope for one in policy.measures.values()}
    named |= {one.scope for one in policy.warnings.values()}
    return tuple(scope for scope in SCOPES if scope in named)


@once
def policy_views(policy: Policy) -> tuple[tuple[Scope, Policy], ...]:
    """What the policy says about accounts, then about each other scope that it names."""
    beyond = tuple((scope, scope_policy(policy, scope)) for scope in scopes_in(policy))
    return (("account", account_policy(policy)), *beyond)


@once
def account_policy(policy: Policy) -> Policy:
    """The policy without the measures and warnings of other scopes."""
    if not scopes_in(policy):
        return policy
    return replace(
        policy, measures=_measures(policy, "account"), warnings=_warnings(policy, "account")
    )


@once
def scope_policy(policy: Policy, scope: Scope) -> Policy:
    """The policy of a scope: its measures and warnings, over one record per account.

    Where the policy decides about accounts, this one decides about the entities of the
    scope, of which only the name is known; as a policy of its own it names no scope.
    """
    name = Column("name", "text", None, (), None, "internal", None, policy.location)
    return replace(
        policy,
        vocabulary=Vocabulary({"name": name}, {ACCOUNTS: _accounts(policy)}),
        measures=_measures(policy, scope),
        warnings=_warnings(policy, scope),
        scorecards={},
        tiers=None,
        entitlements={},
        milestones={},
    )


def _measures(policy: Policy, scope: Scope) -> dict[str, Measure]:
    return {
        key: one if scope == "account" else replace(one, scope="account")
        for key, one in policy.measures.items()
        if one.scope == scope
    }


def _warnings(policy: Policy, scope: Scope) -> dict[str, WarningRule]:
    return {
        key: one if scope == "account" else replace(one, scope="account")
        for key, one in policy.warnings.items()
        if one.scope == scope
    }


def _accounts(policy: Policy) -> RecordType:
    """Account columns as they are; measures, scorecards and the tier as columns."""
    about = account_policy(policy)
    titles = _titles(about)
    columns: dict[str, Column] = {}
    for name, fact in account_facts(about).items():
        known = about.vocabulary.accounts.get(name)
        columns[name] = known if known is not None else _column(fact, titles.get(name))
    if about.tiers is not None:
        tier = Fact(TIER, "ordinal", about.tiers.location, tier_ids(about)[::-1])
        columns[TIER] = _column(tier, None)
    return RecordType(ACCOUNTS, None, None, columns, policy.location)


def _titles(policy: Policy) -> Mapping[str, Title | None]:
    titles: dict[str, Title | None] = {key: one.title for key, one in policy.measures.items()}
    return titles | {key: one.title for key, one in policy.scorecards.items()}


def _column(fact: Fact, title: Title | None) -> Column:
    known = None if fact.low is None or fact.high is None else (fact.low, fact.high)
    return Column(fact.name, fact.type, title, fact.values, known, "internal", None, fact.location)
