"""Opens the sinks of kam.yaml with what the environment holds for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from engine.actions.sinks.base import OpenSink
from engine.actions.sinks.chat import open_chat
from engine.actions.sinks.jsonl_file import open_file
from engine.actions.sinks.webhook import open_webhook
from engine.errors import Problem
from engine.language.sinks import Sink

SinkOpener = Callable[[Sink, Path, Mapping[str, str], Callable[[], datetime]], "OpenSink | Problem"]
"""(sink, root of the workspace, environment, time) → the open sink, or why it cannot be used."""


def open_sink(
    sink: Sink, root: Path, environment: Mapping[str, str], now: Callable[[], datetime]
) -> OpenSink | Problem:
    """A sink of any kind. Its variables must be set: see `sink_problem`."""
    if sink.kind == "jsonl":
        return open_file(sink, root)
    if sink.kind == "webhook":
        return open_webhook(sink, environment, now)
    return open_chat(sink, environment)


def sink_problem(sink: Sink, environment: Mapping[str, str]) -> Problem | None:
    """``variable-not-set`` if a variable that the sink needs is missing or empty."""
    missing = [name for name in sink.variables if not environment.get(name, "").strip()]
    if not missing:
        return None
    return Problem(
        "variable-not-set",
        f"the sink '{sink.name}' needs {' and '.join(missing)} in the environment",
        sink.location,
        "set it where kam is called; it stands in no file of the workspace",
    )
