"""A value of an event is typed as a cell of a source is: the same texts, the same values."""

from __future__ import annotations

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.day.cells import CellError, CellRules, typed_cell
from engine.executors.protocol import Value
from engine.facts.json_values import from_json, to_json
from engine.facts.loading import load_facts
from engine.facts.reading_catalog import load_catalog
from engine.language.texts import DiskTexts
from engine.plan.steps import Precision

RULES = CellRules(Precision(), ZoneInfo("Asia/Shanghai"))
FACTS = """
accounts:
  source: accounts.csv
  key: id
  columns:
    text: text
    word: {type: enum, values: [one, two]}
    truth: boolean
    whole: integer
    small: {type: integer, range: [1, 5]}
    number: number
    ratio: ratio
    score: score
    money: money
    day: date
    moment: datetime
    written: {type: date, format: "%d/%m/%Y"}
"""
COLUMNS = [
    "text",
    "word",
    "truth",
    "whole",
    "small",
    "number",
    "ratio",
    "score",
    "money",
    "day",
    "moment",
    "written",
]
TEXTS = (
    *(
        "one",
        " two ",
        "One",
        "x",
        "是",
        "否",
        "TRUE",
        "0",
        "1",
        "01",
        "1.0",
        "1.5",
        "-3",
        "+7",
        "6",
    ),
    *("5", "1e3", "1_000", "0x10", "1,000", ".5", "5.", ".", "+", "-", "12.50", "12.505", "12.500"),
    *("9999999999999999.99", "99999999999999999", "9223372036854775807", "9223372036854775808"),
    *("-9223372036854775808", "00000000000000000000001", "12%", "12 %", "%", "0.1234565", "100.1"),
    *("nan", "inf", "100", "-0.5", "0.0000005", "1234567.1234567", "2.5000005", "2.5000015"),
    *("2026-01-31", "2026-1-3", "2026/01/31", "2026/1-3", "20260131", "2026年1月3日", "2026-02-30"),
    *("0999-01-01", "1000-01-01", "9999-12-31", "10000-01-01", "2026-01-31 00:00", "31/01/2026"),
    *("2026-01-31T00:00:00.000", "2026-01-31 0:00", "2026-01-31 10:20", "2026-01-31T9:05:07"),
    *("2026-01-31 10:20:30.5", "2026-01-31 10:20:30.1234567", "2026-01-31 10:20:30.123456000"),
    *("2026-01-31 24:00", "2026-01-31 24:00:00", "2026-01-31 25:00", "2026-01-31 10:60"),
    *("2026-01-31 10:20Z", "2026-01-31T10:20:30+08:00", "2026-01-31 10:20 +0530", "2026-01-31Z"),
    *("2026-01-31 10:20-03", "2026-06-31 10:20", "1/2/2026", "01/13/2026"),
    *("\u30002026-01-31\u00a0", "\uff11", "two\u3000", "a\tb", "€5", "5元", "1万"),
)


def by_the_night(folder: Path, texts: list[str]) -> dict[tuple[str, str], Value | None]:
    """(column, text) → value, without what the night puts into quarantine."""
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    found: dict[tuple[str, str], Value | None] = {}
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", *COLUMNS])
        number = 0
        for text in texts:
            for column in COLUMNS:  # a row each, so that one bad cell spoils no other
                cells = [text if one == column else "" for one in COLUMNS]
                writer.writerow([f"{number:06d}", *cells])
                number += 1
    with duckdb.connect() as connection:
        catalog = load_catalog("facts.yaml", DiskTexts(folder))
        wanted = {"accounts": COLUMNS}
        load_facts(connection, catalog, folder, wanted, Precision(), "Asia/Shanghai")
        names = ", ".join(f'"{one}"' for one in COLUMNS)
        rows = connection.execute(f"SELECT account_id, {names} FROM accounts").fetchall()
    for row in rows:
        place = int(row[0])
        text, column = texts[place // len(COLUMNS)], place % len(COLUMNS)
        found[COLUMNS[column], text] = row[column + 1]
    return found


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("cells")
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    return load_catalog("facts.yaml", DiskTexts(folder)).accounts.columns


def test_a_text_is_read_as_the_night_reads_it(tmp_path: Path, columns) -> None:  # type: ignore[no-untyped-def]
    night = by_the_night(tmp_path, list(TEXTS))
    differ = []
    for text in TEXTS:
        for name in COLUMNS:
            try:
                value = typed_cell(text, columns[name].column, columns[name].format, RULES)
                day = (True, value, type(value))
            except CellError:
                day = (False, None, None)
            known = (name, text) in night
            expected = (known, night.get((name, text)), type(night[name, text]) if known else None)
            if day != expected:
                differ.append((name, text, day, expected))
    assert differ == []
    assert len(night) > 200


@given(st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(-1e9, 1e9)))
def test_a_number_of_json_is_the_number_that_it_writes(said: float) -> None:
    """Where JSON's number and its own text can both be read, they are one value."""
    from engine.errors import Location
    from engine.model import Column

    place = Location("facts.yaml")
    for kind in ("money", "integer", "number", "ratio"):
        column = Column("x", kind, None, (), None, "internal", None, place)  # type: ignore[arg-type]
        found = []
        for form in (said, repr(said).lower()):
            try:
                found.append(typed_cell(form, column, None, RULES))
            except CellError:
                found.append(None)
        if None not in found:
            assert found[0] == found[1]


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        (0.1 + 0.2, "money", "0.30"),  # what floating point makes of it is no third decimal
        (12.505, "money", None),
        (3.0, "integer", "3"),
        (3.5, "integer", None),
        (None, "integer", "missing"),
        ("  ", "date", "missing"),
        ([1], "text", None),
    ],
)
def test_json_is_typed_or_refused(said: object, kind: str, value: str | None) -> None:
    from engine.errors import Location
    from engine.model import Column

    column = Column("x", kind, None, (), None, "internal", None, Location("x"))  # type: ignore[arg-type]
    if value is None:
        with pytest.raises(CellError):
            typed_cell(said, column, None, RULES)
    else:
        found = typed_cell(said, column, None, RULES)
        assert ("missing" if found is None else str(found)) == value


def test_a_typed_value_goes_through_json_unchanged(columns) -> None:  # type: ignore[no-untyped-def]
    good = {
        "text": "甲", "word": "one", "truth": "false", "whole": "-7", "number": "0.1",
        "ratio": "5%",
        "score": "99.5", "money": "9999999999999999.99", "day": "2026-01-31",
        "moment": "2026-01-31 10:20:30.5",
    }  # fmt: skip
    for name, text in good.items():
        column = columns[name].column
        value = typed_cell(text, column, None, RULES)
        again = from_json(to_json(value), column.type)
        assert (again, type(again)) == (value, type(value))
    for said, kind in (
        ("x", "money"),
        (1, "text"),
        ("1", "integer"),
        (1, "boolean"),
        ("x", "date"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            from_json(said, kind)
