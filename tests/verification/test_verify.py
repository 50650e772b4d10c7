"""`kam verify` finds every way of tampering, and names the place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from engine.audit.attesting import checkpoint_of
from engine.errors import KamError
from engine.evidence.keys import new_key
from engine.evidence.notes import Signer, Verifier
from engine.verification.proving import checkpoint_note
from tests.often import seldom
from tests.verification.store import ORIGIN, RUNS, SignedStore

Tampering = Callable[[SignedStore], object]


def test_an_untouched_store_is_sound_and_says_who_signed(original: SignedStore) -> None:
    verdict = original.verify()
    assert (verdict.findings, verdict.notes) == ((), ())
    assert verdict.runs == RUNS
    assert verdict.signed_by == (ORIGIN,)
    assert verdict.origin == ORIGIN
    assert verdict.decisions == 3 * 4
    lines = original.value("SELECT count(*) FROM decision_log")
    actions = original.value("SELECT count(*) FROM actions")
    assert verdict.leaves == 3 * (1 + 4) + lines + actions


def test_without_a_key_the_reader_is_told_what_was_not_checked(original: SignedStore) -> None:
    from engine.verification.verify import verify_store

    verdict = verify_store(original.folder)
    assert verdict.is_sound
    assert verdict.signed_by == ()
    assert "no key was given" in verdict.notes[0]


# --- tampering ------------------------------------------------------------------------------

LINE = "SELECT min(seq) FROM decision_log WHERE kind = 'warning_opened'"


def flip_a_value(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute("UPDATE decision_log SET to_value = 'blue' WHERE seq = ?", seq)
    return f"line {seq} (a1, warning_opened)"


def flip_evidence(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute(
        "UPDATE decision_log SET evidence = replace(evidence, '2', '3') WHERE seq = ?", seq
    )
    return f"line {seq} (a1, warning_opened)"


def give_a_line_to_another_account(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute("UPDATE decision_log SET account_id = 'a3' WHERE seq = ?", seq)
    return f"line {seq} (a3, warning_opened)"


def name_another_rule(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute(
        "UPDATE decision_log SET rule_no = (SELECT min(rule_no) FROM rules) WHERE seq = ?", seq
    )
    return f"line {seq}"


def rename_a_rule(store: SignedStore) -> str:
    store.execute("UPDATE rules SET line = line + 1 WHERE kind = 'warning'")
    return "(a1, warning_opened)"


def loosen_a_threshold(store: SignedStore) -> str:
    store.execute("UPDATE rules SET thresholds = replace(thresholds, '2', '9') "
                  "WHERE kind = 'warning'")  # fmt: skip
    return "(a1, warning_opened)"


def delete_a_line(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute("DELETE FROM decision_log WHERE seq = ?", seq)
    return f"line {seq} is gone"


def delete_and_close_the_gap(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute("DELETE FROM decision_log WHERE seq = ?", seq)
    last = store.value("SELECT max(seq) FROM decision_log")
    for number in range(int(str(seq)) + 1, int(str(last)) + 1):
        store.execute("UPDATE decision_log SET seq = seq - 1 WHERE seq = ?", number)
    return f"line {last} is gone"


def insert_a_line(store: SignedStore) -> str:
    store.execute(
        "INSERT INTO decision_log (run_no, account_id, kind) VALUES (3, 'a1', 'tier_moved')"
    )
    return f"line {store.value('SELECT max(seq) FROM decision_log')} belongs to no run"


def swap_two_lines(store: SignedStore) -> str:
    first = int(str(store.value(LINE)))
    for before, after in ((first, -1), (first + 1, first), (-1, first + 1)):
        store.execute("UPDATE decision_log SET seq = ? WHERE seq = ?", after, before)
    return f"line {first}"


def truncate_the_log(store: SignedStore) -> str:
    last = store.value("SELECT max(seq) FROM decision_log")
    store.execute("DELETE FROM decision_log WHERE seq = ?", last)
    return f"line {last} is gone"


def move_a_line_to_another_run(store: SignedStore) -> str:
    seq = store.value(LINE)
    store.execute("UPDATE decision_log SET run_no = 3 WHERE seq = ?", seq)
    return f"line {seq} stands under the number of another run"


def back_date_a_run(store: SignedStore) -> str:
    store.execute("UPDATE runs SET as_of = '2025-06-30' WHERE run_no = 2")
    return "'as_of' of the run is 2025-06-30"


def change_when_it_finished(store: SignedStore) -> str:
    store.execute("UPDATE runs SET finished_at = '2020-01-01T00:00:00+00:00' WHERE run_no = 2")
    return "'finished_at' of the run is 2020-01-01"


def change_an_action(store: SignedStore) -> str:
    store.execute("UPDATE actions SET due_on = '2030-01-01' WHERE action_no = 1")
    return "action 1 (a1"


def delete_an_action(store: SignedStore) -> str:
    store.execute("DELETE FROM actions WHERE action_no = 1")
    return "action 1 is gone"


def insert_an_action(store: SignedStore) -> str:
    store.execute(
        "INSERT INTO actions SELECT NULL, 'forged', cause_id, run_no, account_id, account_name, "
        "rule_no, template_no, level, owner_role, owner, priority, opened_on, due_on, status, "
        "snoozed_until, evidence FROM actions LIMIT 1"
    )
    return "belongs to no run"


def change_the_manifest(store: SignedStore) -> str:
    file = store.run_folder() / "manifest.json"
    text = json.loads(file.read_text(encoding="utf-8"))
    text["counts"]["accounts"] = 99
    file.write_text(json.dumps(text), encoding="utf-8")
    return "manifest.json"


def swap_parquet_files(store: SignedStore) -> str:
    first, second = store.run_folder(0), store.run_folder(1)
    for name in ("decisions.parquet", "facts.parquet"):
        (first / name).replace(first / "aside")
        (second / name).replace(first / name)
        (first / "aside").replace(second / name)
    return "decisions.parquet"


def rewrite_a_decision(store: SignedStore) -> str:
    """A well-formed file in which one account has another tier."""
    file = store.run_folder() / "decisions.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE d AS SELECT * REPLACE (CASE WHEN account_id = 'a3' THEN 'gold' "
            "ELSE tier END AS tier) FROM read_parquet(?)", [str(file)]
        )  # fmt: skip
        connection.table("d").write_parquet(str(file), compression="zstd")
    return "(a3, small) is not the one that was recorded"


def remove_a_decision(store: SignedStore) -> str:
    file = store.run_folder() / "decisions.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE d AS FROM read_parquet(?) WHERE account_id <> 'a3'", [str(file)]
        )
        connection.table("d").write_parquet(str(file), compression="zstd")
    return "decisions.parquet has 3 rows, the run recorded 4"


def cut_a_parquet_file(store: SignedStore) -> str:
    file = store.run_folder() / "facts.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    return "facts.parquet"


def flip_a_bit_of_a_parquet_file(store: SignedStore) -> str:
    file = store.run_folder() / "obligations.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    return "obligations.parquet"


def remove_a_folder(store: SignedStore) -> str:
    shutil.rmtree(store.run_folder())
    return "manifest.json of run"


def change_the_reconciliation(store: SignedStore) -> str:
    store.execute("UPDATE sources SET rows_read = rows_read + 1, rows_quarantined = "
                  "rows_quarantined + 1 WHERE run_no = 2 AND name = 'orders'")  # fmt: skip
    return "its sources are not those of its manifest"


def change_a_kept_policy(store: SignedStore) -> str:
    store.execute("UPDATE policy_files SET content = CAST(content || x'0a' AS BLOB)")
    return "has another content"


def remove_a_checkpoint(store: SignedStore) -> str:
    store.execute("DELETE FROM checkpoints WHERE run_no = 2")
    return "the run has no checkpoint"


def change_a_root(store: SignedStore) -> str:
    store.execute("UPDATE checkpoints SET root = ? WHERE run_no = 2", "00" * 32)
    return "does not hash to the root"


def change_an_entry(store: SignedStore) -> str:
    store.execute(
        'UPDATE checkpoints SET entry = replace(entry, \'"as_of":"2026-07-01"\', '
        '\'"as_of":"2026-07-09"\') WHERE run_no = 2'
    )
    return "its checkpoint says 2026-07-09"


def change_a_signed_note(store: SignedStore) -> str:
    store.execute("UPDATE checkpoints SET note = replace(note, '\n2\n', '\n3\n') WHERE run_no = 2")
    return "the checkpoint is over 3 runs"


def sign_with_another_key(store: SignedStore) -> str:
    """Whoever has the database, but not the key, signs everything anew with one of their own."""
    forger = Signer.parse(new_key(ORIGIN).signer)
    with store.database() as connection:
        entries = [row[0].encode() for row in
                   connection.execute("SELECT entry FROM checkpoints ORDER BY run_no")]  # fmt: skip
        for number in range(1, 4):
            note = checkpoint_of(entries[:number], ORIGIN, forger)
            connection.execute("UPDATE checkpoints SET note = ? WHERE run_no = ?", (note, number))
    return "signed by another key"


def remove_the_signature(store: SignedStore) -> str:
    store.execute(
        "UPDATE checkpoints SET note = substr(note, 1, instr(note, char(10) || char(10))) "
        "WHERE run_no = 3"
    )
    return "no trusted key has signed the last checkpoint"


def lose_a_run_in_the_middle(store: SignedStore) -> str:
    with store.database() as connection:
        for table in ("checkpoints", "run_policies", "sources", "leaf_marks"):
            connection.execute(f"DELETE FROM {table} WHERE run_no = 2")
        connection.execute("UPDATE runs SET previous_run = ? WHERE run_no = 3", (RUNS[0],))
        connection.execute("DELETE FROM decision_log WHERE run_no = 2")
        connection.execute("DELETE FROM runs WHERE run_no = 2")
    return "it is run 3, not 2"


def change_the_secret_of_the_commitments(store: SignedStore) -> str:
    store.execute("UPDATE commitment_salt SET salt = zeroblob(32)")
    return "does not hash to the root"


@pytest.mark.parametrize("tamper", [
    flip_a_value, give_a_line_to_another_account, rename_a_rule, delete_a_line, insert_a_line,
    truncate_the_log, move_a_line_to_another_run, back_date_a_run, change_when_it_finished,
    change_an_action, change_the_manifest, swap_parquet_files, rewrite_a_decision,
    remove_a_decision, remove_a_folder, change_the_reconciliation, change_a_kept_policy,
    remove_a_checkpoint, change_a_signed_note, sign_with_another_key, lose_a_run_in_the_middle,
    change_the_secret_of_the_commitments,
    *seldom(
        flip_evidence, name_another_rule, loosen_a_threshold, delete_and_close_the_gap,
        swap_two_lines, delete_an_action, insert_an_action, cut_a_parquet_file,
        flip_a_bit_of_a_parquet_file, change_a_root, change_an_entry, remove_the_signature,
    ),
], ids=lambda one: one.__name__)  # fmt: skip
def test_verify_finds_tampering_and_names_it(
    signed: SignedStore, tamper: Callable[[SignedStore], str]
) -> None:
    named = tamper(signed)
    messages = [found.message for found in signed.verify().findings]
    assert any(named in message for message in messages), "\n".join(messages) or "nothing found"


def test_a_rewritten_store_needs_the_key(signed: SignedStore) -> None:
    """Marks, root, entry and note of a changed line all made anew: only the signature is left."""
    from engine.audit.leaves import LineLeaves, Salt, store_salt

    seq = signed.value(LINE)
    with signed.database() as connection:
        connection.execute("UPDATE decision_log SET to_value = 'blue' WHERE seq = ?", (seq,))
        leaves = LineLeaves(connection, Salt(store_salt(connection), RUNS[0]))
        assert b'"to":"blue"' in leaves.log_leaf(int(str(seq))).content
    assert "root-differs" in signed.codes()


# --- the tail -------------------------------------------------------------------------------


def cut_off_the_last_run(store: SignedStore) -> None:
    with store.database() as connection:
        for table in ("checkpoints", "run_policies", "sources", "leaf_marks", "decision_log",
                      "actions", "run_files"):  # fmt: skip
            connection.execute(f"DELETE FROM {table} WHERE run_no = 3")
        connection.execute("DELETE FROM runs WHERE run_no = 3")
    shutil.rmtree(store.run_folder(2))


def test_a_tail_that_is_cut_off_shows_against_a_checkpoint_kept_elsewhere(
    signed: SignedStore,
) -> None:
    witness = checkpoint_note(signed.folder)
    assert signed.verify(witness=witness).is_sound
    cut_off_the_last_run(signed)
    assert signed.verify().is_sound, "without a witness nobody can know"
    (found,) = signed.verify(witness=witness).findings
    assert found.code == "log-cut-off"
    assert "covers 3 runs, and the store has 2" in found.message


def test_an_earlier_checkpoint_of_the_same_log_is_gone_on_from(signed: SignedStore) -> None:
    assert signed.verify(witness=checkpoint_note(signed.folder, RUNS[0])).is_sound


def test_the_checkpoint_of_another_log_is_refused(signed: SignedStore) -> None:
    stranger = Signer.parse(new_key(ORIGIN).signer)
    note = checkpoint_of([b"{}"], ORIGIN, stranger)
    with pytest.raises(KamError, match="signed"):
        signed.verify(witness=note)
    (found,) = signed.verify(signed.verifier, stranger.verifier, witness=note).findings
    assert found.code == "log-rewritten"


def test_a_key_that_signed_nothing_is_not_enough(signed: SignedStore) -> None:
    stranger = Verifier.parse(new_key("elsewhere.example/kam").verifier)
    assert {found.code for found in signed.verify(stranger).findings} == {
        "signature-untrusted",
        "checkpoint-unsigned",
    }


def test_a_folder_without_a_record_is_named(signed: SignedStore) -> None:
    folder: Path = signed.run_folder()
    shutil.copytree(folder, folder.with_name("2026-07-09.1"))
    (found,) = signed.verify().findings
    assert found.code == "run-without-record"
