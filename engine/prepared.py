"""A workspace whose files hold no error, and what follows of it: the catalog, the date, the plan.

Apart from the checks, which what a night has kept went through before it was decided upon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import Problem
from engine.language.overrides import Overrides
from engine.language.texts import Texts
from engine.language.workspace import Workspace
from engine.model import Policy, ValueType

if TYPE_CHECKING:
    from engine.facts.catalog import Catalog
    from engine.plan.steps import Plan


@dataclass(frozen=True)
class Prepared:
    """A workspace whose policies and catalog hold no error; `notes` are its warnings."""

    workspace: Workspace
    policies: tuple[Policy, ...]
    catalog: Catalog
    notes: tuple[Problem, ...]
    overrides: Overrides = field(default_factory=Overrides)

    def plan(self, as_of: date) -> Plan:
        """What the packs decide on a date, over what the workspace maps."""
        from engine.plan.build import build_plan
        from engine.plan.steps import Precision

        workspace = self.workspace
        precision = Precision(workspace.precision.money, workspace.precision.derived)
        return build_plan(
            self.policies, self.catalog.vocabulary, as_of, workspace.currency, precision
        )

    def night(self, as_of: date | None) -> date:
        """The date given, else the workspace's own, else today in its time zone."""
        zone = ZoneInfo(self.workspace.timezone)
        return as_of or self.workspace.as_of or datetime.now(zone).date()

    def out_of_force(self, as_of: date) -> Iterator[Problem]:
        """A warning for every pack that is not in force on a date; it decides all the same."""
        for policy in self.policies:
            end = policy.effective_to
            if policy.effective_from <= as_of and (end is None or as_of <= end):
                continue
            until = "" if end is None else f" to {end}"
            yield Problem(
                "not-in-force",
                f"{policy.id} {policy.version} is in force from {policy.effective_from}{until}, "
                f"and decides as of {as_of}",
                policy.location,
                "run the version of that time, or change 'effective:'",
                "warning",
            )


def load_workspace_catalog(
    workspace: Workspace, policies: Sequence[Policy], texts: Texts
) -> Catalog:
    """facts.yaml. Raises `KamError` with everything that is wrong with it."""
    from engine.facts.reading_catalog import load_catalog

    return load_catalog(workspace.facts, texts, _times(policies))


def _times(policies: Sequence[Policy]) -> dict[str, ValueType]:
    """How the packs type the dating column of each record table."""
    return {
        name: record.columns[record.time].type
        for policy in policies
        for name, record in policy.vocabulary.records.items()
        if record.time is not None and record.time in record.columns
    }
