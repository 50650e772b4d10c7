"""The text of a stored action: its template, the values it was emitted with, and its policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.actions.render import LEVEL_TITLES, Show, render_action
from engine.audit.policy_names import PolicyNames
from engine.model import Title


@lru_cache(maxsize=1024)
def _template(text: str) -> Title:
    """The text of an action template, which thousands of actions share."""
    template = json.loads(text)
    return Title(zh=template["text_zh"], en=template["text_en"])


def role_titles(row: Mapping[str, Any], policies: PolicyNames) -> dict[str, str]:
    """What the role of a row of ``action_lines`` is called, as keys of a document."""
    names, role = policies.of(row["policy_no"]), str(row["owner_role"])
    return {f"role_{language}": names.role(role, language) for language in ("zh", "en")}


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
            "tier": names.rules.get(("tier", tier), tier),
        },
        evidence,
        names.types,
        show,
    )
