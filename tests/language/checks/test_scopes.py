"""Measures and warnings beyond the account, and what must not be mixed with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.language.checks.pack import check_pack
from engine.language.checks.scopes import account_policy, scope_policy, scopes_in
from engine.language.checks.workspace import check_workspace
from engine.model import Policy, Vocabulary
from tests.language.checks.packs import GOOD, PACK, Broken, Spoilt, load

SCOPED = GOOD.replace(
    "scorecards:\n",
    """\
  largest: {scope: portfolio, type: ratio, max: accounts.share}
  top_two:
    {scope: portfolio, type: ratio, sum: accounts.share, where: {purchase: {gte: $key_amount}}}
  core_share: {scope: portfolio, type: ratio, formula: largest / top_two}
  held: {scope: customer_manager, type: integer, count: accounts, where: {tier: {gte: core}}}
  satisfied: {scope: customer_manager, type: score, avg: accounts.satisfaction}
  mean_value: {scope: customer_manager, type: score, avg: accounts.value_score}
  standing: {scope: customer_manager, type: integer, formula: rank(satisfied)}
scorecards:
""",
).replace(
    "  unhappy:\n",
    """\
  concentrated:
    scope: portfolio
    title: {zh: 集中, en: Concentrated}
    levels: {red: {when: {largest: {gt: 40%}, core_share: {gt: 10%}}}}
    action: spread
  crowded:
    scope: customer_manager
    title: {zh: 过多, en: Crowded}
    levels: {yellow: {when: {held: {gt: 8}}}}
  unhappy:
""",
).replace(
    "actions:\n",
    """\
actions:
  spread:
    title: {zh: 分散, en: Spread}
    owner: office
    text: {zh: "{name}:{largest}", en: "{name}: {largest}"}
