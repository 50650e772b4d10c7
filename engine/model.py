"""The policy as people wrote it, typed: what `language` produces and `plan` consumes.

Frozen dataclasses without behaviour. Every element that a person wrote carries the
`Location` of its first key, so that each decision can name the line that made it.
Numbers are `Decimal` exactly as written (``20%`` is ``Decimal("0.20")``, ``500万`` is
``Decimal("5000000")``); parameters are still references, to be resolved for a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.errors import Location

# --- values ------------------------------------------------------------------------------

ValueType = Literal[
    "text", "enum", "ordinal", "boolean",
    "integer", "number", "days", "ratio", "money", "score", "nps",
    "date", "datetime",
]  # fmt: skip
"""`score` is 0 to 100, `nps` is -100 to 100, `ratio` is 1 for 100%, `days` counts days."""

NUMERIC_TYPES: frozenset[str] = frozenset(
    {"integer", "number", "days", "ratio", "money", "score", "nps"}
)

Unit = Literal["ratio", "amount", "days", "hours", "workdays"]
"""What the suffix of a quantity says: `20%` ratio, `500万` amount, `90 days` days."""

Scalar = Decimal | str | bool | date


@dataclass(frozen=True)
class Title:
    """A name in both languages that the engine speaks."""

    zh: str
    en: str


@dataclass(frozen=True)
class Quantity:
    """A literal as written (`text`), its exact value, and its unit where it has one."""

    value: Scalar
    text: str
    location: Location
    unit: Unit | None = None


@dataclass(frozen=True)
class ParameterRef:
    """`$name`: the value of a parameter on the as-of date."""

    name: str
    location: Location


@dataclass(frozen=True)
class MeasureRef:
    """`{measure: name}`: another measure or account column of the same account."""

    name: str
    location: Location


Operand = Quantity | ParameterRef | MeasureRef

# --- conditions --------------------------------------------------------------------------


@dataclass(frozen=True)
class Test:
    """One comparison: `subject operator operands`.

    `subject` names a measure, scorecard, account column or `tier`; inside `where:` it
    names a column of the record table. `between` has two operands, `in` and `not_in` any
    number, `missing` one boolean, `top` and `bottom` one ratio, every other operator one.
    """

    __test__ = False  # not a test case, whatever pytest thinks of the name

    subject: str
    operator: str
    operands: tuple[Operand, ...]
    location: Location


@dataclass(frozen=True)
class AllOf:
    """True if every part is; false if one is false; else unknown (Kleene)."""

    parts: tuple[Condition, ...]
    location: Location


@dataclass(frozen=True)
class AnyOf:
    """True if one part is; false if every part is false; else unknown (Kleene)."""

    parts: tuple[Condition, ...]
    location: Location


@dataclass(frozen=True)
class NoneOf:
    """The negation of `AnyOf`."""

    parts: tuple[Condition, ...]
    location: Location


Condition = Test | AllOf | AnyOf | NoneOf

# --- formulas ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    value: Decimal


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Truth:
    value: bool


@dataclass(frozen=True)
class Name:
    """A measure or an account column; in a record formula, a column of the record."""

    name: str
    location: Location


@dataclass(frozen=True)
class AsOf:
    """`as_of`: the date of the evaluation."""


@dataclass(frozen=True)
class Operation:
    """An operator over its arguments, evaluated in the order written.

    `operator` is one of ``+ - * / neg = <> < <= > >= and or not is_missing``.
    A date minus a date is a whole number of days.
    """

    operator: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Call:
    """A whitelisted scalar function (see `engine.language.formulas.FUNCTIONS`)."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Case:
    """`case when … then … else … end`; without an else the result is missing."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True)
class Population:
    """`total(x)`, `average(x)`, `percentile(x, p)`, `rank(x)` over the pack's population."""

    function: str
    measure: str
    location: Location
    share: Decimal | None = None


Expression = (
    Number | Text | Truth | Name | ParameterRef | AsOf | Operation | Call | Case | Population
)


@dataclass(frozen=True)
class Formula:
    """A parsed formula: the text as written, its tree, and the names that it reads."""

    text: str
    tree: Expression
    names: tuple[Name, ...]
    location: Location


# --- measures and scorecards -------------------------------------------------------------


@dataclass(frozen=True)
class Aggregate:
    """An aggregate of one record table, per account.

    Counts the records with `as_of - ending - window < day <= as_of - ending`, and those
    for which `where` is true. `by` groups for `share_of_largest`.
    """

    function: str
    record: str
    column: str | None
    where: Condition | None
    window_days: int | None
    ending_days: int
    by: str | None
    minimum_records: int
    location: Location


@dataclass(frozen=True)
class Measure:
    """A named value of an account: exactly one of `aggregate` and `formula` is set."""

    id: str
    type: ValueType
    title: Title | None
    source: tuple[str, ...]
    aggregate: Aggregate | None
    formula: Formula | None
    polarity: Literal["higher_is_better", "lower_is_better"] | None
    location: Location


@dataclass(frozen=True)
class Criterion:
    """A part of a scorecard: a leaf scores a measure, a branch adds up its parts.

    Points are either a curve, linear between its knots and flat outside them, or a table
    from the values of an enumeration, an ordinal or a boolean (`"true"`, `"false"`).
    """

    id: str
    weight: Decimal
    measure: str | None
    curve: tuple[tuple[Quantity, Decimal], ...]
    table: tuple[tuple[str, Decimal], ...]
    parts: tuple[Criterion, ...]
    title: Title | None
    source: tuple[str, ...]
    location: Location


