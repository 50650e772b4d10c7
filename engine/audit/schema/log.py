"""The tables of runs, of the policies that decided, of the decision log and of actions."""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """
CREATE TABLE log_kinds (
  -- The closed list of what a line of the decision log can say.
  kind TEXT NOT NULL PRIMARY KEY,
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE policy_files (
  -- Every file of every policy version that ever decided, by the hash of its bytes.
  sha256 TEXT NOT NULL PRIMARY KEY,
  content BLOB NOT NULL
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE policy_versions (
  -- A pack as it stood: one row per different content.
  policy_no INTEGER PRIMARY KEY,
  policy_hash TEXT NOT NULL UNIQUE, -- SHA-256 over the paths and hashes of its files
  pack TEXT NOT NULL,
  version TEXT NOT NULL,            -- as the pack says
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  document TEXT,                    -- letter of the source document
  effective_from TEXT NOT NULL,
  effective_to TEXT
) STRICT
""",
    """
CREATE TABLE policy_version_files (
  policy_no INTEGER NOT NULL REFERENCES policy_versions,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES policy_files,
  PRIMARY KEY (policy_no, path)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE policy_columns (
  -- How to read a value in evidence: its type and title.
  policy_no INTEGER NOT NULL REFERENCES policy_versions,
  name TEXT NOT NULL,               -- as the pack names it
  fact_column TEXT NOT NULL,        -- its column in facts.parquet
  type TEXT NOT NULL,
  title_zh TEXT,
  title_en TEXT,
  PRIMARY KEY (policy_no, name)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE rules (
  -- What a line of the log names as its reason. A parameter that changes with the date
  -- gives a rule a second row under the same policy.
  rule_no INTEGER PRIMARY KEY,
  policy_no INTEGER NOT NULL REFERENCES policy_versions,
  kind TEXT NOT NULL
    CHECK (kind IN ('pack', 'tier', 'entitlement', 'milestone', 'warning', 'action')),
  rule_id TEXT NOT NULL,
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  thresholds TEXT NOT NULL,         -- JSON: the comparisons of the rule with their values
  template TEXT,                    -- JSON, of an action: its texts
  layer TEXT,                       -- of a warning: frontline, data or management
  UNIQUE (policy_no, kind, rule_id, thresholds)
) STRICT
""",
    """
CREATE TABLE runs (
  -- Every run that succeeded, in order. A run that was refused or died is not here.
  run_no INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,      -- as-of date and sequence: 2026-06-30.1
  as_of TEXT NOT NULL,
  started_at TEXT NOT NULL,         -- UTC
  finished_at TEXT NOT NULL,        -- UTC
  engine_version TEXT NOT NULL,
  plan_hash TEXT NOT NULL,
  facts_fingerprint TEXT NOT NULL,
  manifest_sha256 TEXT NOT NULL,
  folder TEXT NOT NULL,             -- relative to kam.db
  previous_run TEXT REFERENCES runs (run_id),
  first_seq INTEGER NOT NULL,       -- its lines in decision_log: from first_seq …
  last_seq INTEGER NOT NULL,        -- … to last_seq, or first_seq - 1 if there are none
  last_mark INTEGER NOT NULL,       -- the last of marks that it read, or 0
  actions INTEGER NOT NULL,         -- actions that it emitted
  counts TEXT NOT NULL              -- JSON
) STRICT
""",
    """
CREATE TABLE run_policies (
  run_no INTEGER NOT NULL REFERENCES runs,
  policy_no INTEGER NOT NULL REFERENCES policy_versions,
  PRIMARY KEY (run_no, policy_no)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE sources (
  -- Reconciliation: what was read, used and rejected, file by file.
  run_no INTEGER NOT NULL REFERENCES runs,
  name TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_used INTEGER NOT NULL,
  rows_quarantined INTEGER NOT NULL,
  PRIMARY KEY (run_no, name),
  CHECK (rows_read = rows_used + rows_quarantined)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE decision_log (
  -- One line per change, with its reason. Read it through decision_log_lines.
  seq INTEGER PRIMARY KEY,
  run_no INTEGER NOT NULL REFERENCES runs,
  account_id TEXT,
  kind TEXT NOT NULL REFERENCES log_kinds,
  rule_no INTEGER REFERENCES rules,
  from_value TEXT,
  to_value TEXT,
  evidence TEXT                     -- JSON: the values seen
) STRICT
""",
    """
CREATE TABLE actions (
  -- What people are asked to do. The id is a hash of what the action is about, so that a
  -- second run cannot ask twice.
  action_no INTEGER PRIMARY KEY,
  action_id TEXT NOT NULL,
  cause_id TEXT NOT NULL,           -- a hash of what asked for it: expires with it
  run_no INTEGER NOT NULL REFERENCES runs,
  account_id TEXT NOT NULL,
  account_name TEXT,
  rule_no INTEGER NOT NULL REFERENCES rules,      -- what asked for it
  template_no INTEGER NOT NULL REFERENCES rules,  -- the action template
  level TEXT,                       -- of the warning
  owner_role TEXT NOT NULL,
  owner TEXT,                       -- the person, where the role is filled
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  opened_on TEXT NOT NULL,
  due_on TEXT,
  status TEXT NOT NULL CHECK (status IN ('open', 'snoozed', 'done', 'expired')),
  snoozed_until TEXT,               -- open again from that day on
  evidence TEXT NOT NULL            -- JSON: the values that its text names
) STRICT
""",
    """
CREATE TABLE marks (
  -- What people said between the nights: about an action or about a warning. The next run
  -- reads what is new and writes it to the log.
  mark_no INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('done', 'snooze', 'assign', 'ack', 'silence')),
  said_at TEXT NOT NULL,            -- UTC
  said_on TEXT NOT NULL,            -- the day in the time zone of the workspace
  said_by TEXT NOT NULL,
  action_no INTEGER REFERENCES actions,
  pack TEXT,
  account_id TEXT,
  rule_id TEXT,                     -- of the warning
  until TEXT,                       -- of silence the last day; of snooze the day it is open again
  person TEXT,                      -- of assign: the new owner
  note TEXT
) STRICT
""",
    "CREATE INDEX decision_log_account ON decision_log (account_id)",
)

