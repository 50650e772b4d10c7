"""`kam deliver`: what it prints, what it exits with, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.commands.deliver import deliver
from tests.actions.outbox_store import Office
from tests.actions.receiver import Answer, Receiver, receiving

CRM = "  crm: {kind: jsonl, path: crm.jsonl}\n"


@pytest.fixture
def receiver() -> object:
    with receiving() as one:
        yield one


def call(one: Office, *words: str) -> Result:
    lang = [] if "--lang" in words else ["--lang", "en"]
    return CliRunner().invoke(
        deliver, [str(one.root), *words, *lang], env=one.environment, catch_exceptions=False
    )


def erp(tmp_path: Path, receiver: Receiver) -> Office:
    sink = f"  erp: {{kind: webhook, url: '{receiver.url}', secret_env: ERP_SECRET}}\n"
    return Office(tmp_path, sink, {"ERP_SECRET": "secret"})


def test_what_is_due_is_sent(tmp_path: Path) -> None:
    one = Office(tmp_path, CRM)
    one.night([("A1", "low"), ("A2", "low")])
    result = call(one)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].split() == ["crm", "jsonl", "2"]
    assert len((tmp_path / "crm.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_what_fails_is_said_and_is_no_success(tmp_path: Path, receiver: Receiver) -> None:
    one = erp(tmp_path, receiver)
    one.night([("A1", "low")])
    receiver.script = [Answer(500)]
    result = call(one, "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["good"] is False
    (sink,) = told["sinks"]
    assert (sink["failed"], sink["pending"], sink["reason"]) == (1, 1, "answered 500")
    assert sink["next_attempt_at"].endswith("+00:00")


def test_missing_variable_is_named(tmp_path: Path, receiver: Receiver) -> None:
    one = erp(tmp_path, receiver)
    one.environment = {}
    one.night([("A1", "low")])
    result = call(one)
    assert result.exit_code == 1
    assert "the sink 'erp' needs ERP_SECRET in the environment" in result.stdout


def test_dry_run_shows_and_sends_nothing(tmp_path: Path, receiver: Receiver) -> None:
    one = erp(tmp_path, receiver)
    one.environment = {}
    one.night([("A1", "low")])
    result = call(one, "--dry-run")
    assert result.exit_code == 0
    assert "erp: the first of what would be sent" in result.stdout
    assert '"idempotency_key":"000000000001000000000000-erp"' in result.stdout
    (sink,) = json.loads(call(one, "--dry-run", "--format", "json").stdout)["sinks"]
    assert (sink["due"], len(sink["texts"])) == (1, 1)
    assert (receiver.requests, one.receipts(), one.counts()) == ([], [], {"pending": 1})


def test_dead_letters_are_listed_and_sent_back(tmp_path: Path, receiver: Receiver) -> None:
    one = erp(tmp_path, receiver)
    one.night([("A1", "low"), ("A2", "low")])
    receiver.script = [Answer(404, body=b"no such hook"), Answer(404)]
    assert call(one).exit_code == 1
    assert call(one).exit_code == 0  # they are dead, and nothing is left to send
    listed = call(one, "--dead")
    assert listed.exit_code == 0
    assert "000000000001000000000000-erp" in listed.stdout and "refused with 404" in listed.stdout
    first, second = json.loads(call(one, "--dead", "--format", "json").stdout)
    assert (first["account_id"], first["last_http_status"]) == ("A1", 404)
    assert first["last_response"] == "no such hook"
    result = call(one, "--retry", first["idempotency_key"])
    assert (result.exit_code, result.stderr) == (0, "kam: 1 back in the queue\n")
    assert call(one, "--retry", "all").exit_code == 0
    assert one.counts() == {"delivered": 2}
    assert receiver.keys == [first["idempotency_key"], second["idempotency_key"]] * 2


def test_key_that_is_no_dead_letter_is_refused(tmp_path: Path) -> None:
    from engine.errors import KamError

    one = Office(tmp_path, CRM)
    one.night([("A1", "low")])
    with pytest.raises(KamError) as caught:
        call(one, "--retry", "000000000001000000000000-crm")
    assert caught.value.problems[0].code == "unknown-key"


def test_words_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    one = Office(tmp_path, CRM)
    for words in (("--dry-run", "--dead"), ("--dead", "--retry", "all"), ("--wait", "--dry-run")):
        assert call(one, *words).exit_code == 2


def test_sink_must_be_one_of_kam_yaml(tmp_path: Path) -> None:
    result = call(Office(tmp_path, CRM), "--sink", "erp")
    assert result.exit_code == 2
    assert "kam.yaml names no sink 'erp'; it names crm" in result.stderr


def test_workspace_without_sinks_says_so(tmp_path: Path) -> None:
    one = Office(tmp_path, CRM)
    text = (tmp_path / "kam.yaml").read_text(encoding="utf-8").partition("sinks:")[0]
    (tmp_path / "kam.yaml").write_text(text, encoding="utf-8")
    result = call(one)
    assert result.exit_code == 0
    assert result.stdout == "kam.yaml names no sinks: actions go nowhere but into the store.\n"
    assert "没有 sinks" in call(one, "--lang", "zh").stdout
