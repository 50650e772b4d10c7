"""Do the sinks of kam.yaml ask for actions that the packs can emit, and is what they say safe?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from engine.errors import Problem
from engine.language.checks.names import unknown
from engine.language.documents import Node
from engine.language.reading import parse_yaml
from engine.language.workspace import WORKSPACE_FILE, Workspace
from engine.model import Policy

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def check_sinks(workspace: Workspace, policies: Sequence[Policy], file: str) -> tuple[Problem, ...]:
    """Roles and packs that do not exist, and addresses that anybody on the way can read.

    `file` is how locations name kam.yaml; `policies` are all packs of the workspace.
    """
    if not workspace.sinks:
        return ()
    written = parse_yaml(workspace.files[0].content, WORKSPACE_FILE, file)
    roles = {role for policy in policies for role in policy.roles}
    packs = {policy.id for policy in policies}
    found: list[Problem] = []
    for sink in written.root.entries("sinks"):
        found.extend(_unknown(sink, "roles", "role", roles))
        found.extend(_unknown(sink, "packs", "pack", packs))
        found.extend(_not_encrypted(sink))
    return tuple(found)


def _unknown(sink: Node, key: str, what: str, known: set[str]) -> Iterator[Problem]:
    wanted = sink.get("actions")
    for node in wanted[key].elements() if wanted is not None and key in wanted else ():
        if node.value not in known:
            yield unknown(what, node.value, known, node.location, f"a {what} of this workspace")


def _not_encrypted(sink: Node) -> Iterator[Problem]:
    url = sink.get("url")
    parts = urlsplit(url.value) if url is not None else None
    if url is None or parts is None or parts.scheme != "http" or parts.hostname in _LOCAL_HOSTS:
        return
    message = f"what is sent to '{parts.hostname}' can be read on its way"
    yield Problem("not-encrypted", message, url.value_location, "write https://", "warning")
