from __future__ import annotations

import pytest

from engine.executors import columnar
from engine.plan.steps import Plan

_COMPILED: dict[int, tuple[Plan, columnar.Pipeline]] = {}
_compile = columnar.compile_plan


def _compiled(plan: Plan) -> columnar.Pipeline:
    if id(plan) not in _COMPILED:  # the plan is kept as well, so that its id stays its own
        _COMPILED[id(plan)] = plan, _compile(plan)
    return _COMPILED[id(plan)][1]


@pytest.fixture(autouse=True)
def _each_plan_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of an evaluation is writing its SQL, and many tests here evaluate one plan."""
    monkeypatch.setattr(columnar, "compile_plan", _compiled)
