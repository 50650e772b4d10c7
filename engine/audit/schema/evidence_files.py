"""The tables of what a run read: every text by its hash, so that the run can be done again."""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """
CREATE TABLE run_files (
  -- The texts that a run read beside its policies. Their bytes stand in policy_files, which
  -- keeps every text of every run once, by its hash; run_policies leads to those of the policies.
  run_no INTEGER NOT NULL REFERENCES runs,
  role TEXT NOT NULL,               -- workspace, catalog, overrides, company_calendar or calendar
  path TEXT NOT NULL,               -- in the workspace; calendar: what the calendar said, as JSON
  sha256 TEXT NOT NULL REFERENCES policy_files,
  PRIMARY KEY (run_no, role, path)
) STRICT, WITHOUT ROWID
""",
)

APPEND_ONLY: tuple[str, ...] = ("run_files",)
