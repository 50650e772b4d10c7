"""`kam serve --events` as a process of its own, among bad callers, nights and deaths."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.service.bodies import BODY_SECONDS
from engine.verification.verify import verify_store
from tests.events.ledger import LAST, NIGHT, Ledger
from tests.faults.event_trial import taken
from tests.repository.files import ROOT

HEADERS = {"Content-Type": "application/json"}


def complaint(id: str, account: str = "A1") -> dict[str, Any]:
    values = {"issue_id": id, "opened_at": f"{NIGHT} 08:00", "class": "complaint", "severity": 2}
    return {"id": id, "type": "record", "account": account, "record": "issues", "values": values}


@dataclass
class Served:
    """A service that runs; `log` is what it has said so far."""

    process: subprocess.Popen[str]
    port: int
    log: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, HEADERS if body else {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def send(self, event: Any) -> tuple[int, Any]:
        return self.ask("POST", "/v1/events", json.dumps(event).encode())

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def defects(self) -> list[dict[str, Any]]:
        return [one for one in self.log if one.get("level") in ("error", "critical")]


@contextmanager
def serving(ledger: Ledger) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "kam.py", "serve", str(ledger.root), "--events", "--no-auth",
         "--port", "0", "--rate", "100000"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("KAM_")},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    one = Served(process, 0)
    listening = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            try:
                said = json.loads(line)
            except ValueError:
                said = {"level": "error", "text": line}
            one.log.append(said)
            if "url" in line:
                one.port = int(line.partition("127.0.0.1:")[2].split('"')[0])
                listening.set()
        listening.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert listening.wait(60) and one.port, one.log
        yield one
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()


def stop(one: Served) -> None:
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(30) == 0, one.log


def on_day(ledger: Ledger, day: date) -> Ledger:
    ledger.on(day)
    return ledger


def assert_once(ledger: Ledger, events: Sequence[str]) -> None:
    store = ledger.store
    assert set(taken(store)) == set(events)
    raised = ledger.lines(
        "SELECT account_id, rule_id, to_value FROM decision_log_lines WHERE kind = 'warning_opened'"
    )
    assert len(raised) == len(set(raised))
    assert verify_store(store).findings == ()


def test_bad_callers_hold_nobody_up(ledger: Ledger) -> None:
    """Bodies that dribble or stop, connections that are closed halfway, nonsense: the others are
    answered, and at the end the service stops as it should."""
    with serving(ledger) as one:
        head = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        slow = [one.raw() for _ in range(40)]
        for number, each in enumerate(slow):
            each.sendall(head + b"Content-Length: 500\r\n\r\n" + b'{"id": ' * (number % 3))
        for each in (half := [one.raw() for _ in range(10)]):
            body = json.dumps(complaint("half")).encode()
            each.sendall(head + f"Content-Length: {len(body) + 9}\r\n\r\n".encode() + body)
            each.shutdown(socket.SHUT_WR)
        for nonsense in (b"\x00" * 2000, b"GET / HTTP/9.9\r\n\r\n", b"X" * 70_000):
            with one.raw() as each:
                try:
                    each.sendall(nonsense)
                    each.recv(100)
                except OSError:
                    pass  # it hung up, as it may
        began = time.monotonic()
        assert one.send(complaint("C1"))[0] == 200
        assert one.ask("GET", "/health/ready")[0] == 200
        assert time.monotonic() - began < BODY_SECONDS / 2, "nobody waits until bodies are given up"
        for each in half:
            each.close()
        whole = json.dumps(complaint("C2")).encode()  # whoever only stops sending gets his answer
        with one.raw() as each:
            each.sendall(head + f"Content-Length: {len(whole)}\r\n\r\n".encode() + whole)
            each.shutdown(socket.SHUT_WR)
            found = each.recv(100)
        assert found == b"" or found.startswith(b"HTTP/1.1 200"), found
        assert one.send(complaint("C2"))[0] == 200
        for each in slow:
            each.close()
        stop(one)
        assert one.defects() == []
    assert_once(ledger, ["C1", "C2"])


@pytest.mark.slow
def test_fifty_clients_at_once_on_two_services_are_each_answered_once(ledger: Ledger) -> None:
    """Every event is sent to both services: one decides it, the other repeats its answer."""
    events = [complaint(f"C{number}", f"A{number % 5 + 1}") for number in range(100)]
    with serving(ledger) as first, serving(ledger) as second:

        def both(event: dict[str, Any]) -> list[tuple[int, Any]]:
            found = [one.send(event) for one in (first, second)]
            while any(status in (202, 503) for status, _ in found):
                time.sleep(0.1)
                found = [one.send(event) for one in (first, second)]
            return found

        with ThreadPoolExecutor(50) as clients:
            answers = list(clients.map(both, events))
        for one in (first, second):
            stop(one)
            assert one.defects() == []
    assert all(status == 200 for pair in answers for status, _ in pair)
    assert all(one == other for (_, one), (_, other) in answers)
    assert_once(ledger, [one["id"] for one in events])


@pytest.mark.slow
def test_a_night_beneath_a_service_loses_nothing_and_is_taken_up(ledger: Ledger) -> None:
    on_day(ledger, LAST)
    told: list[tuple[int, Any]] = []
    is_over = threading.Event()
    with serving(ledger) as one:

        def tell() -> None:
            number = 0
            while not is_over.is_set():
                told.append(one.send(complaint(f"C{number}", f"A{number % 5 + 1}")))
                number += 1
                time.sleep(0.01)

        teller = threading.Thread(target=tell)
        teller.start()
        try:
            run = subprocess.run(
                [sys.executable, "kam.py", "run", str(ledger.root), "--no-deliver"],
                cwd=ROOT, check=False, capture_output=True, text=True,
            )  # fmt: skip
            assert run.returncode == 0, run.stderr
            time.sleep(0.5)  # events go on for a while after the night
        finally:
            is_over.set()
            teller.join()
        assert {status for status, _ in told} <= {200, 202}, Counter(one[0] for one in told)
        until = time.monotonic() + 20
        ready = one.ask("GET", "/health/ready")[1]
        while ready["night"] != f"{LAST}.1" and time.monotonic() < until:
            time.sleep(0.2)
            ready = one.ask("GET", "/health/ready")[1]
        assert ready["night"] == f"{LAST}.1"
        for number in range(len(told)):
            status, _ = one.send(complaint(f"C{number}", f"A{number % 5 + 1}"))
            assert status == 200
        stop(one)
        assert one.defects() == []
    assert_once(ledger, [f"C{number}" for number in range(len(told))])


def killed_in_flight(ledger: Ledger, seconds: float, ids: Sequence[str]) -> None:
    """Kills a service with events in flight, and sends all of them again to the next."""
    first: dict[str, Any] = {}
    with serving(ledger) as one:

        def tell(event: str) -> None:
            try:
                status, answer = one.send(complaint(event, f"A{len(event) % 5 + 1}"))
            except (OSError, http.client.HTTPException):
                return
            assert status == 200
            first[event] = answer

        with ThreadPoolExecutor(8) as clients:
            killing = threading.Timer(seconds, one.process.kill)
            killing.start()
            list(clients.map(tell, ids))
            killing.join()
    assert verify_store(ledger.store).findings == ()
    kept = taken(ledger.store)
    assert {event: kept[event]["run"] for event in first} == {
        event: answer["run"] for event, answer in first.items()
    }
    with serving(ledger) as one:
        for event in ids:
            status, answer = one.send(complaint(event, f"A{len(event) % 5 + 1}"))
            assert status == 200
            assert first.get(event, answer) == answer
        stop(one)
    assert_once(ledger, list(kept | dict.fromkeys(ids)))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_service_that_is_killed_at_any_moment_has_lost_nothing_that_it_answered(
    ledger: Ledger, tmp_path: Path
) -> None:
    for place, seconds in enumerate((0.0, 0.01, 0.02, 0.05, 0.08, 0.11, 0.2, 0.3, 0.5, 0.8)):
        killed_in_flight(
            ledger.copy(tmp_path / f"book-{place}"), seconds, [f"C{one}" for one in range(300)]
        )
