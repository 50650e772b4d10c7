"""A handful of example rows for any vocabulary, so that a new workspace runs at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from engine.demo.workspace import RECORD_KEYS, stored_columns
from engine.model import Column, RecordType, Vocabulary

ROWS = 5

LAST_DAY = date(2026, 6, 30)
"""No example is later, so that the rows are the same whenever they are written."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "name": (
        "苏州恒瑞智能装备有限公司",
        "杭州华源新材料股份有限公司",
        "武汉盛泰汽车零部件有限公司",
        "成都市第一人民医院",
        "中维能源集团西安分公司",
    ),
    "status": ("active",),
    "region": ("华东", "华东", "华中", "西南", "西北"),
    "industry": ("装备制造", "化工材料", "汽车", "医疗卫生", "能源电力"),
    "controller": ("",),
    "contact_name": ("王建国", "李秀英", "张志强", "刘敏", "陈海涛"),
    "contact_phone": ("10000000001", "10000000002", "10000000003", "10000000004", "10000000005"),
    "churn_reason": ("",),
    "ownership": ("private", "private", "foreign", "government", "central_state_owned"),
    "cooperation_stage": ("stable", "delivery", "running_in"),
    "cooperation_since": ("2019-03-01", "2021-09-15", "2025-02-20", "2020-06-10", "2018-11-05"),
    "founded_on": ("2008-05-18", "2003-10-09", "2012-12-01", "1951-07-01", "1996-04-22"),
    "contact_birthday": ("1980-02-14", "1976-08-30", "1985-11-03", "1972-05-21", "1979-09-12"),
    "recommendation": ("9", "8", "10", "7", "6"),
    "project": ("一期工程", "二期工程", "年度运维"),
    "knowledge_reference": ("KB-0001", "KB-0002"),
    "note": ("示例",),
    "business_line": ("智能化系统", "机电安装", "运维服务"),
    "department": ("采购部", "工程部", "设备动力部"),
    "person": ("赵芳", "黄军", "周丽娟", "吴勇", "徐静"),
    "owner": ("赵芳", "黄军"),
    "author": ("赵芳", "黄军"),
    "milestone": ("设备到货", "安装完成", "竣工验收"),
    "cost": ("75000.00", "148000.00", "230000.00", "310000.00", "401000.00"),
    "returned_amount": ("0.00",),
    "ended_on": ("",),
}
"""By the name of the column, for those whose type says too little; repeated in turn."""


def write_examples(vocabulary: Vocabulary, folder: Path) -> dict[str, str]:
    """Writes a CSV file for each table into `folder`; returns table → name of the file."""
    accounts = tuple(vocabulary.accounts.values())
    _write(folder / "accounts.csv", ["account_id"], accounts, "accounts")
    for record in vocabulary.records.values():
        _write_record(record, folder / f"{record.name}.csv")
    return {name: f"{name}.csv" for name in ("accounts", *vocabulary.records)}


def _write_record(record: RecordType, path: Path) -> None:
    key = RECORD_KEYS.get(record.name)
    ids = ["account_id"] if key is None else [key, "account_id"]
    _write(path, ids, stored_columns(record), record.name)


def _write(path: Path, ids: list[str], columns: Iterable[Column], table: str) -> None:
    listed = tuple(columns)
    # The byte order mark tells a spreadsheet that the text is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*ids, *(column.name for column in listed)])
        for row in range(ROWS):
            writer.writerow([*_ids(ids, row, table), *_values(listed, row)])


def _ids(ids: list[str], row: int, table: str) -> Iterator[str]:
    for name in ids:
        letter = "K" if name == "account_id" else table[0].upper()
        yield f"{letter}{row + 1:03}"


def _values(columns: tuple[Column, ...], row: int) -> Iterator[str]:
    for position, column in enumerate(columns):
        examples = EXAMPLES.get(column.name)
        if examples is not None and set(examples) - {""} <= set(column.values or examples):
            yield examples[row % len(examples)]
        else:
            yield _by_type(column, row, position)


def _by_type(column: Column, row: int, position: int) -> str:
    match column.type:
        case "text":
            title = column.title.zh if column.title else column.name
            return f"{title}{row + 1}"
        case "enum" | "ordinal":
            return column.values[row % len(column.values)]
        case "boolean":
            return "true" if row % 2 == 0 else "false"
        case "date":
            return _day(row, position).isoformat()
        case "datetime":
            moment = datetime.combine(_day(row, 0), time(9)) + timedelta(minutes=15 * position)
            return moment.isoformat(sep=" ")
        case "money":
            return f"{100_000 * (row + 1)}.00"
        case _:
            return str(_number(column, row))


def _day(row: int, position: int) -> date:
    # Later columns hold later days: issued, due, paid.
    return LAST_DAY - timedelta(days=80 + 60 * row - 10 * min(position, 7))


def _number(column: Column, row: int) -> Decimal:
    match column.type:
        case "ratio":
            wanted = Decimal(row + 1) / 20
        case "score" | "nps":
            wanted = Decimal(90 - 4 * row)
        case _:
            wanted = Decimal(row + 1)
    if column.range is not None:
        low, high = column.range
        wanted = min(max(wanted, low), high)
    return wanted
