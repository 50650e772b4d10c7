"""The proof file, version 1: what it holds, and that it has the right form. docs/proofs.md
describes it for those who check one without kam; engine/evidence/proofs.py checks one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NoReturn

from engine.errors import KamError, problem
from engine.evidence.canonical import LARGEST_INTEGER, canonical
from engine.evidence.merkle import HASH_BYTES

VERSION = 1
SALT_BYTES = 32
"""Salts have one length. Were it free, the end of a salt could be passed off as the beginning
of the text, because a commitment hashes the one after the other."""


@dataclass(frozen=True)
class Opening:
    """What opens a commitment: its salt, and the text that it was made of."""

    salt: bytes
    text: str

    def commitment(self) -> str:
        """What stands in the leaf: the SHA-256 of the salt and the text, in hex."""
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(self.salt)}")
        return sha256(self.salt + self.text.encode()).hexdigest()


@dataclass(frozen=True)
class ProvenLeaf:
    """A leaf as canonical JSON, its number in its tree, and the hashes that lead to the root.

    `opened` holds, by name, what opens the commitments under `sealed` in the leaf.
    """

    leaf: str
    index: int
    proof: Sequence[bytes]
    opened: Mapping[str, Opening] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        opened = {
            name: {"salt": one.salt.hex(), "text": one.text} for name, one in self.opened.items()
        }
        found = {"leaf": self.leaf, "index": self.index, "proof": [one.hex() for one in self.proof]}
        return found | ({"opened": opened} if opened else {})


@dataclass(frozen=True)
class InclusionProof:
    """Lines of one run, the run's tree, the run's leaf in the store's tree, and its checkpoint."""

    run: str
    entries: Sequence[ProvenLeaf]
    run_size: int
    run_root: bytes
    run_entry: ProvenLeaf
    checkpoint: str

    def document(self) -> dict[str, Any]:
        """The JSON of the proof file."""
        return {
            "kam_proof": VERSION,
            "kind": "inclusion",
            "run": self.run,
            "entries": [entry.document() for entry in self.entries],
            "run_tree": {"size": self.run_size, "root": self.run_root.hex()},
            "run_entry": self.run_entry.document(),
            "checkpoint": self.checkpoint,
        }


@dataclass(frozen=True)
class RunLeaf:
    """A leaf of a whole run: its text, or its hash alone where the reader may not see it."""

    leaf: str | bytes
    opened: Mapping[str, Opening] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        if isinstance(self.leaf, bytes):
            return {"hash": self.leaf.hex()}
        opened = {
            name: {"salt": one.salt.hex(), "text": one.text} for name, one in self.opened.items()
        }
        return {"leaf": self.leaf} | ({"opened": opened} if opened else {})


@dataclass(frozen=True)
class RunProof:
    """Every leaf of a run in order, so that nothing can be missing, and its checkpoint."""

    run: str
    leaves: Sequence[RunLeaf]
    run_entry: ProvenLeaf
    checkpoint: str

    def document(self) -> dict[str, Any]:
        """The JSON of the proof file."""
        return {
            "kam_proof": VERSION,
            "kind": "run",
            "run": self.run,
            "leaves": [leaf.document() for leaf in self.leaves],
            "run_entry": self.run_entry.document(),
            "checkpoint": self.checkpoint,
        }


@dataclass(frozen=True)
class ConsistencyProof:
    """Two checkpoints, and the hashes that show that the new one continues the old one."""

    old: str
    new: str
    proof: Sequence[bytes]

    def document(self) -> dict[str, Any]:
        """The JSON of the proof file."""
        return {
            "kam_proof": VERSION,
            "kind": "consistency",
            "old": self.old,
            "new": self.new,
            "proof": [one.hex() for one in self.proof],
        }


Proof = InclusionProof | RunProof | ConsistencyProof


def read_proof(document: bytes | str | Mapping[str, Any]) -> Proof:
    """A proof file of the right form. Nothing has been verified.

    Raises `KamError` ``proof-malformed`` with the place, or ``proof-version-unknown``.
    """
    whole = _Part(document if isinstance(document, Mapping) else read_json(document, "$"), "$")
    if whole.mapping().get("kam_proof") != VERSION or whole.mapping()["kam_proof"] is True:
        raise problem(
            "proof-version-unknown",
            f"this is not a kam proof of version {VERSION}",
            hint="give the file that kam prove wrote; a newer file needs a newer kam",
        )
    kind = whole["kind"]
    if kind.value == "inclusion":
        return _inclusion(whole)
    if kind.value == "run":
        return _whole_run(whole)
    if kind.value != "consistency":
        kind.refuse("must be 'inclusion', 'run' or 'consistency'")
    whole.has_only("kam_proof", "kind", "old", "new", "proof")
    return ConsistencyProof(whole["old"].text(), whole["new"].text(), whole["proof"].hashes())


