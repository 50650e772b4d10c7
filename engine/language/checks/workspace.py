"""Do the policies and the facts of a workspace fit together?

Types that disagree are errors. What a workspace does not map stays missing, which is no
error: a pack may know more than one company does. But whoever maps nothing for a rule
should hear that the rule can never fire.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.errors import Location, Problem
from engine.language.checks.regions import Region, words
from engine.language.checks.settings import settings
from engine.language.checks.silence import missing_facts, used_facts
from engine.language.checks.solver import Goal
from engine.language.checks.walk import conditions, tests
from engine.language.checks.words import meant_or_known
from engine.model import (
    Column,
    Condition,
    MeasureRef,
    Policy,
    Vocabulary,
)


def check_workspace(policies: Sequence[Policy], mapped: Vocabulary) -> tuple[Problem, ...]:
    """What is wrong between the packs and what the workspace maps, each said once."""
    found: dict[Problem, None] = {}
    for policy in policies:
        found.update(dict.fromkeys(_type_problems(policy.vocabulary, mapped)))
        found.update(dict.fromkeys(_time_problems(policy.vocabulary, mapped)))
    found.update(dict.fromkeys(_losses(policies, mapped)))
    found.update(dict.fromkeys(_unknown_to_all(policies, mapped)))
    return tuple(sorted(found, key=lambda problem: problem.sort_key))


# --- types --------------------------------------------------------------------------------


def _type_problems(vocabulary: Vocabulary, mapped: Vocabulary) -> Iterator[Problem]:
    yield from _columns_problems("accounts", vocabulary.accounts, mapped.accounts)
    for name, record in vocabulary.records.items():
        if name in mapped.records:
            yield from _columns_problems(name, record.columns, mapped.records[name].columns)


def _time_problems(vocabulary: Vocabulary, mapped: Vocabulary) -> Iterator[Problem]:
    """Records that the pack dates by one column and the workspace by another, or by none."""
    for name in vocabulary.records.keys() & mapped.records.keys():
        wanted, given = vocabulary.records[name].time, mapped.records[name]
        if wanted is None or given.time == wanted:
            continue
        if given.time is not None:
            yield Problem(
                "other-date",
                f"{name} is dated by '{given.time}', where the policy means '{wanted}'",
                given.location,
                f"write 'time: {wanted}', unless the difference is wanted",
                "warning",
            )
        elif wanted not in given.columns:
            yield Problem(
                "undated-records",
                f"{name} has no 'time:', so no window and no as-of date can be applied to it",
                given.location,
                f"map the column '{wanted}' and write 'time: {wanted}'",
            )


def _columns_problems(
    table: str, wanted: Mapping[str, Column], given: Mapping[str, Column]
) -> Iterator[Problem]:
    for name in wanted.keys() & given.keys():
        found = _column_problem(f"{table}.{name}", wanted[name], given[name])
        if found is not None:
            yield found


_SUITS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "enum"}),
    "number": frozenset({"number", "integer"}),
    "datetime": frozenset({"datetime", "date"}),
}
"""Type of the vocabulary → types that a workspace may give; otherwise the same one."""


def _column_problem(name: str, wanted: Column, given: Column) -> Problem | None:
    if given.type not in _SUITS.get(wanted.type, {wanted.type}):
        message = f"{name} is {given.type} here and {wanted.type} in the policies"
        hint = f"write 'type: {wanted.type}', as at {wanted.location}"
        return Problem("type-disagreement", message, given.location, hint)
    if not wanted.values or not given.values:
        return None
    extra = [value for value in given.values if value not in wanted.values]
    if extra:
        message = f"{name} admits '{extra[0]}', which the policies do not know"
        near = meant_or_known(extra[0], wanted.values)
        return Problem("unknown-value", message, given.location, near)
    order = [value for value in wanted.values if value in given.values]
    if wanted.type == "ordinal" and order != list(given.values):
        message = f"{name} orders its values otherwise than the policies"
        hint = f"write them from worst to best: {', '.join(order)}"
        return Problem("type-disagreement", message, given.location, hint)
    return None


def _unknown_to_all(policies: Sequence[Policy], mapped: Vocabulary) -> Iterator[Problem]:
    """Record tables and columns that no policy has a name for are most likely misspelt."""
    known = {name for policy in policies for name in policy.vocabulary.records}
    for name, record in mapped.records.items():
        if known and name not in known:
            message = f"no policy knows a record table '{name}'"
            near = meant_or_known(name, known)
            yield Problem("unknown-record", message, record.location, near, "warning")
            continue
        columns = {
            column
            for policy in policies
            if name in policy.vocabulary.records
            for column in policy.vocabulary.records[name].columns
        }
        yield from _unknown_columns(name, record.columns, columns)
    accounts = {name for policy in policies for name in policy.vocabulary.accounts}
    yield from _unknown_columns("accounts", mapped.accounts, accounts)


def _unknown_columns(
    table: str, given: Mapping[str, Column], known: Iterable[str]
) -> Iterator[Problem]:
    names = set(known)
    for name, column in given.items():
        hint = None if name in names else meant_or_known(name, names)
        if hint is not None and hint.startswith("did you mean"):
            message = f"no policy knows a column '{name}' of {table}"
            yield Problem("unknown-column", message, column.location, hint, "warning")


# --- what stays missing -------------------------------------------------------------------


@dataclass
class _Loss:
    """What is lost because one table or column is not mapped."""

    place: Location
    facts: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)

    def problem(self, reason: str) -> Problem:
        message = f"{reason} is not mapped"
        others = sorted(name for name in self.facts if f"accounts.{name}" != reason)
        if others:
            message += f"; so these stay missing: {', '.join(others)}"
        if self.rules:
            message += f"; so these can never fire: {', '.join(sorted(self.rules))}"
        hint = "map it in facts.yaml, if the company knows it"
        return Problem("not-mapped", message, self.place, hint, "warning")


def _losses(policies: Sequence[Policy], mapped: Vocabulary) -> Iterator[Problem]:
    """One warning for each table or column that a pack uses and the workspace does not map."""
    losses: dict[str, _Loss] = {}
    for policy in policies:
        missing = missing_facts(policy, mapped)
        used = used_facts(policy)
        suffix = f" of {policy.id}" if len(policies) > 1 else ""
        for name, reason in missing.items():
            if name in used:
                place = _vocabulary_place(policy, reason)
                losses.setdefault(reason, _Loss(place)).facts.add(name)
        for rule, reasons in _silent_rules(policy, missing).items():
            for reason in reasons:
                lost = losses.setdefault(reason, _Loss(_vocabulary_place(policy, reason)))
                lost.rules.add(rule + suffix)
    for reason, loss in losses.items():
        yield loss.problem(reason)


def _vocabulary_place(policy: Policy, reason: str) -> Location:
    """Where the pack types what is not mapped: the line says how to map it."""
    table, _, name = reason.partition(".")
    if table == "accounts":
        return policy.vocabulary.accounts[name].location
    record = policy.vocabulary.records[table]
    return record.columns[name].location if name in record.columns else record.location


def _silent_rules(policy: Policy, missing: Mapping[str, str]) -> dict[str, list[str]]:
    """Rules that can never fire → the tables and columns whose absence they feel.

    A warning that keeps some of its levels is named with those that it loses.
    """
    given = {name: Region(words(), missing=True) for name in missing}
    solvers = [setting.solver for setting in settings(policy)]
    levels: dict[str, list[str]] = {}
    silent: dict[str, dict[str, list[str]]] = {}
    for site in conditions(policy):
        if site.kind == "where":
            continue
        levels.setdefault(site.rule, []).append(site.level)
        felt = _felt(site.condition, missing)
        goal: Goal = (site.condition, "true")
        if felt and not any(solver.is_possible(goal, given=given) for solver in solvers):
            silent.setdefault(site.rule, {})[site.level] = felt
    found: dict[str, list[str]] = {}
    for rule, lost in silent.items():
        every = len(lost) == len(levels[rule])
        name = rule if every else f"{rule} ({', '.join(lost)})"
        found[name] = [reason for reasons in lost.values() for reason in reasons]
    return found


def _felt(condition: Condition, missing: Mapping[str, str]) -> list[str]:
    """The tables and columns whose absence a condition feels."""
    named: dict[str, None] = {}
    for test in tests(condition):
        named[test.subject] = None
        named.update((one.name, None) for one in test.operands if isinstance(one, MeasureRef))
    return list(dict.fromkeys(missing[name] for name in named if name in missing))