@dataclass(frozen=True)
class Scorecard:
    """Weighted criteria; the score is 0 to 100, rounded half-even to 6 decimals."""

    id: str
    title: Title
    source: tuple[str, ...]
    missing: Literal["redistribute", "zero", "neutral", "fail"]
    criteria: tuple[Criterion, ...]
    location: Location


# --- tiers and rules ---------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """A length of time in its own unit: `3 workdays`, `1 night`, `2 reviews`."""

    count: int
    unit: Literal["hour", "day", "night", "week", "month", "quarter", "year", "workday", "review"]
    text: str


@dataclass(frozen=True)
class Tier:
    """One level; `when` is None only for the default tier."""

    id: str
    title: Title
    source: tuple[str, ...]
    when: Condition | None
    location: Location


@dataclass(frozen=True)
class Demotion:
    after: Period
    steps: int


@dataclass(frozen=True)
class TierScheme:
    """Levels best first; the first that holds is the candidate, else the default."""

    population: Condition | None
    review: str | None
    demotion: Demotion | None
    levels: tuple[Tier, ...]
    default: Tier
    location: Location


@dataclass(frozen=True)
class Entitlement:
    """What a tier is owed. `terms` holds what only its kind has, already typed."""

    id: str
    kind: str
    title: Title
    source: tuple[str, ...]
    tiers: tuple[str, ...]
    when: Condition | None
    terms: Mapping[str, object]
    action: str | None
    location: Location


@dataclass(frozen=True)
class Milestone:
    id: str
    title: Title
    source: tuple[str, ...]
    from_tier: str | None
    to_tier: str | None
    when: Condition
    effect: Literal["promote", "propose", "report"]
    hold: Period | None
    progress: str | None
    action: str | None
    location: Location


WARNING_LEVELS: tuple[str, ...] = ("blue", "yellow", "orange", "red")
"""Mildest first."""


@dataclass(frozen=True)
class WarningLevel:
    level: str
    when: Condition
    location: Location


@dataclass(frozen=True)
class Escalation:
    after: Period
    to: str


@dataclass(frozen=True)
class WarningRule:
    """A warning; the worst level that holds counts. `levels` are worst first."""

    id: str
    title: Title
    source: tuple[str, ...]
    layer: Literal["frontline", "data", "management"]
    levels: tuple[WarningLevel, ...]
    pending_for: Period | None
    keep_firing_for: Period | None
    escalate: Escalation | None
    actions: Mapping[str, str]
    location: Location


@dataclass(frozen=True)
class ActionTemplate:
    """What to do, by whom, by when; `text` may name measures in braces."""

    id: str
    title: Title
    source: tuple[str, ...]
    owner: str
    due: Period | None
    priority: Literal["low", "normal", "high", "urgent"]
    text: Title
    location: Location


@dataclass(frozen=True)
class Parameter:
    """A named threshold: `values` are (from date, value), earliest first.

    A parameter with a single value has the date `date.min`. `judgement` marks a number
    that the source document does not name; such a parameter must have an owner.
    """

    id: str
    values: tuple[tuple[date, Quantity], ...]
    title: Title | None
    source: tuple[str, ...]
    owner: str | None
    judgement: bool
    note: str | None
    location: Location


@dataclass(frozen=True)
class Role:
    id: str
    title: Title
    location: Location


# --- vocabulary --------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of accounts or of a record table, as the pack or the catalog types it."""

    name: str
    type: ValueType
    title: Title | None
    values: tuple[str, ...]
    """Of an enumeration or an ordinal; an ordinal's are worst first."""
    range: tuple[Decimal, Decimal] | None
    classification: Literal["public", "internal", "confidential", "personal"]
    formula: Formula | None
    """A column computed from the record's other columns and `as_of`."""
    location: Location


@dataclass(frozen=True)
class RecordType:
    name: str
    title: Title | None
    time: str | None
    """The column that dates the record; None for records without a date."""
    columns: Mapping[str, Column]
    location: Location


@dataclass(frozen=True)
class Vocabulary:
    """The columns and record tables that a pack may use."""

    accounts: Mapping[str, Column] = field(default_factory=dict)
    records: Mapping[str, RecordType] = field(default_factory=dict)


# --- the pack ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Clause:
    """A requirement of the pack's source document."""

    id: str
    text: str
    location: Location


@dataclass(frozen=True)
class Excuse:
    """A clause that no rule implements, and why; `engine` if the engine itself does."""

    clause: str
    reason: str
    engine: bool
    location: Location


@dataclass(frozen=True)
class PolicyFile:
    """A file that the pack was read from; `sha256` is of its bytes."""

    path: str
    sha256: str
    content: bytes


@dataclass(frozen=True)
class Policy:
    """A whole pack, every include merged, in the order in which it was read."""

    id: str
    title: Title
    version: str
    effective_from: date
    effective_to: date | None
    owner: str
    document: str | None
    """The letter of the source document, which begins the ids of its clauses."""
    location: Location
    parameters: Mapping[str, Parameter]
    roles: Mapping[str, Role]
    vocabulary: Vocabulary
    measures: Mapping[str, Measure]
    scorecards: Mapping[str, Scorecard]
    tiers: TierScheme | None
    entitlements: Mapping[str, Entitlement]
    milestones: Mapping[str, Milestone]
    warnings: Mapping[str, WarningRule]
    actions: Mapping[str, ActionTemplate]
    clauses: Mapping[str, Clause]
    excuses: Mapping[str, Excuse]
    files: tuple[PolicyFile, ...]
    hash: str
    """SHA-256 over the paths and hashes of the files, in order of path."""
