"""What is said to a sink: a document for programs, one line of a digest for people."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.actions.render import Show
from engine.actions.texts import action_text, role_titles
from engine.audit.outbox import Queued, action_rows
from engine.audit.policy_names import PolicyNames
from engine.audit.privacy import Reader
from engine.audit.records import Masked
from engine.language.sinks import Sink
from engine.model import Classification
from engine.model.tokens import cut_short

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_BODY = {
    "action": "action_id",
    "run": "run_id",
    "as_of": "as_of",
    "pack": "pack",
    "account": "account_id",
    "name": "account_name",
    "rule_kind": "rule_kind",
    "rule": "rule_id",
    "rule_zh": "rule_zh",
    "rule_en": "rule_en",
    "level": "level",
    "cause": "cause_id",
    "template": "template_id",
    "title_zh": "title_zh",
    "title_en": "title_en",
    "owner_role": "owner_role",
    "owner": "owner",
    "priority": "priority",
    "opened_on": "opened_on",
    "due_on": "due_on",
    "status": "status",
}


@dataclass(frozen=True)
class Message:
    """A queued message with what it says. `body` has the keys of schemas/message.schema.json."""

    queued: Queued
    body: Mapping[str, Any]

    @property
    def key(self) -> str:
        return self.queued.key

    @property
    def account(self) -> str | None:
        return self.queued.account

    def document(self) -> bytes:
        """The body as JSON in UTF-8, on one line."""
        return _JSON.encode(self.body).encode()


class Composer:
    """Makes messages of what is queued. Reads the store; errors are those of SQLite.

    Texts are made of what the sink may read, so that nothing else reaches a message.
    """

    def __init__(self, connection: sqlite3.Connection, workspace: str, show: Show) -> None:
        self._connection = connection
        self._workspace = workspace
        self._show = show
        self._policies = PolicyNames(connection)
        self._readers: dict[Classification, Reader] = {}

    def messages(self, queued: Sequence[Queued], sink: Sink) -> list[Message]:
        """The messages in the same order, as the sink may read them."""
        numbers = [one.action_no for one in queued if one.action_no is not None]
        rows = action_rows(self._connection, numbers)
        reader = self._readers.setdefault(sink.reader, Reader(self._connection, sink.reader))
        return [
            Message(one, self._checkpoint(one))
            if one.action_no is None
            else Message(one, self._action(one, reader.action(rows[one.action_no])))
            for one in queued
        ]

    def _action(self, queued: Queued, row: Mapping[str, Any]) -> Mapping[str, Any]:
        text = action_text(row, self._policies, self._show)
        return {
            "idempotency_key": queued.key,
            "kind": queued.kind,
            "workspace": self._workspace,
            **{name: _plain(row[column]) for name, column in _BODY.items()},
            **role_titles(row, self._policies),
            "text_zh": cut_short(text.zh),
            "text_en": cut_short(text.en),
        }

    def _checkpoint(self, queued: Queued) -> Mapping[str, Any]:
        run = self._connection.execute(
            "SELECT run_id, as_of FROM runs WHERE run_no = ?", (queued.run_no,)
        ).fetchone()
        return {
            "idempotency_key": queued.key,
            "kind": queued.kind,
            "workspace": self._workspace,
            "run": run[0],
            "as_of": run[1],
            "checkpoint": queued.payload,
        }


def _plain(value: object) -> object:
    """What is masked is null, as everywhere in JSON; only texts have marks in its place."""
    return None if isinstance(value, Masked) else value
