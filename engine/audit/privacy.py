"""What a reader may see of what is stored: tokens opened, values of higher classes masked.

A personal value stands in the store as a token. For a reader of class ``personal`` it is opened,
if it has neither been forgotten nor expired; for everybody else the token itself is shown, which
says whether two values are the same and nothing more. Values of other classes stand in the store
as they are, and are masked when they are read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.audit.records import JsonText, Masked, SeenText
from engine.model import (
    CLASSES,
    DEFAULT_CLASS,
    NUMERIC_TYPES,
    Classification,
    strictest,
)
from engine.model.tokens import DOTS, PREFIX, is_token

Classes = Mapping[str, Classification]
"""A name that a pack uses → its class; what is not there is internal."""

REJECTED: Classes = {"value": "confidential"}
"""A cell that was rejected may be of any column; one of a personal column is not in the log."""
STAFF: Classification = "internal"
"""Of the names of our own people: who owns, approves, or has said something."""


def mark(classification: Classification) -> Masked:
    """What people see in place of a value."""
    return Masked(f"{DOTS} ({classification})")


@dataclass
class Reader:
    """Somebody who may read columns up to the class `level`, and a store to look things up in."""

    connection: sqlite3.Connection
    level: Classification
    _classes: dict[tuple[int, int], Classes] = field(default_factory=dict)
    _opened: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def may_read(self, classification: Classification) -> bool:
        return CLASSES.index(classification) <= CLASSES.index(self.level)

    @classmethod
    def usual(cls, connection: sqlite3.Connection) -> Reader:
        """Who reads where nobody has said who does."""
        return cls(connection, "confidential")

    # --- classes -------------------------------------------------------------------------

    def classes(self, run_no: int, policy_no: int | None) -> Classes:
        """The classes of what a line of a run names under a policy.

        Of the class that it had then and the one that it has now the stricter counts.
        """
        if policy_no is None:
            return {}
        key = (run_no, policy_no)
        if key not in self._classes:
            found: dict[str, Classification] = {}
            for name, one in self.connection.execute(_CLASSES, (policy_no, run_no)):
                found[name] = strictest(found.get(name, one), one)
            for name, one in self.connection.execute(_CLASSES_NOW, (policy_no,)):
                found[name] = strictest(found.get(name, DEFAULT_CLASS), one)
            self._classes[key] = found
        return self._classes[key]

    def classes_by_pack(self, run_no: int) -> dict[str, Classes]:
        """The classes of each pack of a run; one that answered events has those of its night."""
        rows = self.connection.execute(_POLICIES, (run_no,)).fetchall()
        return {pack: self.classes(run_no, policy_no) for pack, policy_no in rows}

    # --- values --------------------------------------------------------------------------

    def text(self, value: str | None, classification: Classification = DEFAULT_CLASS) -> str | None:
        """A text of a class, such as a name, as the reader sees it."""
        if value is None:
            return None
        if is_token(value):
            opened = self._open(value)
            return value if opened is None else opened[0]
        return value if self.may_read(classification) else mark(classification)

    def staff(self, name: str | None) -> str | None:
        """The name of one of our own people."""
        return self.text(name, STAFF)

    def evidence(self, text: str | None, classes: Classes) -> JsonText | None:
        """The values that a line saw; digit by digit as they are, where they are shown."""
        if text is None or not self._touches(text, classes):
            return None if text is None else JsonText(text)
        values: dict[str, Any] = json.loads(text, parse_float=JsonText, parse_int=JsonText)
        shown: dict[str, Any] = {}
        marked: dict[str, Any] = {}
        masked = []
        for name, value in values.items():
            classification = classes.get(name, DEFAULT_CLASS)
            if is_token(value):
                shown[name] = marked[name] = self._literal(value)
            elif value is None or self.may_read(classification):
                shown[name] = marked[name] = value
            else:
                masked.append(name)
                shown[name], marked[name] = None, mark(classification)
        seen = SeenText(_json(shown))
        seen.masked, seen.marked = tuple(masked), _json(marked)
        return seen

    def _touches(self, text: str, classes: Classes) -> bool:
        """Whether anything in the text may have to be opened or masked."""
        if not self.may_read(DEFAULT_CLASS) or (self.level == "personal" and PREFIX in text):
            return True
        return any(f'"{name}":' in text for name, one in classes.items() if not self.may_read(one))

    def action(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of ``action_lines`` as the reader sees it; its text is then made of what is seen.

        `evidence` has marks in the places of what is masked.
        """
        classes = self.classes(row["run_no"], row["policy_no"])
        seen = self.evidence(row["evidence"], classes)
        name = self.text(row["account_name"], classes.get("name", DEFAULT_CLASS))
        marked = seen.marked if isinstance(seen, SeenText) else seen
        return {**row, "account_name": name, "owner": self.staff(row["owner"]), "evidence": marked}

    # --- tokens --------------------------------------------------------------------------

    def _open(self, token: str) -> tuple[str, str] | None:
        """(value, type) of a token, for whoever may know it and while it is not gone."""
        if self.level != "personal":
            return None
        if token not in self._opened:
            row = self.connection.execute(_OPENING, (token,)).fetchone()
            self._opened[token] = row
        return self._opened[token]

    def _literal(self, token: str) -> str:
        opened = self._open(token)
        if opened is None:
            return token
        value, kind = opened
        return JsonText(value) if kind in (*NUMERIC_TYPES, "boolean") else value


_CLASSES = """
SELECT name, class FROM column_classes
WHERE policy_no = ?1 AND run_no = (
  SELECT max(run_no) FROM run_policies WHERE policy_no = ?1 AND run_no <= ?2
)
"""
_CLASSES_NOW = """
SELECT c.name, c.class
FROM policy_versions AS asked
JOIN policy_versions AS p ON p.pack = asked.pack
JOIN column_classes AS c ON c.policy_no = p.policy_no
WHERE asked.policy_no = ? AND c.run_no = (
  SELECT max(run_no) FROM runs WHERE kind = 'night'
)
"""
_POLICIES = """
SELECT pack, policy_no FROM run_policies JOIN policy_versions USING (policy_no)
WHERE run_no = (SELECT max(run_no) FROM run_policies WHERE run_no <= ?)
"""
_OPENING = "SELECT value, type FROM sealed_values WHERE token = ?"


def _json(values: Mapping[str, Any]) -> str:
    return "{" + ",".join(f"{_literal(key)}:{_literal(one)}" for key, one in values.items()) + "}"


def _literal(value: Any) -> str:
    if isinstance(value, JsonText):
        return value
    if isinstance(value, Mapping):
        return _json(value)
    if isinstance(value, list):
        return f"[{','.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False)
