"""A real HTTP server on this machine that does what it is told, and remembers what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the server does with a request: a status, or one of the ways to do it wrong.

    ``hang`` says nothing until the test is over, ``drip`` a byte now and then, ``garbage`` is
    no HTTP, ``half`` ends in the middle of the body and ``close`` before any answer.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    wrong: str | None = None


OK = Answer()


@dataclass
class Receiver:
    """Requests in the order in which they came; `script` holds the answers, then `usual`."""

    port: int = 0
    script: list[Answer] = field(default_factory=list)
    usual: Answer = OK
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    """The ids of the requests that were answered with 2xx."""
    over: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, headers: dict[str, str], body: bytes) -> Answer:
        """Remembers a request; what to do with it."""
        with self.guard:
            self.requests.append((headers, body))
            answer = self.script.pop(0) if self.script else self.usual
            if answer.wrong is None and 200 <= answer.status < 300:
                self.taken.append(headers.get("webhook-id", ""))
            return answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/kam"

    @property
    def keys(self) -> list[str]:
        return [headers.get("webhook-id", "") for headers, _ in self.requests]

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or gave up, is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # whoever sent it was killed meanwhile: it is no request
            self.close_connection = True
            return
        answer = self.server.receiver.answer(
            {name.lower(): value for name, value in self.headers.items()}, body
        )
        if answer.wrong is not None:
            self._do_wrong(answer.wrong)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _do_wrong(self, wrong: str) -> None:
        self.close_connection = True
        if wrong == "hang":
            self.server.receiver.over.wait(30)
        elif wrong == "garbage":
            self.wfile.write(b"\x16\x03\x01 SSH-2.0 this is no HTTP\r\n\r\n")
        elif wrong == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        elif wrong == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            self._drip()

    def _drip(self) -> None:
        with suppress(OSError):  # until the client goes
            while not self.server.receiver.over.wait(0.05):
                self.wfile.write(b" ")
                self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = Server(("127.0.0.1", 0), Handler)
    server.receiver = receiver = Receiver(port=server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
