"""`kam serve`: what it refuses to serve, and to whom."""

from __future__ import annotations

import socket
import sys
from datetime import date
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.commands.serve import serve
from engine.errors import KamError
from engine.service import server
from engine.service.app import Terms
from tests.commands.test_event import WORKSPACE, WorkspaceDesk

TOKENS = {"KAM_API_TOKENS": "crm:send:" + "a" * 40}


class Served:
    """What the server was given."""

    terms: Terms
    address: tuple[str, int]
    today: date
    desk: WorkspaceDesk


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    seen = Served()

    def run(desk: Any, terms: Terms, opened: socket.socket, today: Any) -> None:
        assert desk.is_open
        seen.desk, seen.terms = desk, terms
        seen.address, seen.today = opened.getsockname()[:2], today()

    module = ModuleType("engine.runner.desk")
    module.EventDesk = WorkspaceDesk  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engine.runner.desk", module)
    monkeypatch.setattr(server, "serve", run)
    return seen


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "kam.yaml").write_text(f"{WORKSPACE}as_of: 2026-06-30\n", encoding="utf-8")
    return tmp_path


def call(workspace: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    arguments = [str(workspace), "--events", "--port", "0", *words]
    return CliRunner().invoke(serve, arguments, env=env or {}, catch_exceptions=False)


def refused(workspace: Path, *words: str, env: dict[str, str] | None = None) -> str:
    with pytest.raises(KamError) as caught:
        call(workspace, *words, env=env)
    return caught.value.problems[0].code


def test_service_is_on_loopback_with_tokens(workspace: Path, served: Served) -> None:
    assert call(workspace, env=TOKENS).exit_code == 0
    assert served.address[0] == "127.0.0.1"
    assert served.terms.tokens is not None
    assert (served.terms.rate, served.today) == (500.0, date(2026, 6, 30))
    assert served.desk.indexed and served.desk.wait == 1.0
    assert not served.desk.is_open


def test_what_is_served_has_to_be_said(workspace: Path) -> None:
    result = CliRunner().invoke(serve, [str(workspace)], env=TOKENS)
    assert result.exit_code == 2
    assert "--events" in result.stderr


def test_service_without_tokens_does_not_start(workspace: Path) -> None:
    assert refused(workspace) == "no-tokens"


def test_service_without_tokens_is_for_this_machine_if_that_is_said(
    workspace: Path, served: Served
) -> None:
    assert call(workspace, "--no-auth").exit_code == 0
    assert served.terms.tokens is None
    assert refused(workspace, "--no-auth", "--host", "0.0.0.0") == "no-tokens"


def test_others_may_call_with_tokens(workspace: Path, served: Served) -> None:
    assert call(workspace, "--host", "0.0.0.0", "--rate", "7", env=TOKENS).exit_code == 0
    assert (served.address[0], served.terms.rate) == ("0.0.0.0", 7.0)


def test_no_auth_with_tokens_is_a_contradiction(workspace: Path) -> None:
    assert call(workspace, "--no-auth", env=TOKENS).exit_code == 2


def test_wrong_tokens_are_said(workspace: Path) -> None:
    assert refused(workspace, env={"KAM_API_TOKENS": "crm"}) == "bad-token"


def test_class_of_a_reader_is_at_most_that_of_the_workspace(
    workspace: Path, served: Served
) -> None:
    with (workspace / "kam.yaml").open("a", encoding="utf-8") as file:
        file.write("privacy: {reader: internal}\n")
    call(workspace, env={"KAM_API_TOKENS": "a:read:" + "a" * 40})
    assert served.terms.tokens is not None
    assert served.terms.tokens.entries[0][1].level == "internal"
    call(workspace, "--no-auth")
    assert served.terms.level == "internal"


@pytest.mark.parametrize("words", [("--port", "65536"), ("--port", "-1"), ("--rate", "0")])
def test_numbers_have_bounds(workspace: Path, words: tuple[str, ...]) -> None:
    assert call(workspace, *words, env=TOKENS).exit_code == 2


def test_extra_that_is_not_installed_is_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = util.find_spec
    monkeypatch.setattr(
        util, "find_spec", lambda name: None if name in ("starlette", "uvicorn") else found(name)
    )
    with pytest.raises(KamError) as caught:
        call(workspace, env=TOKENS)
    (problem,) = caught.value.problems
    assert problem.code == "missing-library"
    assert "starlette and uvicorn" in problem.message
    assert problem.hint == "pip install 'kam[serve]'"
