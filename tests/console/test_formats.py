"""Rows as JSON, JSON Lines, CSV and tables: nothing lost, nothing that a program obeys."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from engine.audit.records import JsonText
from engine.console.formats import csv_cell, write_listing
from engine.console.tables import ColumnView, print_table
from engine.reports.listing import Listing

ROW: dict[str, Any] = {
    "name": "华东=重工",
    "tier": None,
    "moved": True,
    "amount": Decimal("-1234567.50"),
    "since": date(2026, 6, 30),
    "at": datetime(2026, 6, 30, 18, 0, tzinfo=UTC),
    "scores": {"value": -0.5},
    "evidence": JsonText('{"x":1.50}'),
}


def written(rows: list[dict[str, Any]], form: str, columns: tuple[str, ...] = ("x",)) -> bytes:
    stream = io.BytesIO()
    write_listing(Listing(tuple(rows[0]) if rows else columns, iter(rows), None), form, stream)
    return stream.getvalue()


def test_jsonl_has_a_row_a_line_and_keeps_json_digit_by_digit() -> None:
    first, second = written([ROW, ROW], "jsonl").decode().splitlines()
    assert first == second
    assert '"evidence":{"x":1.50}' in first
    found = json.loads(first)
    assert (found["name"], found["tier"], found["moved"]) == ("华东=重工", None, True)
    assert (found["since"], found["at"]) == ("2026-06-30", "2026-06-30T18:00:00+00:00")


@pytest.mark.parametrize("count", [0, 1, 2, 3000])
def test_json_is_one_array(count: int) -> None:
    assert len(json.loads(written([ROW] * count, "json"))) == count


def test_csv_has_a_mark_for_excel_and_reads_back() -> None:
    content = written([ROW], "csv")
    assert content.startswith(b"\xef\xbb\xbfname,")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert row["amount"] == "-1234567.50"
    assert (row["tier"], row["moved"], row["since"]) == ("", "true", "2026-06-30")
    assert json.loads(row["scores"]) == {"value": -0.5}


def test_csv_of_nothing_has_its_heading() -> None:
    assert written([], "csv", ("account", "name")) == b"\xef\xbb\xbfaccount,name\r\n"


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=1",
     "＝1", "\u3000+1", "-", "+", "-1e5", "--1", "-5%", "\ufeff=1"],
)  # fmt: skip
def test_csv_cell_that_could_be_a_formula_is_a_text(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-0.50", "0", "12.5", "A=1", "a-b", "", "'x", "华东"])
def test_csv_cell_that_is_no_formula_stays(text: str) -> None:
    assert csv_cell(text) == text


@pytest.mark.parametrize("value", [-5, -0.5, Decimal("-1234.50")])
def test_csv_negative_number_stays_a_number(value: float | Decimal) -> None:
    assert csv_cell(value) == str(value)


@given(st.text())
def test_csv_cell_never_begins_a_formula(text: str) -> None:
    cell = csv_cell(text)
    begins = cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not begins or cell.lstrip("-").replace(".", "", 1).isdecimal()


def _name(row: Mapping[str, Any], language: str) -> str:
    return str(row["name"])


COLUMNS = (
    ColumnView("name", "客户名称", _name),
    ColumnView("n", "数", lambda r, _: "1", right=True),
)


def table(names: list[str], total: int | None = None, lang: str = "en", **options: Any) -> str:
    stream = io.StringIO()
    listing = Listing(("name",), iter([{"name": name} for name in names]), total)
    print_table(listing, COLUMNS, lang, Console(file=stream, **options))
    return stream.getvalue()


def test_table_lines_up_wide_characters() -> None:
    heading, rule, first, second = table(["华东重工", "abcdefgh"]).splitlines()
    assert heading.startswith("name ")
    assert rule.startswith("────────")
    assert first.index("1") + 4 == second.index("1")  # four wide characters fill eight cells


def test_table_shows_controls_and_markup_as_they_are() -> None:
    shown = table(["[red]a[/red]", "b\x1b[31mc", "d\u202ee", "f\ng"])
    assert "[red]a[/red]" in shown
    assert "b\\x1b[31mc" in shown
    assert "d\\u202ee" in shown
    assert "f\\ng" in shown
    assert "\x1b" not in shown


def test_table_in_a_file_is_as_wide_as_it_has_to_be() -> None:
    assert "x" * 500 in table(["x" * 500], width=40)


def test_table_on_a_terminal_folds_and_loses_nothing() -> None:
    shown = table(["x" * 100], width=40, force_terminal=True, color_system=None)
    assert shown.count("x") == 100
    assert max(map(len, shown.splitlines())) <= 40


@pytest.mark.parametrize(
    ("total", "lang", "last"),
    [
        (2, "en", "b  1"),
        (None, "en", "b  1"),
        (3, "en", "… and 1 more; --limit 0 lists all 3."),
        (1502, "zh", "…… 另有 1,500 条；--limit 0 列出全部 1,502 条。"),
    ],
)
def test_table_says_how_many_more_there_are(total: int | None, lang: str, last: str) -> None:
    shown = table(["aaaa", "b"], total, lang).splitlines()[-1]
    assert " ".join(shown.split()) == " ".join(last.split())


def test_table_of_nothing_says_so() -> None:
    assert table([]).splitlines()[-1] == "Nothing to list."
