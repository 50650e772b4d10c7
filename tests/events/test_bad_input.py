"""Bad input through both doors, and a store that a real `kam run` holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

import kam
from engine.audit.lock import hold
from engine.errors import KamError
from engine.runner.desk import EventDesk
from engine.service.app import Terms, application
from engine.verification.verify import verify_store
from tests.events.ledger import NIGHT, Ledger
from tests.repository.files import ROOT


def order(id: str, account: str = "A1", **more: Any) -> dict[str, Any]:
    values = {"ordered_on": NIGHT.isoformat(), "amount": "10.00", **more.pop("values", {})}
    return {"id": id, "type": "record", "account": account, "record": "orders", "values": values,
            **more}  # fmt: skip


def fact(id: str, at: str | None = None, **values: Any) -> dict[str, Any]:
    said = {"id": id, "type": "account", "account": "A1", "values": values}
    return said if at is None else {**said, "at": at}


BAD: dict[str, tuple[Any, str, int]] = {
    "unknown account": (order("b1", "A9"), "event-unknown-account", 404),
    "unknown type": (order("b2", type="recrod"), "event-unknown-type", 422),
    "happened tomorrow": (
        order("b3", at="2026-06-10T00:00:00+08:00"), "event-from-the-future", 422
    ),
    "dated tomorrow": (
        order("b4", values={"ordered_on": "2026-06-10"}), "event-from-the-future", 422
    ),
    "fact before the night": (
        fact("b5", "2026-06-08T23:59:59+08:00", rating="A"), "event-before-night", 422
    ),
    "wrong type": (order("b6", values={"amount": "a lot"}), "event-wrong-type", 422),
    "extra field": (order("b7", colour="red"), "event-malformed", 400),
    "extra value": (order("b8", values={"colour": "red"}), "event-unknown-column", 422),
    "unknown table": (order("b9", record="ordres"), "event-unknown-record", 422),
    "no time": (order("b10", values={"ordered_on": None}), "event-missing-column", 422),
    "no facts": (fact("b11"), "event-malformed", 400),
    "broken": ('{"id": "b12", "type"', "event-malformed", 400),
    "not UTF-8": (b'{"id": "\xff"}', "event-malformed", 400),
    "a key twice": ('{"id": "b13", "id": "b14"}', "event-malformed", 400),
    "no finite number": ('{"id": "b15", "values": {"x": NaN}}', "event-malformed", 400),
    "70 KiB": (order("b16", values={"amount": "1" * 70_000}), "event-too-long", 413),
}  # fmt: skip


def as_line(event: Any) -> bytes:
    if isinstance(event, bytes):
        return event
    return (event if isinstance(event, str) else json.dumps(event)).encode()


def command(ledger: Ledger, lines: list[bytes], *more: str) -> Result:
    call = ["event", "-", "-w", str(ledger.root), *more]
    return CliRunner().invoke(kam.main, call, input=b"\n".join(lines))


@pytest.fixture
def client(ledger: Ledger) -> Iterator[TestClient]:
    with EventDesk(ledger.root, wait=0.1, indexed=True) as desk:
        app, _ = application(desk, Terms(None, rate=1e6), lambda: NIGHT)
        with TestClient(app, base_url="http://localhost") as one:
            yield one


# --- what cannot be taken -------------------------------------------------------------------


def test_command_tells_every_bad_event_with_its_line_and_takes_the_rest(ledger: Ledger) -> None:
    lines, expected = [], []
    for number, (event, code, _) in enumerate(BAD.values()):
        lines += [as_line(order(f"g{number}", f"A{number % 5 + 1}")), as_line(event)]
        expected += ["decided", code]
    result = command(ledger, lines, "--format", "jsonl")
    assert result.exit_code == 1
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    codes = [one.get("problem", {}).get("code", one["status"]) for one in answers]
    assert codes == expected
    rejected = [one["line"] for one in answers if one["status"] == "rejected"]
    assert rejected == list(range(2, 2 * len(BAD) + 1, 2))
    assert f"{2 * len(BAD)} events: {len(BAD)} decided, {len(BAD)} rejected" in result.stderr
    assert ledger.lines("SELECT count(*) FROM events") == [(len(BAD),)]
    assert verify_store(ledger.store).findings == ()


def test_service_tells_every_bad_event_and_takes_the_rest(client: TestClient) -> None:
    for name, (event, code, status) in BAD.items():
        headers = {"Content-Type": "application/json"}
        response = client.post("/v1/events", content=as_line(event), headers=headers)
        assert (response.status_code, response.json()["code"]) == (status, code), name
        assert response.headers["content-type"] == "application/problem+json"
    lines = [as_line(order("g1")), *(as_line(event) for event, *_ in BAD.values())]
    response = client.post(
        "/v1/events",
        content=b"\n".join([*lines, as_line(order("g2"))]),
        headers={"Content-Type": "application/jsonl"},
    )
    assert response.status_code == 207
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [one["status"] for one in answers] == ["decided", *["rejected"] * len(BAD), "decided"]
    assert [one["line"] for one in answers[1:-1]] == list(range(2, len(BAD) + 2))
    codes = [one["problem"]["code"] for one in answers[1:-1]]
    assert codes == [code for _, code, _ in BAD.values()]


def test_records_out_of_order_and_older_than_the_night_are_taken(ledger: Ledger) -> None:
    old = order("old", at="2026-05-01T09:00:00+08:00", values={"ordered_on": "2026-05-01"})
    older = order("older", at="2026-04-01T09:00:00+08:00", values={"ordered_on": "2026-04-01"})
    assert command(ledger, [as_line(old), as_line(older)]).exit_code == 0


def test_facts_out_of_order_are_superseded(ledger: Ledger) -> None:
    late = fact("late", "2026-06-09T12:00:00+08:00", rating="A")
    early = fact("early", "2026-06-09T11:59:59+08:00", rating="B")
    other = fact("other", "2026-06-09T11:59:59+08:00", credit=5)
    result = command(ledger, [as_line(one) for one in (late, early, other)], "--format", "jsonl")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["status"] for one in answers] == ["decided", "rejected", "decided"]
    assert answers[1]["problem"]["code"] == "event-superseded"


def test_a_broken_line_and_a_megabyte_within_a_thousand_stop_none_of_the_others(
    ledger: Ledger,
) -> None:
    lines = [as_line(order(f"e{number}", f"A{number % 5 + 1}")) for number in range(1000)]
    lines[499], lines[500] = b'{"id": "broken', b"x" * 1_000_000
    result = command(ledger, lines)
    assert result.exit_code == 1
    told = [line for line in result.stdout.splitlines() if line.startswith("rejected")]
    assert [line.split("  ")[1] for line in told] == ["line 500", "line 501"]
    assert "event-malformed" in told[0]
    assert "event-too-long" in told[1]
    assert "1,000 events: 998 decided, 2 rejected" in result.stdout
    assert ledger.lines("SELECT count(*), count(DISTINCT event_id) FROM events") == [(998, 998)]


# --- while a night is running ---------------------------------------------------------------


def test_a_run_waits_for_single_events_and_not_for_another_run(ledger: Ledger) -> None:
    store, took = ledger.store, threading.Event()

    def take_events() -> None:
        with hold(store, briefly=True):
            took.set()
            time.sleep(0.3)

    events = threading.Thread(target=take_events)
    events.start()
    assert took.wait(10)
    with hold(store):
        with pytest.raises(KamError, match="store-busy"), hold(store):
            pass
        with pytest.raises(KamError, match="store-busy"), hold(store, briefly=True):
            pass
    events.join()


NIGHT_THAT_WAITS = """
import sys, time
from pathlib import Path
from engine.runner import night
import kam

