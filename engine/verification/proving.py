"""`kam prove`: proofs that a third party checks with the public key and no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from engine.audit.choosing import unknown_run
from engine.audit.failures import store_errors
from engine.audit.leaves import (
    Leaf,
    LineLeaves,
    Salt,
    store_salt,
)
from engine.audit.manifest import MANIFEST_FILE
from engine.audit.parquet_leaves import decision_hashes, decision_leaves
from engine.audit.store import Run, Store, open_store
from engine.errors import problem
from engine.evidence.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
)
from engine.evidence.proof_documents import (
    ConsistencyProof,
    InclusionProof,
    ProvenLeaf,
    RunLeaf,
    RunProof,
)
from engine.model import Classification
from engine.verification.checkpoint_chain import Recorded, read_chain
from engine.verification.event_proofs import (
    event_hashes,
    event_leaves,
    event_leaves_of,
    first_leaf,
)
from engine.verification.findings import Findings
from engine.verification.openings import Openings


def prove_inclusion(
    folder: Path, account: str, run_id: str, reader: Classification | None
) -> InclusionProof:
    """A proof of everything that a run decided and said about an account.

    It also shows the values that a line saw, if a reader of the class `reader` may read all of
    them; else, and without a reader, their commitment alone.
    Raises `KamError`: ``unknown-run``, ``unknown-account``, ``run-altered``.
    """
    with _opened(folder, run_id) as (store, database, chain, position):
        one = chain[position]
        places, leaves = _leaves_of(store, database, one, account)
        if not places:
            raise problem(
                "unknown-account",
                f"run {run_id} decided and said nothing about '{account}'",
                hint="kam accounts TEXT finds one by name",
            )
        hashes = _hashes(store, database, one)
        _require_root(one, hashes)
        proofs = inclusion_proofs(hashes, places)
        opening = Openings(store, one.run, reader)
        return InclusionProof(
            run=run_id,
            entries=[
                ProvenLeaf(leaf.content.decode(), place, proof, opening.of(leaf))
                for leaf, place, proof in zip(leaves, places, proofs, strict=True)
            ],
            run_size=len(hashes),
            run_root=bytes.fromhex(one.root),
            run_entry=_entry(chain, position),
            checkpoint=chain[-1].note,
        )


def prove_run(folder: Path, run_id: str, reader: Classification | None) -> RunProof:
    """Every leaf of a run, in order: that nothing was left out is proven with it.

    The manifest, which holds the totals of the book, is shown by its hash alone; the values that
    lines saw as in `prove_inclusion`.
    Raises `KamError`: ``unknown-run``, ``run-altered``.
    """
    with _opened(folder, run_id) as (store, database, chain, position):
        one = chain[position]
        manifest = _first_leaf(store, one)
        leaves = _all_leaves(store, database, one)
        hashes = [leaf_hash(manifest), *(leaf_hash(leaf.content) for leaf in leaves)]
        _require_root(one, hashes)
        opening = Openings(store, one.run, reader)
        return RunProof(
            run=run_id,
            leaves=[
                RunLeaf(hashes[0]),
                *(RunLeaf(leaf.content.decode(), opening.of(leaf)) for leaf in leaves),
            ],
            run_entry=_entry(chain, position),
            checkpoint=chain[-1].note,
        )


@contextmanager
def _opened(
    folder: Path, run_id: str
) -> Iterator[tuple[Store, duckdb.DuckDBPyConnection, list[Recorded], int]]:
    """The store, a database for its files, every recorded run, and the place of `run_id` there."""
    with (
        open_store(folder, create=False, read_only=True) as store,
        store_errors(folder),
        duckdb.connect() as database,
    ):
        chain = _chain(store)
        position, _ = _position(chain, run_id)
        yield store, database, chain, position


def _entry(chain: Sequence[Recorded], position: int) -> ProvenLeaf:
    """The entry of a run within the tree over all runs."""
    entries = [leaf_hash(each.entry.encode()) for each in chain]
    return ProvenLeaf(chain[position].entry, position, inclusion_proof(entries, position))


def _all_leaves(store: Store, database: duckdb.DuckDBPyConnection, one: Recorded) -> list[Leaf]:
    connection, run = store.connection, one.run
    lines = LineLeaves(connection, Salt(store_salt(connection), run.run_id))
    file = run.path / "decisions.parquet"
    first = _first_action(store, one)
    if run.kind == "event":
        return event_leaves(connection, one, first)
    return [
        *decision_leaves(database, file, lines.salt, range(one.counts["decisions"])),
        *lines.log_leaves(run.first_seq, run.last_seq),
        *lines.action_leaves(first, first + one.counts["actions"] - 1),
    ]


def prove_consistency(folder: Path, old: str, new: str) -> ConsistencyProof:
    """A proof that the log of run `new` goes on from that of run `old`.

    Raises `KamError`: ``unknown-run``, ``runs-in-reverse``.
    """
    with open_store(folder, create=False, read_only=True) as store, store_errors(folder):
        chain = _chain(store)
    (first, before), (second, after) = _position(chain, old), _position(chain, new)
    if first > second:
        raise problem(
            "runs-in-reverse",
            f"run {old} was recorded after run {new}",
            hint="name the earlier run first",
        )
    entries = [leaf_hash(each.entry.encode()) for each in chain]
    proof = consistency_proof(entries, first + 1, second + 1)
    return ConsistencyProof(before.note, after.note, proof)


def checkpoint_note(folder: Path, run_id: str | None = None) -> str:
    """The checkpoint of a run (the last one), to be kept where nobody here can reach it."""
    with open_store(folder, create=False, read_only=True) as store, store_errors(folder):
        chain = _chain(store)
    return chain[-1].note if run_id is None else _position(chain, run_id)[1].note


def _chain(store: Store) -> list[Recorded]:
    runs = sorted(store.every_run(), key=lambda run: run.run_no)
    chain = read_chain(store.connection, runs, Findings())
    if not chain:
        raise problem("no-run", "the store holds no checkpoint yet", hint="run the night: kam run")
    return chain


def _position(chain: Sequence[Recorded], run_id: str) -> tuple[int, Recorded]:
    for position, one in enumerate(chain):
        if one.run.run_id == run_id:
            return position, one
    raise unknown_run(run_id)


def _leaves_of(
    store: Store, database: duckdb.DuckDBPyConnection, one: Recorded, account: str
) -> tuple[list[int], list[Leaf]]:
    """The account's leaves and their places among all leaves of the run."""
    connection, run = store.connection, one.run
    if run.kind == "event":
        return event_leaves_of(connection, one, _first_action(store, one), account)
    lines = LineLeaves(connection, Salt(store_salt(connection), run.run_id))
    file = run.path / "decisions.parquet"
    rows = [
        row
        for (row,) in database.execute(
            "SELECT file_row_number FROM read_parquet($path, file_row_number = true) "
            "WHERE account_id = $account ORDER BY 1",
            {"path": str(file), "account": account},
        ).fetchall()
    ]
    seqs = connection.execute(
        "SELECT seq FROM decision_log WHERE account_id = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        (account, run.first_seq, run.last_seq),
    ).fetchall()
    first = _first_action(store, one)
    actions = connection.execute(
        "SELECT action_no FROM actions WHERE account_id = ? AND action_no BETWEEN ? AND ? "
        "ORDER BY action_no",
        (account, first, first + one.counts["actions"] - 1),
    ).fetchall()
    after_decisions = 1 + one.counts["decisions"]
    after_log = after_decisions + one.counts["log"]
    places = [
        *(1 + row for row in rows),
        *(after_decisions + seq - run.first_seq for (seq,) in seqs),
        *(after_log + number - first for (number,) in actions),
    ]
    leaves = [
        *(decision_leaves(database, file, lines.salt, rows) if rows else ()),
        *(lines.log_leaf(seq) for (seq,) in seqs),
        *(lines.action_leaf(number) for (number,) in actions),
    ]
    return places, leaves


