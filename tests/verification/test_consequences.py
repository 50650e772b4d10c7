"""What changes from day to day has to follow from the log: each way of forging it is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.often import named
from tests.privacy.book import FIRST, SECOND, THIRD
from tests.verification.lived_store import LAST, Lived

Tampering = tuple[str, str, str]
"""What is done to kam.db, the code that says so, and what it names."""


def test_store_in_which_much_has_happened_is_sound(lived: Lived) -> None:
    assert lived.found() == ()


TAMPERINGS: dict[str, Tampering] = {
    # --- openings of personal values
    "an opened value is forged": (
        "UPDATE sealed_values SET value = 'FORGED' WHERE account_id = 'p1' "
        "AND fact_column = 'name'",
        "personal-altered",
        "'name' of p1 in sealed_values",
    ),
    "an opening is of another column": (
        "UPDATE sealed_values SET fact_column = 'name' WHERE fact_column = 'contact'",
        "personal-altered",
        "'name' of p1 in sealed_values",
    ),
    "an opening is of another account": (
        "UPDATE sealed_values SET account_id = 'p3' WHERE account_id = 'p1'",
        "personal-altered",
        "of p3 in sealed_values",
    ),
    "the salt of an account is removed": (
        "DELETE FROM salts WHERE account_id = 'p3'",
        "personal-altered",
        "of p3 in sealed_values",
    ),
    "an opening is removed": (
        "DELETE FROM sealed_values WHERE account_id = 'p3'",
        "opening-missing",
        "the name of p3",
    ),
    # --- marks
    "an acknowledgement is of another account": (
        "UPDATE marks SET account_id = 'p1' WHERE kind = 'ack'",
        "marks-altered",
        "marks 1 to 3",
    ),
    "an acknowledgement is of another warning": (
        "UPDATE marks SET rule_id = 'other' WHERE kind = 'ack'",
        "marks-altered",
        "marks 1 to 3",
    ),
    "an acknowledgement is of another policy": (
        "UPDATE marks SET pack = 'other' WHERE kind = 'ack'",
        "marks-altered",
        "marks 1 to 3",
    ),
    "an acknowledgement is dated back": (
        "UPDATE marks SET said_on = '2020-01-01' WHERE kind = 'ack'",
        "marks-altered",
        "stands under 2020-01-01",
    ),
    "an acknowledgement is dated as no date": (
        "UPDATE marks SET said_on = 'long ago' WHERE kind = 'ack'",
        "marks-altered",
        "stands under long ago",
    ),
    "a mark of an action names a warning": (
        "UPDATE marks SET pack = 'small', rule_id = 'thin_margin' WHERE kind = 'assign'",
        "marks-altered",
        "marks 1 to 3",
    ),
    # --- actions
    "an action is done, and nobody has said so": (
        "UPDATE actions SET status = 'done' WHERE action_no = 3",
        "action-state-altered",
        "action 3 (p3) is done; by its lines and marks: open",
    ),
    "an action that is done is open again": (
        "UPDATE actions SET status = 'open' WHERE action_no = 1",
        "action-state-altered",
        "action 1 (p1) is open; by its lines and marks: done",
    ),
    "an action that has expired is snoozed": (
        "UPDATE actions SET status = 'snoozed', snoozed_until = '2030-01-01' WHERE action_no = 2",
        "action-state-altered",
        "action 2 (p2) is snoozed until 2030-01-01; by its lines and marks: expired",
    ),
    "an action is with somebody else": (
        "UPDATE actions SET owner = 'nobody' WHERE action_no = 2",
        "action-state-altered",
        "action 2 (p2) is with somebody else",
    ),
    "an action is with nobody": (
        "UPDATE actions SET owner = NULL WHERE action_no = 2",
        "action-state-altered",
        "action 2 (p2) is with somebody else",
    ),
    "an action that was assigned is with its first owner": (
        "UPDATE actions SET owner = 'office' WHERE action_no = 1",
        "action-state-altered",
        "action 1 (p1) is with somebody else",
    ),
    "an action that was assigned since the last night is with its first owner": (
        "UPDATE actions SET owner = 'office' WHERE action_no = 3",
        "action-state-altered",
        "action 3 (p3) is with somebody else",
    ),
    "an action stands under another run": (
        "UPDATE actions SET run_no = 2 WHERE action_no = 1",
        "action-state-altered",
        "action 1 (p1) stands under run 2; run 1 emitted it",
    ),
    # --- forgotten accounts
    "another account is said to be forgotten": (
        "UPDATE forgettings SET account_id = 'p1' WHERE forgetting_no = 1",
        "forgetting-altered",
        "forgetting 1 is not as the log says it (account p3)",
    ),
    "somebody else has said to forget": (
        "UPDATE forgettings SET said_by = 'ceo' WHERE forgetting_no = 1",
        "forgetting-altered",
        "forgetting 1",
    ),
    "there is another reason to forget": (
        "UPDATE forgettings SET reason = 'x' WHERE forgetting_no = 1",
        "forgetting-altered",
        "forgetting 1",
    ),
    "a forgetting reaches further": (
        "UPDATE forgettings SET last_run_no = 4 WHERE forgetting_no = 1",
        "forgetting-altered",
        "forgetting 1 is said to reach to run 4",
    ),
    "a forgetting is removed": (
        "DELETE FROM forgettings WHERE forgetting_no = 1",
        "forgetting-altered",
        "the log says that p3 was forgotten; forgetting 1 is gone",
    ),
    "a forgetting is not logged any more": (
        "DELETE FROM forgettings_logged",
        "forgetting-altered",
        "forgetting 1 was logged by this run",
    ),
    "a forgetting counts as logged": (
        "INSERT INTO forgettings_logged VALUES (2, 4)",
        "forgetting-altered",
        "forgetting 2 counts as logged, and no line says so",
    ),
    "a forgetting is slipped in before others": (
        "INSERT INTO forgettings VALUES (-1, 'p1', '2026-07-01T00:00:00+00:00', 'x', 'y', 0, 4)",
        "forgetting-altered",
        "forgetting -1 stands in no line",
    ),
    "a forgetting is dated back": (
        "INSERT INTO forgettings VALUES (3, 'p1', '2026-07-01T00:00:00+00:00', 'x', 'y', 0, 2)",
        "forgetting-altered",
        "forgetting 3 is said to reach to run 2",
    ),
    # --- expired files
    "a file is excused on a day without a line": (
        "INSERT INTO expired_files VALUES (2, 'facts.parquet', '2026-07-01')",
        "expiry-unfounded",
        "the time of facts.parquet was over on 2026-07-01; no line",
    ),
    "a file of a later day is excused by the line of another": (
        "INSERT INTO expired_files VALUES (2, 'facts.parquet', '2026-07-04')",
        "expiry-unfounded",
        "the time of facts.parquet was over on 2026-07-04; no line",
    ),
    "an expired file is not named any more": (
        "DELETE FROM expired_files WHERE file = 'personal.parquet'",
        "expiry-unfounded",
        "the time of 1 files (personal) was over",
    ),
    "an expired file is of another run": (
        "UPDATE expired_files SET run_no = 3 WHERE file = 'personal.parquet'",
        "expiry-unfounded",
        "the time of personal.parquet",
    ),
    # --- the outbox
    "a message counts as delivered": (
        "UPDATE outbox SET status = 'delivered' WHERE message_no = 3",
        "delivery-altered",
        "stands as delivered; no receipt",
    ),
    "a message counts as dead": (
        "UPDATE outbox SET status = 'dead' WHERE message_no = 3",
        "delivery-altered",
        "stands as dead; no receipt",
    ),
    "a message waits for a day that never comes": (
        "UPDATE outbox SET next_attempt_at = '2099-01-01' WHERE message_no = 3",
        "delivery-altered",
        "message 3",
    ),
    "a message that was delivered waits again": (
        "UPDATE outbox SET status = 'pending' WHERE message_no = 1",
        "delivery-altered",
        "stands as pending; last receipt: delivered",
    ),
    "the receipts are removed": (
        "DELETE FROM deliveries",
        "delivery-altered",
        "message 1",
    ),
    "a message is of another sink": (
        "UPDATE outbox SET sink = 'other' WHERE message_no = 1",
        "delivery-altered",
        "message 1 to other",
    ),
    "a message is removed": (
        "DELETE FROM outbox WHERE message_no = 1",
        "message-missing",
        "message 1 of the outbox is gone",
    ),
}


OFTEN = (
    "an opened value is forged",
    "an opening is removed",
    "an acknowledgement is of another account",
    "an acknowledgement is dated back",
    "an action is done, and nobody has said so",
    "an action is with somebody else",
    "an action stands under another run",
    "another account is said to be forgotten",
    "a forgetting reaches further",
    "a forgetting is not logged any more",
    "a forgetting is slipped in before others",
    "a file is excused on a day without a line",
    "an expired file is not named any more",
    "a message counts as delivered",
    "the receipts are removed",
    "a message is removed",
)


@pytest.mark.parametrize("tampering", named(TAMPERINGS, OFTEN))
def test_tampering_with_a_table_is_found_and_named(
    tampering: Tampering, lived_again: Lived
) -> None:
    statement, code, named = tampering
    lived_again.execute(statement)
    messages = [one.message for one in lived_again.found() if one.code == code]
    assert any(named in message for message in messages), lived_again.found()


def test_damaged_evidence_is_the_fault_of_its_line_alone(lived_again: Lived) -> None:
    lived_again.execute("UPDATE decision_log SET evidence = '{' WHERE kind = 'action_expired'")
    assert {"log-altered", "action-state-altered"} <= lived_again.codes()


# --- files of personal values ------------------------------------------------------------


def remove(lived: Lived, day: date) -> None:
    (lived.folder(day) / "personal.parquet").unlink()


def rewrite(lived: Lived, day: date, how: Callable[[duckdb.DuckDBPyRelation], object]) -> None:
    """`how` takes the relation of the file to what is to stand there."""
    file = lived.folder(day) / "personal.parquet"
    aside = Path(f"{file}.new")
    with duckdb.connect() as connection:
        changed = how(connection.read_parquet(str(file)))
        assert isinstance(changed, duckdb.DuckDBPyRelation)
        changed.write_parquet(str(aside))
    aside.replace(file)


def test_file_of_personal_values_that_nothing_excuses_is_named(lived_again: Lived) -> None:
    remove(lived_again, SECOND)
    (found,) = lived_again.found()
    assert (found.code, found.run) == ("personal-missing", f"{SECOND}.1")
    assert found.message.startswith("personal.parquet is gone, and with it values of p1")


def test_person_who_was_taken_out_of_a_file_is_named(lived_again: Lived) -> None:
    rewrite(lived_again, THIRD, lambda rows: rows.filter("account_id <> 'p1'"))
    assert lived_again.codes() == {"personal-missing"}
    (found,) = lived_again.found()
    assert "contact, guests, name" in found.message
    assert "of p1: gone from personal.parquet" in found.message


def test_person_whose_row_is_another_twice_is_named(lived_again: Lived) -> None:
    twice = "account_id = 'p3'"
    rewrite(
        lived_again,
        THIRD,
        lambda rows: rows.filter("account_id <> 'p1'").union(rows.filter(twice)),
    )
    assert "personal-missing" in lived_again.codes()


def test_value_or_column_that_was_taken_out_is_named(lived_again: Lived) -> None:
    rewrite(lived_again, THIRD, lambda rows: rows.project("* REPLACE (NULL::DATE AS born)"))
    rewrite(lived_again, LAST, lambda rows: rows.project("* EXCLUDE (contact)"))
    assert lived_again.codes() == {"personal-missing"}
    assert "born of p1: gone" in lived_again.messages()
    assert "contact of p1: gone" in lived_again.messages()
    assert "p2" not in lived_again.messages(), "who has been forgotten"


def test_facts_that_were_destroyed_are_not_excused_by_a_row(lived_again: Lived) -> None:
    lived_again.execute("INSERT INTO expired_files VALUES (2, 'facts.parquet', '2026-07-01')")
    (lived_again.folder(SECOND) / "facts.parquet").unlink()
    assert "expiry-unfounded" in lived_again.codes()


def test_files_whose_time_was_over_are_no_finding(lived: Lived) -> None:
    assert not (lived.folder(FIRST) / "personal.parquet").exists()
    assert not (lived.folder(FIRST) / "facts.parquet").exists()
    assert lived.found() == ()
