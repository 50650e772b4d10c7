"""`kam explain --since`: what changed between two nights, and whether the why is the truth."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.errors import KamError
from tests.explain.asking import PACK, flipped, item, moves, reasons, since
from tests.night.book import FIRST, NIGHT, Book

NEXT = NIGHT + timedelta(days=1)
GOLD_TO_SILVER = {
    "candidate": ("gold", "silver"),
    "computed": ("gold", "silver"),
    "tier": ("gold", "silver"),
}


def sufficient(book: Book, run: str, account: str = "a1") -> tuple[tuple[str, ...], ...]:
    causes = since(book, account, run).tier_causes
    assert causes is not None
    return causes.sufficient


def lose_rating(book: Book) -> None:
    book.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,active,C")


@pytest.mark.slow
def test_facts_that_alone_move_a_tier_are_named(begun: Book) -> None:
    lose_rating(begun)
    begun.run(NEXT)
    found = since(begun, "a1", FIRST)
    assert moves(found) == GOLD_TO_SILVER
    assert found.tier_causes is not None
    assert found.tier_causes.sufficient == (("facts",),)
    assert found.tier_causes.alone["time"] == "gold"
    assert flipped(found) == [("rating", True, False)]
    (fact,) = found.facts
    assert (fact.before.value, fact.after.value) == ("A", "C")
    assert found.policy == ()


@pytest.mark.slow
def test_policy_that_alone_moves_a_tier_is_named_with_both_lines(begun: Book) -> None:
    begun.replace(PACK, "{value: 100万", "{value: 200万")
    begun.run(NEXT)
    found = since(begun, "a1", FIRST)
    assert moves(found) == GOLD_TO_SILVER
    assert found.tier_causes is not None
    assert found.tier_causes.sufficient == (("policy",),)
    (test,) = [one for one in found.tests if one.is_rewritten]
    assert test.before is not None
    assert test.after is not None
    assert (test.before.written, test.after.written) == ("$big = 100万", "$big = 200万")
    (change,) = found.policy
    assert (change.kind, change.id, change.then, change.now) == (
        "parameter",
        "big",
        "100万",
        "200万",
    )
    assert change.location_now is not None
    assert change.location_now.file == PACK
    assert not change.by_date


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bought", "threshold", "expected"),
    [
        ("120000.00", "105万", (("facts", "policy"),)),  # 102万: below the new line alone
        ("150000.00", "105万", None),  # 105万: the line itself still holds
        ("90000.00", "105万", (("facts",),)),  # 99万: below the old line too
        ("120000.00", "111万", (("policy",),)),  # the old 110万 is below the new line too
        ("90000.00", "111万", (("facts",), ("policy",))),
    ],
)
def test_facts_and_policy_are_told_apart(
    begun: Book, bought: str, threshold: str, expected: tuple[tuple[str, ...], ...] | None
) -> None:
    begun.replace("data/orders.csv", "a1,2026-01-01,200000.00", f"a1,2026-01-01,{bought}")
    begun.replace(PACK, "{value: 100万", f"{{value: {threshold}")
    begun.run()
    found = since(begun, "a1", FIRST)
    if expected is None:
        assert (found.tiers, found.tier_causes) == ((), None)
        assert [one.id for one in found.policy] == ["big"]
    else:
        assert moves(found) == GOLD_TO_SILVER
        assert found.tier_causes is not None
        assert found.tier_causes.sufficient == expected


def test_parameter_that_changes_with_the_date_is_the_date(book: Book) -> None:
    values = f"{{values: {{2020-01-01: 100万, {NEXT}: 200万}}"
    book.replace(PACK, "{value: 100万", values)
    first = book.run()
    book.run(NEXT)
    found = since(book, "a1", first.run_id)
    assert found.tier_causes is not None
    assert found.tier_causes.sufficient == (("time",),)
    (change,) = found.policy
    assert (change.id, change.then, change.now, change.by_date) == ("big", "100万", "200万", True)


@pytest.mark.slow
def test_cutoff_that_was_never_kept_is_computed_over_everybody(begun: Book) -> None:
    """`top: 20%` of 3 accounts admits 1; nothing of it was kept under `top: 50%`."""
    assert begun.tiers(FIRST)["a2"] == "silver"
    begun.replace(PACK, "top: 50%", "top: 20%")
    begun.append("data/orders.csv", "a2,2026-06-30,1.00\n")
    begun.run(NEXT)
    assert sufficient(begun, FIRST, "a2") == (("policy",),)


def test_population_that_changes_moves_an_account_that_did_not(begun: Book) -> None:
    begun.append("data/orders.csv", "a3,2026-06-01,860000.00\n")
    begun.run(NEXT)
    found = since(begun, "a2", FIRST)
    assert moves(found)["tier"] == ("silver", "plain")
    assert found.tier_causes is not None
    assert found.tier_causes.sufficient == (("facts",),)
    assert found.facts == ()  # its own values are the same: the cut-off moved
    (test,) = [one for one in found.tests if one.is_flipped and one.kind == "tier"]
    assert test.before is not None
    assert test.after is not None
    assert test.before.standing != test.after.standing


@pytest.mark.slow
def test_measure_that_is_defined_otherwise_cannot_be_told_apart(begun: Book) -> None:
    begun.replace(
        PACK, "sum: orders.amount, window: 365 days", "sum: orders.amount, window: 30 days"
    )
    begun.run(NEXT)
    found = since(begun, "a1", FIRST)
    assert found.tier_causes is not None
    assert found.tier_causes.undetermined == ("purchase",)
    assert ("policy",) not in found.tier_causes.sufficient
    assert [(one.kind, one.id) for one in found.policy] == [("measure", "purchase")]


# --- time --------------------------------------------------------------------------------


def reviewed(book: Book) -> None:
    book.replace(
        PACK,
        "  population: {status: active}\n",
        "  population: {status: active}\n  review: {every: month}\n"
        "  demotion: {after: 2 reviews, steps: 1}\n",
    )


def test_grace_keeps_the_tier_and_says_for_how_long(book: Book) -> None:
    reviewed(book)
    first = book.run()
    lose_rating(book)
    book.run(date(2026, 7, 1))
    found = since(book, "a1", first.run_id)
    assert moves(found) == {"candidate": ("gold", "silver")}
    assert reasons(found) == {
        "grace": {"count": 1, "of": 2},
        "next_review": {"on": date(2026, 8, 1)},
    }


@pytest.mark.slow
def test_review_that_ends_the_grace_is_time_and_not_facts(book: Book) -> None:
    reviewed(book)
    book.run()
    lose_rating(book)
    second = book.run(date(2026, 7, 1))
    book.run(date(2026, 8, 1))
    found = since(book, "a1", second.run_id)
    assert moves(found) == {"computed": ("gold", "silver"), "tier": ("gold", "silver")}
    assert found.tier_causes is None
    assert reasons(found) == {
        "review": {"on": date(2026, 8, 1), "before": "gold", "after": "silver"},
        "reviewed": {"on": date(2026, 8, 1), "count": 1},
    }


@pytest.mark.slow
def test_warning_that_has_waited_long_enough_fires_by_time(book: Book) -> None:
    book.replace(PACK, "    layer: data\n", "    layer: data\n    for: 2 nights\n")
    first = book.run()
    book.run(NIGHT + timedelta(days=1))
    assert item_of_warning(book, first.run_id) is None
    book.run(NIGHT + timedelta(days=2))
    found = item(since(book, "a1", first.run_id), "warning")
    assert (found.before, found.after) == ("pending yellow", "firing yellow")
    assert found.causes is None
    assert [(one.word, dict(one.about)) for one in found.reasons] == [
        ("held", {"since": NIGHT, "days": 2})
    ]


def item_of_warning(book: Book, run: str) -> object:
    return next((one for one in since(book, "a1", run).items if one.kind == "warning"), None)


@pytest.mark.slow
def test_warning_that_fires_on_new_facts_says_so(begun: Book) -> None:
    begun.append("data/complaints.csv", "a1,2026-06-03\na1,2026-06-04\n")
    begun.run(NEXT)
    found = item(since(begun, "a1", FIRST), "warning")
    assert (found.before, found.after) == ("firing yellow", "firing red")
    assert found.causes is not None
    assert found.causes.sufficient == (("facts",),)


@pytest.mark.slow
def test_entitlement_that_goes_with_the_tier_says_so(begun: Book) -> None:
    lose_rating(begun)
    begun.run(NEXT)
    found = item(since(begun, "a1", FIRST), "entitlement")
    assert (found.id, found.before, found.after) == ("hotline", "owed", None)
    assert found.causes is not None
    assert found.causes.sufficient == (("tier",),)


# --- people ------------------------------------------------------------------------------


def override(book: Book, until: date) -> None:
    if not (book.root / "overrides.yaml").exists():
        book.append("kam.yaml", "overrides: overrides.yaml\n")
    book.write(
        "overrides.yaml",
        "overrides:\n  - {account: a3, tier: gold, reason: 战略合作, approver: 王建国, "
        f"from: {NEXT}, until: {until}}}\n",
    )


@pytest.mark.slow
def test_override_that_applies_is_named_with_its_line(begun: Book) -> None:
    override(begun, NEXT)
    begun.run(NEXT)
    found = since(begun, "a3", FIRST)
    assert moves(found) == {"tier": ("plain", "gold")}
    assert found.tier_causes is None
    (reason,) = found.tier_reasons
    assert (reason.word, reason.approver, reason.note) == ("override_applied", "王建国", "战略合作")
    assert reason.location is not None
    assert (reason.location.file, reason.location.line) == ("overrides.yaml", 2)


@pytest.mark.slow
def test_override_that_expires_is_named_with_its_last_day(begun: Book) -> None:
    override(begun, NEXT)
    second = begun.run(NEXT)
    begun.run(NEXT + timedelta(days=1))
    found = since(begun, "a3", second.run_id)
    assert moves(found) == {"tier": ("gold", "plain")}
    assert reasons(found) == {"override_expired": {"until": NEXT}}


# --- what cannot be asked ----------------------------------------------------------------


@pytest.mark.slow
def test_date_stands_for_the_last_run_of_that_day(begun: Book) -> None:
    lose_rating(begun)
    again = begun.run()
    begun.run(NEXT)
    assert since(begun, "a1", NIGHT.isoformat()).before.run == again.run_id


@pytest.mark.slow
def test_nights_that_decide_the_same_are_empty(begun: Book) -> None:
    begun.run(NEXT)
    found = since(begun, "a1", FIRST)
    assert found.is_empty
    assert found.tests == ()


@pytest.mark.slow
def test_account_that_is_new_was_not_known_before(begun: Book) -> None:
    begun.append("data/accounts.csv", "a5,新客户,active,A\n")
    begun.run(NEXT)
    found = since(begun, "a5", FIRST)
    assert (found.before.in_population, found.after.in_population) == (None, True)
    assert moves(found)["tier"] == (None, "plain")
    assert list(reasons(found)) == ["placed"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("account", "run", "message"),
    [
        ("a1", "2026-07-01", "not-before"),
        ("a1", "2025-01-01", r"unknown-run: .*2025-01-01.*kam runs"),
        ("a11", "2026-06-30", "unknown-account: .*did you mean 'a1'"),
    ],
)
def test_what_cannot_be_compared_is_said(begun: Book, account: str, run: str, message: str) -> None:
    begun.run(NEXT)
    with pytest.raises(KamError, match=message):
        since(begun, account, run)
