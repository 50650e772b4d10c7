"""`kam event`: what is read, what is printed, and what it exits with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.commands.event import BATCH, event
from engine.console.event import answer_text
from engine.day.events import Answer, Rejected
from engine.errors import Problem
from engine.language.schema import bundled_schema
from tests.service.desks import FakeDesk

WORKSPACE = (
    "workspace: w\ntimezone: UTC\ncurrency: CNY\nfacts: facts.yaml\npolicies: [policies/p]\n"
)
GOOD = {"id": "e1", "type": "account", "account": "A1", "values": {"x": 1}}


class WorkspaceDesk(FakeDesk):
    """A fake desk that is opened as the real one is."""

    last: WorkspaceDesk

    def __init__(self, path: Path, *, wait: float = 10.0, indexed: bool = False, **_: Any) -> None:
        super().__init__()
        self.path, self.wait, self.indexed = path, wait, indexed
        self.is_open = False
        self.is_busy = WorkspaceDesk.starts_busy
        self.waiting = list(WorkspaceDesk.starts_waiting)
        self.notes = WorkspaceDesk.starts_notes
        WorkspaceDesk.last = self

    starts_busy = False
    starts_waiting: list[Answer | Rejected] = []  # noqa: RUF012
    starts_notes: tuple[Problem, ...] = ()

    def __enter__(self) -> WorkspaceDesk:
        self.is_open = True
        return self

    def __exit__(self, *_: object) -> None:
        self.is_open = False


@pytest.fixture(autouse=True)
def _desk(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("engine.runner.desk")
    module.EventDesk = WorkspaceDesk  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engine.runner.desk", module)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    return tmp_path


Call = Callable[..., Result]


@pytest.fixture
def call(workspace: Path) -> Call:
    """Calls the command with lines on standard input, or in a file."""

    def run(*words: str, lines: list[Any] | None = None, file: str = "-") -> Result:
        text = "\n".join(
            one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
            for one in (lines or [])
        )
        if file != "-" and lines is not None:
            Path(file).write_text(text, encoding="utf-8")
        lang = [] if "--lang" in words else ["--lang", "en"]
        arguments = [file, "-w", str(workspace), *words, *lang]
        return CliRunner().invoke(event, arguments, input=text, catch_exceptions=False)

    return run


def test_answer_says_who_what_why_and_who_is_asked(call: Call) -> None:
    result = call(lines=[GOOD])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "A1  e1  2026-06-30.e1",
        "  Warning opened: Complaint  red  value_segments policies/value_segments/warnings.yaml:12",
        "    seen: complaints_90d 3",
        "  → urgent  Call the customer  罗佳琪 (customer_manager)  by 2026-07-01",
        "  note: 'contact_name' is not kept",
        "1 event: 1 decided, 1 change, 1 action",
    ]


def test_answer_in_chinese(call: Call) -> None:
    lines = call("--lang", "zh", lines=[GOOD]).stdout.splitlines()
    assert lines[1].startswith("  预警触发：客户投诉  红")
    assert lines[3] == "  → 紧急  致电客户  罗佳琪（customer_manager）  2026-07-01 前完成"
    assert lines[-1] == "1 个事件：已裁定 1，变化 1 项，行动 1 项"


def test_events_of_a_file_are_read(call: Call, tmp_path: Path) -> None:
    file = str(tmp_path / "events.jsonl")
    result = call("--format", "jsonl", lines=[GOOD, {**GOOD, "id": "e2"}], file=file)
    assert result.exit_code == 0
    assert [json.loads(line)["event"] for line in result.stdout.splitlines()] == ["e1", "e2"]
    assert result.stderr == "2 events: 2 decided, 2 changes, 2 actions\n"


def test_wrong_lines_stop_nothing_and_are_no_success(call: Call) -> None:
    unknown = {**GOOD, "id": "e9", "account": "nobody"}
    result = call(lines=[GOOD, "", "{broken", unknown, {**GOOD, "id": "e2"}])
    assert result.exit_code == 1
    assert "rejected  line 3  event-malformed: not JSON at character 2" in result.stdout
    assert "rejected  line 4  e9  event-unknown-account: there is no account" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("4 events: 2 decided, 2 rejected")
    assert set(WorkspaceDesk.last.first) == {"e1", "e2"}
    assert not WorkspaceDesk.last.is_open


def test_hint_is_shown(call: Call) -> None:
    result = call(lines=[{**GOOD, "type": "recrod"}])
    assert "  hint: did you mean 'record'?" in result.stdout.splitlines()
    assert (
        "第 1 行  e1  event-unknown-type："
        in call("--lang", "zh", lines=[{**GOOD, "type": "x"}]).stdout
    )


def test_queued_is_taken_and_says_what_follows(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkspaceDesk, "starts_busy", True)
    result = call(lines=[GOOD])
    assert result.exit_code == 0
    assert "queued: the store is busy" in result.stdout
    assert "1 event: 0 decided, 1 queued" in result.stdout
    assert "the next `kam event`, `kam run` or the service decides it" in result.stdout


def test_thousands_go_in_batches(call: Call) -> None:
    lines = [{**GOOD, "id": str(number)} for number in range(2 * BATCH + 1)]
    result = call("--format", "json", lines=lines)
    assert [len(one) for one in WorkspaceDesk.last.batches] == [BATCH, BATCH, 1]
    answers = json.loads(result.stdout)
    assert [one["event"] for one in answers] == [one["id"] for one in lines]
    validator = Draft202012Validator(bundled_schema("answer"))
    for one in answers[:3]:
        validator.validate(one)


def test_nothing_is_read_beyond_the_batch_that_is_answered(call: Call) -> None:
    """A program that pipes events gets the answers while it goes on."""
    lines: list[Any] = [{**GOOD, "id": str(number)} for number in range(BATCH)]
    call(lines=[*lines, "{broken"])
    assert [len(one) for one in WorkspaceDesk.last.batches] == [BATCH, 1]
    assert WorkspaceDesk.last.batches[1] == [None]


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_no_event_is_no_mistake(call: Call, form: str) -> None:
    result = call("--format", form, lines=[])
    assert result.exit_code == 0
    assert "0 events: 0 decided" in (result.stdout + result.stderr)
    if form == "json":
        assert json.loads(result.stdout) == []


def test_question_stores_nothing(call: Call) -> None:
    result = call("--dry-run", lines=[GOOD, "{"])
    assert result.exit_code == 1
    assert WorkspaceDesk.last.batches == []
    assert result.stdout.splitlines()[0] == "A1  e1"
    assert result.stdout.splitlines()[-1] == "This was a question: nothing has been stored."


def test_values_seen_are_for_readers_who_may_see_them(call: Call, workspace: Path) -> None:
    assert "seen:" in call(lines=[GOOD]).stdout
    assert "seen:" not in call("--reader", "internal", lines=[GOOD]).stdout
    with (workspace / "kam.yaml").open("a", encoding="utf-8") as file:
        file.write("privacy: {reader: internal}\n")
    assert "seen:" not in call(lines=[GOOD]).stdout
    assert "seen:" in call("--reader", "confidential", lines=[GOOD]).stdout


def test_what_was_sent_cannot_steer_the_terminal(call: Call) -> None:
    result = call(lines=[{**GOOD, "id": "e\x9b31m", "account": "\u202eA"}])
    assert "\x9b" not in result.stdout and "\u202e" not in result.stdout
    assert "\\x9b31m" in result.stdout


def test_what_has_waited_is_taken_first_and_told(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Rejected(Problem("event-superseded", "a later one has been taken"), "e0")
    monkeypatch.setattr(WorkspaceDesk, "starts_waiting", [Answer("e9"), wrong])
    result = call("--format", "jsonl", lines=[GOOD])
    assert result.exit_code == 0
    assert result.stderr.splitlines()[:2] == [
        "taken first, as they had been queued: 2",
        "  rejected: e0 event-superseded a later one has been taken",
    ]
    assert len(result.stdout.splitlines()) == 1
    assert "queued" not in call("--dry-run", lines=[GOOD]).stderr


def test_notes_of_the_desk_are_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkspaceDesk, "starts_notes", (Problem("slow", "slower than it could"),))
    assert "slower than it could" in call(lines=[GOOD]).stderr


def test_patience_is_passed_on(call: Call) -> None:
    call("--wait", "0", lines=[GOOD])
    assert WorkspaceDesk.last.wait == 0
    assert call("--wait", "-1", lines=[GOOD]).exit_code == 2


def test_file_that_there_is_not_is_said(call: Call, tmp_path: Path) -> None:
    from engine.errors import KamError

    with pytest.raises(KamError) as caught:
        call(file=str(tmp_path / "none"))
    assert caught.value.problems[0].code == "missing-file"


def test_who_owns_an_action_is_told_to_whoever_may_know_our_people(call: Call) -> None:
    assert "罗佳琪 (customer_manager)" in call("--reader", "internal", lines=[GOOD]).stdout
    shown = call("--reader", "public", lines=[GOOD]).stdout
    assert "•••• (internal) (customer_manager)" in shown
    (answer,) = json.loads(call("--reader", "public", "--format", "json", lines=[GOOD]).stdout)
    assert [one["owner"] for one in answer["actions"]] == [None]


def test_a_state_is_told_as_it_is_and_no_word_of_another_place_stands_in_for_it() -> None:
    change = {"pack": "p", "kind": "obligation_met", "rule": "visit", "from": "due", "to": "met",
              "title_zh": "拜访", "title_en": "Visit", "file": None, "line": None}  # fmt: skip
    document = {"event": "e", "account": "A", "run": None, "status": "decided", "notes": [],
                "changes": [change], "actions": []}  # fmt: skip
    assert "Visit  due → met" in answer_text(document, "en").plain
