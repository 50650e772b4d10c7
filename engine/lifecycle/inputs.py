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


@dataclass(frozen=True)
class NightFiles:
    """The folders of two runs; None where there is none.

    `previous` is the last run of an earlier as-of date: the state that tonight starts from.
    `recorded` is the last run of all: what the log has said so far.
    """

    previous_night: date | None = None
    previous: Path | None = None
    recorded: Path | None = None


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
