"""`evidence:` of kam.yaml: the name of the log, and the keys that check its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Location
from engine.language.documents import Document


@dataclass(frozen=True)
class EvidenceRules:
    """`origin` names the log in its checkpoints; `keys` are verifier keys as text.

    With `is_signed` no night is recorded without a signature.
    """

    origin: str
    location: Location
    keys: tuple[str, ...] = ()
    is_signed: bool = False


def read_evidence(document: Document) -> EvidenceRules:
    """What kam.yaml says of the log; it is called after the workspace if it has no name."""
    data = document.data
    written = data.get("evidence", {})
    node = document.root.get("evidence") or document.root["workspace"]
    return EvidenceRules(
        origin=written.get("origin", f"kam.local/{data['workspace']}"),
        location=node.location,
        keys=tuple(written.get("keys", ())),
        is_signed=written.get("signed", False),
    )
