"""What a night has read is what its manifest says that it has read, and is still there."""

from __future__ import annotations

import pytest

from tests.verification.store import RUNS, SignedStore

FIRST, SECOND, LAST = RUNS


def tampered(store: SignedStore, *statements: str) -> list[tuple[str, str | None]]:
    with store.database() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
    codes = ("policies-altered", "texts-altered", "kept-file-missing", "run-altered")
    return [(one.code, one.run) for one in store.verify().findings if one.code in codes]


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ("DELETE FROM policy_version_files", [("policies-altered", FIRST)]),
        ("DELETE FROM policy_version_files WHERE path LIKE '%pack%'",
         [("policies-altered", FIRST)]),
        ("UPDATE policy_version_files SET path = 'x.yaml' WHERE path LIKE '%pack%'",
         [("policies-altered", FIRST)]),
        ("DELETE FROM run_policies WHERE run_no = 2", [("policies-altered", SECOND)]),
        ("UPDATE policy_versions SET version = '9'",
         [("policies-altered", one) for one in RUNS]),
        ("UPDATE policy_versions SET pack = 'other'",
         [("policies-altered", one) for one in RUNS]),
        ("DELETE FROM run_files WHERE run_no = 3 AND role = 'calendar'",
         [("texts-altered", LAST)]),
        ("UPDATE run_files SET path = 'x' WHERE run_no = 1 AND role = 'catalog'",
         [("texts-altered", FIRST)]),
        ("UPDATE runs SET plan_hash = '00' WHERE run_no = 2", [("run-altered", SECOND)]),
        ("UPDATE runs SET facts_fingerprint = '00' WHERE run_no = 2", [("run-altered", SECOND)]),
        ("UPDATE runs SET counts = json_set(counts, '$.accounts', 99) WHERE run_no = 2",
         [("run-altered", SECOND)]),
        ("UPDATE runs SET actions = 99 WHERE run_no = 3", [("run-altered", LAST)]),
    ],
)  # fmt: skip
def test_what_a_night_read_cannot_be_exchanged(
    signed: SignedStore, tampering: str, expected: list[tuple[str, str]]
) -> None:
    assert tampered(signed, tampering) == expected


def test_a_policy_under_another_text_of_the_store_is_found(signed: SignedStore) -> None:
    """The text has its right hash; it is not the one that the night read."""
    assert tampered(
        signed,
        "UPDATE policy_version_files SET sha256 = (SELECT sha256 FROM run_files "
        "WHERE role = 'workspace' LIMIT 1) WHERE path LIKE '%pack%'",
    ) == [("policies-altered", FIRST)]


def test_texts_that_are_gone_are_named_once_each(signed: SignedStore) -> None:
    texts = signed.value("SELECT count(*) FROM policy_files")
    found = tampered(signed, "DELETE FROM policy_files")
    assert {code for code, _ in found} == {"kept-file-missing"}
    assert len(found) == texts
