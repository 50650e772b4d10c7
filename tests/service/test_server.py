"""A real server in a process of its own: it listens, it stops, it is not kept waiting."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from benchmarks.load import Load, run
from engine.errors import KamError
from engine.service.server import KEEP_ALIVE_SECONDS, is_loopback, listen
from tests.repository.files import ROOT
from tests.service.conftest import SENDER, event

HEADERS = {"Authorization": f"Bearer {SENDER}"}


class Running:
    """The process, its address and the lines of its log."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.service.serving"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self.wait_for("listening")["url"]

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line))

    def wait_for(self, said: str) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if line["said"] == said:
                    return line
            assert self.process.poll() is None, "the process has ended"
            time.sleep(0.02)
        raise AssertionError(f"the log never said {said}")

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        code = self.process.wait(20)
        self._reader.join(5)
        assert self.process.stdout is not None
        return code, self.process.stdout.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def running() -> Iterator[Running]:
    one = Running()
    yield one
    one.close()


def send(running: Running, event_id: str) -> httpx.Response:
    return httpx.post(f"{running.url}/v1/events", json=event(event_id), headers=HEADERS, timeout=15)


def status_of_late(running: Running) -> int | None:
    """Of a request after the signal; None if nobody listens any more."""
    try:
        return send(running, "late").status_code
    except httpx.TransportError:
        return None


def test_stop_answers_what_is_under_way_and_lets_nothing_in(running: Running) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(send, running, "slow")
        deadline = time.monotonic() + 5
        while httpx.get(f"{running.url}/health/ready").json()["waiting"] == 0:
            assert time.monotonic() < deadline
        running.process.send_signal(signal.SIGTERM)
        running.wait_for("stopping")
        while (status := status_of_late(running)) is not None:  # until the socket is closed
            assert status == 503
        assert slow.result(15).status_code == 200
    assert running.ended() == (0, "answered ['slow']\n")
    assert [one["said"] for one in running.lines][-1] == "stopped"
    assert all("traceback" not in one for one in running.lines)


def test_stop_does_not_wait_for_connections_that_are_idle(running: Running) -> None:
    with httpx.Client(base_url=running.url) as client:
        assert client.get("/health/live").status_code == 200
        began = time.monotonic()
        code, _ = running.stop()
        assert code == 0
        assert time.monotonic() - began < KEEP_ALIVE_SECONDS / 3


def test_log_is_json_and_answers_are_bare(running: Running) -> None:
    response = send(running, "a")
    assert response.status_code == 200
    assert "server" not in response.headers
    line = running.wait_for("request")
    assert line["request"] == response.headers["x-request-id"]
    assert (line["level"], line["caller"]) == ("info", "crm")


def raw(running: Running, sent: bytes) -> bytes:
    """The start of what is answered to bytes that are no whole request."""
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(sent)
        return connection.recv(200)


def test_headers_are_bounded(running: Running) -> None:
    answer = raw(running, b"GET /health/live HTTP/1.1\r\nX-Long: " + b"a" * 20_000)
    assert answer.startswith(b"HTTP/1.1 400")
    assert httpx.get(f"{running.url}/health/live").status_code == 200


def test_body_that_is_too_large_is_refused_before_it_has_come(running: Running) -> None:
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {SENDER}\r\nContent-Length: 99999999\r\n\r\n{{"
    )
    assert raw(running, head.encode()).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_socket_knows_who_can_reach_it(host: str, loopback: bool) -> None:
    with listen(host, 0) as opened:
        assert is_loopback(opened) is loopback


def test_port_that_is_taken_is_said() -> None:
    with listen("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        with pytest.raises(KamError) as caught:
            listen("127.0.0.1", port)
    assert caught.value.problems[0].code == "cannot-listen"
    assert str(port) in caught.value.problems[0].message


def test_host_that_there_is_not_is_said() -> None:
    with pytest.raises(KamError) as caught:
        listen("no such host", 0)
    assert caught.value.problems[0].code == "cannot-listen"


def test_load_is_sent_at_its_rate_and_every_answer_is_timed(running: Running) -> None:
    load = Load(running.url, SENDER, ["A1", "nobody"], {"type": "account", "values": {"x": "{n}"}},
                rate=200, seconds=1, connections=4, warm_up=1)  # fmt: skip
    outcome = asyncio.run(run(load))
    assert len(outcome.latencies) == outcome.statuses.total() == 200
    assert set(outcome.statuses) == {200, 404}
    assert 0 < outcome.at(0.5) <= outcome.at(0.99) <= outcome.at(1.0)
    assert 0.99 <= outcome.elapsed < 10
    assert next(iter(outcome.lines())).split() == ["events", "answered", "200"]
