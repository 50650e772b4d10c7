"""Which edited line moves whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.load import load_pack
from engine.model import Policy
from engine.proposal.editing import edits_of
from engine.proposal.elements import bare, changed_keys, elements, patched
from engine.proposal.model import Cause, PackChange
from engine.proposal.units import units_of
from tests.proposal.book import FEWER_COMPLAINTS, LOWER_FIT, LOWER_PURCHASE, Book


def causes(pack: PackChange) -> dict[str, Cause]:
    return {one.account: one.cause for one in pack.moves}


@pytest.mark.slow
def test_each_edit_is_named_for_whom_it_moves_and_both_for_whom_only_both_move(
    book: Book,
) -> None:
    book.edit(LOWER_PURCHASE, LOWER_FIT)
    proposal = book.propose()
    assert [edit.element for edit in proposal.edits] == ["gold_purchase", "gold_fit"]
    (pack,) = proposal.packs
    assert causes(pack) == {
        "a2": Cause((2,)),
        "a3": Cause((1,)),
        "a8": Cause((1, 2), together=True),
    }
    assert not proposal.is_cut_off


@pytest.mark.slow
def test_edit_that_moves_nobody_is_never_named(book: Book) -> None:
    harmless = ("silver_purchase: {value: 50万", "silver_purchase: {value: 50.0万")
    book.edit(LOWER_PURCHASE, harmless, FEWER_COMPLAINTS)
    proposal = book.propose()
    (pack,) = proposal.packs
    numbers = {edit.element: edit.number for edit in proposal.edits}
    assert causes(pack) == {"a3": Cause((numbers["gold_purchase"],))}
    (warning,) = pack.rules_of("warning")
    assert [one.cause for one in warning.touched] == [Cause((numbers["many_complaints"],))]


@pytest.mark.slow
def test_either_of_two_edits_is_named_where_each_is_enough(book: Book) -> None:
    # a6 becomes silver by the lower threshold, and by the new way into silver.
    book.edit(
        ("silver_purchase: {value: 50万", "silver_purchase: {value: 49万"),
        ("when: {purchase: {gte: $silver_purchase}}",
         "when: {any: [{purchase: {gte: $silver_purchase}}, {purchase: {gte: 49万}}]}"),
    )  # fmt: skip
    (pack,) = book.propose().packs
    assert causes(pack) == {"a6": Cause((1, 2))}


@pytest.mark.slow
def test_new_parameter_and_the_tier_that_names_it_are_one(book: Book) -> None:
    book.edit(
        ("  silver_purchase:", "  platinum: {value: 90万, owner: office, judgement: true}\n"
         "  silver_purchase:"),
        ("purchase: {gte: $gold_purchase}", "purchase: {gte: $platinum}"),
        ("  gold_purchase: {value: 100万, owner: office, judgement: true}\n", ""),
        FEWER_COMPLAINTS,
    )  # fmt: skip
    proposal = book.propose()
    (pack,) = proposal.packs
    named = {edit.number: edit.element for edit in proposal.edits}
    cause = causes(pack)["a3"]
    assert cause.together
    assert {named[one] for one in cause.edits} == {"platinum", "levels.gold", "gold_purchase"}


@pytest.mark.slow
def test_trials_are_bounded_and_nothing_is_claimed_beyond(book: Book) -> None:
    book.edit(LOWER_PURCHASE, LOWER_FIT)
    proposal = book.propose(trials=1)
    (pack,) = proposal.packs
    assert proposal.is_cut_off
    assert proposal.trials == 1
    assert causes(pack) == {"a2": Cause(), "a3": Cause((1,)), "a8": Cause()}


def test_policy_with_all_edits_is_the_new_policy_and_with_none_the_old(book: Book) -> None:
    old = load_pack(book.root / "policies" / "levels")
    book.edit(
        LOWER_PURCHASE,
        ("  gold_fit: {value: 3, owner: office, judgement: true}\n", ""),
        (", fit: {gte: $gold_fit}}", "}"),
        ("    silver:\n", "    bronze: {title: {zh: 铜, en: Bronze}, when: {fit: {gte: 5}}}\n"
         "    silver:\n"),
        ("tiers:\n  levels:", "tiers:\n  review: {every: month}\n  levels:"),
    )  # fmt: skip
    new = load_pack(book.root / "policies" / "levels")
    keys = frozenset(changed_keys(old, new))
    assert bare(patched(old, new, keys).tiers) == bare(new.tiers)
    assert elements(patched(old, new, frozenset())) == elements(old)
    changed = elements(patched(old, new, keys))
    assert {key: bare(one) for key, one in changed.items()} == {
        key: bare(one) for key, one in elements(new).items()
    }
    assert [one.id for one in patched(old, new, keys).tiers.levels] == ["gold", "bronze", "silver"]  # type: ignore[union-attr]


@given(data=st.data())
def test_every_choice_of_edits_is_taken_over_and_nothing_else(
    data: st.DataObject, two_versions: tuple[Policy, Policy]
) -> None:
    old, new = two_versions
    keys = changed_keys(old, new)
    chosen = frozenset(data.draw(st.lists(st.sampled_from(keys), unique=True)))
    before, after, mixed = (elements(one) for one in (old, new, patched(old, new, chosen)))
    for key in {*before, *after}:
        side = after if key in chosen or key not in keys else before
        assert bare(mixed.get(key)) == bare(side.get(key)), key


@pytest.fixture(scope="session")
def two_versions(night: Book, tmp_path_factory: pytest.TempPathFactory) -> tuple[Policy, Policy]:
    """A policy, and one with edits of every kind."""
    book = night.copy(tmp_path_factory.mktemp("versions") / "acme")
    old = load_pack(book.root / "policies" / "levels")
    book.edit(
        LOWER_PURCHASE,
        FEWER_COMPLAINTS,
        ("  gold_fit: {value: 3, owner: office, judgement: true}\n", ""),
        (", fit: {gte: $gold_fit}}", "}"),
        ("    silver:\n", "    bronze: {title: {zh: 铜, en: Bronze}, when: {fit: {gte: 5}}}\n"
         "    silver:\n"),
        ("tiers:\n  levels:", "measures:\n  half: {type: number, formula: fit / 2}\n\n"
         "tiers:\n  review: {every: month}\n  population: {fit: {gte: 0}}\n  levels:"),
        ("    needs_approval_by: finance", "    needs_approval_by: sales"),
        ("owner: office\n\nroles", "owner: sales\n\nroles"),
        ("[100万, 2%]]", "[100万, 3%]]"),
    )  # fmt: skip
    return old, load_pack(book.root / "policies" / "levels")


def test_moved_block_and_comment_are_no_edits(book: Book) -> None:
    old = load_pack(book.root / "policies" / "levels")
    book.edit(("parameters:\n", "# numbers\n\nparameters:\n"))
    new = load_pack(book.root / "policies" / "levels")
    assert old.hash != new.hash
    assert edits_of([old], [new]) == ()


def test_edits_of_rules_are_tried_at_once(book: Book) -> None:
    old = load_pack(book.root / "policies" / "levels")
    book.edit(
        LOWER_PURCHASE,
        ("red: {when: {complaints: {gte: 5}}}", "red: {when: {complaints: {gte: 4}}}"),
        ("at_least: 2", "at_least: 3"),
    )
    new = load_pack(book.root / "policies" / "levels")
    edits = edits_of([old], [new])
    first, rules = units_of(old, new, edits)
    assert [edit.element for edit in first.edits] == ["gold_purchase"]
    assert rules.leaves
    assert {edit.element for edit in rules.edits} == {"complaints", "visit"}
    (visit,) = (edit.number for edit in edits if edit.element == "visit")
    assert rules.named("entitlement", "visit") == (visit,)
    assert rules.named("tier", "") == ()
