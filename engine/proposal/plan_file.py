"""A plan as a file that people pass on and sign: canonical JSON, with a hash over all of it.

Its `plan` is the SHA-256 of the document without `plan` and `approvals`; its `result_hash` that of
what approvals bind of `result`. Two plans of one change over the same facts are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import KamError, problem
from engine.evidence.approvals import read_approval
from engine.evidence.canonical import canonical
from engine.proposal.document import Json, bound, outline, result_document
from engine.proposal.model import Proposal
from engine.written_files import require_place, write_whole

FORM = 1
_PARTS = frozenset(
    {"kam_plan", "workspace", "engine", "policy", "before", "facts", "edits", "attribution",
     "moved_by", "result", "result_hash"}
)  # fmt: skip


@dataclass(frozen=True)
class PlanFile:
    """A plan that has been written down; `content` is all of it but its approvals."""

    content: Json
    approvals: tuple[str, ...] = ()
    """Signed notes, in the order in which they came."""

    @property
    def plan_id(self) -> str:
        return _hash(self.content)

    @property
    def policy_hash(self) -> str:
        return str(self.content["policy"]["hash"])

    @property
    def result_hash(self) -> str:
        return str(self.content["result_hash"])

    @property
    def run(self) -> str | None:
        """The run over whose facts it was made."""
        run: str | None = self.content["facts"]["run"]
        return run

    def bytes(self) -> bytes:
        """The whole file."""
        whole = {**self.content, "plan": self.plan_id, "approvals": list(self.approvals)}
        return canonical(whole) + b"\n"

    def with_approvals(self, notes: Sequence[str]) -> PlanFile:
        return PlanFile(self.content, tuple(dict.fromkeys([*self.approvals, *notes])))


def plan_of_proposal(proposal: Proposal) -> PlanFile:
    """The plan of a proposal, which nobody has signed yet."""
    result = result_document(proposal)
    content = {
        "kam_plan": FORM,
        **outline(proposal),
        "result": result,
        "result_hash": _hash(bound(result)),
    }
    return PlanFile(json.loads(canonical(content)))


def _hash(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def read_plan(path: Path) -> PlanFile:
    """The plan in a file. Raises `KamError`: ``plan-missing``, ``not-a-plan``, ``plan-altered``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise problem("plan-missing", f"{path} cannot be read: {why}") from None
    document = _document(content)
    if document is None:
        hint = "kam plan --save FILE writes one"
        raise problem("not-a-plan", f"{path} does not hold a plan of this version", hint=hint)
    said, notes = document.pop("plan"), document.pop("approvals")
    plan = PlanFile(document, tuple(notes))
    if plan.plan_id != said or not _says_its_result(plan):
        raise problem(
            "plan-altered",
            f"{path} was altered after kam plan had written it",
            hint="make the plan again: kam plan --save FILE",
        )
    return plan


def _says_its_result(plan: PlanFile) -> bool:
    try:
        return plan.result_hash == _hash(bound(plan.content["result"]))
    except (KeyError, TypeError, ArithmeticError):  # of another form than kam writes
        return False


def _document(content: bytes) -> Json | None:
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != {*_PARTS, "plan", "approvals"}:
        return None
    notes = found["approvals"]
    if not isinstance(notes, list) or not all(isinstance(one, str) for one in notes):
        return None
    if found["kam_plan"] != FORM or not isinstance(found["policy"], dict):
        return None
    with suppress(KamError):  # what has no canonical form was not written by kam
        canonical(found)
        return found
    return None


def check_place(path: Path, plan: PlanFile | None = None) -> None:
    """Makes sure that a plan may be saved there, `plan` if it is known already.

    Raises `KamError`: ``cannot-write``; ``file-exists`` for a file that is no plan, and for
    another plan that somebody has signed.
    """
    require_place(path)
    if not path.exists():
        return
    standing = _standing(path)
    if plan is not None and standing.approvals and standing.plan_id != plan.plan_id:
        raise problem(
            "file-exists",
            f"{path} holds another plan, which {_signers(standing)} signed",
            hint="name another file with --save: signatures are never overwritten",
        )


def _standing(path: Path) -> PlanFile:
    """The plan that a file holds already."""
    try:
        return read_plan(path)
    except KamError:
        raise problem(
            "file-exists",
            f"{path} exists, and is not a plan as kam plan --save writes it",
            hint="name another file with --save; nothing was written",
        ) from None


def _signers(plan: PlanFile) -> str:
    """
    >>> _signers(PlanFile({}, ("not a note",)))
    'somebody has'
    """
    try:
        roles = dict.fromkeys(read_approval(note).role for note in plan.approvals)
    except KamError:
        return "somebody has"
    return f"{' and '.join(roles)} {'has' if len(roles) == 1 else 'have'}"


def write_plan(path: Path, plan: PlanFile) -> None:
    """The whole file or nothing. Signatures that the file holds already stay in it.

    Raises `KamError` as `check_place`.
    """
    check_place(path, plan)
    signed = _standing(path).approvals if path.exists() else ()
    write_whole(path, PlanFile(plan.content, signed).with_approvals(plan.approvals).bytes())
