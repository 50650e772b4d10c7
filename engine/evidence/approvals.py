"""What is signed when a policy is approved: a C2SP note that names the policy and its result.

The text of a note::

    kam policy approval
    workspace: acme
    policy: 9f86d081884c7d65…
    result: 2c26b46b68ffc68f…
    plan: fcde2b2edba56bf4…
    role: sales
    by: 王建国
    at: 2026-07-01T08:30:00+00:00

It approves the policy, whatever facts later nights bring; the result is what its signers saw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from engine.errors import KamError, problem
from engine.evidence.canonical import canonical
from engine.evidence.notes import Signer, Verifier, open_note, parse_note, sign

HEADING = "kam policy approval"
FIELDS = ("workspace", "policy", "result", "plan", "role", "by", "at")


@dataclass(frozen=True)
class PolicyApproval:
    """Who approved what, in which role. `policy`, `result` and `plan` are SHA-256 as hexadecimal
    digits, `at` is UTC."""

    workspace: str
    policy: str
    result: str
    plan: str
    role: str
    by: str
    at: str

    def text(self) -> str:
        """What is signed."""
        lines = zip(FIELDS, astuple(self), strict=True)
        return "\n".join([HEADING, *(f"{name}: {value}" for name, value in lines)]) + "\n"


def policies_hash(packs: Mapping[str, str]) -> str:
    """The one hash of all packs of a workspace, from {id: hash}, in whatever order they stand."""
    return hashlib.sha256(canonical(dict(packs))).hexdigest()


def sign_approval(approval: PolicyApproval, signer: Signer) -> str:
    """The note. Raises `KamError` ``approval-malformed`` for a name that no line can hold."""
    for name, value in zip(FIELDS, astuple(approval), strict=True):
        if not value.strip() or not value.isprintable():
            raise _malformed(f"'{name}' is empty, or holds what cannot be printed")
    return sign(approval.text(), signer)


def read_approval(note: str) -> PolicyApproval:
    """What a note says; whether its signature is right is for `verify_approval`.

    Raises `KamError` ``note-malformed`` or ``approval-malformed``.
    """
    heading, *lines = parse_note(note).text.removesuffix("\n").split("\n")
    said = [line.partition(": ") for line in lines]
    if heading != HEADING or tuple(name for name, _, _ in said) != FIELDS:
        raise _malformed("its lines are not those of an approval")
    return PolicyApproval(*(value for _, _, value in said))


def verify_approval(note: str, keys: Iterable[str]) -> PolicyApproval:
    """What a note says that one of the keys signed, given as text.

    Raises `KamError` as `read_approval` and `engine.evidence.notes.open_note` do.
    """
    approval = read_approval(note)
    open_note(note, [Verifier.parse(key) for key in keys])
    return approval


def _malformed(why: str) -> KamError:
    return problem("approval-malformed", f"this is not an approval: {why}")
