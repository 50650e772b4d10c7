"""What each class of reader sees, in every command and every form."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.audit.privacy import Reader
from engine.audit.store import open_store
from engine.commands import account, privacy, reading, report
from engine.commands.explain import explain
from engine.commands.options import reader_level
from engine.language.load import load_workspace
from engine.language.schema import named_schema
from engine.model import CLASSES
from tests.privacy.book import GUESTS, SECOND, SECRETS, Persons, plain, secrets

BELOW = ("public", "internal", "confidential")
"""Readers who may not know the persons."""
NAME, CONTACT, BORN = SECRETS["p1"]
TOKEN = r"sealed:[0-9a-f]{64}"
RATE = "0.111111"
"""The margin of p1 over what it spent, which is confidential."""


def run(persons: Persons, command: click.Command, *arguments: str, reader: str | None) -> Result:
    who = [] if reader is None else ["--reader", reader]
    result = CliRunner().invoke(
        command, [*arguments, "-w", str(persons.root), "--lang", "en", *who]
    )
    assert result.exit_code == 0, result.output
    return result


def listed(persons: Persons, name: str, reader: str, form: str, *more: str) -> str:
    command = getattr(reading, name)
    return run(persons, command, "--format", form, *more, reader=reader).stdout


def rows(persons: Persons, name: str, reader: str, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(listed(persons, name, reader, "json", *more))
    return found


def page(persons: Persons, reader: str, tmp_path: Path) -> str:
    target = tmp_path / "report.html"
    run(persons, report.report, "--out", str(target), reader=reader)
    return target.read_text(encoding="utf-8")


LISTINGS = [("accounts", ()), ("actions", ()), ("warnings", ()), ("log", ())]
FORMS = ("table", "json", "jsonl", "csv")


# --- persons -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("reader", BELOW)
def test_nobody_below_sees_anything_of_a_person(kept: Persons, reader: str, tmp_path: Path) -> None:
    texts = [listed(kept, name, reader, form) for name, _ in LISTINGS for form in FORMS]
    for command in (explain, account.account):
        texts.append(run(kept, command, "p1", reader=reader).output)
        texts.append(run(kept, command, "p1", "--format", "json", reader=reader).output)
    texts.append(page(kept, reader, tmp_path))
    for text in texts:
        assert not [one for one in (*secrets(), *GUESTS) if one in text]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["accounts", "actions", "warnings"])
def test_whoever_may_know_the_person_reads_the_name(kept: Persons, name: str, form: str) -> None:
    assert NAME in listed(kept, name, "personal", form)


@pytest.mark.parametrize("form", FORMS)
def test_log_opens_the_values_seen(kept: Persons, form: str) -> None:
    text = listed(kept, "log", "personal", form, "--kind", "warning_opened", "--account", "p1")
    assert CONTACT in text
    assert "sealed:" not in text


def test_opened_numbers_are_numbers(kept: Persons) -> None:
    more = ("--kind", "warning_opened", "--account", "p1")
    (line,) = rows(kept, "log", "personal", *more)
    assert (line["evidence"]["age"], line["evidence"]["guests"]) == (65, 1)


@pytest.mark.parametrize("reader", BELOW)
def test_token_is_whole_for_programs_and_short_for_people(kept: Persons, reader: str) -> None:
    (row,) = rows(kept, "accounts", reader, "--account", "p1")
    assert row["name"].startswith("sealed:")
    shown = listed(kept, "accounts", reader, "table", "--account", "p1")
    assert f"•••• {row['name'].removeprefix('sealed:')[:8]}" in shown
    assert "sealed:" not in shown


def test_explanation_opens_persons_for_whoever_may_know_them(kept: Persons) -> None:
    text = plain(run(kept, explain, "p1", reader="personal").output)
    assert NAME in text
    assert re.search(r"\b65\b", text)
    hidden = plain(run(kept, explain, "p1", reader="confidential").output)
    assert not re.search(r"\b65\b", hidden), "a token may hold these digits, the value not"
    assert "Gold" in hidden  # what was decided is no secret
    assert "gte 60" in hidden or "60" in hidden


def test_story_opens_persons_for_whoever_may_know_them(kept: Persons) -> None:
    story = json.loads(
        run(kept, account.account, "p1", "--format", "json", reader="personal").output
    )
    assert story[0]["name"] == NAME
    assert all(isinstance(one["now"]["score"]["value"], float) for one in story[0]["scores"])


def test_name_is_found_by_whoever_may_read_it_alone(kept: Persons) -> None:
    part = NAME.split()[0]
    arguments = (part, "--format", "json")
    found = json.loads(run(kept, reading.accounts, *arguments, reader="personal").stdout)
    assert [row["account"] for row in found] == ["p1"]
    assert json.loads(run(kept, reading.accounts, *arguments, reader="confidential").stdout) == []


def test_text_of_an_action_names_what_the_reader_may_see(kept: Persons) -> None:
    texts = {
        reader: rows(kept, "actions", reader, "--account", "p1")[0]["text_en"] for reader in CLASSES
    }
    assert texts["personal"] == f"Call {CONTACT} (65) of {NAME}: margin rate 11.1% of 900,000.00"
    assert "margin rate 11.1% of 900,000.00" in texts["confidential"]
    assert "margin rate •••• (confidential) of 900,000.00" in texts["internal"]
    assert "margin rate •••• (confidential) of •••• (internal)" in texts["public"]


# --- other classes -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["log", "actions", "warnings"])
@pytest.mark.parametrize(
    ("reader", "masked"),
    [
        ("public", {"margin_rate", "spent"}),
        ("internal", {"margin_rate"}),
        ("confidential", set()),
        ("personal", set()),
    ],
)
def test_values_of_higher_classes_are_null_and_named(
    kept: Persons, name: str, reader: str, masked: set[str]
) -> None:
    more = ("--kind", "warning_opened") if name == "log" else ()
    row = rows(kept, name, reader, "--account", "p1", *more)[0]
    values = {key: row["evidence"][key] for key in ("margin_rate", "spent", "region")}
    assert {key for key, value in values.items() if value is None} == masked
    named = {one.removeprefix("evidence.") for one in row.get("masked", ())}
    assert named & set(values) == masked
    assert ("masked" in row) is bool(masked)
    assert values["region"] == "north"  # everybody may know


def test_masked_line_and_action_keep_to_their_schemas(kept: Persons) -> None:
    for name, schema in (("log", "log_line"), ("actions", "action")):
        check = Draft202012Validator(named_schema(schema))
        for reader in CLASSES:
            for line in listed(kept, name, reader, "jsonl").splitlines():
                check.validate(json.loads(line))


def test_people_see_a_mark_with_the_class(kept: Persons) -> None:
    more = ("--kind", "warning_opened", "--account", "p1")
    shown = listed(kept, "log", "internal", "table", *more)
    assert "margin_rate •••• (confidential)" in shown
    assert "region north" in shown
    (row,) = csv.DictReader(io.StringIO(listed(kept, "log", "internal", "csv", *more)[1:]))
    assert json.loads(row["evidence"])["margin_rate"] == "•••• (confidential)"


def test_scores_are_masked_by_their_class(kept: Persons) -> None:
    (row,) = rows(kept, "accounts", "internal", "--account", "p1")
    assert row["scores"]["value"] is None
    assert row["masked"] == ["scores.value"]
    (row,) = rows(kept, "accounts", "confidential", "--account", "p1")
    assert row["scores"]["value"] > 0
    assert "masked" not in row


def test_explanation_masks_the_value_and_how_far_it_is_from_the_threshold(kept: Persons) -> None:
    told = run(kept, explain, "p1", "--format", "json", reader="internal").output
    assert RATE not in told
    test = _find(json.loads(told), "margin_rate")
    assert test["subject"]["value"] is None
    assert test["subject"]["masked"] == ["value"]
    assert test["truth"] is True
    seen = run(kept, explain, "p1", "--format", "json", reader="confidential").output
    assert _find(json.loads(seen), "margin_rate")["subject"]["value"] == pytest.approx(1 / 9, 1e-4)


def _find(node: Any, column: str) -> dict[str, Any]:
    """The first test of a column."""
    parts = node if isinstance(node, list) else [*node.values()] if isinstance(node, dict) else []
    is_test = isinstance(node, dict) and node.get("node") == "test"
    if is_test and node["subject"]["column"] == column:
        found: dict[str, Any] = node
        return found
    inner = (_find(part, column) for part in parts)
    return next((one for one in inner if one), {})


def test_report_names_accounts_for_whoever_may_read_them(kept: Persons, tmp_path: Path) -> None:
    assert NAME in page(kept, "personal", tmp_path)
    assert NAME not in page(kept, "confidential", tmp_path)


def test_our_own_people_are_internal(kept: Persons) -> None:
    public, internal = (
        rows(kept, "actions", reader, "--account", "p1")[0] for reader in ("public", "internal")
    )
    assert internal["owner"] == "office"
    assert public["owner"] is None
    assert "owner" in public["masked"]


def test_stricter_class_of_today_counts_for_lines_of_then(night: Persons) -> None:
    facts = (night.root / "facts.yaml").read_text(encoding="utf-8")
    night.write(
        "facts.yaml", facts.replace("spent: money", "spent: {type: money, class: personal}")
    )
    more = ("--kind", "warning_opened", "--account", "p1", "--run", "2026-06-30.1")
    (before,) = rows(night, "log", "confidential", *more)
    assert before["evidence"]["spent"] == 900000
    night.run(SECOND)
    (after,) = rows(night, "log", "confidential", *more)
    assert after["evidence"]["spent"] is None
    assert "evidence.spent" in after["masked"]


# --- who reads ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "environment", "workspace", "level"),
    [
        (None, None, None, "confidential"),
        (None, "public", None, "public"),
        (None, "personal", None, "personal"),
        (None, "personal", "internal", "internal"),
        (None, "public", "internal", "public"),
        (None, None, "personal", "confidential"),
        ("personal", "public", "public", "personal"),
        ("public", "personal", "personal", "public"),
    ],
)
def test_option_goes_before_the_environment_and_the_workspace_limits_that(
    night: Persons,
    monkeypatch: pytest.MonkeyPatch,
    said: str | None,
    environment: str | None,
    workspace: str | None,
    level: str,
) -> None:
    monkeypatch.delenv("KAM_READER", raising=False)
    if environment is not None:
        monkeypatch.setenv("KAM_READER", environment)
    if workspace is not None:
        text = (night.root / "kam.yaml").read_text(encoding="utf-8")
        night.write("kam.yaml", f"{text}privacy: {{reader: {workspace}}}\n")
    assert reader_level(load_workspace(night.root), said) == level


def test_unknown_reader_of_the_environment_is_refused(
    kept: Persons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAM_READER", "everybody")
    result = CliRunner().invoke(reading.log, ["-w", str(kept.root)])
    assert result.exit_code == 2
    assert "KAM_READER is 'everybody'" in result.output


# --- after a forgetting ------------------------------------------------------------------


@pytest.mark.slow
def test_everything_still_answers_after_a_forgetting(night: Persons, tmp_path: Path) -> None:
    arguments = ["p1", "--reason", "asked", "--by", "Ning", "-w", str(night.root)]
    assert CliRunner().invoke(privacy.forget, arguments).exit_code == 0
    for reader in CLASSES:
        for name, _ in LISTINGS:
            for form in FORMS:
                assert NAME not in listed(night, name, reader, form)
        assert "p1" in run(night, account.account, "p1", reader=reader).output
        assert "p1" in run(night, explain, "p1", reader=reader).output
        assert NAME not in page(night, reader, tmp_path)
    (row,) = rows(night, "accounts", "personal", "--account", "p1")
    assert row["name"].startswith("sealed:")
    (row,) = rows(night, "accounts", "personal", "--account", "p2")
    assert row["name"] == SECRETS["p2"][0]


def test_reader_looks_a_token_up_once(kept: Persons) -> None:
    with open_store(kept.store, read_only=True) as store:
        seen: list[str] = []
        store.connection.set_trace_callback(seen.append)
        reader = Reader(store.connection, "personal")
        ((token,),) = store.database.execute(
            "SELECT token FROM sealed_values WHERE value = ?", [CONTACT]
        ).fetchall()
        seen.clear()
        assert [reader.text(token), reader.text(token)] == [CONTACT, CONTACT]
        assert len(seen) == 1
