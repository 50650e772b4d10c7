"""`sinks:` of kam.yaml: what is read, with its defaults, and what it says about the packs."""

from __future__ import annotations

import pytest

from engine.errors import Problem
from engine.language.checks.sinks import check_sinks
from engine.language.load import load_pack
from engine.language.sinks import ATTEMPTS, Sink, WantedActions
from engine.language.texts import KeptTexts
from engine.language.workspace import Workspace, load_workspace
from tests.language.broken_files import KAM, RULES


def load(text: str) -> Workspace:
    return load_workspace("/srv/demo", KeptTexts({"kam.yaml": KAM + text.encode()}))


def one(text: str) -> Sink:
    (sink,) = load(f"sinks:\n  it: {text}\n").sinks
    return sink


def checked(text: str) -> list[Problem]:
    policy = load_pack("rules", KeptTexts({"rules/pack.yaml": RULES}))
    return list(check_sinks(load(f"sinks:\n  it: {text}\n"), [policy], "kam.yaml"))


def test_workspace_without_sinks_has_none() -> None:
    assert load("").sinks == ()


def test_sinks_keep_the_order_in_which_they_are_written() -> None:
    text = "sinks:\n  b: {kind: jsonl, path: b.jsonl}\n  a: {kind: jsonl, path: a.jsonl}\n"
    assert [sink.name for sink in load(text).sinks] == ["b", "a"]


def test_file_has_defaults() -> None:
    sink = one("{kind: jsonl, path: ./outbox/../outbox/actions.jsonl}")
    assert sink.path == "outbox/actions.jsonl"
    assert (sink.per_minute, sink.attempts, sink.reader) == (None, ATTEMPTS, "confidential")
    assert sink.actions == WantedActions() and sink.variables == ()


def test_webhook_names_the_variables_that_it_needs() -> None:
    sink = one("{kind: webhook, url_env: KAM_URL, secret_env: KAM_SECRET, timeout: 300 seconds}")
    assert sink.variables == ("KAM_URL", "KAM_SECRET")
    assert (sink.timeout_seconds, sink.per_minute) == (300, None)


@pytest.mark.parametrize(
    ("kind", "limit"), [("dingtalk", 20), ("feishu", 100), ("wecom", 20), ("mail", 10)]
)
def test_channel_keeps_to_what_it_admits(kind: str, limit: int) -> None:
    sink = one(f"{{kind: {kind}, url_env: KAM_URL}}")
    assert (sink.per_minute, sink.digest, sink.lang) == (limit, True, "zh")
    assert one(f"{{kind: {kind}, url_env: KAM_URL, limit: 3 per minute}}").per_minute == 3


def test_wanted_actions_are_read() -> None:
    wanted = "{priority: [high, urgent], roles: [chair], packs: [rules], kinds: [warning]}"
    sink = one(f"{{kind: jsonl, path: a.jsonl, actions: {wanted}}}")
    assert sink.actions == WantedActions(("high", "urgent"), ("chair",), ("rules",), ("warning",))


def test_roles_and_packs_must_exist() -> None:
    wanted = "{roles: [chair, chiar], packs: [rules, rule]}"
    found = checked(f"{{kind: jsonl, path: a.jsonl, actions: {wanted}}}")
    assert [(problem.code, problem.hint) for problem in found] == [
        ("unknown-role", "did you mean 'chair'?"),
        ("unknown-pack", "did you mean 'rules'?"),
    ]


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("https://erp.example/kam", []),
        ("http://localhost:8080/kam", []),
        ("http://127.0.0.1/kam", []),
        ("http://erp.example/kam", ["not-encrypted"]),
    ],
)
def test_address_that_is_not_encrypted_is_warned_of(url: str, codes: list[str]) -> None:
    found = checked(f"{{kind: webhook, url: '{url}', secret_env: KAM_SECRET}}")
    assert [problem.code for problem in found] == codes
    assert {problem.severity for problem in found} <= {"warning"}


def test_address_with_a_secret_is_refused_without_showing_it() -> None:
    from engine.errors import KamError

    for address in ("https://e.example/k?page=2&sign=S3CRET", "https://kam:S3CRET@e.example/k"):
        with pytest.raises(KamError) as caught:
            one(f"{{kind: webhook, url: '{address}', secret_env: KAM_SECRET}}")
        assert [problem.code for problem in caught.value.problems] == ["secret-in-file"]
        assert "S3CRET" not in str(caught.value.problems[0])


@pytest.mark.parametrize(
    ("privacy", "sink", "reader"),
    [
        ("", "", "confidential"),
        ("privacy: {reader: internal}\n", "", "internal"),
        ("privacy: {reader: personal}\n", "", "confidential"),
        ("privacy: {reader: internal}\n", ", reader: personal", "personal"),
        ("", ", reader: public", "public"),
    ],
)
def test_sink_reads_no_more_than_it_is_told(privacy: str, sink: str, reader: str) -> None:
    text = f"{privacy}sinks:\n  it: {{kind: jsonl, path: a.jsonl{sink}}}\n"
    assert load(text).sinks[0].reader == reader
