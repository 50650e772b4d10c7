"""What a night is given beside its facts: where it starts from, and what people have said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engine.language.overrides import Overrides


@dataclass(frozen=True)
class Mark:
    """What a person said about a warning: `kind` is ``ack`` or ``silence``.

    The last silence of a warning counts; one whose `until` has passed ends it.
    """

    mark_no: int
    kind: str
    pack: str
    account: str
    rule: str
    day: date
    until: date | None = None


AccountState = tuple[str, str]
"""An account, and what was decided about it: JSON with its rows of decisions and obligations."""


@dataclass(frozen=True)
class NightFiles:
    """The folders of two runs; None where there is none.

    `previous` is the last night of an earlier as-of date: the state that tonight starts from.
    `recorded` is the last night of all: what the log has said so far. Either holds of accounts
    that events have decided about since what the last of these events left: of those as of an
    earlier day than tonight's, and of all.
    """

    previous_night: date | None = None
    previous: Path | None = None
    recorded: Path | None = None
    previous_events: tuple[AccountState, ...] = ()
    recorded_events: tuple[AccountState, ...] = ()


@dataclass(frozen=True)
class NightInputs:
    """Everything beside plan, facts and calendar on which a night depends."""

    timezone: str = "UTC"
    files: NightFiles = field(default_factory=NightFiles)
    overrides: Overrides = field(default_factory=Overrides)
    marks: tuple[Mark, ...] = ()
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role → who holds it for the whole company."""
    has_owners: bool = False
    """Whether ``record_assignments`` stands and holds what `owners` needs."""
