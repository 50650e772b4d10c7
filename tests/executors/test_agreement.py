"""Over policies and facts that nobody thought of, every executor says the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import Executor
from engine.executors.reference import ReferenceExecutor
from engine.plan.build import build_plan
from tests.executors.case_files import case_names, load_case
from tests.executors.compare import differences
from tests.executors.generate import Example, examples
from tests.executors.pools import AS_OF
from tests.executors.rete import NEEDS_RETE, RETE

REFERENCE, COLUMNAR = ReferenceExecutor(), ColumnarExecutor()


def check(found: Example, executor: Executor = COLUMNAR) -> None:
    plan = build_plan(found.policies, found.mapped, AS_OF)
    assert REFERENCE.unsupported(plan) == COLUMNAR.unsupported(plan) == ()
    expected = REFERENCE.evaluate(plan, found.tables, found.changes)
    assert differences(expected, executor.evaluate(plan, found.tables, found.changes)) == []


# Without shrinking, which takes minutes; the slow test below finds the smallest example.
@settings(
    max_examples=25,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(examples())
def test_executors_agree_on_random_policies_and_facts(found: Example) -> None:
    check(found)


@NEEDS_RETE
@settings(
    max_examples=25,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(examples())
def test_rete_agrees_on_random_policies_and_facts(found: Example) -> None:
    check(found, RETE)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(examples())
def test_executors_agree_on_many_random_policies_and_facts(found: Example) -> None:
    check(found)


@NEEDS_RETE
@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(examples())
def test_rete_agrees_on_many_random_policies_and_facts(found: Example) -> None:
    check(found, RETE)


@pytest.mark.parametrize(
    "executor",
    [pytest.param(COLUMNAR, id="columnar"), pytest.param(RETE, id="rete", marks=NEEDS_RETE)],
)
@pytest.mark.parametrize("name", case_names())
def test_executors_agree_on_every_column_of_a_case(executor: Executor, name: str) -> None:
    case = load_case(name)
    expected = REFERENCE.evaluate(case.plan, case.tables, case.changes)
    assert differences(expected, executor.evaluate(case.plan, case.tables, case.changes)) == []
