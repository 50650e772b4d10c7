"""Ids of actions and of what they are asked for by.

The very hashes of macros.sql: a day and a night that say the same say it once.
"""

from __future__ import annotations

import hashlib
from datetime import date


def action_id(
    pack: str, account: str, rule: str, part: str | None, template: str, opened: date
) -> str:
    """`part` is the level of a warning, or the part of an obligation."""
    return _hash(pack, account, rule, part, template, day=opened)


def cause_id(pack: str, account: str, kind: str, rule: str, part: str | None, since: date) -> str:
    """What an action is asked for by, so that it can expire with it."""
    return _hash(pack, account, kind, rule, part, day=since)


def _hash(*parts: str | None, day: date) -> str:
    joined = "|".join((*map(_part, parts), day.isoformat()))
    return hashlib.sha256(joined.encode()).hexdigest()[:24]


def _part(part: str | None) -> str:
    """What separates the parts is escaped, so different parts never look alike."""
    return (part or "").replace("\\", "\\\\").replace("|", "\\|")
