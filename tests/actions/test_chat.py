"""Chats and mail through apprise: what the robots get, and what they answer."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, ClassVar

import pytest

from engine.actions.opening import open_sink
from engine.actions.sinks.base import OpenSink
from engine.actions.sinks.chat import CHANNELS, Chat, plugin_of
from engine.errors import Problem
from engine.language.sinks import Sink
from tests.actions.outbox_store import START, Office
from tests.actions.receiver import Answer, Receiver
from tests.repository.files import ROOT

URLS = {
    "dingtalk": "dingtalk://5ecret@t0ken/",
    "feishu": "feishu://t0ken-of-a-robot",
    "wecom": "wecombot://key-of-a-robot",
    "mail": "mailtos://user:5ecret@example.com?to=office@example.com",
}
KINDS = {
    "dingtalk": "NotifyDingTalk",
    "feishu": "NotifyFeishu",
    "wecom": "NotifyWeComBot",
    "mail": "NotifyEmail",
}


def robots(
    receiver: Receiver,
) -> Callable[[Sink, Path, Mapping[str, str], Callable[[], datetime]], OpenSink | Problem]:
    """Opens sinks as ever, but the robots of apprise call the receiver."""

    def opened(
        sink: Sink, root: Path, environment: Mapping[str, str], now: Callable[[], datetime]
    ) -> OpenSink | Problem:
        chat = open_sink(sink, root, environment, now)
        if isinstance(chat, Chat):
            plugin: Any = chat._plugin
            plugin.notify_url = plugin.api_url = receiver.url
        return chat

    return opened


def office(tmp_path: Path, kind: str, more: str = "") -> Office:
    sink = f"  sales: {{kind: {kind}, url_env: SALES_URL{more}}}\n"
    return Office(tmp_path, sink, {"SALES_URL": URLS[kind]})


def open_chat(kind: str, url: str) -> Chat | Problem:
    sink = Sink("sales", kind, None, url_env="SALES_URL")  # type: ignore[arg-type]
    opened = open_sink(sink, Path(), {"SALES_URL": url}, lambda: START)
    assert isinstance(opened, Chat | Problem)
    return opened


def test_sink_through_apprise_delivers_to_a_server(tmp_path: Path, receiver: Receiver) -> None:
    """Apprise's plain plugin for JSON, which needs no robot."""
    one = office(tmp_path, "dingtalk")
    one.night([("A1", "low"), ("A2", "urgent")])
    sink = one.sinks[0]

    def opened(*_: Any) -> OpenSink:
        plugin = plugin_of(f"json://127.0.0.1:{receiver.port}")
        assert plugin is not None
        return Chat(sink, CHANNELS["dingtalk"], plugin)

    assert one.deliver(opener=opened).good
    (document,) = receiver.documents
    assert document["message"].splitlines()[0] == "kam small，高层负责人：2 项行动"
    assert document["message"].splitlines()[1].startswith("[紧急] 高层拜访：公司 A2")


@pytest.mark.parametrize("kind", list(URLS))
def test_url_is_that_of_the_channel(kind: str) -> None:
    chat = open_chat(kind, URLS[kind])
    assert isinstance(chat, Chat)
    assert type(chat._plugin).__name__ == KINDS[kind]
    for other in URLS:
        if other != kind:
            problem = open_chat(other, URLS[kind])
            assert isinstance(problem, Problem) and problem.code == "wrong-address"
            assert URLS[kind] not in str(problem)


@pytest.mark.parametrize("url", ["", "t0ken", "dingtalk://", "https://example.com"])
def test_url_that_is_none_is_a_problem(url: str) -> None:
    found = open_chat("dingtalk", url)
    assert isinstance(found, Problem)


@pytest.mark.parametrize(
    ("kind", "answer", "text"),
    [
        ("dingtalk", {"errcode": 0, "errmsg": "ok"}, lambda said: said["text"]["content"]),
        ("feishu", {"code": 0, "msg": "success"}, lambda said: said["content"]["text"]),
        ("wecom", {"errcode": 0, "errmsg": "ok"}, lambda said: said["text"]["content"]),
    ],
)
def test_robot_gets_one_digest_for_each_role(
    tmp_path: Path,
    receiver: Receiver,
    kind: str,
    answer: dict[str, Any],
    text: Callable[[Any], str],
) -> None:
    one = office(tmp_path, kind, ", lang: en")
    one.night([("A1", "low"), ("A2", "high")])
    one.night([("A3", "low")], role="director")
    receiver.usual = Answer(body=json.dumps(answer).encode())
    assert one.deliver(opener=robots(receiver)).good
    first, second = (text(document) for document in receiver.documents)
    assert [line[:8] for line in first.splitlines()] == ["kam smal", "[high] E", "[low] Ex"]
    assert second.startswith("kam small, director: 1 to do\n[low] Executive visit: 公司 A3")


