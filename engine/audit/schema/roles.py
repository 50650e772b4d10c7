"""What the roles are called to which a policy gives work."""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """
CREATE TABLE policy_roles (
  -- What a role is called that owns actions, approves, or is told of a warning.
  policy_no INTEGER NOT NULL REFERENCES policy_versions,
  role TEXT NOT NULL,
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  PRIMARY KEY (policy_no, role)
) STRICT, WITHOUT ROWID
""",
)

APPEND_ONLY: tuple[str, ...] = ("policy_roles",)
