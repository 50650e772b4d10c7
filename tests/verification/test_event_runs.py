"""What was said of events is covered by the checkpoints: whoever touches it is found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.evidence.proofs import check_proof
from engine.verification.proving import prove_consistency, prove_inclusion, prove_run
from engine.verification.verify import verify_store
from tests.night.book import Book
from tests.often import seldom
from tests.verification.event_store import EVENT_RUNS, NIGHTS
from tests.verification.store import ORIGIN, SignedStore, copy_of, signed_store


@pytest.fixture(scope="session")
def untouched(told: Book) -> SignedStore:
    """Never changed; tests take a copy."""
    return signed_store(told.root)


@pytest.fixture
def signed(untouched: SignedStore, tmp_path: Path) -> SignedStore:
    return copy_of(untouched, tmp_path / "store")


def test_a_store_with_events_verifies(untouched: SignedStore) -> None:
    verdict = untouched.verify()

    assert verdict.findings == ()
    assert verdict.signed_by == (ORIGIN,)
    assert verdict.runs == (NIGHTS[0], *EVENT_RUNS, NIGHTS[1])
    assert verdict.decisions == 4 + 1 + 1 + 4


@pytest.mark.parametrize(
    ("tampering", "code", "named"),
    [
        ("UPDATE events SET content = replace(content, 'A', 'B') WHERE event_no = 1",
         "event-altered", "crm-1"),
        ("UPDATE events SET event_id = 'crm-9' WHERE event_no = 3", "event-inserted", "crm-9"),
        ("DELETE FROM events WHERE event_no = 2", "event-missing", "crm-2"),
        ("UPDATE events SET run_no = 3 WHERE event_no = 2", "event-inserted", "crm-2"),
        ("UPDATE event_decisions SET content = replace(content, 'gold', 'plain') WHERE run_no = 2",
         "decisions-altered", "decision 0 (a2)"),
        ("DELETE FROM event_decisions WHERE run_no = 3", "decisions-differ", "0 accounts"),
        ("UPDATE event_decisions SET run_no = 4 WHERE run_no = 3", "decision-inserted", "a1"),
        ("UPDATE event_runs SET document = replace(document, 'crm-1', 'crm-9') WHERE run_no = 2",
         "document-altered", "document"),
        ("UPDATE event_runs SET night_run_no = 4 WHERE run_no = 2", "run-altered", NIGHTS[1]),
        ("INSERT INTO event_runs VALUES (4, 1, '{}')", "document-inserted", "event_runs"),
        ("UPDATE decision_log SET to_value = 'plain' WHERE run_no = 2 AND kind = 'tier_moved'",
         "log-altered", "a2, tier_moved"),
        ("DELETE FROM decision_log WHERE run_no = 2 AND kind = 'tier_moved'",
         "log-missing", "is gone"),
        ("UPDATE actions SET priority = 'low' WHERE run_no = 2", "actions-altered", "a2"),
        ("DELETE FROM actions WHERE run_no = 2", "actions-missing", "is gone"),
        ("UPDATE runs SET previous_run = '2026-06-30.e1' WHERE run_no = 4",
         "run-altered", "night before"),
        ("DELETE FROM runs WHERE run_no = 2", "run-missing", "run 3, not 2"),
        *seldom(
            ("UPDATE events SET sha256 = 'x' WHERE event_no = 1", "event-altered", "crm-1"),
            ("UPDATE events SET given = '{\"rating\":\"B\"}' WHERE event_no = 2",
             "event-altered", "crm-2"),
            ("UPDATE events SET before = '{}' WHERE event_no = 3", "event-altered", "crm-3"),
            ("UPDATE events SET answer = '{}' WHERE event_no = 3", "event-altered", "crm-3"),
            ("UPDATE events SET day = '2026-06-29' WHERE event_no = 3", "event-altered", "crm-3"),
            ("UPDATE events SET account_id = 'a9' WHERE event_no = 3", "event-altered", "crm-3"),
            ("UPDATE events SET run_no = 4 WHERE event_no = 2", "event-inserted", "crm-2"),
            ("INSERT INTO events SELECT 9, 'crm-9', 2, account_id, type, record, key, at, day, "
             "content, sha256, given, before, answer FROM events WHERE event_no = 1",
             "event-inserted", "crm-9"),
            ("UPDATE event_decisions SET account_id = 'a3' WHERE run_no = 3",
             "decisions-altered", "a3"),
            ("INSERT INTO event_decisions SELECT 3, 'a4', as_of, content FROM event_decisions "
             "WHERE run_no = 3", "decisions-differ", "2 accounts"),
            ("DELETE FROM event_runs WHERE run_no = 2", "document-altered", "document"),
            ("UPDATE runs SET plan_hash = 'x' WHERE run_no = 2", "run-altered", "'plan'"),
            ("UPDATE runs SET kind = 'night', folder = 'runs/x' WHERE run_no = 2",
             "run-altered", "'kind'"),
            ("UPDATE runs SET kind = 'event' WHERE run_no = 4", "run-altered", "'kind'"),
        ),
    ],
)  # fmt: skip
def test_tampering_is_found_and_named(
    signed: SignedStore, tampering: str, code: str, named: str
) -> None:
    signed.execute(tampering)

    found = [one for one in signed.verify().findings if one.code == code]

    assert found, f"not found: {signed.codes()}"
    assert any(named in f"{one.run} {one.message}" for one in found), found


def test_a_single_run_can_be_checked(signed: SignedStore) -> None:
    signed.execute("UPDATE events SET answer = '{}' WHERE event_no = 3")

    def codes(run_id: str) -> set[str]:
        verdict = verify_store(signed.folder, [signed.verifier], runs=[run_id])
        return {one.code for one in verdict.findings}

    assert codes(EVENT_RUNS[1]) == {"event-altered"}
    assert codes(EVENT_RUNS[0]) == codes(NIGHTS[1]) == set()


# --- proofs ----------------------------------------------------------------------------------


def test_what_an_event_decided_is_proven(untouched: SignedStore) -> None:
    document = prove_inclusion(untouched.folder, "a2", EVENT_RUNS[0], "confidential").document()

    checked = check_proof(json.dumps(document), [untouched.verifier])

    assert checked.run == EVENT_RUNS[0]
    assert {one.leaf["account"] for one in checked.entries} == {"a2"}
    assert len(checked.entries) == 4  # the decision, two lines and the action
    opened = json.loads(checked.entries[0].opened["content"])
    assert opened["decisions"][0]["tier"] == "gold"


@pytest.mark.parametrize("reader", [None, "public", "internal"])
def test_the_whole_of_a_decision_is_for_readers_of_confidential_values(
    untouched: SignedStore, reader: str | None
) -> None:
    document = prove_inclusion(untouched.folder, "a2", EVENT_RUNS[0], reader).document()

    checked = check_proof(json.dumps(document), [untouched.verifier])

    assert not checked.entries[0].opened


@pytest.mark.parametrize("run", [*NIGHTS, *EVENT_RUNS])
def test_a_whole_run_is_proven(untouched: SignedStore, run: str) -> None:
    document = prove_run(untouched.folder, run, None).document()

    checked = check_proof(json.dumps(document), [untouched.verifier])

    assert (checked.run, checked.kind) == (run, "run")
    assert "crm-1" not in json.dumps(document), "the document of a run is shown by its hash"


def test_the_log_of_a_night_goes_on_from_that_of_an_event(untouched: SignedStore) -> None:
    document = prove_consistency(untouched.folder, EVENT_RUNS[0], NIGHTS[1]).document()

    check_proof(json.dumps(document), [untouched.verifier])