@pytest.mark.parametrize(
    ("kind", "body", "waits"),
    [
        ("dingtalk", b'{"errcode":310000,"errmsg":"keywords not in content"}', False),
        ("dingtalk", b'{"errcode":130101,"errmsg":"send too fast"}', True),
        ("feishu", b'{"code":11232,"msg":"frequency limited"}', True),
        ("feishu", b'{"code":19024,"msg":"Key Words Not Found"}', False),
        ("wecom", b'{"errcode":45009,"errmsg":"api freq out of limit"}', True),
        ("wecom", b'{"errcode":93000,"errmsg":"invalid webhook url"}', False),
    ],
)
def test_robot_that_answers_200_and_takes_nothing_is_tried_again(
    tmp_path: Path, receiver: Receiver, kind: str, body: bytes, waits: bool
) -> None:
    """apprise counts these as sent."""
    one = office(tmp_path, kind)
    one.night([("A1", "low")])
    receiver.script = [Answer(body=body)]
    one.deliver(opener=robots(receiver))
    assert one.counts() == {"pending": 1}
    (receipt,) = one.receipts()
    assert (receipt["http_status"], receipt["response"]) == (200, body.decode())
    assert (receipt["not_before"] is not None) == waits
    assert one.deliver(opener=robots(receiver), wait=True).good
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("answer", [Answer(500), Answer(wrong="half"), Answer(wrong="garbage")])
def test_robot_that_fails_is_left_alone_for_this_time(
    tmp_path: Path, receiver: Receiver, answer: Answer
) -> None:
    one = office(tmp_path, "dingtalk", ", digest: false")
    one.night([("A1", "low"), ("A2", "low")])
    receiver.script = [answer]
    one.deliver(opener=robots(receiver))
    assert len(receiver.requests) == 1
    assert one.counts() == {"pending": 2}
    assert "t0ken" not in json.dumps(one.receipts()) and "5ecret" not in json.dumps(one.receipts())


def test_robot_that_hangs_is_left_after_the_timeout(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, "feishu", ", timeout: 1 seconds")
    one.night([("A1", "low")])
    receiver.script = [Answer(wrong="hang")]
    one.deliver(opener=robots(receiver))
    assert one.counts() == {"pending": 1}


@pytest.mark.slow
def test_robot_is_called_as_often_as_it_admits(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, "dingtalk", ", digest: false, limit: 3 per minute")
    one.night([(f"A{number}", "low") for number in range(7)])
    assert one.deliver(opener=robots(receiver)).good
    times = [datetime.fromisoformat(receipt["started_at"]) for receipt in one.receipts()]
    assert len(times) == 7
    assert all((times[i + 3] - times[i]).total_seconds() > 59.9 for i in range(4))


def test_text_of_a_robot_is_no_markup(tmp_path: Path, receiver: Receiver) -> None:
    one = office(tmp_path, "dingtalk")
    one.night([("[click](http://evil)", "low")])
    one.deliver(opener=robots(receiver))
    assert receiver.documents[0]["msgtype"] == "text"


def test_chats_are_loaded_only_to_send() -> None:
    code = (
        "import sys, kam, engine.commands.deliver, engine.actions.delivery\n"
        "print([name for name in ('apprise', 'httpx', 'requests') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to hand over one letter."""

    letters: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    letter += line
                self.letters.append(letter)
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


def test_mail_is_one_letter_with_the_heading_as_its_subject(tmp_path: Path) -> None:
    one = office(tmp_path, "mail")
    one.night([("<b>A1</b>", "low"), ("A2", "high")])
    Mailbox.letters.clear()
    with socketserver.TCPServer(("127.0.0.1", 0), Mailbox) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        port = server.server_address[1]
        one.environment["SALES_URL"] = (
            f"mailto://127.0.0.1:{port}?from=kam@example.com&to=office@example.com&mode=insecure"
        )
        try:
            assert one.deliver().good
        finally:
            server.shutdown()
            thread.join()
    (letter,) = (message_from_bytes(one, policy=default) for one in Mailbox.letters)
    assert letter["subject"] == "kam small，高层负责人：2 项行动"
    assert letter.get_content_type() == "text/plain"  # what a name holds is no markup
    assert "公司 A2" in letter.get_content() and "公司 <b>A1</b>" in letter.get_content()
