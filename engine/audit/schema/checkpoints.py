"""Tables of the trees: what a run's leaves hash to, and the checkpoint that covers the run."""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """
CREATE TABLE commitment_salt (
  -- The one secret of this store from which the salts of its commitments are derived: without
  -- it nobody can try values against a masked line.
  salt_no INTEGER PRIMARY KEY CHECK (salt_no = 1),
  salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT
""",
    """
CREATE TABLE checkpoints (
  -- One per run, in order: the root over everything that the run decided and said, and the head
  -- of the tree over all runs so far, as a C2SP checkpoint.
  run_no INTEGER PRIMARY KEY REFERENCES runs,
  decisions INTEGER NOT NULL,       -- leaves of the run: its manifest, then its decisions …
  log_lines INTEGER NOT NULL,       -- … then its lines of decision_log …
  actions INTEGER NOT NULL,         -- … then its actions
  root TEXT NOT NULL,               -- hexadecimal: RFC 6962 over these leaves
  entry TEXT NOT NULL,              -- RFC 8785: the leaf of the run in the tree over all runs
  note TEXT NOT NULL                -- C2SP signed note; without signatures if no key was given
) STRICT
""",
    """
CREATE TABLE leaf_marks (
  -- The first four bytes of the hash of every leaf of a run, in order: they prove nothing, but
  -- say which leaf it is that does not match the root any more.
  run_no INTEGER NOT NULL REFERENCES runs,
  part TEXT NOT NULL CHECK (part IN ('decisions', 'log', 'actions')),
  chunk_no INTEGER NOT NULL,
  marks BLOB NOT NULL,
  PRIMARY KEY (run_no, part, chunk_no)
) STRICT
""",
    "INSERT INTO commitment_salt VALUES (1, randomblob(32))",
)

APPEND_ONLY: tuple[str, ...] = ("commitment_salt", "checkpoints", "leaf_marks")
