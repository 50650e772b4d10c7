"""The steps of a plan: what to compute, on which columns, in which order.

Everything that a policy leaves open is settled here once (parameter values on the as-of
date, window bounds, the values that an ordinal comparison admits, the rounding of a
column), so that no executor decides anything by itself.

The relations that the steps speak of:

* ``accounts(account_no, account_id, <columns>)``: `account_no` is 0, 1, 2 … in the order
  of the account ids and breaks every tie.
* ``record_<name>(account_no, <columns>)``: one row per usable record.
* ``facts``: ``accounts`` plus one column per aggregate, per computed column and per
  ranking; what `facts.parquet` keeps.
* ``statistics``: one row, one column per statistic.
* rules also see ``tier__<pack>``, the effective tier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from engine.errors import Location
from engine.model import (
    ActionTemplate,
    Classification,
    Entitlement,
    Expression,
    Milestone,
    Scalar,
    Scope,
    TierScheme,
    Title,
    ValueType,
    WarningRule,
)

# --- conditions over columns -------------------------------------------------------------


@dataclass(frozen=True)
class ColumnRef:
    """Another column of the same row."""

    column: str


@dataclass(frozen=True)
class Comparison:
    """`column operator operands`; unknown if a value that it needs is missing.

    Operators: ``eq ne gt gte lt lte between in not_in missing present``. An ordinal's
    ``gt gte lt lte between`` have become ``in`` over the values that satisfy them.
    `written` is the threshold as the policy writes it (``$strategic_share = 20%``).
    """

    column: str
    operator: str
    operands: tuple[Scalar | ColumnRef, ...]
    written: str
    location: Location


@dataclass(frozen=True)
class Ranked:
    """`top`/`bottom`: among the first ``ceil(share × N)`` of the population. Never unknown.

    True if the value is beyond the statistic `cutoff_value`, or equal to it and
    `account_no` is at most the statistic `cutoff_account`; false for a missing value and
    outside the population (boolean column `population`, or everyone if None).
    """

    column: str
    side: str
    share: Decimal
    population: str | None
    cutoff_value: str
    cutoff_account: str
    written: str
    location: Location


@dataclass(frozen=True)
class All:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Any:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Not:
    """Kleene negation; `none:` is `Not(Any(...))`."""

    part: Predicate


Predicate = Comparison | Ranked | All | Any | Not

# --- facts -------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactColumn:
    """A column that the facts stage supplies; `available` is False if nothing maps it."""

    name: str
    type: ValueType
    available: bool


@dataclass(frozen=True)
class RecordStep:
    """A record table as the plan uses it.

    `columns` are read from the source; `derived` are computed from them by formula, in
    an order in which each needs only what stands before it. `time` is the dating column.
    """

    name: str
    available: bool
    time: str | None
    columns: tuple[FactColumn, ...]
    derived: tuple[Derived, ...]


@dataclass(frozen=True)
class Derived:
    """A column computed row by row; rounded half-even to `scale` decimals if numeric."""

    column: str
    type: ValueType
    scale: int | None
    expression: Expression


@dataclass(frozen=True)
class AggregateStep:
    """One aggregate of one record table, per account.

    Functions: ``sum count count_distinct avg min max latest earliest days_since_last
    share_of_largest nps``. Uses the records with ``after < day <= until`` (``after`` None:
    no lower bound) for which `where` is true. Over no records ``sum``, ``count`` and
    ``count_distinct`` are 0, the others missing; all are missing if the table or a column
    is not `available`. Missing argument values are passed over. `latest` breaks
    ties of time by the greater value, `earliest` by the lesser; both look at the day only.
    ``days_since_last`` counts from `until`. ``share_of_largest`` passes over records whose
    group is missing. With fewer than `minimum_records` usable values the result is missing.
    """

    column: str
    type: ValueType
    scale: int | None
    record: str
    function: str
    argument: str | None
    by: str | None
    where: Predicate | None
    after: date | None
    until: date
    minimum_records: int
    available: bool


# --- computed columns --------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """A boolean column (the population of a pack)."""

    column: str
    predicate: Predicate


@dataclass(frozen=True)
class Points:
    """Points of one leaf criterion, 0 to 100: a curve or a table; missing if the input is.

    A curve is linear between its knots ``(x, points)`` and flat outside; a value that the
    table does not list is missing. Rounded half-even to `scale` decimals.
    """

    column: str
    input: str
    scale: int
    curve: tuple[tuple[Decimal, Decimal], ...]
    table: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Score:
    """A scorecard: the weighted mean of points, and the share of weight that had data.

    `parts` are (points column, weight); weights add up to 100. `missing` says what a
    missing part does: ``redistribute`` its weight over the others (all missing: missing),
    count as ``zero`` or as ``neutral`` (50), or ``fail`` (the score is missing).
    The sum runs in the order of `parts`, in IEEE double precision.
    """

    column: str
    coverage: str
    scale: int
    parts: tuple[tuple[str, Decimal], ...]
    missing: str


Computed = Derived | Condition | Points | Score


@dataclass(frozen=True)
class Statistic:
    """A number of the population, in the one-row relation ``statistics``.

    Kinds: ``count`` (accounts of the population), ``total``, ``average``, ``percentile``
    (`share`; the discrete percentile), ``cutoff_value`` and ``cutoff_account`` (value and
    account_no of the last account that a `top`/`bottom` of `share` admits). Missing over
    no values. Expressions name a statistic as if it were a column.
    """

    name: str
    kind: str
    column: str | None
    population: str | None
    share: Decimal | None = None
    side: str | None = None


@dataclass(frozen=True)
class Ranking:
    """`output` is 1 for the largest value of `column` in the population, ties by account_no."""

    output: str
    column: str
    population: str | None


@dataclass(frozen=True)
class GroupTotal:
    """`output` is the exact sum of `column`, as a double, over the accounts of a group.

    A group are the accounts of the population with the same value in `group`; missing
    values are passed over, and the sum over none is missing. An account outside the
    population, or without a value in `group`, has its own value.
    """

    output: str
    column: str
    group: str
    population: str | None


@dataclass(frozen=True)
class Stage:
    """Columns to compute, in order of dependency; then what is taken over many accounts."""

    computed: tuple[Computed, ...]
    statistics: tuple[Statistic, ...]
    rankings: tuple[Ranking, ...]
    groups: tuple[GroupTotal, ...] = ()

    @property
    def columns_beside(self) -> tuple[str, ...]:
        """The columns that stand only in the stage after it, in order."""
        ranks = tuple(one.output for one in self.rankings)
        return ranks + tuple(one.output for one in self.groups)


# --- decisions ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TierStep:
    id: str
    title: Title
    predicate: Predicate | None
    """None for the default, which stands last."""
    location: Location


@dataclass(frozen=True)
class RuleStep:
    """A warning, milestone or entitlement as conditions over facts and the tier.

    `levels` are worst first, of names and predicates; a milestone and an entitlement have
    the one level ``""``. The first that is true is the hit; none true and one unknown
    makes the rule unknown. `evidence` are the columns whose values explain a hit.
    """

    kind: str
    id: str
    title: Title
    levels: tuple[tuple[str, Predicate], ...]
    evidence: tuple[str, ...]
    actions: Mapping[str, str]
    """Level → action template."""
    location: Location


@dataclass(frozen=True)
class Span:
    """A period of the calendar, first and last day, and the first day of the one before."""

    start: date
    end: date
    before: date


@dataclass(frozen=True)
class ObligationStep:
    """The records that say how an obligation of the entitlement `rule_id` is met.

    Of the table `record` only the rows for which `where` is true, dated no later than the
    as-of date. `kind` decides what of them matters:

    * ``cadence``: how many are dated in `span`, how many in the period before it.
    * ``response``: the columns `starts` and `stops`.
    * ``deadline``: the columns `due` and `stops`.
    * ``team``: the different persons whose current assignment to the role `part` they are.

    `available` is False if the workspace does not map what it reads: nothing is then owed.
    """

    rule_id: str
    kind: str
    part: str
    record: str
    time: str | None
    where: Predicate | None
    starts: str | None
    stops: str | None
    due: str | None
    span: Span | None
    available: bool


@dataclass(frozen=True)
class PackPlan:
    """What one pack decides. Accounts outside its population get no tier and no hits."""

    id: str
    title: Title
    version: str
    policy_hash: str
    owner: str
    population: str | None
    columns: Mapping[str, str]
    """Measure, scorecard or account column as the pack names it → column of ``facts``."""
    types: Mapping[str, ValueType]
    """Column of ``facts`` → type."""
    titles: Mapping[str, Title]
    """Column of ``facts`` → title, where the pack gives one."""
    tiers: tuple[TierStep, ...]
    exclude: Predicate | None
    """Accounts for which this is true get the default tier at once."""
    scheme: TierScheme | None
    scores: tuple[str, ...]
    rules: tuple[RuleStep, ...]
    entitlements: Mapping[str, Entitlement]
    milestones: Mapping[str, Milestone]
    warnings: Mapping[str, WarningRule]
    actions: Mapping[str, ActionTemplate]
    roles: Mapping[str, Title]
    obligations: tuple[ObligationStep, ...]
    obligation_evidence: tuple[str, ...]
    """The columns whose values the texts of their actions name."""
    classes: Mapping[str, Classification] = field(default_factory=dict)
    """Column of ``facts`` or statistic → who may read it, where that is not ``internal``."""

    @property
    def tier_column(self) -> str:
        """Where rules find the effective tier."""
        return f"tier__{self.id}"


@dataclass(frozen=True)
class Precision:
    """Decimals of money and of every derived number; see `precision:` in kam.yaml."""

    money: int = 2
    derived: int = 6


@dataclass(frozen=True)
class ScopePlan:
    """What a pack measures and warns about in a scope beyond the account.

    The accounts of `plan` are the entities of the scope, named in the one column ``name``;
    its one record table ``accounts`` has a row for each account of the pack's population,
    under the pack's own names (`PackPlan.columns`) and ``tier``. Its one pack has no tiers.
    """

    scope: Scope
    pack_id: str
    plan: Plan


@dataclass(frozen=True)
class Plan:
    """Everything that a night evaluates. Equal plans decide equally."""

    as_of: date
    currency: str
    precision: Precision
    accounts: tuple[FactColumn, ...]
    records: tuple[RecordStep, ...]
    aggregates: tuple[AggregateStep, ...]
    stages: tuple[Stage, ...]
    packs: tuple[PackPlan, ...]
    hash: str
    scopes: tuple[ScopePlan, ...] = ()
    """What is measured and warned about beyond the account, in order of pack and scope."""
    sealed: tuple[str, ...] = ()
    """The columns of ``facts`` that leave the database as tokens; see `engine.plan.sql.sealing`."""

    @property
    def classes(self) -> Mapping[str, Classification]:
        """Column of ``facts`` or statistic → class, the same for all packs."""
        return self.packs[0].classes if self.packs else {}

    def scopes_of(self, pack: PackPlan) -> tuple[PackPlan, ...]:
        """What the pack measures and warns about beyond the account."""
        return tuple(one.plan.packs[0] for one in self.scopes if one.pack_id == pack.id)

    def warnings_of(self, pack: PackPlan) -> tuple[WarningRule, ...]:
        """The pack's warnings about accounts, then those of its scopes."""
        packs = (pack, *self.scopes_of(pack))
        return tuple(warning for one in packs for warning in one.warnings.values())

    @property
    def obligations(self) -> tuple[ObligationStep, ...]:
        """Of all packs."""
        return tuple(step for pack in self.packs for step in pack.obligations)

    @property
    def named_records(self) -> frozenset[str]:
        """The record tables of which obligations name single records."""
        timed = ("response", "deadline")
        return frozenset(
            one.record for one in self.obligations if one.kind in timed and one.available
        )
