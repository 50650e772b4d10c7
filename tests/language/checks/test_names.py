"""Names that nobody knows: one broken pack for each place where a name can stand."""

from __future__ import annotations

import pytest

from engine.errors import Location
from tests.language.checks.packs import GOOD, PACK, Broken, load, spoilt

NAMES = [
    Broken("unknown-measure", "{share: {gte: 8%}", "{§shar: {gte: 8%}", "did you mean 'share'?"),
    Broken(
        "unknown-measure",
        "complaints: {gte: 2}",
        "complaints: {gte: {measure: §complaint}}",
        "did you mean 'complaints'?",
    ),
    Broken(
        "unknown-measure",
        "purchase / purchase_prior - 1",
        "purchase / §purchase_before - 1",
        "did you mean 'purchase_prior'?",
    ),
    Broken("unknown-measure", "total(purchase)", "total(§purchas)", "did you mean 'purchase'?"),
    Broken(
        "unknown-measure",
        "measure: share, points",
        "measure: §sharee, points",
        "did you mean 'share'?",
    ),
    Broken(
        "unknown-measure",
        "measure: purchase\n",
        "measure: §purchased\n",
        "did you mean 'purchase'?",
    ),
    Broken("unknown-measure", "progress: growth", "progress: §grow", "did you mean 'growth'?"),
    Broken("unknown-measure", "已 {silence} 天", "已 §{silense} 天", "did you mean 'silence'?"),
    Broken("unknown-record", "count: issues", "§count: issuess", "did you mean 'issues'?"),
    Broken(
        "unknown-record",
        "{records: contacts, where: {kind: visit}}",
        "{records: §contact}",
        "did you mean 'contacts'?",
    ),
    Broken("unknown-record", "records: issues", "records: §isues", "did you mean 'issues'?"),
    Broken("unknown-column", "sum: orders.cost", "§sum: orders.costs", "did you mean 'cost'?"),
    Broken(
        "unknown-column",
        "where: {class: complaint}",
        "where: {§klass: complaint}",
        "did you mean 'class'?",
    ),
    Broken("unknown-column", "{years: {gte: 5}}", "{§year: {gte: 5}}", "did you mean 'years'?"),
    Broken("unknown-column", "to: replied_at", "to: §reply_at", "did you mean 'replied_at'?"),
    Broken(
        "unknown-column",
        "formula: amount - cost",
        "formula: amount - §costt",
        "did you mean 'cost'?",
    ),
    Broken("unknown-column", "time: opened_at", "time: §opened", "did you mean 'opened_at'?"),
    Broken(
        "unknown-parameter",
        "{gt: $silent_days}, tier",
        "{gt: §$silent_day}, tier",
        "did you mean 'silent_days'?",
    ),
    Broken(
        "unknown-parameter",
        "purchase_prior - 1",
        "purchase_prior - §$top_shar",
        "did you mean 'top_share'?",
    ),
    Broken("unknown-tier", "tiers: [strategic, core]", "tiers: [strategic, §cor]", "'core'"),
    Broken("unknown-tier", "from: potential", "from: §potental", "did you mean 'potential'?"),
    Broken("unknown-tier", "tier: {gte: core}", "tier: {gte: §corr}", "did you mean 'core'?"),
    Broken("unknown-action", "red: call}", "red: §cal}", "did you mean 'call'?"),
    Broken("unknown-action", "    action: call\nactions", "    action: §cal\nactions", "'call'"),
    Broken("unknown-role", "to: sponsor", "to: §sponser", "did you mean 'sponsor'?"),
    Broken("unknown-role", "owner: office\n  source", "owner: §offce\n  source", "'office'"),
    Broken("unknown-role", "roles: {manager:", "roles: {§manger:", "did you mean 'manager'?"),
    Broken("unknown-clause", "source: D1}\n  key", "source: [D1, §D9]}\n  key", "known are: D1"),
    Broken(
        "unknown-clause",
        "{D2: the",
        "{§D8: the",
        "known are: D1, D3",
        also=(("  D2: 定期拜访\n", ""),),
    ),
]


ENGLISH = '{name}: {warning}, {silence} days"'
STRAY = [
    Broken("stray-brace", ENGLISH, 'a §{{silence}} b"', "write {silence}"),
    Broken("stray-brace", ENGLISH, 'a §{{}} b"', "in one pair of braces"),
    Broken("stray-brace", ENGLISH, 'a §{silence b"', "write {silence}"),
    Broken("stray-brace", ENGLISH, 'a silence§} b"', "write {silence}"),
    Broken("stray-brace", ENGLISH, 'a §\uff5bsilence\uff5d b"', "write {silence}"),
    Broken("stray-brace", ENGLISH, 'a §{Silence} b"', "write {silence}"),
    Broken("stray-brace", ENGLISH, 'a §{value-score} b"', "write {value_score}"),
    Broken("stray-brace", ENGLISH, 'it\'s \\"a\\"\n      b §{x-y}"', "in one pair of braces"),
]
"""In the place of the English text; one that is folded and has quotes in it."""


@pytest.mark.parametrize("broken", STRAY, ids=lambda broken: broken.new)
def test_stray_brace_is_reported_where_it_stands(broken: Broken) -> None:
    broken.assert_found()


def test_stray_braces_of_both_languages_are_reported() -> None:
    found = spoilt(
        "{warning},已 {silence} 天", "{{warning}}", also=((ENGLISH, '{a}}"'),)
    ).problems()
    assert [(one.code, one.message) for one in found] == [
        ("stray-brace", "'{{warning}}' has two pairs of braces"),
        ("stray-brace", "'{a}}' has a brace too many"),
    ]


def test_name_is_a_placeholder_only_where_accounts_have_names() -> None:
    case = spoilt("    name: text\n", "")
    found = case.only()
    text = GOOD[: GOOD.index("{name}:{warning}")]
    place = Location(PACK, text.count("\n") + 1, len(text) - text.rfind("\n"))
    assert (found.code, found.location) == ("unknown-measure", place)
    assert found.message == "'name' is not a measure, a scorecard or an account column"


@pytest.mark.parametrize("broken", NAMES, ids=lambda broken: broken.new.strip())
def test_unknown_name_is_reported_where_it_stands(broken: Broken) -> None:
    broken.assert_found()


def test_unknown_name_without_a_near_one_lists_the_few_there_are() -> None:
    found = spoilt("owner: office\n  source", "owner: xyz\n  source").only()
    assert found.hint == "known are: office, sponsor"


def test_placeholder_that_is_built_in_is_known() -> None:
    case = spoilt("{warning}, {silence} days", "{warning} {milestone} {tier} {level} {account_id}")
    assert case.problems() == ()


def test_action_that_is_only_included_may_name_what_another_pack_measures() -> None:
    action = """
actions:
  other:
    title: {zh: 其他, en: Other}
    owner: stranger
    text: {zh: "{unheard_of}", en: "{unheard_of}"}
"""
    case = spoilt("    assignments:", "    assignments:", also=())
    assert case.problems() == ()
    shared = spoilt("roles:\n  office", action.lstrip() + "roles:\n  office")
    assert shared.problems() == ()


def test_tier_in_a_condition_of_a_tier_is_a_circle() -> None:
    case = spoilt("lines: {gte: 3}}", "§tier: core}")
    found = case.only()
    assert (found.code, found.location) == ("cyclic-formula", case.place)


def test_good_pack_knows_all_of_its_names() -> None:
    assert load().id == "rules"
