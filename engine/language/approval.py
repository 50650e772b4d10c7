"""`approval:` of kam.yaml: which roles must sign a policy before it decides, and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import Location, Problem
from engine.language.documents import Document


@dataclass(frozen=True)
class ApprovalRules:
    """`roles` must all sign; `keys` are verifier keys as text, by role. Empty without approvals."""

    location: Location
    roles: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_approval(document: Document) -> ApprovalRules:
    """What a kam.yaml that agrees with its schema says of approvals."""
    node = document.root.get("approval")
    if node is None:
        return ApprovalRules(document.root["workspace"].location)
    keys: Mapping[str, str | list[str]] = node.value["keys"]
    return ApprovalRules(
        location=node.location,
        roles=tuple(node.value["roles"]),
        keys={role: (one,) if isinstance(one, str) else tuple(one) for role, one in keys.items()},
    )


# --- what a schema cannot say ---------------------------------------------------------------


def approval_problems(document: Document) -> list[Problem]:
    """Roles without a key, keys of roles that need not sign, and a guard without any role."""
    return [*_keys(document), *_guard(document)]


def _keys(document: Document) -> Iterator[Problem]:
    node = document.root.get("approval")
    if node is None:
        return
    roles, keys = node.value["roles"], node.value["keys"]
    for role in node["roles"].elements():
        if role.value not in keys:
            message = f"the role '{role.value}' must sign, and has no key under 'keys:'"
            hint = "`kam keys new` makes one; write its public half here"
            yield Problem("role-without-key", message, role.location, hint)
    for entry in node.entries("keys"):
        if entry.key not in roles:
            message = f"'{entry.key}' has a key, and is not among the roles that must sign"
            hint = f"they are {', '.join(roles)}"
            yield Problem("key-without-role", message, entry.location, hint)


def _guard(document: Document) -> Iterator[Problem]:
    guards = document.root.get("guards")
    if guards is None or "approval" in document.root:
        return
    if guards.value.get("approved_policy"):
        message = "approved_policy asks for approvals, and nothing says who must sign"
        hint = "add 'approval:' with the roles and their keys"
        yield Problem("missing-key", message, guards["approved_policy"].location, hint)
