"""How fast a running service answers: `python -m benchmarks.load URL --accounts FILE`.

A process of its own, beside `kam serve --events`. Events are sent at a constant rate whatever
the service does, and each answer is timed from the moment at which its event was due: a
service that stands still for a second is seen to have kept a second's events waiting.

    kam accounts -w DIR --format jsonl | jq -r .account > accounts.txt
    KAM_TOKEN=… python -m benchmarks.load http://127.0.0.1:8770 --accounts accounts.txt \\
        --event '{"type": "record", "record": "issues", "values": {"issue_id": "{n}", …}}'

`{n}` in a text of the event is another number in every event.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EVENT = '{"type": "account", "values": {"credit_rating": "B"}}'


@dataclass(frozen=True)
class Load:
    """What is sent: `rate` events a second for so many seconds, over so many connections."""

    url: str
    token: str
    accounts: Sequence[str]
    event: dict[str, Any]
    rate: float = 200.0
    seconds: float = 30.0
    connections: int = 32
    warm_up: int = 50


@dataclass
class Outcome:
    """Seconds from due to answered, for each event, and what the answers were."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    elapsed: float = 0.0

    def at(self, share: float) -> float:
        """The latency that this share of the events did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def lines(self) -> Iterator[str]:
        yield f"events answered    {len(self.latencies):>10,}"
        yield f"events a second    {len(self.latencies) / self.elapsed:>10.1f}"
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0)):
            yield f"{name:<4} milliseconds  {self.at(share) * 1000:>10.1f}"
        for status, count in sorted(self.statuses.items()):
            yield f"status {status}         {count:>10,}"


class Connection:
    """One HTTP/1.1 connection that is kept; just enough of the protocol for one service."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._head = (
            f"POST /v1/events HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        )

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def send(self, body: bytes) -> int:
        """Sends one event and returns the status of the answer, whose body has been read."""
        self._writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.split("\r\ncontent-length:")[1].split("\r\n")[0])
        await self._reader.readexactly(length)
        return int(head.split(" ", 2)[1])

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def bodies(load: Load) -> Iterator[bytes]:
    """Events without end, each about an account by chance, with ids that no run before had."""
    choose, session, number = random.Random(7), uuid.uuid4().hex[:8], 0
    template = json.dumps(load.event, ensure_ascii=False)
    while True:
        number += 1
        said = json.loads(template.replace("{n}", f"{session}-{number}"))
        said |= {"id": f"load-{session}-{number}", "account": choose.choice(load.accounts)}
        yield json.dumps(said, ensure_ascii=False).encode()


async def run(load: Load) -> Outcome:
    """Sends it all and waits for every answer."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    opened = [Connection(load.url, load.token) for _ in range(load.connections)]
    for one in opened:
        await one.open()
        free.put_nowait(one)
    sent, outcome = bodies(load), Outcome()
    for _ in range(load.warm_up):
        await opened[0].send(next(sent))

    async def answer(due: float, body: bytes) -> None:
        connection = await free.get()
        try:
            status = await connection.send(body)
        finally:
            free.put_nowait(connection)
        outcome.latencies.append(time.perf_counter() - due)
        outcome.statuses[status] += 1

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(load.rate * load.seconds)):
            due = began + number / load.rate
            if (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            tasks.create_task(answer(due, next(sent)))
    outcome.elapsed = time.perf_counter() - began
    for one in opened:
        await one.close()
    return outcome


def main() -> None:
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load", description=__doc__, formatter_class=as_written
    )
    parser.add_argument("url", help="such as http://127.0.0.1:8770")
    parser.add_argument("--accounts", type=Path, required=True, help="ids of accounts, one a line")
    parser.add_argument("--event", default=EVENT, help="JSON without id and account")
    parser.add_argument("--rate", type=float, default=200.0, help="events a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--connections", type=int, default=32)
    said = parser.parse_args()
    accounts = said.accounts.read_text(encoding="utf-8").split("\n")
    load = Load(
        said.url,
        os.environ.get("KAM_TOKEN", "-"),
        [one for one in accounts if one],
        json.loads(said.event),
        said.rate,
        said.seconds,
        said.connections,
    )
    for line in asyncio.run(run(load)).lines():
        print(line)


if __name__ == "__main__":
    main()
