"""Do the people of kam.yaml hold the roles that the packs need, and no others?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.errors import Location, Problem
from engine.language.checks.names import unknown
from engine.language.checks.references import ASSIGNMENTS, ROLE, RoleUse, role_uses
from engine.language.documents import Document
from engine.language.reading import parse_yaml
from engine.language.workspace import WORKSPACE_FILE, Workspace
from engine.model import Policy


def check_people(
    workspace: Workspace, policies: Sequence[Policy], file: str
) -> tuple[Problem, ...]:
    """Roles of `people:` that no pack has, and roles of the packs that nobody holds.

    `file` is how locations name kam.yaml; `policies` are all packs of the workspace.
    """
    written = parse_yaml(workspace.files[0].content, WORKSPACE_FILE, file)
    found = [*_unknown_roles(workspace, policies, written), *_unheld(workspace, policies, written)]
    return tuple(sorted(found, key=lambda problem: problem.sort_key))


def _unknown_roles(
    workspace: Workspace, policies: Sequence[Policy], written: Document
) -> Iterator[Problem]:
    known = {role for policy in policies for role in policy.roles}
    for role in workspace.people:
        if role not in known:
            place = written.key_location(("people", role))
            yield unknown("role", role, known, place, "a role of these packs")


def _unheld(
    workspace: Workspace, policies: Sequence[Policy], written: Document
) -> Iterator[Problem]:
    """One warning for each role, however many packs and rules name it."""
    uses: dict[str, list[RoleUse]] = {}
    for policy in policies:
        assigned = _assigned_roles(policy)
        for use in role_uses(policy) if assigned is not None else ():
            if use.role in policy.roles and use.role not in {*workspace.people, *(assigned or ())}:
                uses.setdefault(use.role, []).append(use)
    place = _place(written)
    for role, named in uses.items():
        first, more = named[0], len(named) - 1
        others = f" and {more} more" if more else ""
        message = f"nobody holds the role '{role}': {first.purpose} ({first.location}){others}"
        hint = "name who holds it under 'people:', or whatever falls to it stays with the role"
        yield Problem("role-without-holder", message, place, hint, "warning")


def _assigned_roles(policy: Policy) -> tuple[str, ...] | None:
    """The roles that people are assigned to account by account; None if that may be any."""
    record = policy.vocabulary.records.get(ASSIGNMENTS)
    column = record.columns.get(ROLE) if record is not None else None
    if column is None:
        return ()
    return column.values or None


def _place(written: Document) -> Location:
    section = written.root.get("people") or written.root["workspace"]
    return section.location
