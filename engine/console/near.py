"""Who is near a tier: a table for people, rows for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from engine.console.differences import word
from engine.console.speaker import Language, Speaker, gap_text
from engine.console.tables import ColumnView
from engine.explain.tree import Gap
from engine.inquiry.near import Near, NearAccount
from engine.reports.listing import Listing
from engine.reports.nodes import is_masked, to_json

COLUMNS = (
    "pack", "tier", "account", "name", "current_tier", "conditions", "relative", "missing",
)  # fmt: skip


def near_listing(found: Sequence[Near]) -> Listing:
    """A row for every account, in JSON values; `missing` lists what is in the way."""
    rows = (_row(one, account) for one in found for account in one.accounts)
    return Listing(COLUMNS, rows, sum(one.total for one in found))


def _row(near: Near, account: NearAccount) -> dict[str, Any]:
    conditions, unmeasured, relative = account.nearness
    return {
        "pack": near.pack,
        "tier": near.tier,
        "account": account.account_id,
        "name": account.name,
        "current_tier": account.tier_id,
        "conditions": conditions,
        "relative": None if unmeasured else round(relative, 6),
        "missing": [_gap(gap) for gap in account.gaps],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    test = gap.test
    said = {"value": test.subject.value, "thresholds": test.thresholds}
    masked = [name for name, value in said.items() if is_masked(value)]
    told = {"masked": masked} if masked else {}
    return told | {
        "fact": test.subject.column,
        "value": to_json(test.subject.value),
        "operator": test.operator,
        "threshold": test.written,
        "thresholds": to_json(test.thresholds),
        "need": gap.need,
        "amount": to_json(gap.amount),
        "relative": gap.relative,
        "must_not_hold": gap.avoid,
        "location": str(test.location),
    }


def near_table(near: Near, language: Language) -> tuple[Listing, tuple[ColumnView, ...]]:
    """The rows of one pack as people read them, and the columns that show them."""
    speaker = Speaker(language, near.currency, {})
    return Listing(("account",), _shown(near, speaker), near.total), _VIEWS


def _shown(near: Near, speaker: Speaker) -> Iterator[dict[str, Any]]:
    for account in near.accounts:
        yield {
            "account": account.account_id,
            "name": account.name or "",
            "tier": speaker.title(account.tier),
            "conditions": str(len(account.gaps)),
            "missing": _missing(account, speaker),
        }


def _missing(account: NearAccount, speaker: Speaker) -> Text:
    if not account.gaps:
        return Text(word("waits_only", speaker.language), style="green")
    return Text("\n").join(gap_text(gap, speaker) for gap in account.gaps)


def _cell(key: str) -> Any:
    return lambda row, language: row[key]


_VIEWS = (
    ColumnView("account", "客户编号", _cell("account")),
    ColumnView("name", "名称", _cell("name")),
    ColumnView("tier", "当前等级", _cell("tier")),
    ColumnView("conditions", "待满足", _cell("conditions"), right=True),
    ColumnView("what is missing", "还缺什么", _cell("missing")),
)
