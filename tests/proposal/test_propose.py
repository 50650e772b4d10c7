"""What a changed policy would do, against numbers worked out by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest

from engine.errors import KamError
from engine.proposal.model import Cause, PackChange, RuleChange
from tests.proposal.book import (
    ACCOUNTS_CSV,
    FEWER_COMPLAINTS,
    KAM_YAML,
    LOWER_FIT,
    LOWER_PURCHASE,
    NEXT_NIGHT,
    NIGHT,
    PACK,
    Book,
    moved,
)


def tier_by_hand(gold: int, fit: int, silver: int) -> Callable[[dict[str, str]], str]:
    """The levels of the pack, written down a second time."""

    def tier(account: dict[str, str]) -> str:
        purchase = Decimal(account["purchase"])
        if purchase >= gold and int(account["fit"]) >= fit:
            return "gold"
        return "silver" if purchase >= silver else "plain"

    return tier


def moved_by_hand(gold: int, fit: int, silver: int) -> dict[str, tuple[str, str]]:
    before, after = tier_by_hand(1_000_000, 3, 500_000), tier_by_hand(gold, fit, silver)
    found = {}
    for account in csv.DictReader(StringIO(ACCOUNTS_CSV)):
        if before(account) != after(account):
            found[account["account_id"]] = (before(account), after(account))
    return found


def rule(pack: PackChange, kind: str, name: str) -> RuleChange:
    return next(one for one in pack.rules_of(kind) if one.rule == name)


def test_policy_that_nobody_changed_changes_nothing(book: Book) -> None:
    proposal = book.propose()
    assert not proposal.changes_anything
    assert proposal.edits == ()
    assert proposal.before == proposal.after
    (pack,) = proposal.packs
    assert pack.tonight == {("gold", "gold"): 1, ("silver", "silver"): 5, ("plain", "plain"): 2}
    assert pack.moves == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "gold", "fit", "silver"),
    [
        (LOWER_PURCHASE, 900_000, 3, 500_000),
        (("gold_purchase: {value: 100万", "gold_purchase: {value: 900001"), 900_001, 3, 500_000),
        (LOWER_FIT, 1_000_000, 2, 500_000),
        (("silver_purchase: {value: 50万", "silver_purchase: {value: 499999.99"),
         1_000_000, 3, 499_999),
        (("silver_purchase: {value: 50万", "silver_purchase: {value: 50.0001万"),
         1_000_000, 3, 500_001),
    ],
)  # fmt: skip
def test_edited_threshold_moves_exactly_whom_it_must(
    book: Book, edit: tuple[str, str], gold: int, fit: int, silver: int
) -> None:
    book.edit(edit)
    pack = book.change()
    assert moved(pack) == moved_by_hand(gold, fit, silver)
    assert {one.cause.edits for one in pack.moves} <= {(1,)}


def test_edit_is_named_by_its_lines(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    (edit,) = book.propose().edits
    assert edit.key == ("parameters", "gold_purchase")
    assert edit.old is not None and edit.new is not None
    lines = (book.root / edit.new.file).read_text(encoding="utf-8").splitlines()
    assert lines[edit.new.line - 1].strip() == edit.new.text
    assert "100万" in edit.old.text and "90万" in edit.new.text
    assert edit.old.file == edit.new.file == "policies/levels/pack.yaml"


def test_matrix_counts_every_account_of_both_sides(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    pack = book.change()
    assert pack.tonight == {
        ("gold", "gold"): 1, ("silver", "gold"): 1, ("silver", "silver"): 4,
        ("plain", "plain"): 2,
    }  # fmt: skip
    assert pack.tonight == pack.candidates  # every night is a review


@pytest.mark.slow
def test_quarterly_review_moves_the_candidate_and_not_the_tier(book: Book) -> None:
    book.edit(("tiers:\n  levels:", "tiers:\n  review: {every: quarter}\n  levels:"))
    book.run(NEXT_NIGHT)
    book.run(date(2026, 7, 2))
    book.edit(LOWER_PURCHASE)
    pack = book.change()
    assert moved(pack) == {}
    (one,) = pack.moves
    assert (one.account, one.candidate_before, one.candidate_after) == ("a3", "silver", "gold")
    assert (one.before, one.after) == ("silver", "silver")
    assert pack.moved_candidates == 1
    assert pack.moved_tonight == 0


@pytest.mark.slow
def test_warnings_that_appear_vanish_and_change_level(book: Book) -> None:
    sooner = ("red: {when: {complaints: {gte: 5}}}", "red: {when: {complaints: {gte: 3}}}")
    book.edit(FEWER_COMPLAINTS, sooner)
    found = rule(book.change(), "warning", "complaints")
    assert [(one.account, one.before, one.after) for one in found.touched] == [
        ("a3", "yellow", "red"),
        ("a7", None, "yellow"),
    ]
    assert (found.before, found.after, found.appears, found.vanishes) == (3, 4, 1, 0)
    assert (found.levels_before, found.levels_after) == (
        {"red": 1, "yellow": 2},
        {"red": 2, "yellow": 2},
    )
    book.edit(tuple(reversed(sooner)), ("complaints: {value: 1", "complaints: {value: 3"))
    found = rule(book.change(), "warning", "complaints")
    assert [(one.account, one.before, one.after) for one in found.touched] == [
        ("a2", "yellow", None)
    ]


@pytest.mark.slow
def test_entitlements_follow_the_tier_and_name_the_accounts(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    pack = book.change()
    assert [one.rule for one in pack.rules_of("entitlement")] == ["fund", "summit", "talk"]
    talk = rule(pack, "entitlement", "talk")
    assert [(one.account, one.name, one.before, one.after) for one in talk.touched] == [
        ("a3", "泰山水泥", None, "owed")
    ]
    assert (talk.before, talk.after) == (1, 2)
    owed = {one.rule: (dict(one.before), dict(one.after)) for one in pack.owed}
    assert sum(owed["talk"][0].values()) == 1
    assert sum(owed["talk"][1].values()) == 2


def test_meetings_a_quarter_are_counted_by_role(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    proposal = book.propose()
    # Six key accounts with 2 visits in each of 3 months, one with a talk every second of 13
    # weeks, and one with a summit a year; then a second that is gold.
    loads = {one.role: (one.before, one.after) for one in proposal.roles}
    assert loads == {
        "customer_manager": (Decimal("42.5"), Decimal("49.0")),
        "sponsor": (Decimal("0.25"), Decimal("0.50")),
    }


def test_accounts_per_manager_count_key_accounts_alone(book: Book) -> None:
    book.edit(("silver_purchase: {value: 50万", "silver_purchase: {value: 49万"))
    (one,) = book.change().assigned
    assert one.role == "customer_manager"
    # Zhang has a1, a2, a3, Li a4 and a5; Wang's a6 becomes silver.
    assert (one.before.people, one.before.accounts, one.before.largest) == (2, 5, 3)
    assert one.before.average == Decimal("2.5")
    assert (one.after.people, one.after.accounts, one.after.largest) == (3, 6, 3)
    assert one.after.average == Decimal("2.0")


@pytest.mark.slow
def test_rebates_are_summed_over_the_accounts_that_have_them(book: Book) -> None:
    book.edit(("[100万, 2%]]", "[100万, 3%]]"))
    proposal = book.propose()
    (pack,) = proposal.packs
    costs = {one.rule: one for one in pack.costs}
    rebate = costs["rebate"]
    # 2% of 200万 and 120万, 1% of 90万, 60万, 50万 and 90万; then 3% instead of 2%.
    assert rebate.before == 40_000 + 24_000 + 9_000 + 6_000 + 5_000 + 9_000
    assert rebate.after == 60_000 + 36_000 + 9_000 + 6_000 + 5_000 + 9_000
    assert (costs["fund"].accounts_before, costs["fund"].accounts_after) == (1, 1)
    assert costs["fund"].approved_by == "finance"
    assert not pack.moves
    assert proposal.changes_anything


@pytest.mark.slow
def test_title_and_note_change_nothing(book: Book) -> None:
    book.edit(("title: {zh: 金, en: Gold}", "title: {zh: 金牌, en: Golden}"), ('"1"', '"2"'))
    proposal = book.propose()
    assert not proposal.changes_anything
    assert all(edit.inert for edit in proposal.edits)
    assert proposal.before != proposal.after


@pytest.mark.slow
def test_pack_folder_takes_the_place_of_the_pack(book: Book) -> None:
    other = book.copy(book.root.parent / "branch")
    other.edit(LOWER_PURCHASE)
    pack = book.change(changed=str(other.root / "policies" / "levels"))
    assert moved(pack) == {"a3": ("silver", "gold")}
    assert moved(book.change(changed=str(other.root))) == moved(pack)
    assert not book.propose().changes_anything


@pytest.mark.slow
def test_new_measure_is_counted_from_the_sources_while_they_are_the_same(book: Book) -> None:
    book.edit(
        ("\ntiers:\n", "\nmeasures:\n  contacts_90d: {type: integer, count: contacts, "
         "window: 90 days, title: {zh: 接触, en: Contacts}}\n\ntiers:\n"),
        ("fit: {gte: $gold_fit}}", "contacts_90d: {gte: 1}}"),
        ("  gold_fit: {value: 3, owner: office, judgement: true}\n", ""),
    )  # fmt: skip
    assert moved(book.change()) == {}  # a1 had contacts, and nobody else as much purchase
    book.edit(("a1,2026-06-03,visit\n", ""), file="data/contacts.csv")
    with pytest.raises(KamError) as refused:
        book.propose()
    assert refused.value.problems[0].code == "facts-not-kept"
    assert "contacts.csv" in str(refused.value)


def test_first_policy_is_compared_with_nothing(new_book: Book) -> None:
    proposal = new_book.propose(as_of=NIGHT)
    (pack,) = proposal.packs
    assert proposal.is_first and proposal.before is None and proposal.edits == ()
    assert pack.tonight == {(None, "gold"): 1, (None, "silver"): 5, (None, "plain"): 2}
    assert {one.role: (one.before, one.after) for one in proposal.roles} == {
        "customer_manager": (0, Decimal("42.5")),
        "sponsor": (0, Decimal("0.25")),
    }
    assert not (new_book.root / "store").exists()


@pytest.mark.slow
def test_pack_that_comes_or_goes_is_the_cause_of_all_that_it_decides(book: Book) -> None:
    text = (book.root / PACK).read_text(encoding="utf-8")
    book.write("policies/second/pack.yaml", text.replace("id: levels", "id: second"))
    book.edit(("[policies/levels]", "[policies/levels, policies/second]"), file="kam.yaml")
    first, second = book.propose().packs
    assert not first.changes_anything
    assert second.tonight == {(None, "gold"): 1, (None, "silver"): 5, (None, "plain"): 2}
    assert {one.cause for one in second.moves} == {Cause((1,))}
    book.run(NEXT_NIGHT)
    book.edit(("[policies/levels, policies/second]", "[policies/second]"), file="kam.yaml")
    proposal = book.propose()
    assert [(edit.pack, edit.change) for edit in proposal.edits] == [("levels", "removed")]
    gone = next(pack for pack in proposal.packs if pack.id == "levels")
    assert gone.tonight == {("gold", None): 1, ("silver", None): 5, ("plain", None): 2}
    loads = {one.role: (one.before, one.after) for one in proposal.roles}
    assert loads["sponsor"] == (Decimal("0.5"), Decimal("0.25"))


def test_date_is_for_the_first_policy_alone(book: Book) -> None:
    with pytest.raises(KamError) as refused:
        book.propose(as_of=NIGHT)
    assert refused.value.problems[0].code == "plan-as-of"


@pytest.mark.slow
def test_plan_writes_nothing_into_the_workspace(book: Book) -> None:
    book.edit(LOWER_PURCHASE)

    def contents() -> dict[str, bytes]:
        """Without what SQLite lays beside a database that somebody reads."""
        files = [path for path in sorted(book.root.rglob("*")) if path.is_file()]
        found = {str(path): path.read_bytes() for path in files}
        return {name: one for name, one in found.items() if not name.endswith(("-shm", "-wal"))}

    before = contents()
    book.propose()
    assert contents() == before


@pytest.mark.slow
def test_plan_says_that_the_guard_would_refuse_the_night(book: Book) -> None:
    book.edit(LOWER_PURCHASE)  # moves one of eight
    for share, refused in (("12%", True), ("12.5%", False)):
        book.write("kam.yaml", KAM_YAML + f"guards: {{tier_changes: {{at_most: {share}}}}}\n")
        codes = [note.code for note in book.propose().notes]
        assert ("guard-tier-changes" in codes) == refused


@pytest.mark.slow
def test_plan_says_that_it_reads_the_facts_as_the_last_run_did(book: Book) -> None:
    for file in ("facts.yaml", PACK):
        book.edit(("    fit: integer\n", "    fit: number\n"), file=file)
    assert "facts-mapped-otherwise" in [note.code for note in book.propose().notes]


def test_policy_with_errors_is_refused_as_kam_check_refuses_it(book: Book) -> None:
    book.edit(("gte: $gold_purchase", "gte: $golden"))
    with pytest.raises(KamError) as refused:
        book.propose()
    assert refused.value.problems[0].code == "unknown-parameter"