decide = night.decide_night

def slow(*arguments):
    decide(*arguments)
    Path(sys.argv[2]).touch()
    while not Path(sys.argv[3]).exists():
        time.sleep(0.01)

night.decide_night = slow
kam.main(["run", sys.argv[1], "--no-deliver"])
"""


def test_events_that_meet_a_run_are_queued_and_decided_at_its_end(
    ledger: Ledger, tmp_path: Path
) -> None:
    with (ledger.root / "data" / "orders.csv").open("a", encoding="utf-8") as stream:
        stream.write("A2,2026-06-09,5.00\n")  # another night than the last
    holds, go_on = tmp_path / "holds", tmp_path / "go-on"
    run = subprocess.Popen(
        [sys.executable, "-c", NIGHT_THAT_WAITS, str(ledger.root), str(holds), str(go_on)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while not holds.exists() and time.monotonic() < until and run.poll() is None:
            time.sleep(0.01)
        assert holds.exists(), run.communicate()
        began = time.monotonic()
        lines = [as_line(order("e1")), as_line(order("e2", "A9"))]
        result = command(ledger, lines, "--wait", "0.3")
        assert time.monotonic() - began >= 0.3
        assert result.exit_code == 1
        assert "queued: the store is busy" in result.stdout
        assert "2 events: 1 queued, 1 rejected" in result.stdout.replace("0 decided, ", "")
        assert ledger.lines("SELECT count(*) FROM events") == [(0,)]
        go_on.touch()
        told, _ = run.communicate(timeout=60)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == 0, told
    assert "taken first, as they had been queued: 1" in told
    assert ledger.lines("SELECT event_id FROM events") == [("e1",)]
    again = command(ledger, lines[:1])
    assert (again.exit_code, "answered before" in again.stdout) == (0, True)
    assert verify_store(ledger.store).findings == ()
