"""The policy on each date from which one of its parameters has another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.language.checks.facts import Fact, record_facts, rule_facts
from engine.language.checks.once import once
from engine.language.checks.solver import Knowledge, Solver
from engine.model import Policy, Quantity


@dataclass(frozen=True)
class Setting:
    """A date, the values of the parameters on it, and a solver that knows them."""

    day: date
    is_first: bool
    knowledge: Knowledge

    @property
    def solver(self) -> Solver:
        return Solver(self.knowledge)

    @property
    def since(self) -> str:
        """For messages: nothing, or from when on the values make a difference."""
        return "" if self.is_first else f" from {self.day}"


@once
def settings(policy: Policy, record: str | None = None) -> tuple[Setting, ...]:
    """One setting per date, the policy's first day first.

    Of what a rule may name or, where a `record` is named, of its columns; none if the policy
    knows no such record.
    """
    facts = rule_facts(policy)
    if record is not None:
        known = policy.vocabulary.records.get(record)
        if known is None:
            return ()
        facts = record_facts(known)
    return tuple(_settings(policy, facts))


def _settings(policy: Policy, facts: Mapping[str, Fact]) -> Iterator[Setting]:
    for day in _days(policy):
        values = {name: value_on(policy, name, day) for name in policy.parameters}
        known = {name: value.value for name, value in values.items() if value is not None}
        yield Setting(day, day == policy.effective_from, Knowledge(facts, known))


def value_on(policy: Policy, name: str, day: date) -> Quantity | None:
    """The value of a parameter on a date; None before its first."""
    values = [value for start, value in policy.parameters[name].values if start <= day]
    return values[-1] if values else None


def _days(policy: Policy) -> list[date]:
    last = policy.effective_to or date.max
    starts = {start for one in policy.parameters.values() for start, _ in one.values}
    later = {start for start in starts if policy.effective_from < start <= last}
    return [policy.effective_from, *sorted(later)]
