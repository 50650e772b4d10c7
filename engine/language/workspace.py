"""`kam.yaml`: which facts, which policies, and where the decisions are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from engine.errors import KamError, Location, Problem
from engine.language.approval import ApprovalRules, approval_problems, read_approval
from engine.language.calendar import CalendarRules, read_calendar
from engine.language.documents import Document
from engine.language.evidence import EvidenceRules, read_evidence
from engine.language.named_files import kept_file, read_named
from engine.language.privacy import Privacy, read_privacy
from engine.language.quantities import scaled
from engine.language.reading import read_yaml
from engine.language.schema import validate
from engine.language.sinks import Sink, read_sinks, sink_problems
from engine.language.texts import DiskTexts, Texts, absolute, normalised
from engine.model import PolicyFile
from engine.nearest import did_you_mean

WORKSPACE_FILE = "kam.yaml"
SHANGHAI = "Asia/Shanghai"
CHINESE_CITIES = frozenset(
    {"beijing", "peking", "guangzhou", "canton", "shenzhen", "北京", "上海", "广州", "深圳"}
)
"""Where people look for a time zone of their own; all of China keeps that of Shanghai."""


@dataclass(frozen=True)
class DecimalPlaces:
    """Decimals of money and of every derived number."""

    money: int = 2
    derived: int = 6


@dataclass(frozen=True)
class Guards:
    """Shares (1 is 100%) that a run must keep to; None where nothing is asked."""

    quarantined_at_most: Decimal | None = None
    accounts_at_least_of_previous: Decimal | None = None
    tier_changes_at_most: Decimal | None = None
    approved_policy: bool = False
    """Whether a policy that not every role of `approval:` has signed decides nothing."""


@dataclass(frozen=True)
class Workspace:
    """A workspace as written. `facts` and `policies` are paths under `root`."""

    root: Path
    name: str
    timezone: str
    currency: str
    as_of: date | None
    """The date of every run, where the book is closed; else a run is of today."""
    calendar: CalendarRules
    precision: DecimalPlaces
    facts: str
    policies: tuple[str, ...]
    """Folders under `root`, or ``packaged:NAME``."""
    store: str
    """A folder; absolute, or under `root`."""
    guards: Guards
    files: tuple[PolicyFile, ...]
    """kam.yaml, then the calendar's overrides and those of tiers where it names some."""
    location: Location
    overrides: str | None = None
    """The path under `root` of the file of overrides and approvals, which is in `files`."""
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role → who holds it for the whole company."""
    sinks: tuple[Sink, ...] = ()
    """Where actions go when a run has emitted them."""
    evidence: EvidenceRules = field(kw_only=True)
    approval: ApprovalRules = field(kw_only=True)
    """Who must sign a policy."""
    privacy: Privacy = field(default_factory=Privacy, kw_only=True)

    @property
    def store_folder(self) -> Path:
        return self.root / self.store


def load_workspace(path: str | Path, texts: Texts | None = None) -> Workspace:
    """The workspace in a folder, or of its `kam.yaml`.

    With `texts` the files are read from there; `path` still says where the workspace lies.
    Raises `KamError` with everything that is wrong with kam.yaml or the calendar.
    """
    full = absolute(path)
    root = full.parent if full.name == WORKSPACE_FILE else full
    texts = texts or DiskTexts(root)
    document = read_workspace(texts)
    problems: list[Problem] = [*document.problems, *validate(document, "workspace")]
    data: Mapping[str, Any] = document.data
    if not problems:
        problems = [*timezone_problems(document), *path_problems(document)]
        problems += [*sink_problems(document), *approval_problems(document)]
    if problems:
        raise KamError(problems)
    as_of, calendar, overrides = read_day(document, problems), CalendarRules(), None
    try:
        calendar = read_calendar(document, texts)
    except KamError as error:
        problems.extend(error.problems)
    try:
        overrides = read_overrides_file(document, texts)
    except KamError as error:
        problems.extend(error.problems)
    if problems:
        raise KamError(problems)
    own = kept_file(WORKSPACE_FILE, document.content)
    return Workspace(
        root=root,
        name=data["workspace"],
        timezone=data["timezone"],
        currency=data["currency"],
        as_of=as_of,
        calendar=calendar,
        precision=DecimalPlaces(**data.get("precision", {})),
        facts=normalised(data["facts"]) or data["facts"],
        policies=tuple(data["policies"]),
        store=data.get("store", "store"),
        guards=read_guards(data.get("guards", {})),
        files=tuple(one for one in (own, calendar.file, overrides) if one is not None),
        location=document.root["workspace"].location,
        overrides=None if overrides is None else overrides.path,
        people=read_people(data.get("people", {})),
        sinks=read_sinks(document),
        evidence=read_evidence(document),
        approval=read_approval(document),
        privacy=read_privacy(document),
    )


def read_overrides_file(document: Document, texts: Texts) -> PolicyFile | None:
    """The bytes of the file of overrides; `engine.language.overrides` reads what they say."""
    named = document.root.get("overrides")
    if named is None:
        return None
    return read_named(named, lambda path: kept_file(path, texts.read(path)))


def read_people(written: Mapping[str, str | list[str]]) -> Mapping[str, tuple[str, ...]]:
    return {
        role: (holders,) if isinstance(holders, str) else tuple(holders)
        for role, holders in written.items()
    }


def read_workspace(texts: Texts) -> Document:
    try:
        return read_yaml(WORKSPACE_FILE, texts)
    except KamError as error:
        first = error.problems[0]
        if first.code != "missing-file":
            raise
        raise KamError(Problem(
            "missing-workspace", f"there is no {WORKSPACE_FILE} here", first.location,
            "go to a workspace, or make one with 'kam init DIR'",
        )) from error  # fmt: skip


def read_day(document: Document, problems: list[Problem]) -> date | None:
    written = document.data.get("as_of")
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        place = document.value_location(("as_of",))
        problems.append(Problem("not-a-date", f"there is no day {written}", place))
        return None


def timezone_problems(document: Document) -> list[Problem]:
    name = document.data["timezone"]
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean_zone(name)
        place = document.value_location(("timezone",))
        return [Problem("unknown-timezone", f"'{name}' is not a time zone", place, hint)]
    return []


def did_you_mean_zone(name: str) -> str:
    if name.lower().rpartition("/")[2] in CHINESE_CITIES:
        return f"did you mean '{SHANGHAI}'?"
    return did_you_mean(name, available_timezones()) or f"for example {SHANGHAI}"


def path_problems(document: Document) -> list[Problem]:
    """What is read stays within the workspace; the store may lie elsewhere."""
    written: list[tuple[tuple[str | int, ...], str]] = [(("facts",), document.data["facts"])]
    written += [
        (("policies", index), path)
        for index, path in enumerate(document.data["policies"])
        if not path.startswith("packaged:")
    ]
    overrides = document.data.get("calendar", {}).get("overrides")
    if overrides is not None:
        written.append((("calendar", "overrides"), overrides))
    if "overrides" in document.data:
        written.append((("overrides",), document.data["overrides"]))
    return [
        Problem("path-outside", f"'{value}' lies outside the workspace",
                document.value_location(path), "write a path under the folder of kam.yaml")
        for path, value in written
        if normalised(value) in (None, ".")
    ]  # fmt: skip


def read_guards(written: Mapping[str, Any]) -> Guards:
    def share(name: str, key: str) -> Decimal | None:
        text: str | None = written.get(name, {}).get(key)
        return scaled(text.split("%")[0], "%") if text is not None else None

    return Guards(
        quarantined_at_most=share("quarantined", "at_most"),
        accounts_at_least_of_previous=share("accounts", "at_least"),
        tier_changes_at_most=share("tier_changes", "at_most"),
        approved_policy=written.get("approved_policy", False),
    )
