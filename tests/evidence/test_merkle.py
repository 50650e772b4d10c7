"""The tree against its definition (RFC 6962, 2.1), the published vectors, and what must fail."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
    leaf_hashes,
    range_subtrees,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests.evidence.vectors import needs_vectors, vector_files

ALL = 130
LEAVES = leaf_hashes(str(number).encode() for number in range(ALL))


def split(size: int) -> int:
    """The largest power of two smaller than the size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there, with the leaves hashed already."""
    return _defined_root(tuple(leaves))


@cache  # of small trees the tests ask again and again
def _defined_root(leaves: tuple[bytes, ...]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def defined_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*defined_path(m, leaves[:k]), defined_root(leaves[k:])]
    return [*defined_path(m - k, leaves[k:]), defined_root(leaves[:k])]


def defined_subproof(m: int, leaves: Sequence[bytes], is_whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if is_whole else [defined_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*defined_subproof(m, leaves[:k], is_whole), defined_root(leaves[k:])]
    return [*defined_subproof(m - k, leaves[k:], False), defined_root(leaves[:k])]


ROOTS = [defined_root(LEAVES[:size]) for size in range(ALL + 1)]


def range_of(leaves: Sequence[bytes]) -> CompactRange:
    made = CompactRange()
    made.extend(leaves)
    return made


def flipped(digest: bytes, bit: int = 0) -> bytes:
    return (int.from_bytes(digest, "big") ^ (1 << bit)).to_bytes(len(digest), "big")


def test_hashes_are_those_of_the_definition() -> None:
    assert leaf_hash(b"") == sha256(b"\x00").digest()
    assert leaf_hashes([b"a", b"b"]) == [leaf_hash(b"a"), leaf_hash(b"b")]
    assert EMPTY_ROOT == defined_root([]) == CompactRange().root() == root([])


@pytest.mark.parametrize("size", range(ALL + 1))
def test_root_is_that_of_the_definition(size: int) -> None:
    streamed = CompactRange()
    for leaf in LEAVES[:size]:
        streamed.append(leaf)
    assert root(LEAVES[:size]) == streamed.root() == ROOTS[size]
    assert streamed.size == size
    assert sum(1 << level for level, _ in streamed.subtrees) == size


@given(st.data())
def test_a_range_that_is_hashed_apart_joins_the_leaves_before_it(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, ALL))
    start = data.draw(st.integers(0, size))
    subtrees = range_subtrees(start, iter(LEAVES[start:size]))
    made = CompactRange()
    for leaf in LEAVES[:start]:
        made.append(leaf)
    made.append_range(subtrees)
    assert (made.size, made.root()) == (size, ROOTS[size])
    place = start
    for level, digest in subtrees:  # each is whole, and stands where such a subtree can
        assert place % (1 << level) == 0
        assert digest == defined_root(LEAVES[place : place + (1 << level)])
        place += 1 << level
    assert place == size
    assert len(subtrees) <= 2 * ALL.bit_length()


@given(st.integers(0, 7), st.integers(0, ALL))
def test_chunks_give_the_root_of_the_stream(level: int, size: int) -> None:
    """Chunks of 2^level leaves, each hashed on its own as another process would."""
    leaves, made = LEAVES[:size], CompactRange()
    for start in range(0, size, 1 << level):
        made.append_range(range_of(leaves[start : start + (1 << level)]).subtrees)
    assert made.root() == ROOTS[size]
    assert made.subtrees == range_of(leaves).subtrees


@given(st.data())
def test_resumed_range_goes_on_as_the_stream(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, ALL))
    held = data.draw(st.integers(0, size))
    resumed = CompactRange(range_of(LEAVES[:held]).subtrees)
    assert resumed.size == held
    resumed.extend(LEAVES[held:size])
    assert resumed.root() == ROOTS[size]


def test_subtrees_that_do_not_fit_are_refused() -> None:
    made = range_of(LEAVES[:3])
    for level in (1, 2, -1):
        with pytest.raises(ValueError):
            made.append_subtree(level, LEAVES[0])
    with pytest.raises(ValueError):
        made.append(b"short")
    with pytest.raises(ValueError):
        root([b"short"])
    assert made.root() == ROOTS[3]
    made.append(LEAVES[3])
    made.append_subtree(2, ROOTS[4])
    assert made.size == 8


@pytest.mark.parametrize("levels", [(0, 1), (1, 1), (2, 3)])
def test_ranges_do_not_begin_with_what_is_no_range(levels: Sequence[int]) -> None:
    with pytest.raises(ValueError):
        CompactRange((level, LEAVES[0]) for level in levels)


@pytest.mark.parametrize("size", range(1, ALL + 1))
def test_every_leaf_of_every_tree_is_proven(size: int) -> None:
    proofs = inclusion_proofs(LEAVES, range(size), size)
    assert inclusion_proof(LEAVES[:size], size - 1) == proofs[-1]
    for index, proof in enumerate(proofs):
        assert proof == defined_path(index, LEAVES[:size])
        assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@given(st.data())
def test_inclusion_fails_for_anything_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, ALL))
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 255))
    leaf, head, proof = LEAVES[index], ROOTS[size], inclusion_proof(LEAVES, index, size)
    assert not verify_inclusion(flipped(leaf, bit), index, size, proof, head)
    assert not verify_inclusion(leaf, index, size, proof, flipped(head, bit))
    for other in {*range(-1, size + 2)} - {index}:
        assert not verify_inclusion(leaf, other, size, proof, head)
    assert not verify_inclusion(leaf, index, size, [*proof, head], head)
    assert not verify_inclusion(leaf, index, size, [*proof, b""], head)
    for place in range(len(proof)):
        cut = [*proof[:place], *proof[place + 1 :]]
        assert not verify_inclusion(leaf, index, size, cut, head)
        bent = [*proof[:place], flipped(proof[place], bit), *proof[place + 1 :]]
        assert not verify_inclusion(leaf, index, size, bent, head)
        doubled = [*proof[:place], proof[place], *proof[place:]]
        assert not verify_inclusion(leaf, index, size, doubled, head)


@pytest.mark.parametrize("size", range(1, ALL))
def test_inclusion_fails_for_the_root_of_another_size(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(LEAVES, index, size)
        assert not verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size + 1])
        assert not verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])


def test_inclusion_in_a_tree_of_another_size_fails() -> None:
    """The way up may be the same for two sizes, but then so is the number of its steps: what
    tells the sizes apart is the root, so the size that is claimed must be signed with it."""
    proof = inclusion_proof(LEAVES, 0, 8)
    assert verify_inclusion(LEAVES[0], 0, 8, proof, ROOTS[8])
    for size in (0, 1, 2, 4, 9, 16):
        assert not verify_inclusion(LEAVES[0], 0, size, proof, ROOTS[8])


@pytest.mark.parametrize("new", range(ALL + 1))
def test_every_tree_continues_every_smaller_one(new: int) -> None:
    for old in range(new + 1):
        proof = consistency_proof(LEAVES, old, new)
        assert proof == (defined_subproof(old, LEAVES[:new]) if old else [])
        assert verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)


@given(st.data())
def test_consistency_fails_for_anything_else(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, ALL))
    old = data.draw(st.integers(1, new - 1))
    bit = data.draw(st.integers(0, 255))
    proof = consistency_proof(LEAVES, old, new)
    assert not verify_consistency(old, new, flipped(ROOTS[old], bit), ROOTS[new], proof)
    assert not verify_consistency(old, new, ROOTS[old], flipped(ROOTS[new], bit), proof)
    assert not verify_consistency(new, old, ROOTS[new], ROOTS[old], proof)
    assert not verify_consistency(old - 1, new, ROOTS[old - 1], ROOTS[new], proof)
    assert not verify_consistency(old, new, ROOTS[old], ROOTS[new], [*proof, ROOTS[old]])
    for place in range(len(proof)):
        cut = [*proof[:place], *proof[place + 1 :]]
        assert not verify_consistency(old, new, ROOTS[old], ROOTS[new], cut)
        bent = [*proof[:place], flipped(proof[place], bit), *proof[place + 1 :]]
        assert not verify_consistency(old, new, ROOTS[old], ROOTS[new], bent)


@given(st.data())
def test_tree_that_was_rewritten_does_not_continue_the_old_one(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, ALL))
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*LEAVES[:changed], leaf_hash(b"rewritten"), *LEAVES[changed + 1 : new]]
    proof = consistency_proof(rewritten, old, new)
    assert not verify_consistency(old, new, ROOTS[old], root(rewritten), proof)


def test_consistency_at_the_ends_takes_no_proof() -> None:
    assert verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert verify_consistency(0, 5, EMPTY_ROOT, ROOTS[5], [])
    assert verify_consistency(5, 5, ROOTS[5], ROOTS[5], [])
    assert not verify_consistency(0, 5, ROOTS[5], ROOTS[5], [])
    assert not verify_consistency(0, 0, ROOTS[5], ROOTS[5], [])
    assert not verify_consistency(5, 5, ROOTS[5], ROOTS[6], [])
    assert not verify_consistency(0, 5, EMPTY_ROOT, ROOTS[5], [ROOTS[5]])
    assert not verify_consistency(5, 5, ROOTS[5], ROOTS[5], [ROOTS[5]])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    for index, size in ((5, 5), (-1, 5), (0, 0), (0, ALL + 1)):
        with pytest.raises(ValueError):
            inclusion_proof(LEAVES, index, size)
    for old, new in ((-1, 5), (6, 5), (1, ALL + 1)):
        with pytest.raises(ValueError):
            consistency_proof(LEAVES, old, new)


@needs_vectors
@pytest.mark.parametrize("path", vector_files("merkle/testdata/inclusion/**/*.json"))
def test_inclusion_answers_the_published_vectors(path: Path) -> None:
    vector = json.loads(path.read_text(encoding="utf-8"))
    is_proven = verify_inclusion(
        base64.b64decode(vector["leafHash"] or ""),
        vector["leafIdx"],
        vector["treeSize"],
        [base64.b64decode(one) for one in vector["proof"] or ()],
        base64.b64decode(vector["root"] or ""),
    )
    assert is_proven is not vector["wantErr"]
