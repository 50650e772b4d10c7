"""Checking a proof file with nothing but the verifier keys that one trusts: no store, no kam
workspace. docs/proofs.md does the same by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import KamError, Problem, problem
from engine.evidence.checkpoints import Checkpoint
from engine.evidence.merkle import CompactRange, leaf_hash, verify_consistency, verify_inclusion
from engine.evidence.notes import Verifier, open_note, parse_note
from engine.evidence.proof_documents import (
    ConsistencyProof,
    InclusionProof,
    Opening,
    ProvenLeaf,
    RunProof,
    read_leaf,
    read_proof,
)


@dataclass(frozen=True)
class CheckedCheckpoint:
    """A checkpoint, and the names of the trusted keys that signed it: none if it was let pass."""

    checkpoint: Checkpoint
    signed_by: tuple[str, ...]


@dataclass(frozen=True)
class CheckedEntry:
    """A line that is proven to stand in the run, and by name what its commitments hide."""

    index: int
    leaf: Mapping[str, Any]
    opened: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """What a proof file proves. Everything in here has been verified.

    An inclusion proof has `run`, `run_leaf` and `entries`; that of a whole run also `leaves`, how
    many there are with those that are shown by their hash alone; a consistency proof has `old`.
    """

    new: CheckedCheckpoint
    run: str | None = None
    run_leaf: Mapping[str, Any] | None = None
    entries: tuple[CheckedEntry, ...] = ()
    old: CheckedCheckpoint | None = None
    leaves: int | None = None

    @property
    def kind(self) -> str:
        if self.old is not None:
            return "consistency"
        return "inclusion" if self.leaves is None else "run"

    @property
    def signed_by(self) -> tuple[str, ...]:
        """Whose signatures vouch for it; empty as soon as one checkpoint is unsigned."""
        parts = [self.new] if self.old is None else [self.old, self.new]
        if not all(part.signed_by for part in parts):
            return ()
        return tuple(dict.fromkeys(name for part in parts for name in part.signed_by))


def check_proof(
    document: bytes | str | Mapping[str, Any],
    verifiers: Collection[Verifier],
    *,
    allow_unsigned: bool = False,
) -> Checked:
    """Verify everything that a proof file claims, or raise a `KamError` that says what failed.

    Codes: ``proof-malformed`` and ``proof-version-unknown`` (the form), ``note-…`` and
    ``checkpoint-malformed`` (the checkpoint), ``proof-run-not-in-store``,
    ``proof-run-tree-differs``, ``proof-entry-not-in-run``, ``proof-opening-differs``,
    ``proof-opening-unknown``, ``proof-not-consistent``. With `allow_unsigned` a checkpoint
    that no trusted key signed passes; a wrong signature of a trusted key never does.
    """
    proof = read_proof(document)
    if isinstance(proof, ConsistencyProof):
        return _check_consistency(proof, verifiers, allow_unsigned)
    if isinstance(proof, RunProof):
        return _check_whole_run(proof, verifiers, allow_unsigned)
    return _check_inclusion(proof, verifiers, allow_unsigned)


def unsigned_checkpoints(document: bytes | str | Mapping[str, Any]) -> tuple[str, ...]:
    """Which checkpoints of a proof bear no signature at all: ``checkpoint``, ``old``, ``new``.

    Raises `KamError` as `check_proof` does over the form of the file.
    """
    proof = read_proof(document)
    notes = (
        {"old": proof.old, "new": proof.new}
        if isinstance(proof, ConsistencyProof)
        else {"checkpoint": proof.checkpoint}
    )
    return tuple(place for place, note in notes.items() if _is_bare(note))


def check_received(document: bytes | str, verifiers: Collection[Verifier]) -> Checked:
    """`check_proof` as somebody asks who has the file, and the keys of the log if it has any.

    Without keys only a proof without signatures can be looked at, which shows that it agrees with
    itself. With keys the checkpoint that vouches must be signed; of a proof of consistency the
    older one may be the bare lines that its reader has kept.
    Raises `KamError` as `check_proof`, and ``key-needed`` or ``proof-unsigned``.
    """
    bare = unsigned_checkpoints(document)
    if not verifiers:
        checked = check_proof(document, (), allow_unsigned=True)
        is_bare = len(bare) == (1 if checked.old is None else 2)
        if not is_bare:
            raise problem(
                "key-needed",
                "a proof is checked with the public key of the log",
                hint="ask for the key, and give it as --key KEY",
            )
        return checked
    if bare and bare != ("old",):
        raise problem(
            "proof-unsigned",
            "the checkpoint of this proof is not signed: no key vouches for it",
            hint="ask for a proof against a signed checkpoint; without --key kam shows whether "
            "this one agrees with itself",
        )
    checked = check_proof(document, verifiers, allow_unsigned=bool(bare))
    if not checked.new.signed_by:  # let pass with the other one: say whose signature it bears
        return check_proof(document, verifiers)
    return checked


def _is_bare(note: str) -> bool:
    """The checkpoint of a store without a key is a text with no signatures after it."""
    return "\n\n" not in note


def _check_whole_run(
    proof: RunProof, verifiers: Collection[Verifier], allow_unsigned: bool
) -> Checked:
    """As for single lines, but the run's root is computed from all of them: none is missing."""
    opened = _open_checkpoint("checkpoint", proof.checkpoint, verifiers, allow_unsigned)
    tree, entries, problems = CompactRange(), list[CheckedEntry](), list[Problem]()
    for index, one in enumerate(proof.leaves):
        if isinstance(one.leaf, bytes):
            tree.append(one.leaf)
            continue
        tree.append(leaf_hash(one.leaf.encode()))
        place = f"$.leaves[{index}]"
        leaf = read_leaf(one.leaf, f"{place}.leaf")
        problems += _opening_problems(place, one.opened, leaf)
        entries.append(
            CheckedEntry(index, leaf, {name: each.text for name, each in one.opened.items()})
        )
    run_leaf = _check_run(proof.run, tree.size, tree.root(), proof.run_entry, opened.checkpoint)
    if problems:
        raise KamError(problems)
    return Checked(
        opened, run=proof.run, run_leaf=run_leaf, entries=tuple(entries), leaves=tree.size
    )


