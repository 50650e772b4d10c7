"""Which policies and texts a night has read: the tables of kam.db against its manifest.

The manifest is the first leaf of the night's tree; its files are checked elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from engine.audit.manifest import MANIFEST_FORM
from engine.audit.store import Run
from engine.verification.findings import Findings

_POLICIES = """
SELECT p.pack, p.version, p.policy_hash, p.policy_no
FROM run_policies AS x LEFT JOIN policy_versions AS p USING (policy_no)
WHERE x.run_no = ? ORDER BY p.pack
"""
_FILES = """
SELECT v.path, v.sha256, f.sha256 IS NOT NULL
FROM policy_version_files AS v LEFT JOIN policy_files AS f USING (sha256)
WHERE v.policy_no = ?
"""
_TEXTS = """
SELECT t.role, t.path, t.sha256, f.sha256 IS NOT NULL
FROM run_files AS t LEFT JOIN policy_files AS f USING (sha256)
WHERE t.run_no = ? ORDER BY t.role, t.path
"""


class KeptPolicies:
    """Checks the nights of a store one after another; a version of a policy once."""

    def __init__(self, connection: sqlite3.Connection, findings: Findings) -> None:
        self.connection = connection
        self.findings = findings
        self._files: dict[int, Mapping[str, str]] = {}
        self._named: set[object] = set()

    def check(self, run: Run, manifest: Mapping[str, Any]) -> None:
        """Row, policies and texts of a night."""
        self._check_row(run, manifest)
        self._check_policies(run, manifest)
        if manifest["manifest"] == MANIFEST_FORM:  # an earlier form has no texts
            self._check_texts(run, manifest)

    def _check_row(self, run: Run, manifest: Mapping[str, Any]) -> None:
        for name in ("plan_hash", "facts_fingerprint", "previous_run", "counts"):
            if name in manifest and getattr(run, name) != manifest[name]:
                self.findings.add(
                    "run-altered",
                    run.run_id,
                    f"'{name}' of the run is not what its manifest says",
                )

    def _check_policies(self, run: Run, manifest: Mapping[str, Any]) -> None:
        rows = self.connection.execute(_POLICIES, (run.run_no,)).fetchall()
        wanted = sorted((one["pack"], one["version"], one["hash"]) for one in manifest["policies"])
        if [row[:3] for row in rows] != wanted:
            self.findings.add(
                "policies-altered", run.run_id, "its policies are not those of its manifest"
            )
            return
        files = {one["pack"]: one["files"] for one in manifest["policies"]}
        for pack, version, _, number in rows:
            if number not in self._files:
                self._files[number] = self._files_of(run, f"{pack} {version}", number)
            if self._files[number] != files[pack] and self._is_first(number):
                self.findings.add(
                    "policies-altered",
                    run.run_id,
                    f"the kept files of {pack} {version} are not those of its manifest",
                )

    def _files_of(self, run: Run, policy: str, number: int) -> Mapping[str, str]:
        found = {}
        for path, digest, is_kept in self.connection.execute(_FILES, (number,)):
            found[path] = digest
            if not is_kept:
                self._gone(run, f"{path} of {policy}", digest)
        return found

    def _check_texts(self, run: Run, manifest: Mapping[str, Any]) -> None:
        rows = self.connection.execute(_TEXTS, (run.run_no,)).fetchall()
        wanted = sorted((one["role"], one["path"], one["sha256"]) for one in manifest["texts"])
        if [row[:3] for row in rows] != wanted:
            message = "the texts that it read are not those of its manifest"
            self.findings.add("texts-altered", run.run_id, message)
        for _, path, digest, is_kept in rows:
            if not is_kept:
                self._gone(run, path, digest)

    def _gone(self, run: Run, what: str, digest: str) -> None:
        if self._is_first(digest):
            message = f"the text of {what} is gone: no kept file {digest}"
            self.findings.add("kept-file-missing", run.run_id, message)

    def _is_first(self, what: object) -> bool:
        """What many nights have read is named with the first of them."""
        is_first = what not in self._named
        self._named.add(what)
        return is_first