""",
)  # fmt: skip


def mapped(policy: Policy) -> Vocabulary:
    """A workspace that maps all of the vocabulary."""
    records = {
        name: replace(
            record,
            columns={key: one for key, one in record.columns.items() if one.formula is None},
        )
        for name, record in policy.vocabulary.records.items()
    }
    return Vocabulary(dict(policy.vocabulary.accounts), records)


def spoilt(old: str, new: str) -> Spoilt:
    assert SCOPED.count(old) == 1, f"{old!r} must stand in the pack once"
    head, mark, tail = SCOPED.replace(old, new).partition("§")
    assert mark
    column = len(head) - head.rfind("\n")
    policy = load(head + tail)
    place = replace(policy.location, file=PACK, line=head.count("\n") + 1, column=column)
    return Spoilt(policy, place)


MIXED = [
    Broken(
        "scope-mismatch",
        "{largest: {gt: 40%}, core",
        "{§share: {gt: 40%}, core",
        "aggregate it: max: accounts.share",
    ),
    Broken(
        "scope-mismatch",
        "{largest: {gt: 40%}, core",
        "{largest: {gt: {measure: §growth}}, core",
        "aggregate it: max: accounts.growth",
    ),
    Broken(
        "scope-mismatch",
        "{largest: {gt: 40%}, core",
        "{§tier: core, core",
        "aggregate it: count: accounts, where: {tier: …}",
    ),
    Broken(
        "scope-mismatch",
        "{largest: {gt: 40%}, core",
        "{§held: {gt: 40}, core",
        "name a measure of the same scope",
    ),
    Broken(
        "scope-mismatch",
        "formula: largest / top_two",
        "formula: §share / top_two",
        "aggregate it: max: accounts.share",
    ),
    Broken(
        "scope-mismatch",
        "formula: purchase / purchase_prior - 1",
        "formula: purchase / purchase_prior - §largest",
        "only what has 'scope: portfolio' can name it",
    ),
    Broken(
        "scope-mismatch",
        "{silence: {gt: $silent_days}, tier",
        "{§held: {gt: 3}, tier",
        "only what has 'scope: customer_manager' can name it",
    ),
    Broken(
        "scope-mismatch",
        'en: "{name}: {largest}"',
        'en: "{name}: §{growth}"',
        "aggregate it: max: accounts.growth",
    ),
    Broken(
        "scope-mismatch",
        "largest: {scope: portfolio, type: ratio, max",
        "largest: {type: ratio, §max",
        "say of what it is: scope: portfolio",
    ),
    Broken(
        "scope-mismatch",
        "count: accounts, where: {tier: {gte: core}}",
        "§count: orders",
        "then aggregate that: sum: accounts.…",
    ),
    Broken("unknown-column", "max: accounts.share", "§max: accounts.shar", "did you mean 'share'?"),
    Broken(
        "unknown-column",
        "where: {purchase: {gte: $key_amount}}",
        "where: {§purchased: {gte: $key_amount}}",
        "did you mean 'purchase'?",
    ),
    Broken(
        "unknown-tier",
        "where: {tier: {gte: core}}",
        "where: {tier: {gte: §cor}}",
        "did you mean 'core'?",
    ),
    Broken(
        "record-without-time",
        "avg: accounts.satisfaction",
        "§latest: accounts.satisfaction",
        "look back in the measure of the account",
    ),
    Broken(
        "record-without-time",
        "avg: accounts.satisfaction",
        "§avg: accounts.satisfaction, window: 90 days",
        "look back in the measure of the account",
    ),
    Broken(
        "record-without-time",
        "avg: accounts.satisfaction",
        "§avg: accounts.satisfaction, ending: 90 days ago",
        "look back in the measure of the account",
    ),
    Broken("unit-mismatch", "{gt: 8}", "{gt: §20%}", "whole number"),
    Broken("type-mismatch", "max: accounts.share", "§max: accounts.status", "latest"),
]  # fmt: skip


def test_a_good_pack_may_look_beyond_the_account() -> None:
    policy = load(SCOPED)
    assert [str(problem) for problem in check_pack(policy)] == []
    assert check_workspace([policy], mapped(policy)) == ()
    assert scopes_in(policy) == ("portfolio", "customer_manager")


@pytest.mark.parametrize("broken", MIXED, ids=lambda one: f"{one.code}: {one.new[:40]}")
def test_what_is_mixed_is_said_once_where_it_stands(broken: Broken) -> None:
    case = spoilt(broken.old, broken.new)
    places = {problem.location for problem in case.problems()}
    first = next(problem for problem in case.problems() if problem.location == case.place)
    assert first.code == broken.code, [str(problem) for problem in case.problems()]
    assert broken.hint in (first.hint or ""), str(first)
    assert len(case.problems()) == len(places)


def test_a_portfolio_warning_about_an_account_says_how_to_aggregate_it() -> None:
    found = spoilt("{largest: {gt: 40%}, core", "{§share: {gt: 40%}, core").only()
    assert found.message == (
        "'share' is known of each account, and level red of warning 'concentrated' is about "
        "the portfolio"
    )


def test_a_record_table_cannot_be_called_accounts() -> None:
    common = "vocabulary: {records: {accounts: {columns: {amount: money}}}}\n"
    found = [one for one in check_pack(load(SCOPED + common)) if one.code == "reserved-id"]
    assert [one.message for one in found] == [
        "'accounts' has a meaning of its own and cannot name a record table"
    ]


def test_a_scope_cannot_give_a_measure_an_id_that_is_taken() -> None:
    case = SCOPED.replace("  held: {scope", "  name: {scope")
    assert "duplicate-id" in {problem.code for problem in check_pack(load(case))}


def test_a_scope_sees_columns_measures_scores_and_the_tier_of_accounts() -> None:
    policy = load(SCOPED)
    columns = scope_policy(policy, "portfolio").vocabulary.records["accounts"].columns
    assert columns["credit_rating"].values == ("C", "B", "A")
    assert columns["purchase"].type == "money"
    assert columns["value_score"].range == (0, 100)
    assert columns["tier"].values == ("standard", "potential", "core", "strategic")
    assert not {"largest", "held"} & set(columns)


def test_a_pack_without_scopes_is_its_own_view() -> None:
    policy = load()
    assert account_policy(policy) is policy
    assert scopes_in(policy) == ()


def test_what_no_account_can_have_silences_the_scope_as_well() -> None:
    policy = load(SCOPED)
    everything = mapped(policy)
    records = {name: one for name, one in everything.records.items() if name != "orders"}
    found = check_workspace([policy], Vocabulary(everything.accounts, records))
    (lost,) = [problem for problem in found if problem.message.startswith("orders is not mapped")]
    assert "core_share, cost, growth, largest" in lost.message
    assert "warning 'concentrated'" in lost.message
    assert "crowded" not in lost.message


def test_without_assignments_nobody_is_a_customer_manager() -> None:
    policy = load(SCOPED)
    everything = mapped(policy)
    records = {name: one for name, one in everything.records.items() if name != "assignments"}
    (lost,) = check_workspace([policy], Vocabulary(everything.accounts, records))
    assert lost.message == (
        "assignments is not mapped; so these stay missing: held, mean_value, satisfied, standing; "
        "so these can never fire: warning 'crowded'"
    )
