"""Are the roles that must sign a policy roles of the packs, and does somebody hold them?"""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Problem
from engine.language.checks.names import unknown
from engine.language.reading import parse_yaml
from engine.language.workspace import WORKSPACE_FILE, Workspace
from engine.model import Policy


def check_approval(
    workspace: Workspace, policies: Sequence[Policy], file: str
) -> tuple[Problem, ...]:
    """Roles of `approval:` that no pack has, and such that nobody holds for the company.

    `file` is how locations name kam.yaml; `policies` are all packs of the workspace.
    """
    if not workspace.approval.roles:
        return ()
    written = parse_yaml(workspace.files[0].content, WORKSPACE_FILE, file)
    known = {role for policy in policies for role in policy.roles}
    found: list[Problem] = []
    for node in written.root["approval"]["roles"].elements():
        if node.value not in known:
            found.append(unknown("role", node.value, known, node.location, "a role of these packs"))
        elif node.value not in workspace.people:
            message = f"nobody holds the role '{node.value}', which must sign every policy"
            hint = "name who holds it under 'people:'"
            found.append(Problem("role-without-holder", message, node.location, hint, "warning"))
    return tuple(found)
