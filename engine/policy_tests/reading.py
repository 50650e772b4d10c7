"""The ``*.test.yaml`` files of a pack → `PolicyTest`s, with every problem of every file."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from engine.errors import KamError, Problem
from engine.executors.protocol import Row, Value
from engine.executors.values import as_type
from engine.language.build_pack import read_day
from engine.language.checks.names import unknown
from engine.language.documents import Document, Node
from engine.language.schema import TESTS, read_valid
from engine.language.texts import Texts
from engine.model import SCOPES, Column, Policy, ValueType
from engine.plan.scope import scale_of
from engine.plan.steps import PackPlan, Plan
from engine.policy_tests.expecting import Expecting
from engine.policy_tests.model import (
    Facts,
    Given,
    Night,
    PolicyTest,
    Rank,
    TierGiven,
)
from engine.policy_tests.typed import of_column, typed

SUFFIX = ".test.yaml"
WEDNESDAY = 2
Read = TypeVar("Read")


def default_night(policy: Policy) -> date:
    """The first Wednesday 40 days or more after the pack came into force.

    In the middle of a week, a month and a quarter: no review takes place on it.
    """
    day = policy.effective_from + timedelta(days=40)
    return day + timedelta(days=(WEDNESDAY - day.weekday()) % 7)


def files_beside(folder: str, texts: Texts) -> tuple[str, ...]:
    """The paths of the test files beside a pack, by name."""
    names = (name for name in texts.list(folder) if name.endswith(SUFFIX))
    return tuple(posixpath.join(folder, name) for name in names if not name.startswith("."))


def read_tests(policy: Policy, plan: Plan, paths: Iterable[str], texts: Texts) -> list[PolicyTest]:
    """The tests of a pack, in the order written. `plan` is that of the pack on any day.

    Raises `KamError` with the problems of all files: of their form, and names that the pack
    does not know or does not use.
    """
    problems: list[Problem] = []
    tests: list[PolicyTest] = []
    for path in paths:
        try:
            document = read_valid(path, texts, TESTS)
        except KamError as error:
            problems.extend(error.problems)
        else:
            tests.extend(_Reader(policy, plan, problems).read(document))
    if problems:
        raise KamError(dict.fromkeys(problems))
    return tests


@dataclass(frozen=True)
class _Reader:
    policy: Policy
    plan: Plan
    problems: list[Problem]

    @property
    def pack(self) -> PackPlan:
        return self.plan.packs[0]

    def read(self, document: Document) -> list[PolicyTest]:
        root = document.root
        base = root.get("base")
        tests = [self.test(node, base) for node in root["tests"].elements()]
        seen: dict[str, PolicyTest] = {}
        for test in tests:
            first = seen.setdefault(test.name, test)
            if first is not test:
                message = f"the test '{test.name}' already stands on line {first.location.line}"
                self.problems.append(Problem("duplicate-id", message, test.location))
        return tests

    def attempt(self, read: Callable[[], Read], default: Read) -> Read:
        try:
            return read()
        except KamError as error:
            self.problems.extend(error.problems)
            return default

    # --- tests and nights ----------------------------------------------------------------

    def test(self, node: Node, base: Node | None) -> PolicyTest:
        on = self.day(node, "on") or (base and self.day(base, "on")) or default_night(self.policy)
        listed = node["nights"].elements() if "nights" in node else ()
        if listed:
            on = self.day(listed[0], "on") or on
        facts = Facts() if base is None else self.facts(base, on)
        facts = facts.changed_by(self.facts(node, on))
        nights = self.nights(listed, facts) if listed else (self.night(node, on, facts),)
        return PolicyTest(
            name=node.value["name"],
            location=node.location,
            nights=nights,
            tier=self.tier(node.get("tier")),
            since=self.day(node, "since"),
            overrides=tuple(self.override(one) for one in _elements(node, "overrides")),
            approvals=tuple(self.approval(one, on) for one in _elements(node, "approvals")),
        )

    def nights(self, listed: Iterable[Node], facts: Facts) -> tuple[Night, ...]:
        found: list[Night] = []
        for node in listed:
            on = self.day(node, "on") or date.min
            if found and on <= found[-1].on:
                message = f"{on} does not come after {found[-1].on}"
                self.problems.append(Problem("not-rising", message, node["on"].value_location))
            facts = facts.changed_by(self.facts(node, on))
            found.append(self.night(node, on, facts))
        return tuple(found)

    def night(self, node: Node, on: date, facts: Facts) -> Night:
        expect = node.get("expect")
        if expect is None:
            return Night(on, facts, None)
        reader = Expecting(self.policy, self.problems, lambda one: self.given(one, on, plain=True))
        return Night(on, facts, reader.read(expect))

    def day(self, node: Node, key: str) -> date | None:
        return read_day(node[key], self.problems.append) if key in node else None

    def tier(self, node: Node | None) -> str | None:
        known = [tier.id for tier in self.pack.tiers]
        if node is not None and node.value not in known:
            self.problems.append(_tier(node, known))
        return None if node is None else str(node.value)

    def override(self, node: Node) -> TierGiven:
        tier = self.tier(node["tier"]) or ""
        return TierGiven(tier, self.day(node, "from"), self.day(node, "until") or date.max)

    def approval(self, node: Node, on: date) -> tuple[str, date]:
        name, known = node["milestone"], self.policy.milestones
        if name.value not in known:
            place, what = name.value_location, "a milestone of this pack"
            self.problems.append(unknown("milestone", name.value, known, place, what))
        return str(name.value), self.day(node, "on") or on

    # --- facts ---------------------------------------------------------------------------

    def facts(self, node: Node, on: date) -> Facts:
        account = {
            entry.key: value for entry in node.entries("account") for value in self.given(entry, on)
        }
        records = {entry.key: self.records(entry, on) for entry in node.entries("records")}
        scopes: dict[str, Given] = {
            scope: {
                entry.key: value
                for entry in node.entries(scope)
                for value in self.measured(entry, scope, on)
            }
            for scope in SCOPES
            if scope in node
        }
        return Facts(account, records, scopes)

    def given(self, node: Node, on: date, plain: bool = False) -> list[Value | Rank]:
        """The one value of an account column, a measure or a scorecard; none if it is wrong."""
        policy, name = self.policy, node.key
        measures = {key: one for key, one in policy.measures.items() if one.scope == "account"}
        known = {*policy.vocabulary.accounts, *measures, *policy.scorecards}
        if name not in known:
            what = "an account column, measure or scorecard"
            self.problems.append(unknown("measure", name, known, node.location, what))
            return []
        if name not in self.pack.columns:
            message = f"nothing in {policy.id} looks at '{name}'"
            hint = "leave it out, or give what the rules look at"
            self.problems.append(Problem("unused-value", message, node.location, hint))
            return []
        column = policy.vocabulary.accounts.get(name)
        if column is not None and name not in measures and not isinstance(node.value, dict):
            return self.attempt(lambda: [of_column(node, column, on, self.plan.precision)], [])
        return self.value(node, self.pack.types[self.pack.columns[name]], on, plain)

    def measured(self, node: Node, scope: str, on: date) -> list[Value | Rank]:
        """The same for a measure of a scope beyond the account."""
        plans = [one.plan for one in self.plan.scopes if one.scope == scope]
        types = {
            name: pack.types[column]
            for plan in plans
            for pack in plan.packs
            for name, column in pack.columns.items()
        }
        if node.key not in types:
            what = f"a measure of the scope {scope}"
            self.problems.append(unknown("measure", node.key, types, node.location, what))
            return []
        return self.value(node, types[node.key], on, plain=True)

    def value(self, node: Node, value_type: ValueType, on: date, plain: bool) -> list[Value | Rank]:
        if not isinstance(node.value, dict):
            return self.attempt(lambda: [typed(node, value_type, on, self.plan.precision)], [])
        if "missing" in node:
            return [None]
        place, of = node.value["rank"], node.value["of"]
        if plain or place > of:
            message = "there is no rank here" if plain else f"there is no place {place} of {of}"
            self.problems.append(Problem("not-a-rank", message, node.value_location))
            return []
        value = self.attempt(
            lambda: (
                typed(node["value"], value_type, on, self.plan.precision)
                if "value" in node
                else as_type(MIDDLE, value_type, scale_of(value_type, self.plan.precision))
            ),
            None,
        )
        return [Rank(place, of, value)]

    def records(self, node: Node, on: date) -> tuple[Row, ...]:
        record = self.policy.vocabulary.records.get(node.key)
        if record is None:
            known = self.policy.vocabulary.records
            what = "a record table of the vocabulary"
            self.problems.append(unknown("record", node.key, known, node.location, what))
            return ()
        rows: list[Row] = []
        columns = {key: one for key, one in record.columns.items() if one.formula is None}
        for element in node.elements():
            row: dict[str, Value] = {}
            for cell in element.entries():
                if cell.key not in columns:
                    what = f"a column of {record.name} that is not computed"
                    found = unknown("column", cell.key, columns, cell.location, what)
                    self.problems.append(found)
                else:
                    row[cell.key] = self.cell(cell, columns, on)
            rows.append(row)
        return tuple(rows)

    def cell(self, node: Node, columns: Mapping[str, Column], on: date) -> Value:
        column = columns[node.key]
        return self.attempt(lambda: of_column(node, column, on, self.plan.precision), None)


MIDDLE = Decimal(50)
"""The value of what has a rank and no value of its own: the middle of a score."""


def _tier(node: Node, known: Iterable[str]) -> Problem:
    return unknown("tier", node.value, known, node.value_location, "a tier of this pack")


def _elements(node: Node, key: str) -> Iterable[Node]:
    return node[key].elements() if key in node else ()
