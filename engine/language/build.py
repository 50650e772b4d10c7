"""Puts the elements of all files of a pack together, and keeps their ids apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Location, Problem
from engine.language.build_measures import (
    build_account_column,
    build_measure,
    build_record,
    build_scorecard,
)
from engine.language.build_pack import (
    Head,
    build_clause,
    build_engine_feature,
    build_head,
    build_not_implemented,
    build_parameter,
    build_role,
)
from engine.language.build_rules import build_action, build_milestone, build_warning
from engine.language.build_tiers import build_entitlement, build_tiers
from engine.language.conditions import Report
from engine.language.documents import Document, Node, Path
from engine.model import Policy, PolicyFile, RecordType, TierScheme, Title, Vocabulary

BuildElement = Callable[[Node, Report], Any]

SECTIONS: Mapping[str, tuple[str, str, BuildElement]] = {
    "parameters": ("parameters", "parameter", build_parameter),
    "roles": ("roles", "role", build_role),
    "measures": ("measures", "measure", build_measure),
    "scorecards": ("scorecards", "scorecard", build_scorecard),
    "entitlements": ("entitlements", "entitlement", build_entitlement),
    "milestones": ("milestones", "milestone", build_milestone),
    "warnings": ("warnings", "warning", build_warning),
    "actions": ("actions", "action", build_action),
    "clauses": ("clauses", "clause", build_clause),
    "not_implemented": ("excuses", "clause", build_not_implemented),
    "engine_features": ("excuses", "clause", build_engine_feature),
}
"""Section → the field of `Policy`, what one element is called, and what builds it."""


@dataclass(frozen=True)
class SourceFile:
    """A file of a pack, with the paths in it that the schema has found fault with."""

    document: Document
    spoilt: frozenset[Path] = frozenset()

    def sound(self, node: Node) -> bool:
        """Whether an element can be built: nothing in it, nor around it, is at fault."""
        path = node.path
        return not any(
            fault[: len(path)] == path or path[: len(fault)] == fault for fault in self.spoilt
        )


@dataclass
class Assembly:
    """The elements of a pack while its files are being built, by field of `Policy`."""

    problems: list[Problem] = field(default_factory=list)
    elements: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    records: dict[str, RecordType] = field(default_factory=dict)
    tiers: TierScheme | None = None
    head: Head | None = None
    location: Location | None = None

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)

    def add(self, into: dict[str, Any], key: str, kind: str, element: Any) -> None:
        first = into.setdefault(key, element)
        if first is not element:
            self.report(Problem(
                "duplicate-id",
                f"the {kind} '{key}' is already at {first.location}",
                element.location,
                "give one of the two another id, or remove it",
            ))  # fmt: skip


def build_policy(sources: Sequence[SourceFile]) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy that the files hold, the pack's own `pack.yaml` first.

    The policy is None if there is no sound `pack:` section; with any problem it is not to
    be used, because what is at fault is left out of it.
    """
    assembly = Assembly()
    for source in sources:
        build_file(source, assembly)
    if assembly.head is None or assembly.location is None:
        return None, tuple(assembly.problems)
    files = policy_files(source.document for source in sources)
    found = assembly.elements
    head = assembly.head
    policy = Policy(
        id=head.id,
        title=head.title,
        version=head.version,
        effective_from=head.effective_from,
        effective_to=head.effective_to,
        owner=head.owner,
        document=head.document,
        location=assembly.location,
        parameters=found.get("parameters", {}),
        roles=found.get("roles", {}),
        vocabulary=Vocabulary(assembly.accounts, assembly.records),
        measures=found.get("measures", {}),
        scorecards=found.get("scorecards", {}),
        tiers=assembly.tiers,
        entitlements=found.get("entitlements", {}),
        milestones=found.get("milestones", {}),
        warnings=found.get("warnings", {}),
        actions=found.get("actions", {}),
        clauses=found.get("clauses", {}),
        excuses=found.get("excuses", {}),
        files=files,
        hash=hash_files(files),
    )
    return policy, tuple(assembly.problems)


def build_file(source: SourceFile, assembly: Assembly) -> None:
    root = source.document.root
    for section in root.entries():
        if section.key == "pack" and source.sound(section):
            assembly.head = build_head(section, assembly.report)
            assembly.location = section.location
        elif section.key == "tiers":
            build_scheme(source, section, assembly)
        elif section.key == "vocabulary":
            build_vocabulary(source, section, assembly)
        elif section.key in SECTIONS and isinstance(section.value, dict):
            name, kind, build = SECTIONS[section.key]
            into = assembly.elements.setdefault(name, {})
            for node in section.entries():
                if source.sound(node):
                    assembly.add(into, node.key, kind, build(node, assembly.report))


def build_scheme(source: SourceFile, section: Node, assembly: Assembly) -> None:
    if not source.sound(section):
        return
    scheme = build_tiers(section, assembly.report)
    if assembly.tiers is not None:
        message = f"the pack already has tiers at {assembly.tiers.location}"
        assembly.report(Problem("duplicate-section", message, section.location))
        return
    assembly.tiers = scheme


def build_vocabulary(source: SourceFile, section: Node, assembly: Assembly) -> None:
    if not isinstance(section.value, dict):
        return
    for part, kind in (("accounts", "account column"), ("records", "record table")):
        if not isinstance(section.value.get(part, {}), dict):
            continue
        for node in section.entries(part):
            if not source.sound(node):
                continue
            if part == "records":
                add_record(build_record(node, assembly.report), assembly)
            else:
                column = build_account_column(node, assembly.report)
                assembly.add(assembly.accounts, node.key, kind, column)


def add_record(record: RecordType, assembly: Assembly) -> None:
    """Add a record table; a second file may add columns to it, but not change it."""
    first = assembly.records.get(record.name)
    if first is None:
        assembly.records[record.name] = record
        return
    if record.time not in (None, first.time):
        message = f"'{record.name}' is already dated by '{first.time}' at {first.location}"
        assembly.report(Problem("duplicate-id", message, record.location, "leave out 'time'"))
    columns: dict[str, Any] = dict(first.columns)
    for name, column in record.columns.items():
        assembly.add(columns, name, f"column of '{record.name}'", column)
    title: Title | None = first.title or record.title
    assembly.records[record.name] = RecordType(
        first.name, title, first.time, columns, first.location
    )


def policy_files(documents: Iterable[Document]) -> tuple[PolicyFile, ...]:
    """The files with their hashes, in order of path."""
    files = {
        document.path: PolicyFile(
            document.path, hashlib.sha256(document.content).hexdigest(), document.content
        )
        for document in documents
    }
    return tuple(files[path] for path in sorted(files))


def hash_files(files: Iterable[PolicyFile]) -> str:
    """SHA-256 over lines of path, NUL and the file's own hash, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path):
        digest.update(f"{file.path}\0{file.sha256}\n".encode())
    return digest.hexdigest()
