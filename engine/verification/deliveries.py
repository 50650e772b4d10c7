"""Whether every message of the outbox stands as its last receipt left it."""

from __future__ import annotations

import sqlite3

from engine.verification.findings import Findings

_STATUS = """
SELECT o.message_no, o.idempotency_key, o.sink, o.status, d.outcome
FROM outbox AS o
LEFT JOIN (
  SELECT message_no, max(delivery_no) AS delivery_no FROM delivery_messages GROUP BY message_no
) AS last ON last.message_no = o.message_no
LEFT JOIN delivery_messages AS m
  ON m.message_no = o.message_no AND m.delivery_no = last.delivery_no
LEFT JOIN deliveries AS d ON d.delivery_no = last.delivery_no
WHERE NOT CASE o.status
    WHEN 'delivered' THEN d.outcome IS 'delivered'
    WHEN 'dead' THEN coalesce(d.outcome IN ('refused', 'retry'), 0)
    ELSE (last.delivery_no IS NULL) OR coalesce(d.outcome IN ('retry', 'requeued'), 0)
  END
  OR o.attempts <> coalesce(m.attempt, 0)
  OR (o.attempts = 0 AND o.next_attempt_at IS NOT NULL)
  OR d.sink <> o.sink
ORDER BY o.message_no
"""
_GONE = """
SELECT o.message_no FROM outbox AS o
WHERE o.message_no > 1 AND NOT EXISTS (
  SELECT 1 FROM outbox AS before WHERE before.message_no = o.message_no - 1
)
"""
_CARRIED = """
SELECT DISTINCT message_no FROM delivery_messages
WHERE message_no NOT IN (SELECT message_no FROM outbox)
"""
_SAID = {None: "no receipt", "requeued": "last sent back to the queue"}


def check_deliveries(connection: sqlite3.Connection, findings: Findings) -> None:
    """Nothing counts as delivered or refused without a receipt, and no message is gone."""
    rows = {number: rest for number, *rest in connection.execute(_STATUS).fetchall()}

    def describe(number: int) -> str:
        key, sink, status, outcome = rows[number]
        receipt = _SAID.get(outcome, f"last receipt: {outcome}")
        return f"message {number} to {sink} ({key}) stands as {status}; {receipt}"

    findings.add_each("delivery-altered", None, list(rows), describe)
    gone = {number - 1 for (number,) in connection.execute(_GONE)}
    gone |= {number for (number,) in connection.execute(_CARRIED)}
    findings.add_each(
        "message-missing",
        None,
        sorted(gone),
        lambda number: f"message {number} of the outbox is gone",
    )
