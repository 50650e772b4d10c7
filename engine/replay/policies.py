"""The policies that a past night is decided by instead of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import KamError
from engine.language.checks.pack import check_pack
from engine.language.checks.workspace import check_workspace
from engine.language.load import (
    PACKAGED,
    load_pack,
    load_policies,
    load_workspace,
    packaged_place,
)
from engine.language.workspace import WORKSPACE_FILE
from engine.model import Policy
from engine.plan.steps import Plan
from engine.prepared import Prepared
from engine.recall import KeptNight


@dataclass(frozen=True)
class OtherPolicies:
    """A pack, which takes the place of the one with its id and otherwise stands beside the
    others; or all packs of a workspace, which take the place of all."""

    policies: tuple[Policy, ...]
    is_whole: bool

    def of(self, night: KeptNight) -> tuple[Policy, ...]:
        """The policies of a night with these in place."""
        if self.is_whole:
            return self.policies
        (other,) = self.policies
        taken = tuple(other if one.id == other.id else one for one in night.policies)
        return taken if other in taken else (*taken, other)


def other_policies(path: str) -> OtherPolicies:
    """The pack in a folder, ``packaged:NAME``, or the packs of a workspace.

    Raises `KamError` with everything that is wrong with them.
    """
    if path.startswith(PACKAGED):
        policies: Sequence[Policy] = (load_pack(*packaged_place(path)),)
        is_whole = False
    else:
        is_whole = Path(path).name == WORKSPACE_FILE or (Path(path) / WORKSPACE_FILE).is_file()
        policies = load_policies(load_workspace(path)) if is_whole else (load_pack(path),)
    errors = [one for policy in policies for one in check_pack(policy) if one.severity == "error"]
    if errors:
        raise KamError(errors)
    return OtherPolicies(tuple(policies), is_whole)


def plan_of(night: KeptNight, policies: Sequence[Policy]) -> Plan:
    """What policies decide on the date of a night, over what its workspace mapped then.

    Raises `KamError` where they do not fit that, or each other.
    """
    found = check_workspace(policies, night.catalog.vocabulary)
    if errors := [one for one in found if one.severity == "error"]:
        raise KamError(errors)
    return Prepared(night.workspace, tuple(policies), night.catalog, ()).plan(night.run.as_of)
