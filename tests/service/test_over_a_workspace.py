"""Both doors over a real workspace: what the fake desk of the other tests stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

import kam
from engine.audit.lock import hold
from engine.language.schema import bundled_schema
from engine.runner.desk import EventDesk
from engine.service.app import Terms, application
from engine.service.openapi import openapi
from tests.events.book import END, after_one_night

ACCOUNT = "K0000003"
ANSWER = Draft202012Validator(bundled_schema("answer"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return after_one_night(tmp_path_factory).root


@pytest.fixture(scope="module")
def client(workspace: Path) -> Iterator[TestClient]:
    with EventDesk(workspace, wait=0.1, indexed=True) as desk:
        app, _ = application(desk, Terms(None, rate=1e6), lambda: END)
        with TestClient(app, base_url="http://localhost") as one:
            yield one


def complaint(number: str, **more: Any) -> dict[str, Any]:
    values = {"issue_id": number, "opened_at": "2026-06-30 09:10", "class": "complaint",
              "severity": 5}  # fmt: skip
    return {"id": f"crm-{number}", "type": "record", "account": ACCOUNT, "record": "issues",
            "values": values, **more}  # fmt: skip


def test_command_answers_as_the_schema_says(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    lines = [complaint("C1"), complaint("C2"), complaint("C3", account="nobody"), {"id": "x"}]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    call = ["event", str(file), "-w", str(workspace), "--format", "jsonl"]
    first = CliRunner().invoke(kam.main, call)
    assert first.exit_code == 1, first.stderr
    answers = [json.loads(line) for line in first.stdout.splitlines()]
    for one in answers:
        ANSWER.validate(one)
    assert [one["status"] for one in answers] == ["decided", "decided", "rejected", "rejected"]
    assert {change["kind"] for one in answers[:2] for change in one["changes"]}
    assert CliRunner().invoke(kam.main, call).stdout == first.stdout


def test_service_answers_as_its_document_says(client: TestClient) -> None:
    response = client.post("/v1/events", json=complaint("S1"))
    assert response.status_code == 200, response.text
    ANSWER.validate(response.json())
    again = client.post("/v1/events", json=complaint("S1"))
    assert (again.json(), again.headers["idempotent-replayed"]) == (response.json(), "true")
    other = client.post("/v1/events", json=complaint("S1", account="K0000001"))
    assert (other.status_code, other.json()["code"]) == (409, "event-id-reused")


def test_question_leaves_no_trace(client: TestClient) -> None:
    asked = client.post("/v1/evaluate", json=complaint("Q1"))
    assert asked.status_code == 200, asked.text
    ANSWER.validate(asked.json())
    assert asked.json()["run"] is None
    sent = client.post("/v1/events", json=complaint("Q1"))
    assert "idempotent-replayed" not in sent.headers


def test_account_is_shown_as_the_document_says(client: TestClient) -> None:
    shown = client.get(f"/v1/accounts/{ACCOUNT}")
    assert shown.status_code == 200, shown.text
    Draft202012Validator(openapi()["components"]["schemas"]["account"]).validate(shown.json())
    assert client.get("/v1/accounts/nobody").status_code == 404


def test_event_that_meets_a_night_is_queued_and_then_decided(
    client: TestClient, workspace: Path
) -> None:
    with hold(workspace / "store"):
        queued = client.post("/v1/events", json=complaint("N1"))
        assert queued.status_code == 202
        ANSWER.validate(queued.json())
    told = CliRunner().invoke(kam.main, ["event", "-", "-w", str(workspace)], input="")
    assert told.exit_code == 0
    assert "taken first, as they had been queued: 1" in told.stderr
    answered = client.post("/v1/events", json=complaint("N1"))
    assert (answered.status_code, answered.json()["status"]) == (200, "decided")
    assert answered.headers["idempotent-replayed"] == "true"
