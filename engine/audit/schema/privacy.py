"""The tables of what is personal: salts and openings, which can be destroyed, and their traces.

Everything else that is stored names a personal value by a token, which is a commitment to it
(see `engine.plan.sql.sealing`). A token opens by its row here, or by the row of the account in
personal.parquet of its run; it can be made anew only with the salt of its account.
"""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """
CREATE TABLE salts (
  -- The secret of each account by which its personal values are sealed. Without it nobody can
  -- try values against a token. `kam forget` destroys it.
  account_id TEXT NOT NULL PRIMARY KEY,
  salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE sealed_values (
  -- What the tokens in lines of the log, in decisions and in actions stand for, until it is
  -- forgotten or expires.
  token TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  fact_column TEXT NOT NULL,        -- its column in facts.parquet
  type TEXT NOT NULL,
  value TEXT NOT NULL,
  last_run_no INTEGER NOT NULL      -- the last run that wrote the token
) STRICT, WITHOUT ROWID
""",
    "CREATE INDEX sealed_values_account ON sealed_values (account_id)",
    "CREATE INDEX sealed_values_run ON sealed_values (last_run_no)",
    """
CREATE TABLE column_classes (
  -- Who may read a value in evidence, run by run; what is not here is internal.
  run_no INTEGER NOT NULL REFERENCES runs,
  policy_no INTEGER NOT NULL REFERENCES policy_versions,
  name TEXT NOT NULL,               -- as the pack names it
  class TEXT NOT NULL CHECK (class IN ('public', 'confidential', 'personal')),
  PRIMARY KEY (policy_no, run_no, name)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE forgettings (
  -- That the personal values of an account were destroyed, and why. What they were is gone.
  forgetting_no INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  forgotten_at TEXT NOT NULL,       -- UTC
  said_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  values_destroyed INTEGER NOT NULL,
  last_run_no INTEGER NOT NULL      -- in this run and all before it
) STRICT
""",
    """
CREATE TABLE forgettings_logged (
  -- The run whose log has the line of it.
  forgetting_no INTEGER PRIMARY KEY REFERENCES forgettings,
  run_no INTEGER NOT NULL REFERENCES runs
) STRICT
""",
    """
CREATE TABLE forgettings_unfinished (
  -- Those whose values may still stand in files: the next run, or `kam forget`, goes on.
  forgetting_no INTEGER PRIMARY KEY REFERENCES forgettings
) STRICT
""",
    """
CREATE TABLE expired_files (
  -- Files of runs that were removed because their time was over (`privacy:` in kam.yaml).
  run_no INTEGER NOT NULL REFERENCES runs,
  file TEXT NOT NULL,
  expired_on TEXT NOT NULL,         -- the as-of date of the run that removed it
  PRIMARY KEY (run_no, file)
) STRICT, WITHOUT ROWID
""",
)

APPEND_ONLY: tuple[str, ...] = (
    "column_classes",
    "forgettings",
    "forgettings_logged",
    "expired_files",
)

KINDS: tuple[str, ...] = ("account_forgotten", "values_expired")
"""The kinds of line that came with these tables."""