def _check_consistency(
    proof: ConsistencyProof, verifiers: Collection[Verifier], allow_unsigned: bool
) -> Checked:
    old = _open_checkpoint("old", proof.old, verifiers, allow_unsigned)
    new = _open_checkpoint("new", proof.new, verifiers, allow_unsigned)
    before, after = old.checkpoint, new.checkpoint
    if before.origin != after.origin:
        raise problem(
            "proof-not-consistent",
            f"the checkpoints are of two logs, {before.origin} and {after.origin}",
        )
    if not verify_consistency(before.size, after.size, before.root, after.root, proof.proof):
        raise problem(
            "proof-not-consistent",
            f"the log of {after.size} runs is not shown to begin with that of {before.size} runs",
            hint="a run was changed, removed or put in afterwards, or the proof is damaged",
        )
    return Checked(new, old=old)


def _check_inclusion(
    proof: InclusionProof, verifiers: Collection[Verifier], allow_unsigned: bool
) -> Checked:
    """From the outside in: checkpoint, run in the store's tree, run's tree, lines, openings."""
    opened = _open_checkpoint("checkpoint", proof.checkpoint, verifiers, allow_unsigned)
    run_leaf = _check_run(
        proof.run, proof.run_size, proof.run_root, proof.run_entry, opened.checkpoint
    )
    leaves = [
        read_leaf(entry.leaf, f"$.entries[{number}].leaf")
        for number, entry in enumerate(proof.entries)
    ]
    problems = [
        found
        for number, (entry, leaf) in enumerate(zip(proof.entries, leaves, strict=True))
        for found in _entry_problems(f"$.entries[{number}]", entry, leaf, proof)
    ]
    if problems:
        raise KamError(problems)
    entries = tuple(
        CheckedEntry(entry.index, leaf, {name: one.text for name, one in entry.opened.items()})
        for entry, leaf in zip(proof.entries, leaves, strict=True)
    )
    return Checked(opened, run=proof.run, run_leaf=run_leaf, entries=entries)


def _open_checkpoint(
    place: str, note: str, verifiers: Collection[Verifier], allow_unsigned: bool
) -> CheckedCheckpoint:
    try:
        text, names = _opened(note, verifiers, allow_unsigned)
        return CheckedCheckpoint(Checkpoint.parse(text), names)
    except KamError as error:
        (found,) = error.problems
        raise problem(found.code, f"$.{place}: {found.message}", hint=found.hint) from None


def _opened(
    note: str, verifiers: Collection[Verifier], allow_unsigned: bool
) -> tuple[str, tuple[str, ...]]:
    """Text and signers. The checkpoint of a store without a key is a bare text."""
    if allow_unsigned and _is_bare(note):
        return note, ()
    try:
        return open_note(note, verifiers)
    except KamError as error:
        (found,) = error.problems
        if allow_unsigned and found.code == "note-without-trusted-signature":
            return parse_note(note).text, ()
        raise


def _check_run(
    run: str, size: int, root: bytes, entry: ProvenLeaf, checkpoint: Checkpoint
) -> Mapping[str, Any]:
    """The run's leaf, which must stand in the store's tree and agree with the run's tree."""
    leaf = read_leaf(entry.leaf, "$.run_entry.leaf")
    if not verify_inclusion(
        leaf_hash(entry.leaf.encode()), entry.index, checkpoint.size, entry.proof, checkpoint.root
    ):
        raise problem(
            "proof-run-not-in-store",
            f"$.run_entry: the leaf is not number {entry.index} of the {checkpoint.size} runs "
            "of the checkpoint",
        )
    claimed = {"run": run, "size": size, "root": root.hex()}
    differing = [
        Problem(
            "proof-run-tree-differs",
            f"$.run_entry.leaf: '{name}' is {leaf.get(name)!r}, but the proof is about {value!r}",
        )
        for name, value in claimed.items()
        # By type as well: in Python True equals 1, and 3.0 equals 3.
        if (type(leaf.get(name)), leaf.get(name)) != (type(value), value)
    ]
    if differing:
        raise KamError(differing)
    return leaf


def _entry_problems(
    place: str, entry: ProvenLeaf, leaf: Mapping[str, Any], proof: InclusionProof
) -> Iterator[Problem]:
    if not verify_inclusion(
        leaf_hash(entry.leaf.encode()), entry.index, proof.run_size, entry.proof, proof.run_root
    ):
        yield Problem(
            "proof-entry-not-in-run",
            f"{place}: the leaf is not number {entry.index} of the {proof.run_size} leaves of "
            f"run {proof.run}",
        )
    yield from _opening_problems(place, entry.opened, leaf)


def _opening_problems(
    place: str, opened: Mapping[str, Opening], leaf: Mapping[str, Any]
) -> Iterator[Problem]:
    sealed = leaf.get("sealed")
    for name, opening in opened.items():
        if not isinstance(sealed, dict) or name not in sealed:
            yield Problem("proof-opening-unknown", f"{place}: the leaf has no commitment {name!r}")
        elif sealed[name] != opening.commitment():
            yield Problem(
                "proof-opening-differs",
                f"{place}: the text is not what the commitment {name!r} was made of",
            )
