"""Personal values leave a night as tokens; the values themselves stand apart."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest

from tests.privacy.book import FIRST, GUESTS, SECOND, SECRETS, Persons, accounts, secrets

PERSONAL = ["name", "contact", "born", "guests", "age", "closeness__age", "closeness"]


def token(salt: bytes, column: str, text: str) -> str:
    """As `engine.plan.sql.sealing` documents it."""
    own = hashlib.sha256(f"{salt.hex()}{column}|{text}".encode()).hexdigest()
    return "sealed:" + hashlib.sha256(f"{own}{text}".encode()).hexdigest()


def salts(persons: Persons) -> dict[str, bytes]:
    return {account: bytes(salt) for account, salt in persons.query("SELECT * FROM salts")}


@pytest.mark.slow
def test_personal_values_stand_nowhere_but_where_they_can_be_destroyed(kept: Persons) -> None:
    assert kept.found(*secrets(), *GUESTS) == {
        "runs/2026-06-30.1/personal.parquet",
        "runs/2026-06-30.1/records/visits.parquet",  # of the last night alone
        "kam.db",
    }
    texts = {
        table: {str(value) for row in kept.query(f"SELECT * FROM {table}") for value in row}
        for (table,) in kept.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    holding = {
        table
        for table, values in texts.items()
        if any(secret in value for secret in (*secrets(), *GUESTS) for value in values)
    }
    assert holding == {"sealed_values"}


def test_every_value_recomputes_the_token_that_facts_hold(kept: Persons) -> None:
    facts = kept.rows("2026-06-30.1", "facts.parquet")
    values = kept.rows("2026-06-30.1", "personal.parquet")
    known = salts(kept)
    columns = [name for name in next(iter(values.values())) if not name.startswith("account_")]
    assert set(PERSONAL) <= set(columns)
    for account, row in values.items():
        for column in columns:
            text = row[column].isoformat() if isinstance(row[column], date) else str(row[column])
            assert facts[account][column] == token(known[account], column, text)


def test_accounts_have_salts_of_their_own(persons: Persons) -> None:
    persons.write("data/accounts.csv", accounts().replace("Bian Lüqiao", "Tang Quexin"))
    persons.run(FIRST)
    facts = persons.rows("2026-06-30.1", "facts.parquet")
    assert len(set(salts(persons).values())) == len(SECRETS)
    assert facts["p1"]["contact"] != facts["p2"]["contact"]


def test_openings_are_kept_of_the_tokens_that_lines_and_actions_name(kept: Persons) -> None:
    (action,) = kept.query("SELECT account_name, evidence FROM actions WHERE account_id = 'p1'")
    seen = json.loads(action[1])
    opened = dict(kept.query("SELECT token, value FROM sealed_values"))
    assert opened[action[0]] == "Qiu Yangming"
    assert opened[seen["contact"]] == "Tang Quexin"
    assert opened[seen["age"]] == "65"
    assert opened[seen["guests"]] == "1"
    assert isinstance(seen["margin_rate"], float)  # confidential values are not sealed


def test_scores_of_persons_stand_in_the_facts_alone(kept: Persons) -> None:
    scores = kept.rows("2026-06-30.1", "decisions.parquet")["p1"]["scores"]
    assert scores["closeness"] is None
    assert scores["value"] is not None


def test_sealing_changes_no_decision(kept: Persons) -> None:
    assert kept.tiers("2026-06-30.1") == {"p1": "gold", "p2": "plain", "p3": "gold"}
    warned = kept.query(
        "SELECT account_id FROM decision_log WHERE kind = 'warning_opened' ORDER BY 1"
    )
    assert warned == [("p1",), ("p2",)]


@pytest.mark.slow
def test_same_value_has_the_same_token_on_the_next_night(persons: Persons) -> None:
    persons.run(FIRST)
    before, known = persons.rows("2026-06-30.1", "facts.parquet"), salts(persons)
    persons.run(SECOND)
    after = persons.rows("2026-07-01.1", "facts.parquet")
    assert salts(persons) == known
    for account in SECRETS:
        for column in ("name", "contact", "born"):
            assert before[account][column] == after[account][column]
    assert persons.log("2026-07-01.1") == []


def test_night_that_is_run_twice_changes_nothing(persons: Persons) -> None:
    persons.run(FIRST)
    before = persons.fingerprint()
    assert persons.run(FIRST).repeated
    assert persons.fingerprint() == before


@pytest.mark.slow
def test_corrected_night_keeps_the_salts(persons: Persons) -> None:
    persons.run(FIRST)
    known = salts(persons)
    persons.write("data/accounts.csv", accounts(p1=900000))
    persons.run(FIRST)
    assert salts(persons) == known
    assert [line[0] for line in persons.log("2026-06-30.2")] == [
        "warning_resolved",
        "action_expired",
    ]


def test_account_without_a_personal_value_has_no_row(persons: Persons) -> None:
    persons.write("data/accounts.csv", accounts() + "p4,,,,5.00,south\n")
    persons.write(
        "policies/small/pack.yaml",
        (persons.root / "policies/small/pack.yaml")
        .read_text(encoding="utf-8")
        .replace("count_distinct: visits.guest", "count: visits"),
    )
    persons.run(FIRST)
    values = persons.rows("2026-06-30.1", "personal.parquet")
    assert values["p4"]["contact"] is None  # its score of closeness is a value all the same
    facts = persons.rows("2026-06-30.1", "facts.parquet")
    assert facts["p4"]["contact"] is None
    assert facts["p4"]["closeness"].startswith("sealed:")


def test_workspace_without_personal_columns_has_neither_file_nor_salt(persons: Persons) -> None:
    facts = (persons.root / "facts.yaml").read_text(encoding="utf-8")
    persons.write("facts.yaml", facts.replace("class: personal", "class: internal"))
    persons.run(FIRST)
    assert not (persons.folder("2026-06-30.1") / "personal.parquet").exists()
    assert persons.query("SELECT count(*) FROM salts") == [(0,)]
    assert persons.query("SELECT count(*) FROM sealed_values") == [(0,)]


def test_unmapped_personal_columns_cost_nothing(persons: Persons) -> None:
    facts = (persons.root / "facts.yaml").read_text(encoding="utf-8")
    for line in ("name", "contact", "born"):
        facts = facts.replace(f"    {line}: {{type: {'date' if line == 'born' else 'text'}, "
                              "class: personal}\n", "")  # fmt: skip
    persons.write("facts.yaml", facts.replace(", guest: {type: text, class: personal}", ""))
    persons.run(FIRST)
    assert not (persons.folder("2026-06-30.1") / "personal.parquet").exists()
    assert persons.query("SELECT count(*) FROM salts") == [(0,)]


def test_only_those_with_a_value_get_a_salt_where_the_columns_tell(persons: Persons) -> None:
    pack = (persons.root / "policies/small/pack.yaml").read_text(encoding="utf-8")
    head, rest = pack.split("measures:\n")
    tail = rest[rest.index("warnings:") :].replace(", guests: {gte: 1}", "")
    measures = "".join(
        f"{line}\n"
        for line in rest.splitlines()
        if line.startswith(("  spent:", "  margin_rate:", "  share:"))
    )
    tail = tail.replace("({age}) ", "").replace("{age}", "")
    persons.write("policies/small/pack.yaml", f"{head}measures:\n{measures}\n{tail}")
    persons.write("data/accounts.csv", accounts() + "p4,,,,5.00,south\n")
    persons.run(FIRST)
    assert set(salts(persons)) == set(SECRETS)
    assert set(persons.rows("2026-06-30.1", "personal.parquet")) == set(SECRETS)
