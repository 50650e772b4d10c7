"""The tables of the outbox: what is to leave the store, and what became of every attempt.

What a message is, is written once, in the transaction of its run. Only its state changes: how
often it was tried, when it is tried next, and whether it is delivered. The receipts are
append-only, so that they tell how it came to that state.
"""

from __future__ import annotations

KEY_INDEX = "CREATE UNIQUE INDEX outbox_key ON outbox (idempotency_key)"
"""Made anew after the messages of a first night: cheaper than keeping it row by row."""

TABLES: tuple[str, ...] = (
    """
CREATE TABLE outbox (
  -- What is to leave the store: one row per sink and action, or checkpoint of a run.
  message_no INTEGER PRIMARY KEY,   -- messages of one account leave for a sink in this order
  idempotency_key TEXT NOT NULL,    -- the same in every attempt: a receiver knows it again
  kind TEXT NOT NULL CHECK (kind IN ('action', 'checkpoint')),
  sink TEXT NOT NULL,               -- as kam.yaml names it
  run_no INTEGER NOT NULL REFERENCES runs,
  account_id TEXT,
  action_no INTEGER REFERENCES actions,
  payload TEXT,                     -- of a checkpoint: what is sent
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'dead')),
  attempts INTEGER NOT NULL,        -- since it was enqueued, or sent back to the queue
  next_attempt_at TEXT,             -- UTC; not before then. NULL: at once
  CHECK ((kind = 'action') = (action_no IS NOT NULL)),
  CHECK ((kind = 'action') = (account_id IS NOT NULL)),
  CHECK ((kind = 'checkpoint') = (payload IS NOT NULL))
) STRICT
""",
    """
CREATE TABLE deliveries (
  -- The receipts: one row for each attempt to hand something over, and what came of it.
  delivery_no INTEGER PRIMARY KEY,
  sink TEXT NOT NULL,
  started_at TEXT NOT NULL,         -- UTC
  finished_at TEXT NOT NULL,        -- UTC
  outcome TEXT NOT NULL
    CHECK (outcome IN ('delivered', 'retry', 'refused', 'requeued')), -- requeued: by a person
  reason TEXT,                      -- why not, or how: in words
  http_status INTEGER,
  response_sha256 TEXT,             -- of what the sink answered, up to 64 KiB
  response TEXT,                    -- the beginning of it
  not_before TEXT                   -- UTC; the sink asked to be left alone until then
) STRICT
""",
    """
CREATE TABLE delivery_messages (
  -- What an attempt carried: one message, the lines of a file, or those of a digest.
  message_no INTEGER NOT NULL REFERENCES outbox,
  delivery_no INTEGER NOT NULL REFERENCES deliveries,
  attempt INTEGER NOT NULL,         -- of this message: 1, 2, 3 …; 0 when it was sent back
  PRIMARY KEY (message_no, delivery_no)
) STRICT, WITHOUT ROWID
""",
    KEY_INDEX,
    "CREATE INDEX outbox_pending ON outbox (sink, message_no) WHERE status = 'pending'",
    "CREATE INDEX outbox_waiting ON outbox (sink, account_id) "
    "WHERE status = 'pending' AND next_attempt_at IS NOT NULL",
    "CREATE INDEX outbox_dead ON outbox (message_no) WHERE status = 'dead'",
    "CREATE INDEX deliveries_sink ON deliveries (sink, delivery_no)",
    """
CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'a message of the outbox is never deleted'); END
""",
    """
CREATE TRIGGER outbox_no_update BEFORE UPDATE OF
  message_no, idempotency_key, kind, sink, run_no, account_id, action_no, payload ON outbox
BEGIN SELECT RAISE(ABORT, 'what a message of the outbox is never changes'); END
""",
    """
CREATE TRIGGER outbox_no_return BEFORE UPDATE OF status ON outbox
WHEN OLD.status = 'delivered' AND NEW.status <> 'delivered'
BEGIN SELECT RAISE(ABORT, 'a message that is delivered stays so'); END
""",
    """
CREATE VIEW outbox_lines AS
-- A message with what it is about, and its last receipt.
SELECT
  o.message_no, o.idempotency_key, o.kind, o.sink, r.run_id, o.account_id, a.action_id,
  a.priority, a.owner_role, a.owner, t.title_zh, t.title_en,
  o.status, o.attempts, o.next_attempt_at,
  d.finished_at AS last_attempt_at, d.outcome AS last_outcome, d.reason AS last_reason,
  d.http_status AS last_http_status, d.response AS last_response
FROM outbox AS o
CROSS JOIN runs AS r ON r.run_no = o.run_no
LEFT JOIN actions AS a ON a.action_no = o.action_no
LEFT JOIN rules AS t ON t.rule_no = a.template_no
LEFT JOIN deliveries AS d ON d.delivery_no = (
  SELECT max(m.delivery_no) FROM delivery_messages AS m WHERE m.message_no = o.message_no
)
""",
)

APPEND_ONLY: tuple[str, ...] = ("deliveries", "delivery_messages")
