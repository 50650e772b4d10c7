"""Plans that are saved and signed, and nights that run under a signed policy alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.errors import KamError
from engine.evidence.approvals import read_approval
from engine.evidence.canonical import canonical
from engine.evidence.keys import new_key
from engine.proposal.plan_file import read_plan
from tests.proposal.book import LOWER_FIT, LOWER_PURCHASE, NEXT_NIGHT, NIGHT, Book


def code(call: Callable[[], object]) -> str:
    """The code of the one problem with which a call is refused."""
    with pytest.raises(KamError) as refused:
        call()
    (one,) = refused.value.problems
    return one.code


def kept(book: Book, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(book.root / "store" / "kam.db") as store:
        return store.execute(query).fetchall()


@pytest.mark.slow
def test_first_night_runs_once_every_role_has_signed(new_book: Book) -> None:
    new_book.ask_for("sales", "finance")
    assert code(new_book.run) == "policy-not-approved"
    assert not (new_book.root / "store").exists()
    file = new_book.save()
    assert new_book.approve(file, "sales").missing == ("finance",)
    with pytest.raises(KamError) as refused:
        new_book.run()
    assert "finance has not signed it" in str(refused.value)
    assert "kam approve FILE --as finance" in str(refused.value)
    assert new_book.approve(file, "finance", "陈静").missing == ()
    report = new_book.run()
    assert (report.run_id, report.repeated) == ("2026-06-30.1", False)
    assert new_book.run(NEXT_NIGHT).run_id == "2026-07-01.1"  # other nights need nobody


@pytest.mark.slow
def test_policy_that_is_edited_after_its_approval_is_refused(book: Book) -> None:
    book.ask_for("sales")
    book.approve(book.save(), "sales")
    book.run(NEXT_NIGHT)
    book.edit(LOWER_PURCHASE)
    assert code(lambda: book.run(date(2026, 7, 2))) == "policy-not-approved"
    book.approve(book.save("edited.json"), "sales")
    assert book.run(date(2026, 7, 2)).counts["packs"]["levels"]["tiers"]["gold"] == 2
    book.edit(tuple(reversed(LOWER_PURCHASE)))
    book.run(date(2026, 7, 3))  # the policy of before is approved, and stays so


@pytest.mark.slow
def test_approval_is_kept_with_the_plan_in_file_and_store(book: Book) -> None:
    book.ask_for("sales")
    book.edit(LOWER_PURCHASE)
    file = book.save()
    book.approve(file, "sales")
    plan = read_plan(file)
    (note,) = plan.approvals
    said = read_approval(note)
    assert (said.role, said.by, said.at) == ("sales", "王建国", "2026-07-01T08:30:00+00:00")
    assert (said.policy, said.plan) == (plan.policy_hash, plan.plan_id)
    assert kept(book, "SELECT role, said_by, note FROM policy_approvals") == [
        ("sales", "王建国", note)
    ]
    ((content,),) = kept(book, "SELECT content FROM policy_plans")
    assert json.loads(str(content)) == plan.content
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        kept(book, "DELETE FROM policy_approvals")


@pytest.mark.slow
def test_role_that_signs_twice_signs_once(book: Book) -> None:
    book.ask_for("sales")
    file = book.save()
    assert not book.approve(file, "sales").before
    content = file.read_bytes()
    assert book.approve(file, "sales").before
    assert file.read_bytes() == content
    assert kept(book, "SELECT count(*) FROM policy_approvals") == [(1,)]


@pytest.mark.slow
def test_file_brings_its_approvals_into_another_store(book: Book, tmp_path: Path) -> None:
    book.ask_for("sales", "finance")
    file = book.save()
    other = book.copy(tmp_path / "elsewhere")
    book.approve(file, "sales")
    other.keys.update(book.keys)
    assert other.approve(file, "finance", "周敏").missing == ()
    assert other.run(NEXT_NIGHT).run_id == "2026-07-01.1"


def test_who_does_not_hold_the_role_is_refused(book: Book) -> None:
    book.ask_for("sales", "finance")
    file = book.save()
    content = file.read_bytes()
    assert code(lambda: book.approve(file, "sales", "周敏")) == "not-the-holder"
    assert code(lambda: book.approve(file, "finance")) == "not-the-holder"  # two hold it
    assert code(lambda: book.approve(file, "office", "赵明远")) == "role-need-not-sign"
    assert file.read_bytes() == content
    assert kept(book, "SELECT count(*) FROM policy_approvals") == [(0,)]


def test_key_of_another_role_or_none_is_refused(book: Book) -> None:
    book.ask_for("sales", "finance")
    file = book.save()
    finance, strange = book.keys["finance"], new_key("acme/sales").signer
    other_role = "approval-key-other-role"
    assert code(lambda: book.approve(file, "sales", key=finance)) == other_role
    assert code(lambda: book.approve(file, "sales", key=strange)) == other_role
    book.keys.clear()
    assert code(lambda: book.approve(file, "sales")) == "approval-key-needed"


def test_plan_whose_policy_was_edited_since_is_refused(book: Book) -> None:
    book.ask_for("sales")
    book.edit(LOWER_PURCHASE)
    file = book.save()
    book.edit(LOWER_FIT)
    with pytest.raises(KamError) as refused:
        book.approve(file, "sales")
    assert refused.value.problems[0].code == "plan-policy-edited"
    assert "levels/pack.yaml is other" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("policy", "hash"), "0" * 64),
        (("facts", "run"), "2026-06-29.1"),
        (("result", "packs", 0, "moves"), []),
        (("result_hash",), "0" * 64),
        (("workspace",), "other"),
    ],
)
def test_plan_that_was_altered_is_refused(
    book: Book, path: tuple[str | int, ...], value: object
) -> None:
    book.ask_for("sales")
    book.edit(LOWER_PURCHASE)
    file = book.save()
    document = json.loads(file.read_bytes())
    place = document
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != value
    place[path[-1]] = value
    file.write_bytes(canonical(document))
    assert code(lambda: book.approve(file, "sales")) == "plan-altered"


@pytest.mark.slow
def test_result_that_was_made_up_is_refused(book: Book) -> None:
    """Every hash is right, and the plan says of the policy what is not true of it."""
    book.ask_for("sales")
    true = read_plan(book.save("true.json"))
    book.edit(LOWER_PURCHASE)
    file = book.save()
    plan = read_plan(file)
    plan.content["result"] = true.content["result"]
    plan.content["result_hash"] = true.result_hash
    file.write_bytes(plan.bytes())
    with pytest.raises(KamError) as refused:
        book.approve(file, "sales")
    assert refused.value.problems[0].code == "plan-outdated"
    assert "a3 does not move, now moves silver → gold" in str(refused.value)


@pytest.mark.slow
def test_approval_of_another_plan_in_the_file_is_refused(book: Book) -> None:
    book.ask_for("sales", "finance")
    first = book.save("first.json")
    book.approve(first, "sales")
    book.edit(LOWER_PURCHASE)
    second = book.save("second.json")
    document = json.loads(second.read_bytes())
    document["approvals"] = json.loads(first.read_bytes())["approvals"]
    second.write_bytes(canonical(document))
    assert code(lambda: book.approve(second, "finance", "周敏")) == "approval-altered"
    document["approvals"] = [document["approvals"][0].replace("王建国", "李建国")]
    second.write_bytes(canonical(document))
    assert code(lambda: book.approve(second, "finance", "周敏")) == "approval-altered"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"kam_plan": 2}', b"\xff\xfe", b"[" * 9000]
)
def test_file_that_is_no_plan_is_refused(book: Book, content: bytes) -> None:
    book.ask_for("sales")
    file = book.root.parent / "plan.json"
    file.write_bytes(content)
    assert code(lambda: book.approve(file, "sales")) == "not-a-plan"


def test_key_that_was_replaced_no_longer_approves(book: Book) -> None:
    book.ask_for("sales")
    book.approve(book.save(), "sales")
    book.ask_for("sales")  # a new key: the old one was lost, say
    assert code(lambda: book.run(NEXT_NIGHT)) == "policy-not-approved"


def test_workspace_without_the_guard_runs_whatever_the_policy(book: Book) -> None:
    book.ask_for("sales", guarded=False)
    book.edit(LOWER_PURCHASE)
    assert book.run(NEXT_NIGHT).run_id == "2026-07-01.1"


# --- what makes a plan stale, and what does not ---------------------------------------------


@pytest.mark.slow
def test_plan_is_the_same_bytes_while_nothing_has_changed(book: Book) -> None:
    book.edit(LOWER_PURCHASE)
    first = book.save("first.json").read_bytes()
    assert book.save("second.json").read_bytes() == first


@pytest.mark.slow
def test_nights_over_unchanged_facts_leave_a_plan_as_it_is(book: Book) -> None:
    book.ask_for("sales", guarded=False)
    file = book.save()
    book.edit(LOWER_PURCHASE)
    early = book.save("early.json")
    book.edit(tuple(reversed(LOWER_PURCHASE)))
    book.run(NIGHT)
    book.run(NEXT_NIGHT)
    book.run(date(2026, 7, 2))
    book.edit(LOWER_PURCHASE)
    late = book.save("late.json")
    before, after = (read_plan(one).content for one in (early, late))
    assert before.pop("facts") != after.pop("facts")
    assert before == after
    assert book.approve(early, "sales").missing == ()
    assert read_plan(file).policy_hash != read_plan(late).policy_hash


@pytest.mark.slow
def test_plan_is_outdated_once_other_facts_give_another_result(book: Book) -> None:
    book.ask_for("sales", guarded=False)
    book.edit(LOWER_PURCHASE)
    file = book.save()
    book.edit(tuple(reversed(LOWER_PURCHASE)))
    book.edit(("a4,东海造船,600000.00,1,0", "a4,东海造船,950000.00,4,0"), file="data/accounts.csv")
    book.run(NEXT_NIGHT)
    book.edit(LOWER_PURCHASE)
    with pytest.raises(KamError) as refused:
        book.approve(file, "sales")
    assert refused.value.problems[0].code == "plan-outdated"
    assert "a4 does not move, now moves silver → gold" in str(refused.value)


@pytest.mark.slow
def test_other_facts_with_the_same_result_do_no_harm(book: Book) -> None:
    book.ask_for("sales", guarded=False)
    book.edit(LOWER_PURCHASE)
    file = book.save()
    book.edit(tuple(reversed(LOWER_PURCHASE)))
    book.edit(("a4,东海造船,600000.00,1,0", "a4,东海造船,700000.00,1,0"), file="data/accounts.csv")
    book.run(NEXT_NIGHT)
    book.edit(LOWER_PURCHASE)
    assert book.approve(file, "sales").missing == ()
