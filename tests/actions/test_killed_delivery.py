"""SIGKILL of a delivery at any moment: nothing is lost, and every key is only ever one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.actions.outbox_store import Office
from tests.actions.receiver import Receiver
from tests.repository.files import ROOT

COMMAND = "from engine.commands.deliver import deliver; deliver()"
ACCOUNTS = ("A1", "A2", "A3", "A4", "A5")


def start(one: Office) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(one.root)],
        cwd=ROOT,
        env={**os.environ, **one.environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_when(
    process: subprocess.Popen[bytes], receiver: Receiver, count: int, late: float
) -> None:
    """Kills when the receiver has seen so many requests, or a little later."""
    end = time.monotonic() + 20
    while process.poll() is None and len(receiver.requests) < count and time.monotonic() < end:
        time.sleep(0.0005)
    time.sleep(late)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("moments", [6, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_delivery_loses_nothing_and_invents_no_key(
    tmp_path: Path, receiver: Receiver, moments: int
) -> None:
    one = Office(
        tmp_path,
        f"  erp: {{kind: webhook, url: '{receiver.url}', secret_env: ERP_SECRET}}\n"
        "  crm: {kind: jsonl, path: crm.jsonl}\n",
        {"ERP_SECRET": "secret"},
    )
    chance = random.Random(moments)
    for _ in range(moments):
        one.night([(account, "low") for account in ACCOUNTS for _ in range(4)])
        process = start(one)
        seen = len(receiver.requests)
        kill_when(process, receiver, seen + chance.randint(0, 25), chance.random() * 0.03)
    done = start(one)
    assert done.wait(60) == 0
    statuses = one.statuses()
    assert len(statuses) == 2 * moments * 20 and set(statuses.values()) == {"delivered"}
    got = Counter(receiver.taken)
    assert set(got) == {key for key in statuses if key.endswith("-erp")}
    # What was being sent at the moment of a kill is sent again; nothing else ever is.
    assert sum(got.values()) - len(got) <= moments
    assert len(receiver.requests) == sum(got.values())
    for account in ACCOUNTS:
        first = list(dict.fromkeys(
            document["idempotency_key"] for document in receiver.documents
            if document["account"] == account
        ))  # fmt: skip
        assert first == sorted(first)
    written = (tmp_path / "crm.jsonl").read_text(encoding="utf-8").splitlines()
    keys = [json.loads(line)["idempotency_key"] for line in written]
    assert sorted(keys) == sorted(key for key in statuses if key.endswith("-crm"))
