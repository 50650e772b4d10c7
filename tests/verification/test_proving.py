"""Proofs hold for whoever has the public key alone, and for nothing but what was recorded."""

from __future__ import annotations

import json

import pytest

from engine.errors import KamError
from engine.evidence.keys import new_key
from engine.evidence.merkle import leaf_hash
from engine.evidence.notes import Verifier
from engine.evidence.proofs import check_proof
from engine.verification.proving import prove_consistency, prove_inclusion, prove_run
from tests.verification.store import ORIGIN, RUNS, SignedStore


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("account", ["a1", "a2", "a3", "a4"])
def test_every_line_about_an_account_is_proven(
    original: SignedStore, run: str, account: str
) -> None:
    document = prove_inclusion(original.folder, account, run, "confidential")
    checked = check_proof(json.dumps(document.document()), [original.verifier])
    assert checked.run == run
    assert checked.signed_by == (ORIGIN,)
    assert {one.leaf["account"] for one in checked.entries} == {account}
    lines = original.value(
        "SELECT count(*) FROM decision_log JOIN runs USING (run_no) "
        "WHERE account_id = ? AND run_id = ?", account, run
    )  # fmt: skip
    actions = original.value(
        "SELECT count(*) FROM actions JOIN runs USING (run_no) "
        "WHERE account_id = ? AND run_id = ?", account, run
    )  # fmt: skip
    assert len(checked.entries) == 1 + lines + actions


def test_an_opened_proof_shows_the_values_and_a_masked_one_their_commitments(
    original: SignedStore,
) -> None:
    shown = prove_inclusion(original.folder, "a1", RUNS[1], "confidential")
    masked = prove_inclusion(original.folder, "a1", RUNS[1], None)
    assert "长江重工" in json.dumps(shown.document(), ensure_ascii=False)
    assert "长江重工" not in json.dumps(masked.document(), ensure_ascii=False)
    checked = check_proof(json.dumps(masked.document()), [original.verifier])
    assert len(checked.entries) == len(shown.entries)
    assert all(not one.opened for one in checked.entries)


def test_a_changed_proof_does_not_hold(original: SignedStore) -> None:
    document = prove_inclusion(original.folder, "a1", RUNS[1], "confidential").document()
    changed = document["entries"][0]["leaf"].replace("gold", "plain")
    assert changed != document["entries"][0]["leaf"]
    document["entries"][0]["leaf"] = changed
    with pytest.raises(KamError) as caught:
        check_proof(json.dumps(document), [original.verifier])
    assert caught.value.problems[0].code == "proof-entry-not-in-run"


def test_a_proof_needs_the_key_of_the_log(original: SignedStore) -> None:
    document = prove_inclusion(original.folder, "a1", RUNS[1], "confidential")
    stranger = Verifier.parse(new_key(ORIGIN).verifier)
    with pytest.raises(KamError):
        check_proof(json.dumps(document.document()), [stranger])


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 2), (1, 2), (1, 1)])
def test_a_later_log_is_proven_to_go_on_from_an_earlier_one(
    original: SignedStore, old: int, new: int
) -> None:
    document = prove_consistency(original.folder, RUNS[old], RUNS[new])
    checked = check_proof(json.dumps(document.document()), [original.verifier])
    assert checked.old is not None
    assert (checked.old.checkpoint.size, checked.new.checkpoint.size) == (old + 1, new + 1)


def test_runs_in_the_wrong_order_are_refused(original: SignedStore) -> None:
    with pytest.raises(KamError) as caught:
        prove_consistency(original.folder, RUNS[2], RUNS[0])
    assert caught.value.problems[0].code == "runs-in-reverse"


@pytest.mark.parametrize(
    ("account", "run", "code"),
    [("nobody", RUNS[0], "unknown-account"), ("a1", "2020-01-01.1", "unknown-run")],
)
def test_what_was_never_recorded_cannot_be_proven(
    original: SignedStore, account: str, run: str, code: str
) -> None:
    with pytest.raises(KamError) as caught:
        prove_inclusion(original.folder, account, run, "confidential")
    assert caught.value.problems[0].code == code


def test_nothing_is_proven_of_a_run_that_was_altered(signed: SignedStore) -> None:
    signed.execute("UPDATE decision_log SET to_value = 'blue' WHERE kind = 'warning_opened'")
    with pytest.raises(KamError) as caught:
        prove_inclusion(signed.folder, "a1", RUNS[0], "confidential")
    assert caught.value.problems[0].code == "run-altered"


# --- a whole run ----------------------------------------------------------------------------


@pytest.mark.parametrize("opened", [True, False])
def test_a_whole_run_is_proven_masked_or_not(original: SignedStore, opened: bool) -> None:
    document = prove_run(original.folder, RUNS[1], "confidential" if opened else None).document()
    checked = check_proof(json.dumps(document), [original.verifier])
    assert checked.kind == "run"
    assert checked.leaves == len(checked.entries) + 1
    shown = json.dumps(document, ensure_ascii=False)
    assert ("长江重工" in shown) is opened
    assert "warning_opened" in shown


def test_a_line_that_is_left_out_of_a_whole_run_is_missed(original: SignedStore) -> None:
    document = prove_run(original.folder, RUNS[1], None).document()
    del document["leaves"][3]
    with pytest.raises(KamError) as caught:
        check_proof(json.dumps(document), [original.verifier])
    assert {found.code for found in caught.value.problems} == {"proof-run-tree-differs"}


def test_a_leaf_of_a_whole_run_may_be_hidden_but_not_changed(original: SignedStore) -> None:
    document = prove_run(original.folder, RUNS[1], "confidential").document()
    leaf = document["leaves"][2]["leaf"]
    document["leaves"][2] = {"hash": leaf_hash(leaf.encode()).hex()}
    checked = check_proof(json.dumps(document), [original.verifier])
    assert leaf not in {json.dumps(one.leaf) for one in checked.entries}
    document["leaves"][2] = {"hash": "00" * 32}
    with pytest.raises(KamError):
        check_proof(json.dumps(document), [original.verifier])


def test_a_false_opening_of_a_whole_run_is_refused(original: SignedStore) -> None:
    document = prove_run(original.folder, RUNS[1], "confidential").document()
    opened = next(one["opened"] for one in document["leaves"] if "opened" in one)
    (first,) = opened.values()
    first["text"] += " "
    with pytest.raises(KamError) as caught:
        check_proof(json.dumps(document), [original.verifier])
    assert {found.code for found in caught.value.problems} == {"proof-opening-differs"}
