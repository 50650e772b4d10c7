"""``fact=value`` as a person types it → a value as the facts hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches

from engine.errors import KamError, Location, Problem, problem
from engine.executors.protocol import Row, Value
from engine.executors.single import base_columns
from engine.executors.values import as_type
from engine.explain.tree import Fact
from engine.language.checks.facts import Fact as Known
from engine.language.checks.facts import account_facts
from engine.language.checks.scopes import account_policy
from engine.language.checks.units import literal_problem
from engine.language.quantities import plain, quantity
from engine.language.reading_hints import NUMBER
from engine.model import NUMERIC_TYPES, Policy, Quantity, Title
from engine.plan.scope import scale_of
from engine.plan.steps import PackPlan, Plan

OPTION = Location("--set")
"""Where a value of the command line stands, for messages."""

_MOMENT = "write 2026-01-31, or 2026-01-31 09:00"


@dataclass(frozen=True)
class GivenFact:
    """A value that is supposed; `is_computed` if it stands in place of a formula's."""

    name: str
    before: Fact
    after: Fact
    is_computed: bool


def split_setting(text: str) -> tuple[str, str]:
    """The name and the value of ``fact=value``; an empty value means that it is missing."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        message = f"'{text}' does not say what is what"
        raise KamError(Problem("unclear-setting", message, hint="write --set fact=value"))
    return name.strip(), value.strip()


def given_facts(
    settings: Sequence[str],
    plan: Plan,
    pack: PackPlan,
    policy: Policy,
    facts: Row,
) -> list[GivenFact]:
    """The settings that `pack` knows, read with its types. Raises `KamError` for a value of
    another type; a name that the pack does not know is passed over (see `require_known`)."""
    known = account_facts(account_policy(policy))
    base = frozenset(base_columns(plan))
    found: dict[str, GivenFact] = {}
    for name, text in map(split_setting, settings):
        column = pack.columns.get(name)
        if column is None:
            continue
        value = read_value(text, known[name], plan)
        title = pack.titles.get(column, Title(name, name))
        value_type = pack.types[column]
        found[name] = GivenFact(
            name,
            Fact(column, title, value_type, facts.get(column)),
            Fact(column, title, value_type, value),
            column not in base,
        )
    return list(found.values())


def require_known(settings: Sequence[str], packs: Sequence[PackPlan], run: str) -> None:
    """Raises `KamError` with every name that none of `packs` reads, and what it may mean."""
    known = sorted({name for pack in packs for name in pack.columns})
    problems = []
    for name, _ in map(split_setting, settings):
        if name in known:
            continue
        if name == "tier":
            hint: str | None = "a tier is decided; overrides.yaml may decide another one"
        else:
            near = get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(repr(one) for one in near)}?" if near else None
            hint = hint or "kam explain ACCOUNT --format json names what the rules read"
        message = f"no rule of run {run} reads a fact '{name}'"
        problems.append(Problem("unknown-fact", message, hint=hint))
    if problems:
        raise KamError(problems)


def read_value(text: str, fact: Known, plan: Plan) -> Value:
    """A value in the notation of the language; empty: missing. Raises `KamError`."""
    if not text:
        return None
    if fact.type == "text":
        return text
    if fact.type in ("date", "datetime"):
        return _moment(text, fact)
    said = _quantity(text, fact)
    if wrong := literal_problem(fact, said, OPTION):
        raise KamError(wrong)
    value = said.value
    if fact.type in NUMERIC_TYPES:
        assert isinstance(value, Decimal)
        _require_within(value, fact, text)
        _require_whole(value, fact, text)
        return as_type(value, fact.type, scale_of(fact.type, plan.precision))
    assert isinstance(value, bool | str)
    return value


def _quantity(text: str, fact: Known) -> Quantity:
    if fact.type in NUMERIC_TYPES and NUMBER.fullmatch(text):
        return quantity(Decimal(text), OPTION)
    if fact.type == "boolean" and text.lower() in ("true", "false"):
        return quantity(text.lower() == "true", OPTION)
    return quantity(text, OPTION, quoted=fact.type not in NUMERIC_TYPES)


def _require_within(value: Decimal, fact: Known, text: str) -> None:
    low, high = fact.low, fact.high
    if (low is None or low <= value) and (high is None or value <= high):
        return
    if low is None or high is None:
        limits = f"at least {plain(low)}" if low is not None else f"at most {plain(high or value)}"
    else:
        limits = f"from {plain(low)} to {plain(high)}"
    raise problem("outside-range", f"'{fact.name}' is {limits}; {text} lies outside", OPTION)


def _require_whole(value: Decimal, fact: Known, text: str) -> None:
    if fact.type in ("integer", "days") and value != value.to_integral_value():
        raise problem("type-mismatch", f"'{fact.name}' is a whole number, {text} is not", OPTION)


def _moment(text: str, fact: Known) -> date:
    try:
        if fact.type == "date":
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError as error:
        hint = _MOMENT if fact.type == "datetime" else "write year-month-day, as in 2026-01-31"
        message = f"'{fact.name}' is a date, {text} is none"
        raise problem("type-mismatch", message, OPTION, hint) from error
