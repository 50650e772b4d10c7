"""The chain of checkpoints: entries, the tree over them, notes and signatures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.audit.attesting import note_hash
from engine.audit.store import Run
from engine.errors import KamError
from engine.evidence.canonical import canonical
from engine.evidence.checkpoints import Checkpoint
from engine.evidence.merkle import CompactRange, leaf_hash
from engine.evidence.notes import Verifier, open_note, parse_note
from engine.verification.findings import Findings


@dataclass(frozen=True)
class Recorded:
    """A row of ``checkpoints``, with its run; `entry` is the text, `said` what it says."""

    run: Run
    counts: Mapping[str, int]
    root: str
    entry: str
    note: str
    said: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The note without its signatures."""
        text, separator, _ = self.note.partition("\n\n")
        return f"{text}\n" if separator else self.note


def read_chain(
    connection: sqlite3.Connection, runs: Sequence[Run], findings: Findings
) -> list[Recorded]:
    """The checkpoints of the runs, in order; runs that have none are named."""
    rows = {
        number: rest
        for number, *rest in connection.execute(
            "SELECT run_no, decisions, log_lines, actions, root, entry, note FROM checkpoints"
        )
    }
    chain: list[Recorded] = []
    unattested = []
    for run in runs:
        row = rows.pop(run.run_no, None)
        if row is not None:
            decisions, log_lines, actions, root, entry, note = row
            counts = {"decisions": decisions, "log": log_lines, "actions": actions}
            chain.append(Recorded(run, counts, root, entry, note, _said(run, entry, findings)))
        elif chain:
            findings.add("checkpoint-missing", run.run_id, "the run has no checkpoint")
        else:
            unattested.append(run.run_id)
    for number in sorted(rows):
        findings.add("checkpoint-without-run", None, f"checkpoint {number} belongs to no run")
    if unattested:
        findings.notes.append(
            f"{len(unattested)} runs up to {unattested[-1]} were recorded by a version of kam "
            "that wrote no checkpoints: of them only the files can be checked"
        )
    return chain


def _said(run: Run, entry: str, findings: Findings) -> Mapping[str, Any]:
    try:
        said = json.loads(entry)
        if isinstance(said, dict) and canonical(said) == entry.encode():
            return said
    except (ValueError, KamError):
        pass
    findings.add("entry-altered", run.run_id, "the entry of its checkpoint is not canonical JSON")
    return {}


def check_chain(
    chain: Sequence[Recorded], verifiers: Sequence[Verifier], findings: Findings
) -> tuple[str, ...]:
    """Checks entries against runs, notes against the tree, and the signatures.

    Returns the trusted names that signed the last checkpoint, which vouches for all before it.
    """
    tree, previous = CompactRange(), None
    signed_by: tuple[str, ...] = ()
    for one in chain:
        tree.append(leaf_hash(one.entry.encode()))
        _check_entry(one, previous, findings)
        _check_note(one, tree, findings)
        signed_by = _signers(one, verifiers, findings)
        previous = one.note
    if chain and verifiers and not signed_by:
        findings.add(
            "checkpoint-unsigned",
            chain[-1].run.run_id,
            "no trusted key has signed the last checkpoint",
        )
    if chain and not signed_by and not verifiers:
        findings.notes.append(
            "no key was given: that the log agrees with itself is checked, not who wrote it "
            "(kam verify --key KEY)"
        )
    return signed_by


def _check_entry(one: Recorded, previous: str | None, findings: Findings) -> None:
    run = one.run
    wanted: dict[str, object] = {
        "run": run.run_id,
        "as_of": run.as_of.isoformat(),
        "engine": run.engine_version,
        "manifest": run.manifest_sha256,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": run.finished_at.isoformat(timespec="seconds"),
        "leaves": {"manifest": 1, **one.counts},
        "size": 1 + sum(one.counts.values()),
        "root": one.root,
        "previous": None if previous is None else note_hash(previous),
        "kind": None if run.kind == "night" else run.kind,  # an entry of a night does not say it
    }
    if run.actions != one.counts["actions"]:
        message = f"it emitted {one.counts['actions']} actions, its row says {run.actions}"
        findings.add("run-altered", run.run_id, message)
    for name, value in wanted.items():
        if one.said and one.said.get(name) != value:
            findings.add(
                "run-altered",
                run.run_id,
                f"'{name}' of the run is {value}, its checkpoint says {one.said.get(name)}",
            )


def _check_note(one: Recorded, tree: CompactRange, findings: Findings) -> None:
    try:
        checkpoint = Checkpoint.parse(one.text)
    except KamError as error:
        findings.add("checkpoint-altered", one.run.run_id, error.problems[0].message)
        return
    if (checkpoint.size, checkpoint.root) != (tree.size, tree.root()):
        findings.add(
            "checkpoint-altered",
            one.run.run_id,
            f"the checkpoint is over {checkpoint.size} runs and not the head of the "
            f"{tree.size} runs up to here",
        )


def _signers(one: Recorded, verifiers: Sequence[Verifier], findings: Findings) -> tuple[str, ...]:
    if "\n\n" not in one.note:
        return ()
    try:
        if not verifiers:
            parse_note(one.note)
            return ()
        return open_note(one.note, verifiers).names
    except KamError as error:
        found = error.problems[0]
        if found.code == "note-without-trusted-signature":
            named = ", ".join(str(verifier) for verifier in verifiers)
            findings.add(
                "signature-untrusted",
                one.run.run_id,
                f"the checkpoint is signed by another key than {named}",
            )
        else:
            findings.add("signature-wrong", one.run.run_id, found.message)
        return ()


def check_witness(
    chain: Sequence[Recorded], note: str, verifiers: Sequence[Verifier], findings: Findings
) -> None:
    """Checks that the log goes on from a checkpoint that somebody kept elsewhere.

    Raises `KamError` if `note` is no checkpoint, or not signed by a trusted key.
    """
    if verifiers:
        text = open_note(note, verifiers).text
    else:
        text = parse_note(note).text if "\n\n" in note else note
    kept = Checkpoint.parse(text)
    if kept.size > len(chain):
        findings.add(
            "log-cut-off",
            None,
            f"the checkpoint that was given covers {kept.size} runs, and the store has "
            f"{len(chain)}: its end has been cut off",
        )
        return
    tree = CompactRange()
    for one in chain[: kept.size]:
        tree.append(leaf_hash(one.entry.encode()))
    if kept.root != tree.root():
        findings.add(
            "log-rewritten",
            None,
            f"the first {kept.size} runs are not those of the checkpoint that was given",
        )
