"""The Merkle tree of RFC 6962 (the same in RFC 9162): one hash for a list of lines of any length.

Ours, although libraries exist, because a night needs two things of it that they do not offer: a
root in constant memory while the lines stream past, and chunks that are hashed apart and joined.

Hashes are 32 bytes of SHA-256. The functions below take *leaf hashes*; `leaf_hash` makes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

# Two bytes keep leaves and nodes apart, so that no line can be passed off as a node.
LEAF = b"\x00"
NODE = b"\x01"


def leaf_hash(line: bytes) -> bytes:
    """The hash of one line."""
    return sha256(LEAF + line).digest()


def leaf_hashes(lines: Iterable[bytes]) -> list[bytes]:
    """The hashes of many lines."""
    return [sha256(LEAF + line).digest() for line in lines]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node with these two children."""
    return sha256(NODE + left + right).digest()


class Subtree(NamedTuple):
    """A perfect subtree of 2^level leaves."""

    level: int
    hash: bytes


class CompactRange:
    """The roots of the perfect subtrees that the leaves so far fall into, largest first.

    At most one per level, so 40 of them stand for a million million leaves. It is all that is
    needed to add leaves and to give the root; whoever keeps `subtrees` can go on later.

    >>> one = CompactRange()
    >>> one.extend(leaf_hashes([b"a", b"b", b"c"]))
    >>> [subtree.level for subtree in one.subtrees]
    [1, 0]
    >>> resumed = CompactRange(one.subtrees)
    >>> resumed.append(leaf_hash(b"d"))
    >>> resumed.size, resumed.root() == root(leaf_hashes([b"a", b"b", b"c", b"d"]))
    (4, True)
    """

    def __init__(self, subtrees: Iterable[tuple[int, bytes]] = ()) -> None:
        """Begin with no leaf, or after the leaves that `subtrees` of another range stand for.

        Raises ValueError if these are not the subtrees of a range.
        """
        self._subtrees: list[Subtree] = []
        self._size = 0
        for level, digest in subtrees:
            if self._subtrees and level >= self._subtrees[-1].level:
                raise ValueError("the subtrees of a range grow smaller from left to right")
            self.append_subtree(level, digest)

    @property
    def size(self) -> int:
        """How many leaves there are so far."""
        return self._size

    @property
    def subtrees(self) -> tuple[Subtree, ...]:
        """What another `CompactRange` can begin with."""
        return tuple(self._subtrees)

    def append(self, leaf: bytes) -> None:
        """Add one leaf."""
        self.append_subtree(0, leaf)

    def append_subtree(self, level: int, digest: bytes) -> None:
        """Add 2^level leaves by the root of their tree.

        Raises ValueError unless the number of leaves so far is a multiple of 2^level.
        """
        if level < 0 or self._size % (1 << level):
            raise ValueError(f"2^{level} leaves cannot be joined after {self._size} leaves")
        if len(digest) != HASH_BYTES:
            raise ValueError(f"a hash has {HASH_BYTES} bytes, not {len(digest)}")
        self._size += 1 << level
        while self._subtrees and self._subtrees[-1].level == level:
            digest = node_hash(self._subtrees.pop().hash, digest)
            level += 1
        self._subtrees.append(Subtree(level, digest))

    def append_range(self, subtrees: Iterable[tuple[int, bytes]]) -> None:
        """Add the leaves of a range that was made apart: the `subtrees` of another `CompactRange`,
        or those of `range_subtrees` for leaves that follow the ones so far.

        Raises ValueError where the number of leaves so far is no multiple of a subtree's.
        """
        for level, digest in subtrees:
            self.append_subtree(level, digest)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add many leaves, all of them in memory."""
        self.append_range(range_subtrees(self._size, leaves))

    def root(self) -> bytes:
        """The root of the tree over all leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        digest = self._subtrees[-1].hash
        for subtree in reversed(self._subtrees[:-1]):
            digest = node_hash(subtree.hash, digest)
        return digest


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over these leaves, all of them in memory."""
    level = [*leaves]
    if any(len(leaf) != HASH_BYTES for leaf in level):
        raise ValueError(f"a hash has {HASH_BYTES} bytes")
    while len(level) > 1:
        level = _parents(level)
    return level[0] if level else EMPTY_ROOT


def range_subtrees(start: int, leaves: Iterable[bytes]) -> list[Subtree]:
    """The perfect subtrees that leaves fall into which follow `start` others, from left to right.

    So leaves that are hashed apart can be joined to a tree whose own leaves nobody has here.

    >>> leaves = leaf_hashes([b"a", b"b", b"c", b"d"])
    >>> [subtree.level for subtree in range_subtrees(1, leaves)]
    [0, 1, 0]
    """
    nodes, level = [*leaves], 0
    before, after = list[Subtree](), list[Subtree]()
    while nodes:
        if start & 1:  # a right child, whose left one stands before the range
            before.append(Subtree(level, nodes.pop(0)))
        if len(nodes) & 1:
            after.append(Subtree(level, nodes.pop()))
        nodes = _parents(nodes)
        start, level = (start + 1) >> 1, level + 1
    return before + after[::-1]


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """The level above. A last node without a sibling moves up as it is: RFC 6962 splits at the
    largest power of two, so such a node is the root of a smaller tree on the right."""
    pairs = iter(level)
    parents = [
        sha256(NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
    ]
    if len(level) % 2:
        parents.append(level[-1])
    return parents


def inclusion_proofs(
    leaves: Sequence[bytes], indices: Sequence[int], size: int | None = None
) -> list[list[bytes]]:
    """Per index the hashes that lead from that leaf to the root of the first `size` leaves.

    All in one pass over the tree (RFC 6962, 2.1.1). Raises ValueError for an index outside.
    """
    level = leaves if size is None else leaves[:size]
    if len(level) != (len(leaves) if size is None else size):
        raise ValueError(f"there are only {len(leaves)} leaves, not {size}")
    if outside := [index for index in indices if not 0 <= index < len(level)]:
        raise ValueError(f"no leaf {outside[0]} among {len(level)}")
    proofs: list[list[bytes]] = [[] for _ in indices]
    places = list(indices)
    while len(level) > 1:
        for proof, place in zip(proofs, places, strict=True):
            if place ^ 1 < len(level):
                proof.append(level[place ^ 1])
        places = [place >> 1 for place in places]
        level = _parents(level)
    return proofs


def inclusion_proof(leaves: Sequence[bytes], index: int, size: int | None = None) -> list[bytes]:
    """`inclusion_proofs` for a single leaf."""
    return inclusion_proofs(leaves, [index], size)[0]


def consistency_proof(leaves: Sequence[bytes], old: int, new: int | None = None) -> list[bytes]:
    """The hashes that show that the tree of `new` leaves begins with that of the first `old`.

    RFC 6962, 2.1.2. Empty if `old` is 0 or equals `new`. Raises ValueError for sizes outside.
    """
    new = len(leaves) if new is None else new
    if not 0 <= old <= new <= len(leaves):
        raise ValueError(f"no tree of {old} leaves within {new} of {len(leaves)} leaves")
    if old in {0, new}:
        return []
    proof: list[bytes] = []
    start, end, is_old_root = 0, new, True
    while old != end:
        middle = start + _largest_power_below(end - start)
        if old <= middle:
            proof.append(root(leaves[middle:end]))
            end = middle
        else:
            proof.append(root(leaves[start:middle]))
            start, is_old_root = middle, False
    if not is_old_root:  # otherwise it is the old root, which whoever verifies has
        proof.append(root(leaves[start:end]))
    return proof[::-1]


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Is this leaf hash number `index` of the tree with `size` leaves and the root `expected`?

    The algorithm of RFC 9162, 2.1.3.2; variables are called as there.
    """
    if not 0 <= index < size or not _are_hashes(leaf, expected, *proof):
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == expected


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Does the tree with the new size and root begin with all leaves of the old one?

    The algorithm of RFC 9162, 2.1.4.2; variables are called as there. The cases that it leaves
    out: the empty tree is the beginning of every tree, and a tree that of itself.
    """
    if not 0 <= old_size <= new_size or not _are_hashes(old_root, new_root, *proof):
        return False
    if old_size in {0, new_size}:
        expected = new_root if old_size == new_size else EMPTY_ROOT
        return not proof and old_root == expected and (new_size > 0 or new_root == EMPTY_ROOT)
    if not proof:
        return False
    is_power_of_two = old_size & (old_size - 1) == 0
    path = [old_root, *proof] if is_power_of_two else [*proof]
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
