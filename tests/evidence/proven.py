"""A small log to prove things of: five runs, one of them with lines that hide what is personal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.evidence.canonical import canonical
from engine.evidence.checkpoints import Checkpoint
from engine.evidence.merkle import consistency_proof, inclusion_proofs, leaf_hashes, root
from engine.evidence.notes import Signer, sign
from engine.evidence.proof_documents import (
    ConsistencyProof,
    InclusionProof,
    Opening,
    ProvenLeaf,
)

ORIGIN = "example.com/kam"
SIGNER = Signer(ORIGIN, bytes(range(32)))
OTHER = Signer("example.com/witness", bytes(32))
RUN, RUN_INDEX, LINES, RUNS = "2026-06-30.1", 3, 11, 5

OPENINGS = [
    {
        "internal": Opening(bytes([number]) * 32, f'{{"revenue":"{number}00.00"}}'),
        "personal": Opening(bytes([number, 9]) * 16, f'{{"contact":"\u5f20\u4e09 {number}"}}'),
    }
    for number in range(LINES)
]
LEAVES = [
    canonical(
        {
            "account": f"K{number}",
            "sealed": {name: one.commitment() for name, one in openings.items()},
            "seq": number,
        }
    )
    for number, openings in enumerate(OPENINGS)
]


def run_leaf(index: int, **changes: Any) -> bytes:
    told = {"run": f"2026-06-{27 + index}.1", "size": LINES, "root": "00" * 32}
    if index == RUN_INDEX:
        told["root"] = root(leaf_hashes(LEAVES)).hex()
    return canonical(told | changes)


RUN_LEAVES = [run_leaf(index) for index in range(RUNS)]


def checkpoint(run_leaves: Sequence[bytes] = RUN_LEAVES, origin: str = ORIGIN) -> str:
    return Checkpoint(origin, len(run_leaves), root(leaf_hashes(run_leaves))).text()


def inclusion(
    indices: Sequence[int] = (2, 7),
    opened: Sequence[str] = ("internal",),
    run_leaves: Sequence[bytes] = RUN_LEAVES,
    note: str | None = None,
) -> dict[str, Any]:
    """An inclusion proof that holds, as long as the store says of the run what is so."""
    proofs = inclusion_proofs(leaf_hashes(LEAVES), indices)
    entries = [
        ProvenLeaf(
            LEAVES[index].decode(), index, proof, {name: OPENINGS[index][name] for name in opened}
        )
        for index, proof in zip(indices, proofs, strict=True)
    ]
    (run_proof,) = inclusion_proofs(leaf_hashes(run_leaves), [RUN_INDEX])
    return InclusionProof(
        run=RUN,
        entries=entries,
        run_size=LINES,
        run_root=root(leaf_hashes(LEAVES)),
        run_entry=ProvenLeaf(run_leaves[RUN_INDEX].decode(), RUN_INDEX, run_proof),
        checkpoint=sign(checkpoint(run_leaves), SIGNER) if note is None else note,
    ).document()


def consistency(old: int = 2, new: int = RUNS) -> dict[str, Any]:
    """A consistency proof that holds."""
    hashes = leaf_hashes(RUN_LEAVES)
    return ConsistencyProof(
        sign(checkpoint(RUN_LEAVES[:old]), SIGNER),
        sign(checkpoint(RUN_LEAVES[:new]), SIGNER),
        consistency_proof(hashes, old, new),
    ).document()
