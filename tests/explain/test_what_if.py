"""`kam explain --set`: the same rules over other facts, and the others as they stood."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.errors import KamError
from tests.explain.asking import flipped, kept, supposing
from tests.night.book import NIGHT, Book


@pytest.mark.parametrize(
    ("purchase", "expected"),
    [("999999.99", "silver"), ("1000000", "gold"), ("100.000001万", "gold"), ("100万", "gold")],
)
def test_threshold_is_met_at_itself_and_not_a_cent_below(
    decided: Book, purchase: str, expected: str
) -> None:
    found = supposing(decided, "a1", f"purchase={purchase}")
    assert found.before.candidate == "gold"
    assert found.after.candidate == expected


def test_cutoff_of_the_night_ranks_the_supposed_value(decided: Book) -> None:
    """The cut-off of `top: 50%` is that of a2, 85万, whatever a3 is supposed to have bought."""
    candidates = {
        purchase: supposing(decided, "a3", f"purchase={purchase}").after.candidate
        for purchase in ("849999.99", "850000.00", "850000.01")
    }
    # At the cut-off itself the account's number decides: a3 comes after a2.
    assert candidates == {"849999.99": "plain", "850000.00": "plain", "850000.01": "silver"}


def test_formulas_follow_with_the_totals_of_the_night(decided: Book) -> None:
    total = kept(decided).statistics["total__purchase"]
    assert isinstance(total, float)
    found = supposing(decided, "a1", "purchase=100万")
    assert found.given[0].before.value == Decimal("1100000.00")
    column = found.given[0].after.column
    assert (column, found.given[0].is_computed) == ("purchase", False)
    assert flipped(found) == []


def test_formula_may_be_set_and_stands_fixed(decided: Book) -> None:
    (given,) = supposing(decided, "a1", "share=12.5%").given
    assert given.is_computed
    assert given.after.value == 0.125


def test_several_facts_are_supposed_together(decided: Book) -> None:
    found = supposing(decided, "a2", "rating=B", "purchase=100万")
    assert (found.before.candidate, found.after.candidate) == ("silver", "gold")
    assert supposing(decided, "a2", "rating=B").after.candidate == "silver"


def test_rule_that_would_fire_is_told(decided: Book) -> None:
    (rule,) = supposing(decided, "a2", "complaints_90d=4").rules
    assert (rule.kind, rule.id, rule.before, rule.after) == ("warning", "complaints", None, "red")


def test_account_that_would_leave_the_population_has_no_tier_at_once(decided: Book) -> None:
    found = supposing(decided, "a1", "status=closed")
    assert (found.after.in_population, found.after.tier, found.tier_moves_at_once) == (
        False,
        None,
        True,
    )


def test_account_outside_the_population_would_be_placed(decided: Book) -> None:
    found = supposing(decided, "a4", "status=active")
    assert (found.before.in_population, found.after.in_population) == (False, True)
    assert found.after.tier == found.after.candidate == "plain"


def test_empty_value_is_a_missing_one(decided: Book) -> None:
    found = supposing(decided, "a1", "rating=")
    assert found.after.candidate == "silver"
    assert flipped(found) == [("rating", True, None)]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("purchse=1", "unknown-fact: .*did you mean 'purchase'"),
        ("tier=gold", "unknown-fact: .*overrides.yaml"),
        ("purchase", "unclear-setting: .*--set fact=value"),
        ("=5", "unclear-setting"),
        ("purchase=20%", "unit-mismatch: 'purchase' is money, '20%' is a percentage"),
        ("purchase=much", "type-mismatch: 'purchase' is money"),
        ("purchase=1,000", "unclear-quantity: .*write 1000"),
        ("rating=D", "unknown-value: 'D' is not a value of 'rating'"),
        ("status=activ", "unknown-value: .*did you mean 'active'"),
        ("complaints_90d=1.5", "type-mismatch: .*whole number"),
        ("complaints_90d=-1", "outside-range: .*at least 0"),
        ("share=20", "unit-mismatch: .*write 20%"),
    ],
)
def test_setting_that_cannot_be_is_refused_with_the_reason(
    decided: Book, setting: str, message: str
) -> None:
    with pytest.raises(KamError, match=message):
        supposing(decided, "a1", setting)


def test_every_unknown_name_is_told_at_once(decided: Book) -> None:
    with pytest.raises(KamError) as caught:
        supposing(decided, "a1", "purchse=1", "ratng=A")
    assert [one.code for one in caught.value.problems] == ["unknown-fact", "unknown-fact"]


@pytest.mark.slow
def test_account_in_quarantine_cannot_be_supposed_anything_of(begun: Book) -> None:
    begun.replace("data/accounts.csv", "a3,泰山水泥,active,B", "a3,泰山水泥,active,ZZZ")
    begun.run(NIGHT + timedelta(days=1))
    with pytest.raises(KamError, match="account-set-aside"):
        supposing(begun, "a3", "purchase=1")
