"""The answers of `kam replay`, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

from engine.audit.records import Masked
from engine.console.formats import json_row
from engine.console.problem_words.problem_text import problem_text
from engine.console.sentences import sentence
from engine.console.tables import ColumnView, level_name, print_table
from engine.reports.listing import Listing

if TYPE_CHECKING:
    from engine.replay.backtest import Backtest, BacktestNight, Migration
    from engine.replay.rerun import Replayed

Row = Mapping[str, Any]

_TEXTS = {
    "en": {
        "identical": "identical",
        "different": "DIFFERENT: {total:,} differences in {accounts:,} accounts",
        "not_kept": "cannot be decided again",
        "unreadable": "UNREADABLE",
        "engines": "  decided by kam {then}, replayed by kam {now}",
        "plan": "  this version makes another plan of the same policy",
        "forgotten": "  {count:,} forgotten accounts cannot be compared",
        "more": "  {count:,} more differences are not shown",
        "sum": "{runs} runs: {states}.",
        "between": ", ",
        "nobody": "nobody would have been elsewhere",
        "moves": "{accounts:,} accounts would have been elsewhere",
        "from_sources": "  facts read again from the sources, which have not changed",
        "all": "In all {runs} nights, an account counted on each",
        "warnings": "Warnings: {earlier} earlier, {later} later, {new} new, {gone} not at all.",
        "none": "outside",
        "before": "before",
    },
    "zh": {
        "identical": "一致",
        "different": "不一致\uff1a{accounts:,} 家客户有 {total:,} 处差异",
        "not_kept": "无法重算",
        "unreadable": "无法读取",
        "engines": "  当时由 kam {then} 裁定\uff0c现由 kam {now} 重放",
        "plan": "  本版本对同一制度生成的计划不同",
        "forgotten": "  {count:,} 家客户的个人数据已销毁\uff0c无法比较",
        "more": "  另有 {count:,} 处差异未列出",
        "sum": "共 {runs} 次运行\uff1a{states}。",
        "between": "\uff0c",
        "nobody": "没有客户的等级会不同",
        "moves": "{accounts:,} 家客户的等级会不同",
        "from_sources": "  数据重新取自未变动的数据源",
        "all": "全部 {runs} 晚合计\uff08每晚各计一次\uff09",
        "warnings": "预警\uff1a提前 {earlier}\uff0c推迟 {later}\uff0c新增 {new}\uff0c"
        "不再触发 {gone}。",
        "none": "范围外",
        "before": "此前",
    },
}
_SHIFTS_ZH = {"earlier": "提前", "later": "推迟", "new": "新增", "gone": "不再触发"}
_SHIFTS_EN = {"earlier": "earlier", "later": "later", "new": "new", "gone": "not at all"}


# --- a replay ------------------------------------------------------------------------------


def print_replayed(one: Replayed, language: str, console: Console) -> None:
    """One run: what came of it, and where it is otherwise."""
    texts = _TEXTS[language]
    said = texts[one.state].format(total=one.total + len(one.problems), accounts=one.accounts)
    _say(console, f"{one.run.run_id}  {said}")
    if one.state == "different" and one.engine != one.run.engine_version:
        _say(console, texts["engines"].format(then=one.run.engine_version, now=one.engine))
    if one.state == "different" and not one.is_same_plan:
        _say(console, texts["plan"])
    for found in one.problems:
        _say(console, f"  {found.code}: {problem_text(found.message, language)}")
    for note in one.notes:
        _say(console, f"  {sentence(note, language)}")
    if one.forgotten:
        _say(console, texts["forgotten"].format(count=one.forgotten))
    if one.differences:
        rows = (asdict(difference) for difference in one.differences)
        print_table(_listing(rows), DIFFERENCES, language, console)
    if one.total > len(one.differences):
        _say(console, texts["more"].format(count=one.total - len(one.differences)))


def print_sum(replayed: Sequence[Replayed], language: str, console: Console) -> None:
    """How many runs came out how."""
    counts: Counter[str] = Counter(one.state for one in replayed)
    names = {
        "en": {"identical": "identical", "different": "different",
               "not_kept": "not kept", "unreadable": "unreadable"},
        "zh": {"identical": "一致", "different": "不一致",
               "not_kept": "无法重算", "unreadable": "无法读取"},
    }[language]  # fmt: skip
    texts = _TEXTS[language]
    states = texts["between"].join(
        f"{counts[one]} {name}" for one, name in names.items() if counts[one]
    )
    _say(console, texts["sum"].format(runs=len(replayed), states=states))


def replay_json(replayed: Sequence[Replayed]) -> str:
    """A JSON document: ``runs``, each with its state, problems and differences."""
    return json_row({"runs": [_replayed(one) for one in replayed]})


def _replayed(one: Replayed) -> dict[str, Any]:
    return {
        "run": one.run.run_id,
        "as_of": one.run.as_of,
        "state": one.state,
        "engine_then": one.run.engine_version,
        "engine_now": one.engine,
        "same_plan": one.is_same_plan,
        "total": one.total,
        "accounts": one.accounts,
        "forgotten": one.forgotten,
        "problems": [
            {"code": found.code, "message": found.message, "hint": found.hint}
            for found in one.problems
        ],
        "notes": list(one.notes),
        "differences": [_seen(asdict(difference)) for difference in one.differences],
        "seconds": round(one.seconds, 3),
    }


# --- a backtest ----------------------------------------------------------------------------


def print_backtest(found: Backtest, language: str, console: Console, limit: int | None) -> None:
    """Night by night who would have been where, then all nights together and the warnings."""
    texts = _TEXTS[language]
    for night in found.nights:
        _print_night(night, language, console, limit)
    _say(console, texts["all"].format(runs=len(found.nights)))
    print_table(_matrix(found.migrations, language), MATRIX, language, console)
    _say(console, texts["moves"].format(accounts=found.accounts))
    shifts: Counter[str] = Counter(one.shift for one in found.warnings)
    counts = {shift: f"{shifts[shift]:,}" for shift in _SHIFTS_EN}
    _say(console, "\n" + texts["warnings"].format(**counts))
    if found.warnings:
        rows = (asdict(one) for one in found.warnings[:limit])
        print_table(_listing(rows, len(found.warnings)), WARNINGS, language, console)


def _print_night(night: BacktestNight, language: str, console: Console, limit: int | None) -> None:
    texts = _TEXTS[language]
    moved = len(night.moved)
    said = texts["moves"].format(accounts=moved) if moved else texts["nobody"]
    _say(console, f"{night.run.run_id}  {said}")
    if night.from_sources:
        _say(console, texts["from_sources"])
    if night.forgotten:
        _say(console, texts["forgotten"].format(count=night.forgotten))
    if moved:
        moves = [one for one in night.migrations if one.then != one.now]
        print_table(_matrix(moves, language), MATRIX, language, console)
        rows = (
            {**asdict(one), "where": f"{one.location.file}:{one.location.line}"}
            for one in night.moved[:limit]
        )
        print_table(_listing(rows, moved), MOVED, language, console)


def backtest_json(found: Backtest) -> str:
    """A JSON document: ``nights``, ``migrations``, ``accounts`` and ``warnings``."""
    return json_row(
        {
            "nights": [_night(night) for night in found.nights],
            "migrations": [asdict(one) for one in found.migrations],
            "accounts": found.accounts,
            "warnings": [_seen(asdict(one)) for one in found.warnings],
        }
    )


def _night(night: BacktestNight) -> dict[str, Any]:
    return {
        "run": night.run.run_id,
        "as_of": night.run.as_of,
        "from_sources": night.from_sources,
        "forgotten": night.forgotten,
        "migrations": [asdict(one) for one in night.migrations],
        "moved": [
            _seen(
                {key: value for key, value in asdict(one).items() if key != "location"}
                | {"file": one.location.file, "line": one.location.line}
            )
            for one in night.moved
        ],
    }


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    """What the reader may not see is null, and named in ``masked``."""
    masked = [key for key, value in row.items() if isinstance(value, Masked)]
    return row | dict.fromkeys(masked) | ({"masked": masked} if masked else {})


# --- tables --------------------------------------------------------------------------------


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def _listing(rows: Iterator[dict[str, Any]], total: int | None = None) -> Listing:
    return Listing((), rows, total)


def _matrix(migrations: Sequence[Migration], language: str) -> Listing:
    return _listing(asdict(one) for one in migrations)


def _tier(key: str) -> Any:
    return lambda row, language: row[key] or _TEXTS[language]["none"]


def _plain(key: str) -> Any:
    return lambda row, language: "" if row[key] is None else str(row[key])


def _when(row: Row, key: str, language: str) -> str:
    other = "new" if key == "then" else "gone"
    if row[key] is None and row["shift"] != other:
        return _TEXTS[language]["before"]
    return row[key] or ""


def _shift(row: Row, language: str) -> str:
    name = (_SHIFTS_ZH if language == "zh" else _SHIFTS_EN)[row["shift"]]
    return name if row["nights"] is None else f"{name} {row['nights']}"


DIFFERENCES: tuple[ColumnView, ...] = (
    ColumnView("account", "客户编号", _plain("account")),
    ColumnView("pack", "制度", _plain("pack")),
    ColumnView("in", "位置", _plain("where")),
    ColumnView("field", "字段", _plain("field")),
    ColumnView("then", "当时", _plain("then")),
    ColumnView("now", "现在", _plain("now")),
)
MATRIX: tuple[ColumnView, ...] = (
    ColumnView("pack", "制度", _plain("pack")),
    ColumnView("was", "实际等级", _tier("then")),
    ColumnView("would be", "假设等级", _tier("now")),
    ColumnView("accounts", "客户数", lambda row, _: f"{row['accounts']:,}", right=True),
)
MOVED: tuple[ColumnView, ...] = (
    ColumnView("account", "客户编号", _plain("account")),
    ColumnView("name", "名称", _plain("name")),
    ColumnView("was", "实际等级", _tier("then")),
    ColumnView("would be", "假设等级", _tier("now")),
    ColumnView("rule", "规则", _plain("rule")),
    ColumnView("where", "位置", _plain("where")),
)
WARNINGS: tuple[ColumnView, ...] = (
    ColumnView("account", "客户编号", _plain("account")),
    ColumnView("rule", "规则", _plain("rule")),
    ColumnView("level", "等级", lambda row, language: level_name(row["level"], language)),
    ColumnView("comes", "变化", _shift),
    ColumnView("was on", "实际日期", lambda row, language: _when(row, "then", language)),
    ColumnView("would be on", "假设日期", lambda row, language: _when(row, "now", language)),
)
