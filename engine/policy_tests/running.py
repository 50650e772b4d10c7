"""Tests of a pack → what each night came to, and where that is not what was expected."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from engine.language.calendar import CalendarRules
from engine.language.texts import Texts
from engine.lifecycle.workdays import Calendar
from engine.model import SCOPES, Policy, Vocabulary
from engine.plan.build import build_plan
from engine.plan.steps import Plan, Precision
from engine.policy_tests.comparing import Difference, differences
from engine.policy_tests.coverage import Coverage, Observed
from engine.policy_tests.judging import judge
from engine.policy_tests.machines import START, Case, Machines, State, database
from engine.policy_tests.model import Facts, Given, Night, PolicyTest
from engine.policy_tests.reading import default_night, files_beside, read_tests


@dataclass(frozen=True)
class Setting:
    """What a workspace says and a pack does not; as the demo has it if nothing else is said."""

    currency: str = "CNY"
    precision: Precision = field(default_factory=Precision)
    timezone: str = "Asia/Shanghai"
    calendar: CalendarRules = field(default_factory=lambda: CalendarRules(country="CN"))


@dataclass(frozen=True)
class TestResult:
    """A test with everything that was not as expected; passed if that is nothing."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    test: PolicyTest
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(frozen=True)
class PackResult:
    policy: Policy
    results: tuple[TestResult, ...]
    coverage: Coverage

    @property
    def failed(self) -> tuple[TestResult, ...]:
        return tuple(one for one in self.results if not one.passed)


def run_pack(
    policy: Policy, folder: str, texts: Texts, setting: Setting | None = None, only: str = ""
) -> PackResult:
    """Run the tests beside a pack whose name contains `only`.

    Everything that the pack's vocabulary names counts as mapped. Raises `KamError` with
    everything that is wrong with the files.
    """
    runner = _Runner(policy, setting or Setting())
    first = runner.plan(default_night(policy))
    tests = read_tests(policy, first, files_beside(folder, texts), texts)
    coverage = Coverage.of(first)
    found = runner.run([test for test in tests if only in test.name], coverage)
    return PackResult(policy, tuple(found), coverage)


class _Runner:
    def __init__(self, policy: Policy, setting: Setting) -> None:
        self.policy = policy
        self.setting = setting
        self.calendar = Calendar(setting.calendar)
        self.plans: dict[date, Plan] = {}

    def plan(self, on: date) -> Plan:
        if on not in self.plans:
            self.plans[on] = build_plan(
                [self.policy],
                everything(self.policy.vocabulary),
                on,
                self.setting.currency,
                self.setting.precision,
            )
        return self.plans[on]

    def run(self, tests: Sequence[PolicyTest], coverage: Coverage) -> list[TestResult]:
        cases = [Case(number, test) for number, test in enumerate(tests)]
        found: dict[int, list[Difference]] = {case.number: [] for case in cases}
        with database() as connection, tempfile.TemporaryDirectory(prefix="kam-test-") as folder:
            timezone = self.setting.timezone
            machines = Machines(connection, self.calendar, timezone, Path(folder))
            pending = [(0, cases, START)]
            while pending:
                index, some, state = pending.pop()
                for on, together in _by_night(some, index):
                    after = self._night(machines, on, index, together, state, found, coverage)
                    pending.append((index + 1, together, after))
        return [TestResult(test, tuple(found[number])) for number, test in enumerate(tests)]

    def _night(
        self,
        machines: Machines,
        on: date,
        index: int,
        cases: Sequence[Case],
        state: State,
        found: dict[int, list[Difference]],
        coverage: Coverage,
    ) -> State:
        """One night of all tests that had the same nights until then."""
        plan = self.plan(on)
        nights = [case.test.nights[index] for case in cases]
        judged = [
            judge(plan, case.account_id, _asked(night))
            for case, night in zip(cases, nights, strict=True)
        ]
        outcomes, after = machines.advance(plan, cases, judged, state)
        for case, night, one, outcome in zip(cases, nights, judged, outcomes, strict=True):
            coverage.add(Observed(one, outcome, night.expect))
            if night.expect is not None:
                shown = on if len(case.test.nights) > 1 else None
                listed = differences(night.expect, one, outcome)
                found[case.number] += [replace(each, on=shown) for each in listed]
        return after


def _by_night(cases: Iterable[Case], index: int) -> Iterable[tuple[date, list[Case]]]:
    """The cases that have a night of this number, by its date."""
    groups: dict[date, list[Case]] = {}
    for case in cases:
        if index < len(case.test.nights):
            groups.setdefault(case.test.nights[index].on, []).append(case)
    return groups.items()


def _asked(night: Night) -> Facts:
    """The facts of a night, with the scopes of which something is expected."""
    asked = () if night.expect is None else night.expect.lists
    scopes: dict[str, Given] = {scope: {} for scope in SCOPES if scope in asked}
    return replace(night.facts, scopes={**scopes, **night.facts.scopes})


def everything(vocabulary: Vocabulary) -> Vocabulary:
    """All that the vocabulary names, as if a workspace mapped it; computed columns stay so."""
    records = {
        name: replace(
            record,
            columns={key: one for key, one in record.columns.items() if one.formula is None},
        )
        for name, record in vocabulary.records.items()
    }
    return Vocabulary(vocabulary.accounts, records)
