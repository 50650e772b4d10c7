"""`kam approve`: a person signs a plan, in a role, with the key of that role.

What is signed is what the signer could have seen: the policy must be the one of the plan, and the
change must still come out as the plan says, over the facts of the last run. Nights with other facts
in between do no harm as long as it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from engine.audit.approvals import KeptApproval, KeptPlan, keep_approvals, notes_about
from engine.audit.failures import store_errors
from engine.audit.store import open_store
from engine.errors import KamError, problem
from engine.evidence.approvals import (
    PolicyApproval,
    read_approval,
    sign_approval,
    verify_approval,
)
from engine.evidence.canonical import canonical
from engine.evidence.keys import APPROVAL_VARIABLES, signing_key
from engine.evidence.notes import Signer, Verifier
from engine.guards import missing_roles
from engine.language.load import load_workspace
from engine.language.workspace import Workspace
from engine.proposal.differences import what_differs
from engine.proposal.plan_file import PlanFile, plan_of_proposal, read_plan, write_plan
from engine.proposal.policies import proposed_policies
from engine.proposal.propose import propose


@dataclass(frozen=True)
class Approved:
    """What came of it: the `role` signed now, or had signed `before`; `missing` roles have not."""

    plan_id: str
    policy: str
    role: str
    by: str
    before: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Approver:
    """Who approves, in which role; `environment` has the key, `at` says when."""

    role: str
    by: str | None
    environment: Mapping[str, str]
    at: datetime


def approve(
    root: Path,
    file: Path,
    approver: Approver,
    changed: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Approved:
    """Signs the plan in a file, and records it in the store of the workspace at `root`.

    `changed` is what `kam plan` was given as its PATH. Raises `KamError`; nothing is then written.
    """
    workspace = load_workspace(root)
    plan = read_plan(file)
    role = approver.role
    _check_role(workspace, role)
    by = _holder(workspace, role, approver.by)
    _check_workspace(workspace, plan)
    _check_notes(workspace, plan)
    _check_policy(root, plan, changed)
    if any(read_approval(note).role == role for note in plan.approvals):
        missing = _keep(workspace, plan)
        return Approved(plan.plan_id, plan.policy_hash, role, by, True, missing)
    signer = _signer(workspace, role, approver.environment)
    _check_result(root, plan, changed, progress)
    said = PolicyApproval(
        workspace=workspace.name,
        policy=plan.policy_hash,
        result=plan.result_hash,
        plan=plan.plan_id,
        role=role,
        by=by,
        at=approver.at.astimezone(UTC).isoformat(timespec="seconds"),
    )
    signed = plan.with_approvals([sign_approval(said, signer)])
    missing = _keep(workspace, signed)
    write_plan(file, signed)
    return Approved(plan.plan_id, plan.policy_hash, role, by, False, missing)


def _check_role(workspace: Workspace, role: str) -> None:
    rules = workspace.approval
    if role in rules.roles:
        return
    if not rules.roles:
        raise problem(
            "approval-not-needed",
            "kam.yaml names no role that must approve a policy",
            rules.location,
            "add 'approval:' with the roles and their keys",
        )
    raise problem(
        "role-need-not-sign",
        f"the role '{role}' need not approve a policy",
        rules.location,
        f"those that must are {', '.join(rules.roles)}",
    )


def _holder(workspace: Workspace, role: str, by: str | None) -> str:
    """Who signs; without a name the one person that holds the role."""
    holders = workspace.people.get(role, ())
    if by in holders:
        return str(by)
    if by is None and len(holders) == 1:
        return holders[0]
    held = f"it is held by {', '.join(holders)}" if holders else "nobody holds it"
    if by is None:
        message = f"the role '{role}' is not that of one person"
        hint = f"say with --by who you are: {held}"
    else:
        message = f"'{by}' does not hold the role '{role}'"
        hint = f"'people:' in kam.yaml says who holds a role: {held}"
    raise problem("not-the-holder", message, workspace.location, hint)


def _check_workspace(workspace: Workspace, plan: PlanFile) -> None:
    if plan.content["workspace"] != workspace.name:
        raise problem(
            "plan-of-another-workspace",
            f"the plan is for the workspace '{plan.content['workspace']}', and this is "
            f"'{workspace.name}'",
        )


def _check_notes(workspace: Workspace, plan: PlanFile) -> None:
    """Every approval that the file brings along must be right."""
    for number, note in enumerate(plan.approvals, 1):
        try:
            said = read_approval(note)
            verify_approval(note, workspace.approval.keys.get(said.role, ()))
        except KamError as error:
            raise _altered(number, error.problems[0].message) from None
        bound = (said.workspace, said.policy, said.result, said.plan)
        if bound != (workspace.name, plan.policy_hash, plan.result_hash, plan.plan_id):
            raise _altered(number, "it was given to another plan")


def _altered(number: int, why: str) -> KamError:
    return problem(
        "approval-altered",
        f"approval {number} in the file does not hold: {why}",
        hint="ask for the file again from whoever signed it, or make the plan again",
    )


def _check_policy(root: Path, plan: PlanFile, changed: str | None) -> None:
    state = proposed_policies(root, changed).state
    if state.hash == plan.policy_hash:
        return
    said = {one["pack"]: one["files"] for one in plan.content["policy"]["packs"]}
    now = {one.id: one.files for one in state.packs}
    files = sorted(
        {
            path
            for pack in {*said, *now}
            for path in {*said.get(pack, {}), *now.get(pack, {})}
            if said.get(pack, {}).get(path) != now.get(pack, {}).get(path)
        }
    )
    raise problem(
        "plan-policy-edited",
        f"the policy is not the one of the plan: {', '.join(files)} "
        f"{'is' if len(files) == 1 else 'are'} other",
        hint="make the plan again: kam plan --save FILE; if it was made of another folder, name "
        "that after FILE",
    )


def _signer(workspace: Workspace, role: str, environment: Mapping[str, str]) -> Signer:
    key_variable, file_variable = APPROVAL_VARIABLES
    signer = signing_key(environment, workspace.root, APPROVAL_VARIABLES)
    if signer is None:
        raise problem(
            "approval-key-needed",
            "there is no key to sign with",
            hint=f"set {file_variable} or {key_variable}; `kam keys new` makes a key",
        )
    known = [Verifier.parse(key) for key in workspace.approval.keys[role]]
    if signer.verifier not in known:
        raise problem(
            "approval-key-other-role",
            f"the key '{signer.name}' is not one of the role '{role}'",
            workspace.approval.location,
            f"kam.yaml names {', '.join(one.name for one in known)} as its key",
        )
    return signer


def _check_result(
    root: Path, plan: PlanFile, changed: str | None, progress: Callable[[str], None]
) -> None:
    """Does the change still come out as the plan says?"""
    as_of = date.fromisoformat(plan.content["facts"]["as_of"]) if plan.run is None else None
    try:
        found = propose(root, changed, as_of, 0, progress)
    except KamError as error:
        if error.problems[0].code != "plan-as-of":
            raise
        found = propose(root, changed, None, 0, progress)  # the first night has been since
    now = plan_of_proposal(found)
    if now.result_hash == plan.result_hash:
        return
    over = f"run {now.run}" if now.run is not None else "the sources as they are now"
    raise problem(
        "plan-outdated",
        f"over {over} the policy changes other things than the plan says: "
        f"{'; '.join(_first(what_differs(plan.content['result'], now.content['result'])))}",
        hint="make the plan again and look at it: kam plan --save FILE",
    )


def _first(found: Iterator[str], at_most: int = 5) -> Iterator[str]:
    listed = list(found)
    yield from listed[:at_most]
    if len(listed) > at_most:
        yield f"and {len(listed) - at_most} more"


def _keep(workspace: Workspace, plan: PlanFile) -> tuple[str, ...]:
    """Records the plan with all its approvals; returns the roles that have yet to sign."""
    kept = KeptPlan(
        plan.plan_id,
        plan.policy_hash,
        plan.result_hash,
        plan.run,
        canonical(plan.content).decode(),
    )
    said = [(read_approval(note), note) for note in plan.approvals]
    approvals = [KeptApproval(one.role, one.by, one.at, note) for one, note in said]
    folder = workspace.store_folder
    with open_store(folder) as store, store_errors(folder):
        connection = store.connection
        keep_approvals(connection, kept, approvals)
        return missing_roles(workspace, plan.policy_hash, notes_about(connection, plan.policy_hash))
