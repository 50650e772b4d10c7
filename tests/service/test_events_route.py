"""`POST /v1/events`: one event or many, in every form, and every status."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.requests import Request

from engine.language.schema import bundled_schema
from engine.service import bodies
from engine.service.bodies import BODY_LIMIT, MOST_EVENTS
from engine.service.problems import RefusalError
from tests.service.conftest import INSIDER, Caller, event

LINES = {"Content-Type": "application/jsonl"}
KIB = 1024


def problem_of(response: Any) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert body["request"] == response.headers["x-request-id"]
    return body


def lines_of(response: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


def sized(size: int) -> bytes:
    """An event of exactly so many bytes."""
    bare = len(json.dumps(event(values={"x": ""})))
    return json.dumps(event(values={"x": "a" * (size - bare)})).encode()


def test_one_event_is_answered_with_what_it_changes(api: Caller) -> None:
    response = api.send(event())
    assert response.status_code == 200
    Draft202012Validator(bundled_schema("answer")).validate(response.json())
    assert response.json()["changes"][0]["kind"] == "warning_opened"
    assert "idempotent-replayed" not in response.headers


def test_second_event_of_the_same_id_gets_the_first_answer_and_is_told_so(api: Caller) -> None:
    first, second = api.send(event()), api.send(event())
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"


def test_queued_event_is_accepted(api: Caller) -> None:
    api.desk.is_busy = True
    response = api.send(event())
    assert (response.status_code, response.json()["status"]) == (202, "queued")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("unknown-account", 404),
        ("id-reused", 409),
        ("superseded", 409),
        ("unknown-record", 422),
        ("unknown-column", 422),
        ("wrong-type", 422),
        ("missing-column", 422),
        ("from-the-future", 422),
        ("before-night", 422),
        ("personal", 422),
    ],
)
def test_rejected_event_is_a_problem(api: Caller, code: str, status: int) -> None:
    response = api.send(event(values={"refuse": code}))
    assert response.status_code == status
    body = problem_of(response)
    assert (body["code"], body["event"]) == (f"event-{code}", "e1")
    assert body["type"].endswith(f"/event-{code}")


def test_unknown_type_is_unprocessable_and_asks_nobody(api: Caller) -> None:
    response = api.send(event(type="recrod"))
    assert response.status_code == 422
    assert problem_of(response)["hint"] == "did you mean 'record'?"
    assert api.desk.batches == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b'"x"', b'{"id": "e1"}', b'{"id":NaN}', b"\xff", b"[" * 9999]
)
def test_malformed_body_is_a_bad_request(api: Caller, body: bytes) -> None:
    response = api.send(body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert problem_of(response)["code"] == "event-malformed"


def test_list_is_answered_with_a_list(api: Caller) -> None:
    response = api.send([event("a"), event("b")])
    assert response.status_code == 200
    assert [one["event"] for one in response.json()] == ["a", "b"]


def test_list_with_a_wrong_event_takes_the_others(api: Caller) -> None:
    response = api.send([event("a"), {"id": 7}, event("c", "nobody"), event("d")])
    assert response.status_code == 207
    first, second, third, last = response.json()
    assert (first["status"], last["status"]) == ("decided", "decided")
    assert (second["status"], second["line"]) == ("rejected", 2)
    assert second["problem"]["code"] == "event-malformed"
    assert (third["event"], third["problem"]["code"]) == ("c", "event-unknown-account")
    validator = Draft202012Validator(bundled_schema("answer"))
    for one in response.json():
        validator.validate(one)


@pytest.mark.parametrize("bad", ['"\\ud83d"', f"{'[' * 960}1{']' * 960}"])
def test_list_with_an_event_that_nobody_could_keep_takes_the_others(api: Caller, bad: str) -> None:
    """Half of a surrogate pair, and lists within lists."""
    odd = json.dumps(event("b", values={"x": "BAD"})).replace('"BAD"', bad)
    body = f"[{json.dumps(event('a'))}, {odd}, {json.dumps(event('c'))}]"
    response = api.send(body.encode(), headers={"Content-Type": "application/json"})
    assert response.status_code == 207
    assert [one["status"] for one in response.json()] == ["decided", "rejected", "decided"]
    assert response.json()[1]["problem"]["code"] == "event-malformed"
    alone = api.send(odd.encode(), headers={"Content-Type": "application/json"})
    assert (alone.status_code, problem_of(alone)["code"]) == (400, "event-malformed")


def test_list_that_is_queued_in_part_is_accepted(api: Caller) -> None:
    api.send(event("a"))
    api.desk.is_busy = True
    assert api.send([event("a"), event("b")]).status_code == 202


@pytest.mark.parametrize("media_type", ["application/jsonl", "application/x-ndjson"])
def test_lines_are_answered_with_lines_of_the_same_type(api: Caller, media_type: str) -> None:
    body = "\n".join([json.dumps(event("a")), "", "{broken", json.dumps(event("d"))])
    response = api.send(body.encode(), headers={"Content-Type": media_type})
    assert response.status_code == 207
    assert response.headers["content-type"] == media_type
    assert [(one["event"], one.get("line")) for one in lines_of(response)] == [
        ("a", None),
        (None, 3),
        ("d", None),
    ]


@pytest.mark.parametrize("body", [b"", b"\n \n"])
def test_lines_without_an_event_are_a_bad_request(api: Caller, body: bytes) -> None:
    assert problem_of(api.send(body, headers=LINES))["status"] == 400


def test_empty_list_is_a_bad_request(api: Caller) -> None:
    assert problem_of(api.send([]))["detail"] == "the request holds no event"


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
def test_event_may_have_64_kib(api: Caller, over: int, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    assert api.send(sized(64 * KIB + over), headers=headers).status_code == status


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 207)])
def test_line_may_have_64_kib(api: Caller, over: int, status: int) -> None:
    response = api.send(sized(64 * KIB + over) + b"\n", headers=LINES)
    assert response.status_code == status


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 207)])
def test_event_of_a_list_may_have_64_kib(api: Caller, over: int, status: int) -> None:
    body = b"[" + sized(64 * KIB + over) + b"]"
    assert api.send(body, headers={"Content-Type": "application/json"}).status_code == status


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
def test_body_may_have_1_mib(api: Caller, over: int, status: int) -> None:
    line = json.dumps(event("a")).encode() + b"\n"
    body = line + b"\n" * (BODY_LIMIT + over - len(line))  # empty lines are no events
    response = api.send(body, headers=LINES)
    assert response.status_code == status
    if status == 413:
        assert problem_of(response)["code"] == "body-too-large"


def test_body_without_a_length_is_counted_as_it_comes(api: Caller) -> None:
    def parts() -> Any:
        for _ in range(17):
            yield b"\n" * (64 * KIB)

    headers = {"Authorization": f"Bearer {INSIDER}", **LINES}
    response = api.client.post("/v1/events", content=parts(), headers=headers)
    assert problem_of(response)["code"] == "body-too-large"


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
def test_request_may_have_a_thousand_events(api: Caller, over: int, status: int) -> None:
    response = api.send([event(str(number)) for number in range(MOST_EVENTS + over)])
    assert response.status_code == status
    if status == 413:
        assert problem_of(response)["code"] == "too-many-events"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_other_media_types_are_refused(api: Caller, headers: dict[str, str]) -> None:
    response = api.send(json.dumps(event()).encode(), headers=headers)
    assert problem_of(response)["status"] == 415


def test_media_type_may_say_that_it_is_utf_8(api: Caller) -> None:
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert api.send(json.dumps(event()).encode(), headers=headers).status_code == 200


def test_body_that_does_not_come_is_given_up(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def receive() -> Any:
        await asyncio.sleep(5)

    request = Request({"type": "http", "headers": []}, receive)
    with pytest.raises(RefusalError) as caught:
        asyncio.run(bodies.read_body(request))
    assert caught.value.status == 408


def test_sender_who_may_not_read_gets_no_evidence(api: Caller) -> None:
    assert "evidence" not in api.send(event("a")).json()["changes"][0]
    assert api.send(event("b"), INSIDER).json()["changes"][0]["evidence"] == {"complaints_90d": 3}
    assert "evidence" not in api.send([event("c")]).json()[0]["changes"][0]
