"""Which cases the ordinary run takes: one of each kind; `make test-slow` takes the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest


def seldom(*cases: Any) -> list[Any]:
    """The cases for `pytest.mark.parametrize`, left to the long run; a tuple is one case of
    several arguments."""
    return [
        pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.slow)
        for one in cases
    ]


def named(cases: Mapping[str, Any], often: Collection[str]) -> list[Any]:
    """Each case under its name, all but those of `often` left to the long run."""
    unknown = set(often) - cases.keys()
    assert not unknown, f"cases of no such name: {sorted(unknown)}"
    return [
        pytest.param(case, id=name, marks=() if name in often else pytest.mark.slow)
        for name, case in cases.items()
    ]
