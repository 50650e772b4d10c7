"""A webhook against a real server: what is sent, and what every answer leads to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from engine.actions.sinks.webhook import judged, retry_after, secret_bytes, signed_headers
from engine.language.schema import bundled_schema
from tests.actions.outbox_store import START, Office
from tests.actions.receiver import Answer, Receiver

SECRET = "whsec_" + base64.b64encode(b"a secret of the company").decode()


def office(tmp_path: Path, receiver: Receiver, more: str = "") -> Office:
    sink = f"  erp: {{kind: webhook, url: '{receiver.url}', secret_env: ERP_SECRET{more}}}\n"
    return Office(tmp_path, sink, {"ERP_SECRET": SECRET})


def test_message_is_a_document_of_its_schema(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent")])
    report = one.deliver()
    assert report.good and one.counts() == {"delivered": 1}
    (document,) = receiver.documents
    assert validator_for(bundled_schema("message")).is_valid(document)
    assert document["text_en"].startswith("公司 A1: Complaints rising. 5,230,000.50, 21.3%")
    assert (document["account"], document["owner_role"], document["due_on"]) == (
        *("A1", "sponsor", "2026-07-03"),
    )
    assert "evidence" not in document


def test_signature_verifies_as_standard_webhooks_has_it(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent")])
    one.deliver()
    ((headers, body),) = receiver.requests
    assert json.loads(body)["idempotency_key"] == headers["webhook-id"]
    assert abs(int(headers["webhook-timestamp"]) - START.timestamp()) < 5
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = hmac.digest(b"a secret of the company", signed, "sha256")
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1"
    assert hmac.compare_digest(base64.b64decode(signature), expected)


def test_signature_is_that_of_the_published_example() -> None:
    """The example of the specification of Standard Webhooks, in its libraries' tests."""
    secret = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert secret is not None
    headers = signed_headers(
        secret,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(200), "delivered"),
        (Answer(204, body=b""), "delivered"),
        (Answer(409), "delivered"),
        (Answer(500), "pending"),
        (Answer(503), "pending"),
        (Answer(429), "pending"),
        (Answer(408), "pending"),
        (Answer(425), "pending"),
        (Answer(301, {"location": "http://127.0.0.1:1/"}), "pending"),
        (Answer(400), "dead"),
        (Answer(401), "dead"),
        (Answer(404), "dead"),
        (Answer(410), "dead"),
        (Answer(422), "dead"),
        (Answer(wrong="garbage"), "pending"),
        (Answer(wrong="half"), "pending"),
        (Answer(wrong="close"), "pending"),
    ],
)
def test_answer_decides_what_becomes_of_the_message(
    tmp_path: Path, receiver: Receiver, answer: Answer, status: str
) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent")])
    receiver.script = [answer]
    report = one.deliver()
    assert one.counts() == {status: 1}
    assert report.good == (status == "delivered")
    assert len(receiver.requests) == 1
    (receipt,) = one.receipts()
    outcomes = {"delivered": "delivered", "pending": "retry", "dead": "refused"}
    assert receipt["outcome"] == outcomes[status]
    assert receipt["http_status"] == (None if answer.wrong else answer.status)


@pytest.mark.parametrize("wrong", ["hang", "drip"])
def test_sink_that_does_not_come_to_an_end_is_left_after_the_timeout(
    tmp_path: Path, receiver: Receiver, wrong: str
) -> None:
    one = office(tmp_path, receiver, ", timeout: 1 seconds")
    one.night([("A1", "urgent")])
    receiver.script = [Answer(wrong=wrong)]
    one.deliver()
    assert one.receipts()[0]["reason"] == "no whole answer within 1 seconds"
    assert one.counts() == {"pending": 1}


