"""What a policy of the store calls things, for whoever reads what was decided under it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model import Title

RULES = "SELECT kind, rule_id, title_zh, title_en FROM rules WHERE policy_no = ?"
COLUMNS = """
SELECT name, fact_column, type, title_zh, title_en FROM policy_columns WHERE policy_no = ?
"""
ROLES = "SELECT role, title_zh, title_en FROM policy_roles WHERE policy_no = ?"
POLICY = "SELECT policy_no FROM policy_versions WHERE pack = ? AND policy_hash = ?"
OF_RUN = """
SELECT pack, policy_no FROM run_policies JOIN policy_versions USING (policy_no)
WHERE run_no = (SELECT max(run_no) FROM run_policies WHERE run_no <= ?)
"""

OF_LAST = """
SELECT pack, policy_no FROM run_policies JOIN policy_versions USING (policy_no)
WHERE run_no = (SELECT max(run_no) FROM run_policies)
"""


@dataclass(frozen=True)
class Names:
    """Of values, by the pack's name and by the column of facts: `types`, and `titles` where the
    policy has one; the titles of `rules`, by kind and id, and of `roles`."""

    types: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, Title] = field(default_factory=dict)
    rules: Mapping[tuple[str, str], Title] = field(default_factory=dict)
    roles: Mapping[str, Title] = field(default_factory=dict)

    def tier(self, tier: str, language: str) -> str:
        """What a tier is called; its id, if the policy has none of that id."""
        return _said(self.rules.get(("tier", tier)), tier, language)

    def role(self, role: str, language: str) -> str:
        """What a role is called; its id, if the store has no title for it."""
        return _said(self.roles.get(role), role, language)

    def action(self, template: str, language: str) -> str | None:
        """What an action is called, by its template; None if the policy has none of that id."""
        title = self.rules.get(("action", template))
        return None if title is None else _said(title, template, language)

    def rule(self, rule: str, language: str) -> str:
        """What a rule of whatever kind is called; its id, if the policy has none of that id."""
        kinds = ("warning", "milestone", "entitlement", "tier", "action")
        titles = (self.rules.get((kind, rule)) for kind in kinds)
        return _said(next((one for one in titles if one is not None), None), rule, language)

    def value(self, name: str, language: str) -> str | None:
        """What a value is called; None if the policy has no title for it."""
        title = self.titles.get(name)
        return None if title is None else _said(title, name, language)


def _said(title: Title | None, otherwise: str, language: str) -> str:
    if title is None:
        return otherwise
    return title.zh if language == "zh" else title.en


NO_NAMES = Names()


class PolicyNames:
    """The names of the policies of a store, read when first asked for. Errors are SQLite's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[int, Names] = {}
        self._numbers: dict[tuple[str, str], int | None] = {}

    def of(self, policy_no: int) -> Names:
        """The names of the policy of that number."""
        if policy_no not in self._known:
            self._known[policy_no] = self._read(policy_no)
        return self._known[policy_no]

    def of_version(self, pack: str, policy_hash: str) -> Names:
        """The names of a pack's policy by its hash; none if the store does not know it."""
        key = (pack, policy_hash)
        if key not in self._numbers:
            row = self._connection.execute(POLICY, key).fetchone()
            self._numbers[key] = None if row is None else row[0]
        policy_no = self._numbers[key]
        return NO_NAMES if policy_no is None else self.of(policy_no)

    def of_last(self) -> dict[str, Names]:
        """Pack → its names in the last run; nothing without a run."""
        rows = self._connection.execute(OF_LAST).fetchall()
        return {pack: self.of(policy_no) for pack, policy_no in rows}

    def of_run(self, run_no: int) -> dict[str, Names]:
        """Pack → its names in a run; a run of events has those of its night."""
        rows = self._connection.execute(OF_RUN, (run_no,)).fetchall()
        return {pack: self.of(policy_no) for pack, policy_no in rows}

    def _read(self, policy_no: int) -> Names:
        columns = self._connection.execute(COLUMNS, (policy_no,)).fetchall()
        types: dict[str, str] = {}
        titles: dict[str, Title] = {}
        # Names go before columns of facts, of which one may be called as another measure is.
        for place in (1, 0):
            for row in columns:
                types[row[place]] = row[2]
                if row[3] is not None:
                    titles[row[place]] = Title(zh=row[3], en=row[4])
        rules = self._connection.execute(RULES, (policy_no,))
        roles = self._connection.execute(ROLES, (policy_no,))
        return Names(
            types,
            titles,
            {(kind, rule): Title(zh=zh, en=en) for kind, rule, zh, en in rules},
            {role: Title(zh=zh, en=en) for role, zh, en in roles},
        )
