"""Everything that people wrote, loaded and checked: one way, for `kam check` and the night."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import KamError, Problem
from engine.language.checks.approval import check_approval
from engine.language.checks.overrides import check_overrides
from engine.language.checks.pack import check_pack
from engine.language.checks.people import check_people
from engine.language.checks.sinks import check_sinks
from engine.language.checks.workspace import check_workspace
from engine.language.load import load_pack, load_policies, load_workspace, pack_place
from engine.language.overrides import Overrides, read_overrides
from engine.language.texts import DiskTexts, Texts
from engine.language.workspace import WORKSPACE_FILE, Workspace
from engine.model import Policy
from engine.prepared import Prepared, load_workspace_catalog

if TYPE_CHECKING:  # a pack is checked without a catalog
    from engine.facts.catalog import Catalog


@dataclass
class Checked:
    """What could be loaded, and everything that is wrong with it."""

    policies: list[Policy] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    catalog: Catalog | None = None
    overrides: Overrides = field(default_factory=Overrides)

    @property
    def errors(self) -> list[Problem]:
        return [one for one in self.problems if one.severity == "error"]


def prepare(path: Path) -> Prepared:
    """Load and check a workspace; raises `KamError` with every error in it.

    Files are named by their place in the workspace, because the store keeps those names
    and must not depend on where kam was called from.
    """
    workspace = load_workspace(path)
    checked = check_loaded(workspace, "")
    if checked.errors or checked.catalog is None:
        raise KamError(check_loaded(workspace).errors)  # named from where the person stands
    return Prepared(
        workspace,
        tuple(checked.policies),
        checked.catalog,
        tuple(checked.problems),
        checked.overrides,
    )


def check_pack_folder(path: Path) -> Checked:
    """A policy pack by itself."""
    checked = Checked()
    try:
        checked.policies.append(load_pack(path))
    except KamError as error:
        checked.problems.extend(error.problems)
    _check_policies(checked)
    return checked


def check_loaded(workspace: Workspace, prefix: str | None = None) -> Checked:
    """All packs of a workspace, its overrides and people, and how they fit its facts.yaml.

    With a `prefix` (the empty text, say) files are named by that and their path in the
    workspace, else by their path from the current folder.
    """
    checked = Checked()
    _load_policies(workspace, prefix, checked)
    _check_policies(checked)
    texts = DiskTexts(workspace.root, prefix)
    _check_persons(workspace, texts, checked)
    try:
        checked.catalog = load_workspace_catalog(workspace, checked.policies, texts)
    except KamError as error:
        checked.problems.extend(error.problems)
    else:
        mapped = checked.catalog.vocabulary
        checked.problems.extend(check_workspace(checked.policies, mapped))
    return checked


def _load_policies(workspace: Workspace, prefix: str | None, checked: Checked) -> None:
    """If some packs cannot be loaded, the others are checked all the same."""
    try:
        checked.policies.extend(load_policies(workspace, prefix))
        return
    except KamError as error:
        checked.problems.extend(error.problems)
    for reference in workspace.policies:
        with suppress(KamError):  # its problems are among those above
            checked.policies.append(load_pack(*pack_place(workspace, reference, prefix)))


def _check_persons(workspace: Workspace, texts: Texts, checked: Checked) -> None:
    """What people decided, and who they are; against the packs, if all of them are there."""
    policies = checked.policies
    complete = len(policies) == len(workspace.policies)
    try:
        packs = [policy.id for policy in policies]
        checked.overrides = read_overrides(workspace, texts, packs)
    except KamError as error:
        checked.problems.extend(error.problems)
    if complete:
        found = check_overrides(checked.overrides, policies, workspace.people)
        checked.problems.extend(found)
        checked.problems.extend(check_people(workspace, policies, texts.shown(WORKSPACE_FILE)))
        checked.problems.extend(check_sinks(workspace, policies, texts.shown(WORKSPACE_FILE)))
        checked.problems.extend(check_approval(workspace, policies, texts.shown(WORKSPACE_FILE)))


def _check_policies(checked: Checked) -> None:
    for policy in checked.policies:
        checked.problems.extend(check_pack(policy))
