"""A delivery that is killed with SIGKILL, wherever that is, is finished by the next one.

Against a real HTTP server that also answers wrongly: every message arrives, under one key and
with one content; one that arrives twice does so under the same key; those of one account first
arrive in the order in which they were written; and the store verifies.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.audit.store import open_store
from engine.verification.verify import verify_store
from tests.actions.receiver import Answer, Receiver, receiving
from tests.faults.nursery import KILLED, Ended, Nursery
from tests.night.book import NIGHT, Book

WRONG = (
    *(Answer(wrong=kind) for kind in ("close", "garbage", "half")),
    *(Answer(500), Answer(503, {"retry-after": "1"}), Answer(429), Answer(200, body=b"<html>")),
)
SECRET = {"ERP_SECRET": "secret"}
ACCOUNTS = ("a1", "a2", "a3")


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def full(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose outbox is full: two nights, an action for each account in each."""
    book = Book(tmp_path_factory.mktemp("full") / "workspace")
    sinks = (
        "sinks:\n"
        f"  erp: {{kind: webhook, url: '{receiver.url}', secret_env: ERP_SECRET,"
        " timeout: 1 seconds}\n"
        "  crm: {kind: jsonl, path: crm.jsonl}\n"
    )
    book.append("kam.yaml", sinks)
    book.write("data/complaints.csv", "account_id,opened_on\n")
    for night in range(2):
        for account in ACCOUNTS:
            book.append("data/complaints.csv", f"{account},2026-06-0{night + 3}\n" * 2)
        book.run(NIGHT + timedelta(days=night))
    return book.root


class Trial:
    """Deliveries from copies of the full outbox."""

    def __init__(self, nursery: Nursery, full: Path, receiver: Receiver, folder: Path) -> None:
        self.nursery, self.full, self.receiver, self.folder = nursery, full, receiver, folder
        workspace = self.copy()
        ended = self.deliver(workspace, stop=0)
        self.points, self.seconds = ended.points, ended.seconds
        self.check(workspace)

    def copy(self) -> Path:
        target = self.folder / "copy"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.full, target)
        self.receiver.requests.clear()
        self.receiver.taken.clear()
        self.receiver.script.clear()
        return target

    def deliver(self, workspace: Path, **disturbed: object) -> Ended:
        ended = self.nursery.run("deliver", workspace, environment=SECRET, **disturbed)
        assert ended.status in {0, KILLED}, ended
        return ended

    def check(self, workspace: Path) -> None:
        """Delivers the rest; then everything has arrived, each message under one key."""
        assert self.deliver(workspace).status == 0
        with open_store(workspace / "store", read_only=True) as store:
            rows = store.database.execute(
                "SELECT idempotency_key, sink, account_id, status FROM outbox ORDER BY message_no"
            ).fetchall()
            emitted = store.database.table("actions").count
        assert len(rows) == 2 * emitted == 2 * 2 * len(ACCOUNTS)
        assert {status for *_, status in rows} == {"delivered"}
        sent = self.receiver.documents
        written = (workspace / "crm.jsonl").read_text(encoding="utf-8").splitlines()
        for sink, documents in (("erp", sent), ("crm", [json.loads(one) for one in written])):
            wanted = [(account, key) for key, name, account, _ in rows if name == sink]
            self._check_arrived(wanted, documents)
        assert {key for key, sink, *_ in rows if sink == "erp"} == set(self.receiver.taken)
        assert verify_store(workspace / "store").findings == ()

    def _check_arrived(
        self, wanted: list[tuple[str, str]], documents: list[dict[str, Any]]
    ) -> None:
        contents: dict[str, set[str]] = {}
        for one in documents:
            contents.setdefault(one["idempotency_key"], set()).add(json.dumps(one, sort_keys=True))
        assert contents.keys() == {key for _, key in wanted}
        assert {len(found) for found in contents.values()} == {1}
        for account in ACCOUNTS:
            first = dict.fromkeys(
                one["idempotency_key"] for one in documents if one["account"] == account
            )
            assert list(first) == [key for name, key in wanted if name == account]


@pytest.fixture(scope="module")
def trial(
    nursery: Nursery, full: Path, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Trial:
    return Trial(nursery, full, receiver, tmp_path_factory.mktemp("deliveries"))


def kill_at_moments(trial: Trial, moments: int, seed: int) -> None:
    """Kills deliveries again and again until one is done, while the server misbehaves."""
    chosen, killed = random.Random(seed), 0
    while killed < moments:
        workspace = trial.copy()
        answers = (chosen.choice(WRONG) if chosen.random() < 0.3 else Answer() for _ in range(60))
        trial.receiver.script.extend(answers)
        for _ in range(5):
            ended = trial.deliver(workspace, kill_after=chosen.uniform(0, trial.seconds))
            killed += ended.status == KILLED
        trial.check(workspace)


def test_delivery_killed_at_some_moment_is_finished_by_the_next(trial: Trial) -> None:
    kill_at_moments(trial, 4, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_delivery_killed_at_any_of_200_moments_is_finished_by_the_next(trial: Trial) -> None:
    kill_at_moments(trial, 200, seed=2)


def kill_at_points(trial: Trial, numbers: list[int]) -> None:
    for number in numbers:
        workspace = trial.copy()
        assert trial.deliver(workspace, stop=number).status == KILLED
        trial.check(workspace)


@pytest.mark.slow
def test_delivery_killed_around_a_receipt_is_finished_by_the_next(trial: Trial) -> None:
    first = trial.points.index("COMMIT")
    assert trial.points.count("COMMIT") > 2 * len(ACCOUNTS)  # a receipt for each request
    kill_at_points(trial, [trial.points.index("BEGIN") + 1, first + 1, first + 2])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_delivery_killed_at_any_step_is_finished_by_the_next(trial: Trial) -> None:
    numbers = range(1, len(trial.points) + 1)
    kill_at_points(trial, [one for one in numbers if one % 2 or trial.points[one - 1] != "INSERT"])


def test_wrong_answers_are_followed_by_the_same_messages(trial: Trial) -> None:
    workspace = trial.copy()
    wrong = (Answer(wrong="hang"), *WRONG)
    trial.receiver.script.extend(wrong)
    trial.check(workspace)
    assert len(trial.receiver.requests) >= 2 * len(ACCOUNTS) + len(wrong) - 1
