"""A single account over a few nights, for examples at a boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tests.lifecycle.agreement import Both
from tests.lifecycle.harness import Night
from tests.lifecycle.model.inputs import Facts, Inputs, Record
from tests.lifecycle.model.policy import Pack
from tests.lifecycle.model.state import State

ME = "A"


class One:
    """Account ``A`` of one pack; every night is checked against the model as well."""

    def __init__(self, pack: Pack, **inputs: Any) -> None:
        self.pack = pack
        self.both = Both([pack])
        self.facts = Facts(candidate=pack.tiers[-1])
        self.inputs: Mapping[str, Any] = inputs
        self.last: Night | None = None

    def __enter__(self) -> One:
        return self

    def __exit__(self, *_: object) -> None:
        self.both.__exit__()

    def night(self, day: date, **facts: Any) -> State:
        """Run a night over facts that stay as they were but for those named."""
        self.facts = replace(self.facts, **facts)
        self.last = self.both.run(Inputs(day, {ME: {self.pack.id: self.facts}}, **self.inputs))
        return self.last.states[self.pack.id, "account", ME]

    def levels(self, day: date, level: str | None) -> State:
        """A night on which the warning ``w`` is at a level, clear (None) or unknown."""
        return self.night(day, warnings={} if level is None else {"w": {None: level}})

    def kinds(self) -> set[str]:
        """What the log of the last night speaks of."""
        assert self.last is not None
        return {line[0] for line in self.last.log}

    def templates(self) -> list[str]:
        assert self.last is not None
        return [action.template for action in self.last.actions]


def record(rule: str, name: str, day: date, **columns: Any) -> Record:
    return Record("p", rule, ME, name, day, **columns)