def _hashes(store: Store, database: duckdb.DuckDBPyConnection, one: Recorded) -> list[bytes]:
    """Every leaf of the run."""
    connection, run = store.connection, one.run
    first = _first_action(store, one)
    if run.kind == "event":
        return event_hashes(connection, one, first)
    lines = LineLeaves(connection, Salt(store_salt(connection), run.run_id))
    hashes = [leaf_hash(_first_leaf(store, one))]
    for batch in decision_hashes(database, run.path / "decisions.parquet", lines.salt):
        hashes += batch
    for batch in lines.log(run.first_seq, run.last_seq):
        hashes += batch
    for batch in lines.actions(first, first + one.counts["actions"] - 1):
        hashes += batch
    return hashes


def _first_leaf(store: Store, one: Recorded) -> bytes:
    if one.run.kind == "event":
        return first_leaf(store.connection, one)
    return (one.run.path / MANIFEST_FILE).read_bytes()


def _first_action(store: Store, one: Recorded) -> int:
    """Actions are numbered one after another, run by run."""
    ((first,),) = store.connection.execute(
        "SELECT coalesce(sum(actions), 0) + 1 FROM runs WHERE run_no < ?", [one.run.run_no]
    ).fetchall()
    return int(first)


def _require_root(one: Recorded, hashes: Sequence[bytes]) -> None:
    tree = CompactRange()
    tree.extend(hashes)
    if tree.root().hex() != one.root:
        raise problem(
            "run-altered",
            f"run {one.run.run_id} no longer hashes to what it recorded: nothing can be proven "
            "of it",
            hint="kam verify says what has changed",
        )


def last_run(folder: Path) -> Run:
    """The last run of the store. Raises `KamError` ``no-run``."""
    with open_store(folder, create=False, read_only=True) as store:
        run = store.last_run()
    if run is None:
        raise problem("no-run", "the store holds no run yet", hint="run the night: kam run")
    return run
