"""What a delivery would send, without sending or writing anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.actions.messages import Composer, Message
from engine.actions.render import Show
from engine.actions.rounds import PAGE
from engine.actions.sinks.chat import CHANNELS, texts
from engine.audit import outbox
from engine.audit.failures import store_errors
from engine.audit.store import open_store
from engine.language.sinks import Sink
from engine.language.workspace import Workspace

SHOWN = 3
"""Texts of a sink that are shown."""


@dataclass(frozen=True)
class SinkPreview:
    """What waits for a sink; `texts` are the first of what would be sent, as it would be."""

    sink: str
    kind: str
    pending: int
    due: int
    dead: int
    texts: tuple[str, ...]


def preview(
    workspace: Workspace,
    show: Show,
    now: datetime,
    only: Collection[str] = (),
) -> Iterator[SinkPreview]:
    """Sink by sink in the order of kam.yaml. Needs no secret; the store is opened read only."""
    folder = workspace.store_folder
    with open_store(folder, read_only=True) as store, store_errors(folder):
        connection = store.connection
        composer = Composer(connection, workspace.name, show)
        waiting = outbox.waiting(connection, now)
        for sink in workspace.sinks:
            if only and sink.name not in only:
                continue
            left = waiting.get(sink.name, outbox.Waiting())
            queued = outbox.due(connection, sink.name, now, 0, PAGE)
            shown = _texts(sink, composer.messages(queued, sink))
            yield SinkPreview(sink.name, sink.kind, left.pending, left.due, left.dead, shown)


def _texts(sink: Sink, messages: list[Message]) -> tuple[str, ...]:
    if sink.kind in CHANNELS:
        found = [part.text for part in texts(messages, sink, CHANNELS[sink.kind])]
    else:
        found = [message.document().decode() for message in messages[:SHOWN]]
    return tuple(found[:SHOWN])
