"""The other routes, who may call them, and what surrounds every answer."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine import __version__
from engine.errors import problem
from engine.language.schema import bundled_schema
from engine.service import app as app_module
from engine.service.app import Terms
from engine.service.surface import HEADERS
from engine.service.tokens import read_tokens
from tests.service.conftest import (
    ENTRIES,
    INSIDER,
    MONITOR,
    READER,
    SENDER,
    Caller,
    caller,
    event,
)
from tests.service.desks import FakeDesk
from tests.service.test_events_route import problem_of

ROUTES = [
    ("POST", "/v1/events", SENDER),
    ("POST", "/v1/evaluate", READER),
    ("GET", "/v1/accounts/A1", READER),
    ("GET", "/metrics", MONITOR),
]
OPEN = ["/health/live", "/health/ready", "/openapi.json"]


def call(api: Caller, method: str, path: str, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    body = {"json": event()} if method == "POST" else {}
    return api.client.request(method, path, headers=headers, **body)


@pytest.mark.parametrize(("method", "path", "token"), ROUTES)
def test_route_needs_a_token(api: Caller, method: str, path: str, token: str) -> None:
    assert call(api, method, path, f"bearer {token}").status_code == 200
    for wrong in (None, "", token, "Bearer", "Bearer ", f"Basic {token}", f"Bearer {token}x"):
        response = call(api, method, path, wrong)
        assert problem_of(response)["status"] == 401
        assert response.headers["www-authenticate"].startswith('Bearer realm="kam"')
    assert api.desk.batches in ([], [["e1"]])


@pytest.mark.parametrize(("method", "path", "token"), ROUTES)
def test_route_needs_its_role(api: Caller, method: str, path: str, token: str) -> None:
    for other in {SENDER, READER, MONITOR} - {token}:
        response = call(api, method, path, f"Bearer {other}")
        assert (problem_of(response)["status"], response.json()["code"]) == (403, "role-missing")


@pytest.mark.parametrize("path", OPEN)
def test_route_for_probes_needs_none(api: Caller, path: str) -> None:
    assert api.get(path, None).status_code == 200


def test_evaluate_stores_nothing(api: Caller) -> None:
    response = api.post("/v1/evaluate", event(), INSIDER)
    assert response.status_code == 200
    assert response.json()["run"] is None
    Draft202012Validator(bundled_schema("answer")).validate(response.json())
    assert (api.desk.batches, api.desk.first) == ([], {})
    assert "evidence" not in api.post("/v1/evaluate", event(), READER).json()["changes"][0]


def test_evaluate_refuses_as_sending_does(api: Caller) -> None:
    assert api.post("/v1/evaluate", event(account="B"), READER).status_code == 404
    assert api.post("/v1/evaluate", [event()], READER).status_code == 400
    assert api.post("/v1/evaluate", {"id": "e"}, READER).status_code == 400
    lines = {"Content-Type": "application/jsonl"}
    assert api.post("/v1/evaluate", b"{}", READER, headers=lines).status_code == 415


def test_account_is_shown_up_to_the_class_of_the_token(api: Caller) -> None:
    assert api.get("/v1/accounts/A1", READER).json()["name"] is None
    assert api.get("/v1/accounts/A1", INSIDER).json()["name"] == "华东水务"
    assert api.desk.levels == ["public", "confidential"]


@pytest.mark.parametrize("account", ["nobody", "", "a" * 201, "%00", "A1%0A"])
def test_account_that_there_is_not_is_not_found(api: Caller, account: str) -> None:
    assert problem_of(api.get(f"/v1/accounts/{account}"))["code"] == "unknown-account"


def test_account_may_have_any_letters(api: Caller) -> None:
    assert api.get("/v1/accounts/%E7%BB%84%2F%E4%B8%80").json()["account"] == "组/一"


def test_ready_says_which_night_and_how_old(api: Caller) -> None:
    assert api.get("/health/ready", None).json() == {
        "status": "ready",
        "night": "2026-06-30.1",
        "age_days": 2,
        "waiting": 0,
        "version": __version__,
    }


def test_service_without_a_night_lives_but_is_not_ready(api: Caller) -> None:
    api.desk.night_id = None
    response = api.get("/health/ready", None)
    assert problem_of(response)["code"] == "no-run"
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "/secret/place" not in response.text
    assert api.get("/health/live", None).json() == {"status": "live"}
    assert "kam_night_age_days NaN" in api.get("/metrics", MONITOR).text


def test_metrics_count_what_became_of_events(api: Caller) -> None:
    api.send([event("a"), event("b"), event("a"), {"id": 1}])
    api.desk.is_busy = True
    api.send(event("c"))
    api.get("/v1/accounts/nobody")
    response = api.get("/metrics", MONITOR)
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'kam_events_total{status="decided"} 2.0',
        'kam_events_total{status="replayed"} 1.0',
        'kam_events_total{status="rejected"} 1.0',
        'kam_events_total{status="queued"} 1.0',
        'kam_requests_total{route="/v1/events",status="207"} 1.0',
        'kam_requests_total{route="/v1/accounts/{account:path}",status="404"} 1.0',
        'kam_request_seconds_count{route="/v1/events"} 2.0',
        "kam_batch_events_count 2.0",
        "kam_waiting_events 0.0",
        "kam_night_age_days 2.0",
    ):
        assert line in response.text


def test_unknown_path_and_method_are_problems(api: Caller) -> None:
    assert problem_of(api.get("/v1/nothing"))["code"] == "unknown-path"
    assert problem_of(api.get("/v1/events/"))["status"] == 404
    response = api.get("/v1/events")
    assert (problem_of(response)["status"], response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", [*OPEN, "/v1/accounts/A1", "/nothing", "/metrics"])
def test_every_answer_has_the_headers(api: Caller, path: str) -> None:
    headers = api.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "server" not in headers


def test_request_id_is_the_callers_if_it_can_stand_in_a_log(api: Caller) -> None:
    given = api.get("/health/live", None, **{"X-Request-Id": "crm-7"})
    assert given.headers["x-request-id"] == "crm-7"
    for wrong in ("a b", "a" * 65, '"}'):
        assert (
            api.get("/health/live", None, **{"X-Request-Id": wrong}).headers["x-request-id"]
            != wrong
        )


def test_defect_shows_nothing_of_itself(api: Caller, caplog: pytest.LogCaptureFixture) -> None:
    response = api.send(event("broken"))
    assert problem_of(response)["code"] == "defect"
    assert "secret" not in response.text and "ZeroDivision" not in response.text
    assert "a secret of the house" in caplog.text
    assert api.send(event("e2")).status_code == 200


def test_desk_that_fails_is_not_available_and_its_reason_stays_in_the_log(
    api: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api.desk.failure = problem("store-broken", "/secret/kam.db is broken")
    response = api.send(event())
    assert (response.status_code, problem_of(response)["code"]) == (503, "store-broken")
    assert "/secret" not in response.text
    assert any("/secret/kam.db" in str(getattr(one, "fields", "")) for one in caplog.records)


def test_log_has_a_line_for_each_request(api: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    api.send([event("a"), event("b")])
    api.get("/health/live", None)
    (line,) = [one.fields for one in caplog.records if one.message == "request"]  # type: ignore[attr-defined]
    told = {key: line[key] for key in ("caller", "method", "path", "status", "events")}
    assert told == {
        "caller": "crm",
        "method": "POST",
        "path": "/v1/events",
        "status": 200,
        "events": 2,
    }
    assert SENDER not in json.dumps(line)


def test_late_answer_is_said_to_be_late(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "ANSWER_SECONDS", 0.05)
    response = api.send(event("slow"))
    assert (response.status_code, problem_of(response)["code"]) == (503, "answer-late")
    api.desk.released.set()
    monkeypatch.setattr(app_module, "ANSWER_SECONDS", 10)
    assert api.send(event("slow")).headers["idempotent-replayed"] == "true"


def test_service_that_stops_takes_nothing_more(api: Caller) -> None:
    api.service.is_stopping = True
    response = api.send(event())
    assert (response.status_code, problem_of(response)["code"]) == (503, "stopping")
    assert response.headers["retry-after"] == "5"
    assert problem_of(api.get("/health/ready", None))["code"] == "stopping"
    assert api.get("/health/live", None).status_code == 200


def test_rate_is_of_each_caller(desk: FakeDesk) -> None:
    terms = Terms(read_tokens({"KAM_API_TOKENS": ENTRIES}), rate=0.5)  # a bucket of one
    for api in caller(terms, desk):
        assert api.send(event("a")).status_code == 200
        response = api.send(event("b"))
        assert (response.status_code, problem_of(response)["code"]) == (429, "rate-exceeded")
        assert response.headers["retry-after"] == "2"
        assert api.send(event("c"), INSIDER).status_code == 200
        assert api.get("/health/live", None).status_code == 200


def test_rate_counts_the_events_of_a_list(desk: FakeDesk) -> None:
    terms = Terms(read_tokens({"KAM_API_TOKENS": ENTRIES}), rate=10)
    for api in caller(terms, desk):
        assert api.send([event(str(number)) for number in range(100)]).status_code == 200
        response = api.send(event("after"))
        assert response.status_code == 429
        assert 6 <= int(response.headers["retry-after"]) <= 9


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("[::1]", 200),
        ("evil.example", 421),
        ("localhost.evil.example:8000", 421),
        ("localhost:8000.evil.example", 421),
        ("localhost:evil", 421),
        ("localhost:8000:evil.example", 421),
        ("127.0.0.1:", 421),
        ("[::1]:8000.evil.example]", 421),
        ("localhost:123456", 421),
        ("", 421),
    ],
)
def test_without_tokens_only_loopback_names_are_answered(
    open_api: Caller, host: str, status: int
) -> None:
    response = open_api.get("/v1/accounts/A1", None, Host=host)
    assert response.status_code == status
    assert open_api.desk.levels == (["internal"] if status == 200 else [])


def test_without_tokens_a_form_of_a_web_page_is_not_taken(open_api: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": kind}
        assert open_api.send(json.dumps(event()).encode(), headers=headers).status_code == 415
    assert open_api.desk.batches == []
