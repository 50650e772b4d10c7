"""`kam explain --since`, `--set` and `kam near`, as people and programs call them."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

import kam
from tests.explain.asking import PACK
from tests.night.book import NIGHT, Book


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Two nights: on the second the policy asks for more, and a1 has bought less."""
    book = Book(tmp_path_factory.mktemp("moved") / "workspace")
    book.run()
    book.replace("data/orders.csv", "a1,2026-01-01,200000.00", "a1,2026-01-01,120000.00")
    book.replace(PACK, "{value: 100万", "{value: 105万")
    book.run(NIGHT + timedelta(days=1))
    return book


def call(book: Book, *arguments: str) -> Result:
    command = [*arguments, "-w", str(book.root)]
    return CliRunner(env={"COLUMNS": "160"}).invoke(kam.main, command)


def shown(book: Book, *arguments: str) -> str:
    result = call(book, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def read(book: Book, *arguments: str) -> Any:
    return json.loads(shown(book, *arguments, "--format", "json"))


def test_since_says_what_it_took_and_where_it_is_written(moved: Book) -> None:
    text = shown(moved, "explain", "a1", "--since", NIGHT.isoformat(), "--lang", "en")
    assert "candidate: Gold → Silver" in text
    assert "it took the facts and the policy together" in text
    assert "on the facts alone: Gold" in text
    assert "on the policy alone: Gold" in text
    assert "Purchase 1,100,000.00 CNY → 1,020,000.00 CNY ≥ $big = 105万" in text
    assert "then: ≥ $big = 100万" in text
    assert "parameter big: 100万 → 105万" in text
    assert f"{PACK}:38" in text or f"{PACK}:" in text


def test_since_speaks_chinese(moved: Book) -> None:
    text = shown(moved, "explain", "a1", "--since", NIGHT.isoformat(), "--lang", "zh")
    assert "当晚评定: 金 → 银" in text
    assert "须数据与制度共同作用" in text


def test_since_is_json_for_programs(moved: Book) -> None:
    (found,) = read(moved, "explain", "a1", "--since", NIGHT.isoformat())
    assert found["tier_causes"]["sufficient"] == [["facts", "policy"]]
    assert found["tiers"][0] == {"which": "candidate", "before": "gold", "after": "silver"}
    assert found["policy"][0]["now"] == "105万"


def test_set_shows_the_difference_and_whole_the_tree(moved: Book) -> None:
    text = shown(moved, "explain", "a1", "--set", "purchase=105万", "--lang", "en")
    assert "Purchase 1,020,000.00 CNY → 1,050,000.00 CNY" in text
    assert "candidate: Silver → Gold" in text
    assert "stand as they were kept that night" in text
    whole = shown(moved, "explain", "a1", "--set", "purchase=105万", "--whole", "--lang", "en")
    assert "✓ Purchase 1,050,000.00 CNY ≥ $big = 105万" in whole
    (found,) = read(moved, "explain", "a1", "--set", "purchase=105万")
    assert found["after"]["candidate"] == "gold"
    assert found["given"][0]["is_computed"] is False


def test_set_of_a_formula_says_that_it_stands_fixed(moved: Book) -> None:
    text = shown(moved, "explain", "a1", "--set", "share=50%", "--lang", "en")
    assert "stands in place of its formula" in text


@pytest.mark.parametrize(
    "arguments",
    [("--since", "2026-06-30", "--set", "purchase=1"), ("--whole",)],
)
def test_questions_that_exclude_each_other_are_a_wrong_call(
    moved: Book, arguments: tuple[str, ...]
) -> None:
    assert call(moved, "explain", "a1", *arguments).exit_code == 2


def test_near_lists_what_is_missing(moved: Book) -> None:
    text = shown(moved, "near", "--tier", "gold", "--lang", "en")
    assert "Small policy: Gold" in text
    assert "short by 30,000.00 CNY (2.9%)" in text
    assert text.index("a1") < text.index("a3") < text.index("a2")


def test_near_is_rows_for_programs(moved: Book) -> None:
    rows = read(moved, "near", "--tier", "gold")
    assert [row["account"] for row in rows] == ["a1", "a3", "a2"]
    assert rows[0]["missing"][0]["fact"] == "purchase"
    assert rows[0]["missing"][0]["amount"] == "30000.00"
    (one,) = read(moved, "near", "--tier", "gold", "--within", "1", "--limit", "1")
    assert (one["account"], one["conditions"], one["relative"]) == ("a1", 1, 0.028571)
    text = shown(moved, "near", "--tier", "gold", "--format", "csv")
    listed = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert [row["conditions"] for row in listed] == ["1", "1", "2"]


def test_reader_of_a_low_class_sees_no_value(moved: Book) -> None:
    for arguments in (
        ("explain", "a1", "--since", NIGHT.isoformat()),
        ("explain", "a1", "--set", "purchase=105万"),
        ("near", "--tier", "gold"),
    ):
        text = shown(moved, *arguments, "--reader", "public", "--format", "json")
        for value in ("1020000.00", "1100000.00", "30000.00", "长江重工"):
            assert value not in text, arguments
