"""manifest.json: the hashes and counts by which a run can be checked.

Canonical JSON (sorted keys, no spaces that mean nothing, UTF-8), so that equal runs have
equal manifests; the times of a run stand in the database and not here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.audit.failures import store_errors
from engine.audit.records import KeptFile, PolicyRecord, SourceRecord

MANIFEST_FILE = "manifest.json"
MANIFEST_FORM = 2
"""Runs of version 0.2 have manifests of form 1: the texts stand in ``workspace``, and there are
no inputs."""
NIGHT_INPUTS: tuple[str, ...] = (
    *("cadence_counts", "owners", "quarantine", "set_aside", "team_coverage", "timed_records"),
)
"""The relations that a night reads beside its facts; each is kept under ``inputs/``."""
DATA_FILES: tuple[str, ...] = (
    "decisions.parquet",
    "facts.parquet",
    *(f"inputs/{name}.parquet" for name in NIGHT_INPUTS),
    "obligations.parquet",
)


@dataclass(frozen=True)
class Manifest:
    """What the manifest says beside the hashes of the data files.

    `statistics` are the numbers of the population that the plan used (totals, cut-offs),
    by name; `counts` is free in shape; `texts` are kam.yaml, facts.yaml and what else people
    wrote beside the policies, and what the calendar said, which the store keeps by their hashes.
    `scopes` are the measures beyond the account: {pack: {scope: {entity: {measure: value}}}}.
    `libraries` are those whose version the bytes of the data files depend on.
    """

    run_id: str
    as_of: date
    engine_version: str
    plan_hash: str
    facts_fingerprint: str
    previous_run: str | None
    policies: Sequence[PolicyRecord]
    sources: Sequence[SourceRecord]
    counts: Mapping[str, Any]
    statistics: Mapping[str, Any]
    texts: Sequence[KeptFile] = ()
    scopes: Mapping[str, Any] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Writes manifest.json into `folder`, which holds the data files; returns its SHA-256."""
    with store_errors(folder):
        document = {
            "manifest": MANIFEST_FORM,
            "run": manifest.run_id,
            "as_of": manifest.as_of,
            "engine_version": manifest.engine_version,
            "plan_hash": manifest.plan_hash,
            "facts_fingerprint": manifest.facts_fingerprint,
            "previous_run": manifest.previous_run,
            "policies": [_policy(policy) for policy in manifest.policies],
            "sources": [asdict(source) for source in manifest.sources],
            "files": {name: _file(folder / name) for name in DATA_FILES},
            "counts": manifest.counts,
            "statistics": manifest.statistics,
            "scopes": manifest.scopes,
            "texts": [_text(file) for file in manifest.texts],
            "libraries": manifest.libraries,
        }
        content = canonical_json(document).encode() + b"\n"
        (folder / MANIFEST_FILE).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def canonical_json(value: object) -> str:
    """One text for equal values. Decimals become numbers; NaN and infinity raise.

    >>> canonical_json({"b": Decimal("1.50"), "a": date(2026, 6, 30)})
    '{"a":"2026-06-30","b":1.5}'
    """
    return json.dumps(
        value,
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
        default=_plain,
    )


def sha256_of_file(path: Path) -> str:
    """Of the bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _policy(policy: PolicyRecord) -> dict[str, object]:
    return {
        "pack": policy.pack,
        "version": policy.version,
        "hash": policy.policy_hash,
        "files": {file.path: file.sha256 for file in policy.files},
    }


def _text(file: KeptFile) -> dict[str, object]:
    return {"role": file.role, "path": file.path, "sha256": file.sha256}


def _file(path: Path) -> dict[str, object]:
    return {"sha256": sha256_of_file(path), "bytes": path.stat().st_size}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        # A double holds 15 digits exactly; a longer amount keeps its digits as a text.
        return float(value) if len(value.as_tuple().digits) <= 15 else str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