def test_sink_that_nobody_serves_is_tried_again(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        one = office(tmp_path, Receiver(port=taken.getsockname()[1]))
        one.night([("A1", "urgent")])
        one.deliver()
    assert one.counts() == {"pending": 1}
    assert one.receipts()[0]["reason"].startswith("ConnectError")


def test_key_and_body_are_the_same_in_every_attempt(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent")])
    receiver.script = [Answer(500), Answer(wrong="half"), Answer(429, {"retry-after": "120"})]
    assert one.deliver(wait=True).good
    assert len(receiver.requests) == 4
    assert set(receiver.keys) == {"000000000001000000000000-erp"}
    assert len({body for _, body in receiver.requests}) == 1
    assert [receipt["outcome"] for receipt in one.receipts()] == ["retry"] * 3 + ["delivered"]


def test_long_answer_is_read_to_its_limit_and_kept_in_part(
    tmp_path: Path, receiver: Receiver
) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent")])
    receiver.script = [Answer(body=b"x" * 1_000_000)]
    assert one.deliver().good
    (receipt,) = one.receipts()
    assert receipt["response"] == "x" * 500
    assert receipt["response_sha256"] == hashlib.sha256(b"x" * 65536).hexdigest()


def test_answer_to_a_reader_of_personal_values_is_not_kept(
    tmp_path: Path, receiver: Receiver
) -> None:
    one = office(tmp_path, receiver, ", reader: personal")
    one.night([("A1", "urgent")])
    receiver.script = [Answer(body=b"echo of what was sent")]
    one.deliver()
    assert one.receipts()[0]["response"] is None


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "variable-not-set"),
        ({"ERP_SECRET": " "}, "variable-not-set"),
        ({"ERP_SECRET": "whsec_???"}, "wrong-secret"),
    ],
)
def test_sink_without_its_secret_is_not_called(
    tmp_path: Path, receiver: Receiver, environment: dict[str, str], code: str
) -> None:
    one = office(tmp_path, receiver)
    one.environment = environment
    one.night([("A1", "urgent")])
    (sink,) = one.deliver().sinks
    assert sink.problem is not None and sink.problem.code == code
    assert (sink.pending, receiver.requests, one.receipts()) == (1, [], [])


@pytest.mark.parametrize("url", ["ftp://erp.example", "erp.example", "http://", "http://[::1"])
def test_address_from_the_environment_must_be_one(tmp_path: Path, url: str) -> None:
    one = Office(
        tmp_path,
        "  erp: {kind: webhook, url_env: ERP_URL, secret_env: ERP_SECRET}\n",
        {"ERP_URL": url, "ERP_SECRET": SECRET},
    )
    one.night([("A1", "urgent")])
    (sink,) = one.deliver().sinks
    assert sink.problem is not None and sink.problem.code == "wrong-address"
    assert url not in sink.problem.message


# --- Retry-After ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 5 ", 5),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 400, 86400),
        ("Tue, 30 Jun 2026 18:02:00 GMT", 120),
        ("Tue, 30 Jun 2026 17:00:00 GMT", 0),
        ("Fri, 31 Dec 2999 00:00:00 GMT", 86400),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(text, START) == expected


def test_retry_after_counts_only_where_a_retry_makes_sense() -> None:
    headers = {"retry-after": "60"}
    assert judged(429, headers, b"", START).retry_after == timedelta(seconds=60)
    assert judged(503, headers, b"", START).retry_after == timedelta(seconds=60)
    assert judged(404, headers, b"", START).retry_after is None


def test_sink_is_left_alone_for_as_long_as_it_asks(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent"), ("A2", "urgent")])
    receiver.script = [Answer(429, {"retry-after": "3600"})]
    one.deliver()
    assert len(receiver.requests) == 1  # nor was the other message sent
    one.deliver()
    assert len(receiver.requests) == 1
    one.clock.sleep(3590)
    one.deliver()
    assert len(receiver.requests) == 1
    one.clock.sleep(20)
    assert one.deliver().good
    assert len(receiver.requests) == 3


def test_short_pause_is_waited_for(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, receiver)
    one.night([("A1", "urgent"), ("A2", "urgent")])
    receiver.script = [Answer(429, {"retry-after": "7"})]
    one.deliver()
    assert any(6.9 < pause <= 7 for pause in one.clock.slept)
    assert len(receiver.requests) == 2
    assert one.counts() == {"pending": 1, "delivered": 1}
