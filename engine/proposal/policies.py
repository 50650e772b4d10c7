"""The packs that are proposed: those of the workspace as they stand, or with others in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.checking import prepare
from engine.evidence.approvals import policies_hash
from engine.language.load import load_policies, load_workspace
from engine.language.workspace import Workspace
from engine.model import Policy
from engine.proposal.model import PackVersion, PolicyState
from engine.replay.policies import other_policies


@dataclass(frozen=True)
class Proposed:
    """The policies that are proposed for a workspace."""

    workspace: Workspace
    policies: tuple[Policy, ...]

    @property
    def state(self) -> PolicyState:
        return policy_state(self.policies)


def proposed_policies(root: Path, changed: str | None = None) -> Proposed:
    """What the workspace at `root` says; with `changed` that pack, or that workspace's packs.

    A pack takes the place of the one with its id, and otherwise stands beside the others. Raises
    `KamError` with every error of the policies.
    """
    if changed is None:
        prepared = prepare(root)
        return Proposed(prepared.workspace, prepared.policies)
    workspace, other = load_workspace(root), other_policies(changed)
    if other.is_whole:
        return Proposed(workspace, other.policies)
    (pack,) = other.policies
    standing = load_policies(workspace, "")
    taken = tuple(pack if one.id == pack.id else one for one in standing)
    return Proposed(workspace, taken if pack in taken else (*taken, pack))


def policy_state(policies: Sequence[Policy]) -> PolicyState:
    """The packs by their hashes, in order of id, and the hash of all of them."""
    packs = tuple(
        PackVersion(
            policy.id,
            policy.version,
            policy.hash,
            {file.path: file.sha256 for file in sorted(policy.files, key=lambda one: one.path)},
        )
        for policy in sorted(policies, key=lambda one: one.id)
    )
    return PolicyState(packs, policies_hash({one.id: one.hash for one in packs}))
