"""The answer of `kam status`, as a sentence and as JSON."""

from __future__ import annotations

from datetime import timedelta

from engine.console.formats import json_row
from engine.reports.status import Status

_SENTENCES = {
    ("fresh", "en"): "The last good run is {run} (as of {as_of}); it finished {age} ago.",
    ("fresh", "zh"): "最近一次成功运行：{run}（截至 {as_of}），{age}前完成。",
    ("stale", "en"): "The last good run is {run} (as of {as_of}); it finished {age} ago, "
    "which is more than {max_age}.",
    ("stale", "zh"): "最近一次成功运行：{run}（截至 {as_of}），{age}前完成，已超过 {max_age}。",
    ("future", "en"): "The last good run is {run} (as of {as_of}); it finished in the future, "
    "at {finished}: check the clocks.",
    (
        "future",
        "zh",
    ): "最近一次成功运行：{run}（截至 {as_of}），完成时间 {finished} 在未来：请检查时钟。",
    ("ahead", "en"): "The last good run is {run} (as of {as_of}), of a day that is still to come: "
    "until then no other night can be run. `kam run` says what to do.",
    (
        "ahead",
        "zh",
    ): "最近一次成功运行：{run}（截至 {as_of}），该日期尚未到来："
    "在此之前无法运行其他夜间任务。执行 `kam run` 可查看处理办法。",
    ("none", "en"): "There is no good run yet; `kam run` makes one.",
    ("none", "zh"): "尚无成功运行；请执行 `kam run`。",
}
_COUNTS = {
    "en": "{accounts:,} accounts, {lines:,} log lines, {actions:,} actions emitted.",
    "zh": "客户 {accounts:,} 家，日志 {lines:,} 行，下达行动 {actions:,} 项。",
}
_UNITS = (
    (86400, {"en": "d", "zh": "天"}),
    (3600, {"en": "h", "zh": "小时"}),
    (60, {"en": "min", "zh": "分钟"}),
    (1, {"en": "s", "zh": "秒"}),
)


def status_text(status: Status, max_age: timedelta, language: str) -> str:
    """Two lines for people: when, and what it did."""
    sentence = _SENTENCES[status.state, language]
    run = status.run
    if run is None:
        return sentence
    said = sentence.format(
        run=run.run_id,
        as_of=run.as_of.isoformat(),
        age=duration(status.age or timedelta(), language),
        max_age=duration(max_age, language),
        finished=run.finished_at.isoformat(),
    )
    counts = _COUNTS[language].format(
        accounts=run.counts.get("accounts", 0),
        lines=run.last_seq - run.first_seq + 1,
        actions=run.actions,
    )
    return f"{said}\n{counts}"


def status_json(status: Status, max_age: timedelta) -> str:
    """The same for a monitor; every key is always there."""
    run = status.run
    return json_row(
        {
            "good": status.good,
            "state": status.state,
            "run": run and run.run_id,
            "as_of": run and run.as_of,
            "finished_at": run and run.finished_at,
            "age_seconds": None if status.age is None else int(status.age.total_seconds()),
            "max_age_seconds": int(max_age.total_seconds()),
            "counts": run and run.counts,
        }
    )


def duration(length: timedelta, language: str) -> str:
    """The two largest units of a length of time.

    >>> duration(timedelta(hours=23, minutes=59, seconds=59), "en")
    '23 h 59 min'
    >>> duration(timedelta(days=2), "zh"), duration(timedelta(seconds=-3), "en")
    ('2 天', '0 s')
    """
    rest = max(int(length.total_seconds()), 0)
    parts: list[str] = []
    for seconds, names in _UNITS:
        count, rest = divmod(rest, seconds)
        if count or parts:
            parts.append(f"{count} {names[language]}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part) or f"0 {_UNITS[-1][1][language]}"
