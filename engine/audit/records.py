"""What a run hands to the store.

Bulk rows are plain tuples, because a first night writes millions of them; everything
else is a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.errors import Location
from engine.model import DEFAULT_CLASS, Classification, PolicyFile, Title, ValueType

RuleKey = tuple[str, str, str]
"""(pack, kind, id); the kind `pack` stands for the policy as a whole."""

LogRow = tuple[str | None, str, int | None, str | None, str | None, str | None]
"""(account_id, kind, rule_no, from_value, to_value, evidence as JSON text)."""

ActionRow = tuple[
    str, str, str, str | None, int, int, str | None, str, str | None, str, str, str | None, str
]
"""(action_id, cause_id, account_id, account_name, rule_no, template_no, level, owner_role, owner,
priority, opened_on, due_on, evidence as JSON text); dates are ISO texts."""


class JsonText(str):
    """A text that is JSON already; writers of JSON pass it on as it is, digit by digit."""


class Masked(str):
    """What stands for a value that the reader may not see; in JSON that is null."""


class SeenText(JsonText):
    """JSON with null for what the reader may not see; `masked` names those values.

    `marked` is the same with a mark in each such place, for people.
    """

    masked: tuple[str, ...] = ()
    marked: str = ""


@dataclass(frozen=True)
class RuleRecord:
    """A rule as the log refers to it.

    `thresholds` lists every comparison of the rule in policy order, as mappings with the
    keys level, column, operator, operands, written, file and line; `template` is set for
    an action only and holds its texts, `layer` for a warning only.
    """

    kind: str
    id: str
    title: Title
    location: Location
    thresholds: tuple[Mapping[str, Any], ...] = ()
    template: Mapping[str, Any] | None = None
    layer: str | None = None


@dataclass(frozen=True)
class ColumnRecord:
    """A measure, scorecard or account column: how values in evidence are to be read."""

    name: str
    column: str
    type: ValueType
    title: Title | None
    classification: Classification = DEFAULT_CLASS


@dataclass(frozen=True)
class PolicyRecord:
    """One pack at one version, with what is needed to read its decisions years later."""

    pack: str
    title: Title
    version: str
    policy_hash: str
    document: str | None
    effective_from: date
    effective_to: date | None
    files: tuple[PolicyFile, ...]
    rules: tuple[RuleRecord, ...]
    columns: tuple[ColumnRecord, ...]
    roles: Mapping[str, Title] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptFile:
    """A text that a run read beside its policies; `role` as in ``run_files``."""

    role: str
    path: str
    sha256: str
    content: bytes


@dataclass(frozen=True)
class SourceRecord:
    """A source file as read; rows read = rows used + rows quarantined."""

    name: str
    file: str
    sha256: str
    rows_read: int
    rows_used: int
    rows_quarantined: int


OpeningRow = tuple[str, str, str, str, str]
"""(token, account_id, column of facts.parquet, type, value) of a personal value."""


@dataclass(frozen=True)
class PersonalRecord:
    """What a run hands over of personal values.

    `tokens` are all that stand in its lines, decisions and actions, `openings` those of them
    whose value the run has seen. `retention` says after how many days the values of a class
    are destroyed, for the classes of which kam.yaml says so.
    """

    tokens: Iterable[tuple[str]] = ()
    openings: Iterable[OpeningRow] = ()
    retention: Mapping[Classification, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
    """A run that succeeded. Times are aware; `counts` is JSON and free in shape."""

    run_id: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    engine_version: str
    plan_hash: str
    facts_fingerprint: str
    manifest_sha256: str
    counts: Mapping[str, Any]
    last_mark: int = 0
    """The last of what people said that the run has read."""
    files: Sequence[KeptFile] = ()
    """The texts that it read beside its policies."""
    personal: PersonalRecord = field(default_factory=PersonalRecord)
    settled: Sequence[tuple[int, str]] = ()
    """Events of the day that a source has overtaken: number and column, as in
    ``settled_events``."""
