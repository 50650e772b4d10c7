"""What a delivery did, what one would do, and the dead letters: as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from engine.actions.delivery import DeliveryReport
from engine.actions.preview import SinkPreview
from engine.actions.rounds import SinkReport
from engine.console.problems import told
from engine.console.sentences import sentence
from engine.console.tables import ColumnView, Row, print_table
from engine.console.terminal import visible
from engine.reports.listing import Listing
from engine.reports.listing import Row as ListedRow

DEAD_COLUMNS = (
    *("idempotency_key", "kind", "sink", "run_id", "account_id", "action_id"),
    *("priority", "owner_role", "owner", "title_zh", "title_en"),
    *("attempts", "last_attempt_at", "last_outcome", "last_reason", "last_http_status"),
    "last_response",
)
"""Of a dead letter, in JSON."""

_NOTHING = {
    "en": "kam.yaml names no sinks: actions go nowhere but into the store.",
    "zh": "kam.yaml 没有 sinks：行动只留在库里。",
}
_SHOWN = {
    "en": "\n{sink}: the first of what would be sent",
    "zh": "\n{sink}：将发送的前几条",
}


def report_json(report: DeliveryReport) -> dict[str, Any]:
    """A delivery for programs; moments are ISO 8601 in UTC."""
    return {"good": report.good, "sinks": [_sink_json(one) for one in report.sinks]}


def _sink_json(one: SinkReport) -> dict[str, Any]:
    problem = one.problem
    return {
        "sink": one.sink,
        "kind": one.kind,
        "delivered": one.delivered,
        "failed": one.failed,
        "died": one.died,
        "pending": one.pending,
        "dead": one.dead,
        "next_attempt_at": None
        if one.next_attempt_at is None
        else one.next_attempt_at.isoformat(timespec="seconds"),
        "reason": one.reason,
        "problem": None
        if problem is None
        else {"code": problem.code, "message": problem.message, "hint": problem.hint},
    }


def preview_json(previews: Iterable[SinkPreview]) -> dict[str, Any]:
    """What would be sent, for programs."""
    return {
        "sinks": [
            {
                "sink": one.sink,
                "kind": one.kind,
                "pending": one.pending,
                "due": one.due,
                "dead": one.dead,
                "texts": list(one.texts),
            }
            for one in previews
        ]
    }


def dead_rows(letters: Iterable[Mapping[str, Any]]) -> Iterator[ListedRow]:
    """Dead letters with the keys of `DEAD_COLUMNS`."""
    return ({key: letter[key] for key in DEAD_COLUMNS} for letter in letters)


def print_report(report: DeliveryReport, zone: str, language: str, console: Console) -> None:
    """A delivery as a table, sink by sink; `zone` is the time zone of the next attempts."""
    if not report.sinks:
        console.print(_NOTHING[language], highlight=False)
        return
    rows = [{"report": one, "next": _local(one.next_attempt_at, zone)} for one in report.sinks]
    listing = Listing(("report", "next"), iter(rows), None)
    print_table(listing, _REPORT, language, console)


def print_preview(previews: Iterable[SinkPreview], language: str, console: Console) -> None:
    """What would be sent: how much to each sink, and the first texts as they are."""
    found = list(previews)
    if not found:
        console.print(_NOTHING[language], highlight=False)
        return
    rows: list[ListedRow] = [{"report": one} for one in found]
    print_table(Listing(("report",), iter(rows), None), _PREVIEW, language, console)
    for one in found:
        if one.texts:
            console.print(Text(_SHOWN[language].format(sink=one.sink), style="bold"))
        for text in one.texts:
            shown = "\n".join(visible(line) for line in text.split("\n"))
            console.print(Text(shown), soft_wrap=True)


def print_dead(rows: Iterator[ListedRow], language: str, console: Console) -> None:
    """Dead letters as a table."""
    print_table(Listing(DEAD_COLUMNS, rows, None), _DEAD, language, console)


def _local(moment: datetime | None, zone: str) -> str:
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _count(name: str, style: str = "") -> Any:
    def show(row: Row, language: str) -> Text:
        count = getattr(row["report"], name)
        return Text(f"{count:,}" if count else "", style=style)

    return show


def _why(row: Row, language: str) -> str:
    one: SinkReport = row["report"]
    if one.problem is None:
        return sentence(one.reason or "", language)
    return told(one.problem, language)


def _last_reason(row: Row, language: str) -> str:
    return sentence(row["last_reason"] or "", language)


def _text(key: str) -> Any:
    return lambda row, language: str(row[key] if row[key] is not None else "")


_SINK = ColumnView("sink", "去处", lambda row, _: row["report"].sink)
_KIND = ColumnView("kind", "类型", lambda row, _: row["report"].kind or "")
_PENDING = ColumnView("pending", "待发", _count("pending"), right=True)
_DEAD_COUNT = ColumnView("dead", "死信", _count("dead", "bold red"), right=True)

_REPORT = (
    *(_SINK, _KIND),
    ColumnView("delivered", "已送达", _count("delivered"), right=True),
    ColumnView("failed", "失败", _count("failed", "red"), right=True),
    *(_PENDING, _DEAD_COUNT),
    ColumnView("next attempt", "下次尝试", _text("next")),
    ColumnView("why", "原因", _why),
)
_PREVIEW = (
    *(_SINK, _KIND),
    ColumnView("would go", "将发送", _count("due"), right=True),
    *(_PENDING, _DEAD_COUNT),
)
_DEAD = (
    ColumnView("key", "标识", _text("idempotency_key")),
    ColumnView("sink", "去处", _text("sink")),
    ColumnView("run", "运行", _text("run_id")),
    ColumnView("account", "客户编号", _text("account_id")),
    ColumnView(
        "action", "行动", lambda row, language: str(row[f"title_{language}"] or row["kind"])
    ),
    ColumnView("attempts", "次数", _text("attempts"), right=True),
    ColumnView("last", "最近", _text("last_attempt_at")),
    ColumnView("why", "原因", _last_reason),
)
