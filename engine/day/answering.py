"""What was decided about an event → the document that answers it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.audit.events.rows import rule_kind
from engine.audit.records import PolicyRecord, RuleRecord
from engine.lifecycle.account.state import AccountDecided, ActionRow, Change, Standing

Note = Mapping[str, str]
"""``code`` and ``message``."""


def note(code: str, message: str) -> Note:
    """A remark beside an answer."""
    return {"code": code, "message": message}


class Answering:
    """Answers of one policy: `policies` say how its rules are called and where they stand."""

    def __init__(self, policies: Sequence[PolicyRecord]) -> None:
        self._rules: dict[tuple[str, str, str], RuleRecord] = {
            (policy.pack, rule.kind, rule.id): rule for policy in policies for rule in policy.rules
        }

    def document(
        self,
        event: str,
        account: str,
        as_of: date,
        decided: AccountDecided,
        recorded: Standing | None,
        new_actions: Sequence[ActionRow],
        notes: Sequence[Note],
    ) -> dict[str, Any]:
        """`schemas/answer.schema.json`; ``run`` is None until the event is recorded.

        `recorded` is how the account stood before; `new_actions` are those of `decided` that
        nobody had been asked for.
        """
        before = {} if recorded is None else recorded.decisions
        return {
            "event": event,
            "account": account,
            "run": None,
            "as_of": as_of.isoformat(),
            "status": "decided",
            "notes": [dict(one) for one in notes],
            "packs": {
                row["pack"]: {
                    "tier": row["tier"],
                    "tier_before": before[row["pack"]]["tier"] if row["pack"] in before else None,
                    "candidate": row["candidate"],
                    "warnings": [
                        {"rule": one["rule"], "level": one["level"], "since": str(one["since"])}
                        for one in row["warnings"]
                    ],
                }
                for row in decided.decisions
            },
            "changes": list(self._changes(decided.changes)),
            "actions": [self._action(one) for one in new_actions],
        }

    def _changes(self, changes: Sequence[Change]) -> Iterator[dict[str, Any]]:
        for change in changes:
            rule = self._rules.get((change.pack, rule_kind(change.kind), change.rule_id))
            said: dict[str, Any] = {
                "pack": change.pack,
                "kind": change.kind,
                "rule": change.rule_id,
                "from": change.from_value,
                "to": change.to_value,
                "title_zh": None if rule is None else rule.title.zh,
                "title_en": None if rule is None else rule.title.en,
                "file": None if rule is None else rule.location.file,
                "line": None if rule is None else rule.location.line,
            }
            if change.evidence is not None:
                said["evidence"] = json.loads(change.evidence)
            yield said

    def _action(self, action: ActionRow) -> dict[str, Any]:
        template = self._rules[action["pack"], "action", action["template"]]
        due = action["due_on"]
        return {
            "action": action["action_id"],
            "pack": action["pack"],
            "rule": action["rule_id"],
            "template": action["template"],
            "owner_role": action["owner_role"],
            "owner": action["owner"],
            "priority": action["priority"],
            "due_on": None if due is None else due.isoformat(),
            "title_zh": template.title.zh,
            "title_en": template.title.en,
        }
