"""One suite for all executors: the cases say what a policy means."""

from __future__ import annotations

import pytest

from engine.executors.protocol import Evaluation, Executor
from tests.executors.case_files import (
    Case,
    case_names,
    facts_of,
    hits_of,
    load_case,
    nonempty,
    typed,
    unknowns_of,
)


@pytest.mark.parametrize("name", case_names())
def test_executor_gives_what_the_case_expects(executor: Executor, name: str) -> None:
    case = load_case(name)
    assert executor.unsupported(case.plan) == ()
    evaluation = executor.evaluate(case.plan, case.tables, case.changes)
    assert set(case.expect) <= {"facts", "tiers", "hits", "unknown"}
    _check_facts(case, evaluation)
    tiers = dict(zip(facts_of(evaluation), evaluation.candidates["case"], strict=True))
    assert tiers == case.expect.get("tiers", tiers)
    if "hits" in case.expect:
        assert hits_of(evaluation) == nonempty(case.expect["hits"])
    if "unknown" in case.expect:
        assert unknowns_of(evaluation.unknowns) == nonempty(case.expect["unknown"])


def _check_facts(case: Case, evaluation: Evaluation) -> None:
    """Exactly equal, and of the same type: 1 is not 1.0 and 1.10 keeps its zero."""
    types = case.plan.packs[0].types
    facts = facts_of(evaluation)
    wrong = []
    for account, expected in case.expect.get("facts", {}).items():
        for column, value in expected.items():
            wanted = _exact(typed(value, types.get(column, "number"), case.plan.precision))
            seen = _exact(facts[account][column])
            if seen != wanted:
                wrong.append(f"{account}.{column}: {seen}, not {wanted}")
    assert wrong == []


def _exact(value: object) -> tuple[str, str]:
    return type(value).__name__, str(value + 0.0 if isinstance(value, float) else value)
