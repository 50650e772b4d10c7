"""`kam serve`: the working day as an HTTP service."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.options import reader_level, workspace_argument

if TYPE_CHECKING:
    from engine.language.workspace import Workspace
    from engine.service.app import Terms

WAIT_SECONDS = 1.0
"""How long an event waits for the store before it is queued: its sender waits as long."""


@click.command()
@workspace_argument
@click.option(
    "--events",
    is_flag=True,
    help="Answer single events of the day; it has to be said, and is all that is served.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; one that others can reach demands tokens.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8770, show_default=True,
    help="The port to listen on; 0 takes any that is free, and the log says which.",
)  # fmt: skip
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1),
    default=500.0,
    show_default=True,
    help="Events a second that each caller may send.",
)
@click.option(
    "--no-auth",
    is_flag=True,
    help="Ask for no token: on a loopback address alone, for everybody on this machine.",
)
def serve(workspace: Path, events: bool, host: str, port: int, rate: float, no_auth: bool) -> None:
    """Serve single events over HTTP.

    Answers POST /v1/events for WORKSPACE as `kam event` does, until it is told to stop; then
    ends what it has begun. GET /openapi.json describes everything that it answers. Who may
    call stands in the environment: KAM_API_TOKENS_FILE names a file with a line
    name:roles:token for each caller, or KAM_API_TOKENS holds such entries. Roles are send,
    read and operate.
    """
    if not events:
        raise click.UsageError("say what to serve: --events")
    _require_libraries()
    from engine.language.workspace import load_workspace
    from engine.runner.desk import EventDesk
    from engine.service.server import listen
    from engine.service.server import serve as run

    loaded = load_workspace(workspace)
    terms = _terms(loaded, rate, no_auth=no_auth)
    with listen(host, port) as opened:
        _require_tokens(opened, terms)
        with EventDesk(workspace, wait=WAIT_SECONDS, indexed=True) as desk:
            run(desk, terms, opened, lambda: today(loaded))


def today(workspace: Workspace) -> date:
    """The day on which an event is decided: today where the workspace is, or its closed day."""
    from zoneinfo import ZoneInfo

    return workspace.as_of or datetime.now(ZoneInfo(workspace.timezone)).date()


def _terms(workspace: Workspace, rate: float, *, no_auth: bool) -> Terms:
    from engine.errors import problem
    from engine.service.app import Terms
    from engine.service.tokens import FILE_VARIABLE, VARIABLE, read_tokens

    tokens = read_tokens(os.environ, workspace.privacy.reader)
    if no_auth and tokens is not None:
        raise click.UsageError(f"--no-auth, but {FILE_VARIABLE} or {VARIABLE} names tokens")
    if not no_auth and tokens is None:
        message = "nobody may call: there is no token"
        hint = (
            f"put name:roles:token into a file and name it in {FILE_VARIABLE}; "
            "or --no-auth for everybody on this machine"
        )
        raise problem("no-tokens", message, hint=hint)
    return Terms(tokens, rate, reader_level(workspace, None))


def _require_tokens(opened: object, terms: Terms) -> None:
    import socket

    from engine.errors import problem
    from engine.service.server import is_loopback

    assert isinstance(opened, socket.socket)
    if terms.tokens is None and not is_loopback(opened):
        message = "--no-auth, but others can reach this address"
        raise problem("no-tokens", message, hint="listen on 127.0.0.1, or give tokens")


def _require_libraries() -> None:
    """The libraries of the service come with an extra; without it the rest of kam works."""
    from importlib.util import find_spec

    from engine.errors import problem

    wanted = {
        "starlette": "starlette",
        "uvicorn": "uvicorn",
        "prometheus_client": "prometheus-client",
    }
    absent = [name for module, name in wanted.items() if find_spec(module) is None]
    if absent:
        message = f"the service needs {' and '.join(absent)}, which is not installed"
        raise problem("missing-library", message, hint="pip install 'kam[serve]'")
