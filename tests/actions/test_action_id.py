"""The id of an action: what the SQL of the night computes is what it is said to be.

The id is the first 24 hexadecimal digits of SHA-256 over the UTF-8 of six parts joined by
``|``: pack, account, rule, level, template and the day on which the warning opened or the
milestone was reached. Within a part, a backslash and a ``|`` have a backslash before them; no
level is an empty part; the day is ISO. Ids in stores of years ago rest on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.lifecycle import night

DAY = date(2026, 6, 30)
PART = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


def action_id(
    pack: str, account: str, rule: str, level: str | None, template: str, day: date = DAY
) -> str:
    """The same as the macro, written apart from it."""
    parts = (pack, account, rule, level or "", template, day.isoformat())
    text = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the macros of the night."""
    with duckdb.connect() as connection:
        night.run_file(connection, "macros")
        yield connection


def computed(
    sql: duckdb.DuckDBPyConnection,
    pack: str, account: str, rule: str, level: str | None, template: str, day: date = DAY,
) -> str:  # fmt: skip
    ((found,),) = sql.execute(
        "SELECT action_id(?, ?, ?, ?, ?, ?::DATE)", [pack, account, rule, level, template, day]
    ).fetchall()
    return str(found)


@given(PART, PART, PART, st.none() | PART, PART)
@example("d", "A|1", "r\\", None, "华东")
def test_action_id_of_the_night_is_the_one_described(
    sql: duckdb.DuckDBPyConnection,
    pack: str,
    account: str,
    rule: str,
    level: str | None,
    template: str,
) -> None:
    found = computed(sql, pack, account, rule, level, template)
    assert found == action_id(pack, account, rule, level, template)


def test_action_id_never_changes(sql: duckdb.DuckDBPyConnection) -> None:
    assert computed(sql, "d", "A1", "complaints", "red", "visit") == "b89ba9f6ce3eb78e71e4abc9"


def test_action_id_keeps_parts_apart(sql: duckdb.DuckDBPyConnection) -> None:
    ids = {
        computed(sql, "d", "A|r", "x", "red", "t"),
        computed(sql, "d", "A", "r|x", "red", "t"),
        computed(sql, "d", "A\\", "r|x", "red", "t"),
        computed(sql, "d", "A", "r", "x|red", "t"),
        computed(sql, "d", "A", "r", "x|red", "t", date(2026, 7, 1)),
    }
    assert len(ids) == 5
    assert computed(sql, "d", "A", "r", None, "t") == computed(sql, "d", "A", "r", "", "t")
