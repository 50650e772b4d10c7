"""The decision log, line by line, as ``schemas/log_line.schema.json`` describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.audit.kinds import NAMES_PERSON
from engine.audit.privacy import REJECTED, Reader
from engine.audit.records import JsonText
from engine.reports.day import recorded_run
from engine.reports.listing import Listing, Row, Where, query

if TYPE_CHECKING:
    from engine.audit.store import Store

# Column of the view decision_log_lines → key of a row.
_LOG_KEYS = {
    "seq": "seq",
    "run_id": "run",
    "as_of": "as_of",
    "recorded_at": "recorded_at",
    "kind": "kind",
    "kind_zh": "kind_zh",
    "kind_en": "kind_en",
    "account_id": "account",
    "pack": "pack",
    "rule_kind": "rule_kind",
    "rule_id": "rule",
    "title_zh": "title_zh",
    "title_en": "title_en",
    "from_value": "from",
    "to_value": "to",
    "evidence": "evidence",
    "thresholds": "thresholds",
    "file": "file",
    "line": "line",
    "policy_version": "policy_version",
    "policy_hash": "policy_hash",
}


@dataclass(frozen=True)
class LogFilter:
    """What to list; everything that is set must hold. `since` is an as-of date, inclusive."""

    account: str | None = None
    kinds: tuple[str, ...] = ()
    run_id: str | None = None
    pack: str | None = None
    rule: str | None = None
    since: date | None = None


def log(
    store: Store, wanted: LogFilter, *, limit: int | None = None, reader: Reader | None = None
) -> Listing:
    """Lines of the decision log as the reader may see them, the latest first."""
    sees = reader or Reader.usual(store.connection)
    where = Where()
    where.add_equal({"account_id": wanted.account, "pack": wanted.pack, "rule_id": wanted.rule})
    if wanted.kinds:
        where.add(f"kind IN ({', '.join('?' * len(wanted.kinds))})", *wanted.kinds)
    if wanted.run_id is not None:
        run = recorded_run(store, wanted.run_id)
        where.add("seq BETWEEN ? AND ?", run.first_seq, run.last_seq)
    if wanted.since is not None:
        where.add(
            "seq >= (SELECT coalesce(min(first_seq), 9223372036854775807) FROM runs "
            "WHERE as_of >= ?)",
            wanted.since.isoformat(),
        )
    rows, total = query(store, "decision_log_lines", where, "seq DESC", limit)
    return Listing(tuple(_LOG_KEYS.values()), (_log_row(row, sees) for row in rows), total)


def _log_row(row: Mapping[str, Any], reader: Reader) -> Row:
    shown = {key: row[column] for column, key in _LOG_KEYS.items()}
    rejected = row["kind"] == "data_rejected"
    classes = REJECTED if rejected else reader.classes(row["run_no"], row["policy_no"])
    shown["evidence"] = reader.evidence(row["evidence"], classes)
    if row["kind"] in NAMES_PERSON:
        shown["to"] = reader.staff(row["to_value"])
    if row["thresholds"] is not None:
        shown["thresholds"] = JsonText(row["thresholds"])
    return shown
