"""The tables of proposed policies: the plans that were signed, and who signed them."""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """
CREATE TABLE policy_plans (
  -- What `kam plan --save` said a policy would change, as its signers saw it.
  plan_id TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the content
  policy_hash TEXT NOT NULL,        -- over the hashes of all packs
  result_hash TEXT NOT NULL,        -- over what would change
  run_id TEXT,                      -- the run over whose facts; none before the first
  content TEXT NOT NULL             -- RFC 8785, without its approvals
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE policy_approvals (
  -- Who approved which plan, in which role: what `guards: {approved_policy: true}` asks for.
  approval_no INTEGER PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES policy_plans,
  policy_hash TEXT NOT NULL,
  result_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  said_by TEXT NOT NULL,
  said_at TEXT NOT NULL,            -- UTC
  note TEXT NOT NULL UNIQUE         -- C2SP signed note: what was signed, and the signature
) STRICT
""",
    "CREATE INDEX policy_approvals_policy ON policy_approvals (policy_hash)",
)

APPEND_ONLY: tuple[str, ...] = ("policy_plans", "policy_approvals")
