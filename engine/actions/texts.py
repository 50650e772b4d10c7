"""The text of a stored action: its template, the values it was emitted with, and its policy."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.actions.render import LEVEL_TITLES, Show, render_action
from engine.model import Title


@dataclass(frozen=True)
class Names:
    """What a policy calls things: `types` of values by name, `tiers` by id."""

    types: Mapping[str, str]
    tiers: Mapping[str, Title]


class PolicyNames:
    """Policy number → its names, read when first asked for. Errors are those of SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[int, Names] = {}

    def of(self, policy_no: int) -> Names:
        """The names of the policy of that number."""
        if policy_no not in self._known:
            self._known[policy_no] = self._read(policy_no)
        return self._known[policy_no]

    def _read(self, policy_no: int) -> Names:
        columns = self._connection.execute(
            "SELECT name, fact_column, type FROM policy_columns WHERE policy_no = ?", (policy_no,)
        ).fetchall()
        tiers = self._connection.execute(
            "SELECT rule_id, title_zh, title_en FROM rules WHERE policy_no = ? AND kind = 'tier'",
            (policy_no,),
        )
        return Names(
            {column: type_ for _, column, type_ in columns}
            | {name: type_ for name, _, type_ in columns},
            {rule: Title(zh=zh, en=en) for rule, zh, en in tiers},
        )


@lru_cache(maxsize=1024)
def _template(text: str) -> Title:
    """The text of an action template, which thousands of actions share."""
    template = json.loads(text)
    return Title(zh=template["text_zh"], en=template["text_en"])


def action_text(row: Mapping[str, Any], policies: PolicyNames, show: Show) -> Title:
    """The text of a row of the view ``action_lines``, in both languages."""
    template = _template(row["template"])
    names = policies.of(row["policy_no"])
    evidence = json.loads(row["evidence"], parse_float=Decimal)
    rule = Title(zh=row["rule_zh"], en=row["rule_en"])
    tier = evidence.get("tier")
    return render_action(
        template,
        {
            "name": row["account_name"] or row["account_id"],
            "account_id": row["account_id"],
            # Whichever of the two asked: a template may serve both.
            "warning": rule,
            "milestone": rule,
            "level": LEVEL_TITLES.get(row["level"]),
            "tier": names.tiers.get(tier, tier),
        },
        evidence,
        names.types,
        show,
    )
