"""The causes that may have ended, from what two earlier runs left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.lifecycle.account.causes import cause_id

Row = Mapping[str, Any]


def causes(decisions: Iterable[Row], obligations: Iterable[Row]) -> Iterator[str]:
    """The ids under which actions may have been asked for by rows of the files of a run."""
    for one in decisions:
        is_account = one["scope"] == "account"
        name = one["account_id"] if is_account else f"{one['scope']}:{one['account_id']}"
        for kind in ("warning", "milestone"):
            for row in one[f"{kind}s"]:
                yield cause_id(one["pack"], name, kind, row["rule"], "", row["since"])
    for one in obligations:
        if one["asked_on"] is not None:
            about = (one["account_id"], "entitlement", one["rule_id"], one["part"])
            yield cause_id(one["pack"], *about, one["asked_on"])