def _inclusion(whole: _Part) -> InclusionProof:
    whole.has_only("kam_proof", "kind", "run", "entries", "run_tree", "run_entry", "checkpoint")
    tree, run_entry = whole["run_tree"], whole["run_entry"]
    tree.has_only("size", "root")
    run_entry.has_only("leaf", "index", "proof")
    entries = tuple(_entry(part) for part in whole["entries"].items())
    if not entries:
        whole["entries"].refuse("must not be empty")
    return InclusionProof(
        run=whole["run"].text(),
        entries=entries,
        run_size=tree["size"].integer(),
        run_root=tree["root"].hash(),
        run_entry=_leaf(run_entry, {}),
        checkpoint=whole["checkpoint"].text(),
    )


def _whole_run(whole: _Part) -> RunProof:
    whole.has_only("kam_proof", "kind", "run", "leaves", "run_entry", "checkpoint")
    run_entry = whole["run_entry"]
    run_entry.has_only("leaf", "index", "proof")
    return RunProof(
        run=whole["run"].text(),
        leaves=tuple(_run_leaf(part) for part in whole["leaves"].items()),
        run_entry=_leaf(run_entry, {}),
        checkpoint=whole["checkpoint"].text(),
    )


def _run_leaf(part: _Part) -> RunLeaf:
    if "hash" in part.mapping():
        part.has_only("hash")
        return RunLeaf(part["hash"].hash())
    part.has_only("leaf", "opened")
    return RunLeaf(part["leaf"].text(), _openings(part))


def _entry(part: _Part) -> ProvenLeaf:
    part.has_only("leaf", "index", "proof", "opened")
    return _leaf(part, _openings(part))


def _openings(part: _Part) -> Mapping[str, Opening]:
    if "opened" not in part.mapping():
        return {}
    names = part["opened"]
    return {name: _opening(names[name]) for name in names.mapping()}


def _leaf(part: _Part, opened: Mapping[str, Opening]) -> ProvenLeaf:
    return ProvenLeaf(part["leaf"].text(), part["index"].integer(), part["proof"].hashes(), opened)


def _opening(part: _Part) -> Opening:
    part.has_only("salt", "text")
    return Opening(part["salt"].hexadecimal(SALT_BYTES), part["text"].text())


def read_leaf(text: str, place: str) -> Mapping[str, Any]:
    """The object that a leaf is. A leaf that is not canonical could be read in two ways, so that
    is refused (``proof-malformed``)."""
    found = read_json(text, place)
    try:
        is_canonical = isinstance(found, dict) and canonical(found) == text.encode()
    except KamError:
        is_canonical = False
    if not is_canonical:
        raise _malformed(place, "must be an object as canonical JSON (RFC 8785)")
    assert isinstance(found, dict)
    return found


def read_json(text: bytes | str, place: str) -> object:
    """JSON in which no key stands twice."""
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        found: object = json.loads(
            decoded, object_pairs_hook=_once, parse_constant=_no_such_constant
        )
    except (ValueError, RecursionError) as error:
        raise _malformed(place, f"must be JSON in UTF-8 ({error})") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_such_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


@dataclass(frozen=True)
class _Part:
    """A value of the document and its place, for the errors."""

    value: object
    place: str

    def refuse(self, why: str) -> NoReturn:
        raise _malformed(self.place, why)

    def mapping(self) -> Mapping[str, object]:
        if not isinstance(self.value, Mapping):
            self.refuse("must be an object")
        return self.value

    def __getitem__(self, key: str) -> _Part:
        mapping = self.mapping()
        if key not in mapping:
            self.refuse(f"must have '{key}'")
        return _Part(mapping[key], f"{self.place}.{key}")

    def has_only(self, *keys: str) -> None:
        """What nobody verifies must not stand beside what is verified."""
        if unknown := sorted(str(key) for key in self.mapping().keys() - set(keys)):
            self.refuse(f"must not have '{unknown[0]}'")

    def items(self) -> list[_Part]:
        if not isinstance(self.value, list | tuple):
            self.refuse("must be a list")
        return [_Part(one, f"{self.place}[{index}]") for index, one in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.refuse("must be text")
        try:
            self.value.encode()
        except UnicodeEncodeError:
            self.refuse("must not have half of a surrogate pair")
        return self.value

    def integer(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.refuse("must be an integer")
        if not 0 <= self.value <= LARGEST_INTEGER:
            self.refuse("must lie between 0 and 2^53 - 1")
        return self.value

    def hexadecimal(self, size: int) -> bytes:
        text = self.text()
        try:
            found = bytes.fromhex(text)
        except ValueError:
            found = b""
        if len(found) != size or found.hex() != text:
            self.refuse(f"must be {size} bytes as {2 * size} lower-case hexadecimal digits")
        return found

    def hash(self) -> bytes:
        return self.hexadecimal(HASH_BYTES)

    def hashes(self) -> tuple[bytes, ...]:
        return tuple(part.hash() for part in self.items())


def _malformed(place: str, why: str) -> KamError:
    return problem("proof-malformed", f"{place} {why}")