ACTION_INDEXES: dict[str, str] = {
    "actions_id": "CREATE UNIQUE INDEX actions_id ON actions (action_id)",
    "actions_account": "CREATE INDEX actions_account ON actions (account_id)",
    "actions_cause": (
        "CREATE INDEX actions_cause ON actions (cause_id) WHERE status IN ('open', 'snoozed')"
    ),
}
"""Made anew after the actions of a first night: cheaper than keeping them row by row."""

LOG_VIEW = """
CREATE VIEW decision_log_lines AS
-- A line of the decision log with everything that an auditor asks for.
SELECT
  l.seq, r.run_id, r.as_of, r.finished_at AS recorded_at,
  l.kind, k.title_zh AS kind_zh, k.title_en AS kind_en,
  l.account_id, p.pack,
  u.kind AS rule_kind, u.rule_id, u.title_zh, u.title_en,
  l.from_value, l.to_value, l.evidence, u.thresholds,
  u.file, u.line, p.version AS policy_version, p.policy_hash,
  r.run_no, u.policy_no, r.plan_hash, r.engine_version
FROM decision_log AS l
CROSS JOIN runs AS r ON r.run_no = l.run_no -- CROSS: SQLite then reads the log in order of seq
CROSS JOIN log_kinds AS k ON k.kind = l.kind
LEFT JOIN rules AS u ON u.rule_no = l.rule_no
LEFT JOIN policy_versions AS p ON p.policy_no = u.policy_no
"""

ACTION_VIEW = """
CREATE VIEW action_lines AS
-- An action with the rule that asked for it and the template of its text.
SELECT
  a.action_no, a.action_id, r.run_id, p.pack, a.account_id, a.account_name,
  u.kind AS rule_kind, u.rule_id, u.title_zh AS rule_zh, u.title_en AS rule_en,
  nullif(a.level, '') AS level,
  t.rule_id AS template_id, t.title_zh, t.title_en, t.template,
  a.owner_role, a.owner, a.priority, a.opened_on, a.due_on, a.status, a.snoozed_until,
  a.evidence,
  u.file, u.line, p.policy_hash, a.run_no, u.policy_no
FROM actions AS a
CROSS JOIN runs AS r ON r.run_no = a.run_no
CROSS JOIN rules AS u ON u.rule_no = a.rule_no
CROSS JOIN rules AS t ON t.rule_no = a.template_no
CROSS JOIN policy_versions AS p ON p.policy_no = u.policy_no
"""

APPEND_ONLY: tuple[str, ...] = (
    "runs",
    "run_policies",
    "sources",
    "decision_log",
    "log_kinds",
    "rules",
    "policy_files",
    "policy_versions",
    "policy_version_files",
    "policy_columns",
    "marks",
)
"""What is written once and must never be rewritten."""
