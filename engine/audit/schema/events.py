"""The tables of single events: what arrived during the day, and what became of it."""

from __future__ import annotations

_KIND = """
ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'night' CHECK (kind IN ('night', 'event'))
"""

TABLES: tuple[str, ...] = (
    _KIND,
    "CREATE INDEX runs_nights ON runs (run_no) WHERE kind = 'night'",
    "CREATE INDEX runs_events ON runs (as_of, run_no) WHERE kind = 'event'",
    """
CREATE TABLE event_runs (
  -- A run that answered events of the working day. It has no folder: its document is the first
  -- leaf of its tree, as the manifest is of a night.
  run_no INTEGER PRIMARY KEY REFERENCES runs,
  night_run_no INTEGER NOT NULL REFERENCES runs, -- the night whose policy and facts it used
  document TEXT NOT NULL            -- canonical JSON; its SHA-256 is manifest_sha256 of the run
) STRICT
""",
    """
CREATE TABLE events (
  -- What was told during the day, once each: an event that comes again gets its first answer.
  event_no INTEGER PRIMARY KEY,     -- in the order in which they were taken
  event_id TEXT NOT NULL UNIQUE,    -- as the sender calls it
  run_no INTEGER NOT NULL REFERENCES runs,
  account_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('record', 'account')),
  record TEXT,                      -- the record table of facts.yaml that a new record is of
  key TEXT,                         -- its own key, where its table has one
  at TEXT NOT NULL,                 -- UTC; when it happened
  day TEXT NOT NULL,                -- the day that it was answered as of
  content TEXT NOT NULL,            -- canonical JSON: as it came, without personal values
  sha256 TEXT NOT NULL,             -- of the content
  given TEXT NOT NULL,              -- JSON: its values by column, typed as facts.yaml says
  before TEXT,                      -- JSON: what the source said in their place, if anything
  answer TEXT NOT NULL,             -- JSON: what was answered
  CHECK ((type = 'record') = (record IS NOT NULL))
) STRICT
""",
    "CREATE INDEX events_run ON events (run_no)",
    "CREATE INDEX events_account ON events (account_id)",
    "CREATE INDEX events_day ON events (day)",
    """
CREATE TABLE event_decisions (
  -- An account as an event left it: what decisions.parquet, obligations.parquet and facts.parquet
  -- say of it after a night.
  run_no INTEGER NOT NULL REFERENCES runs,
  account_id TEXT NOT NULL,
  as_of TEXT NOT NULL,
  content TEXT NOT NULL,            -- JSON: facts, decisions and obligations
  PRIMARY KEY (run_no, account_id)
) STRICT
""",
    "CREATE INDEX event_decisions_account ON event_decisions (account_id, run_no)",
    """
CREATE TABLE settled_events (
  -- What the sources say themselves by now, and have the word of: found by a night, for later ones.
  run_no INTEGER NOT NULL REFERENCES runs,
  event_no INTEGER NOT NULL REFERENCES events,
  column_name TEXT NOT NULL,        -- of a changed fact; empty: a whole record
  PRIMARY KEY (run_no, event_no, column_name)
) STRICT, WITHOUT ROWID
""",
    """
CREATE VIEW event_lines AS
-- An event with the run that answered it.
SELECT
  e.event_no, e.event_id, r.run_id, r.as_of, r.finished_at AS recorded_at, e.account_id,
  e.type, e.record, e.key, e.at, e.content, e.answer, n.run_id AS night
FROM events AS e
CROSS JOIN runs AS r ON r.run_no = e.run_no
LEFT JOIN event_runs AS v ON v.run_no = e.run_no
LEFT JOIN runs AS n ON n.run_no = v.night_run_no
""",
)

APPEND_ONLY: tuple[str, ...] = ("event_runs", "events", "event_decisions", "settled_events")
