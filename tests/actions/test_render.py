"""The text of an action, and its id in Python and in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.actions.render import action_id, render_action
from engine.console.values import bare_value
from engine.model import Title

PART = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    """The macros as the lifecycle defines them."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE MACRO part(x) AS replace(replace(coalesce(x, ''), '\\', '\\\\'), '|', '\\|')"
        )
        yield connection


@given(PART, PART, PART, st.none() | PART, PART)
@example("d", "A|1", "r\\", None, "华东")
def test_action_id_is_the_same_in_sql(
    sql: duckdb.DuckDBPyConnection,
    pack: str,
    account: str,
    rule: str,
    level: str | None,
    template: str,
) -> None:
    day = date(2026, 6, 30)
    found = sql.execute(
        "SELECT substr(sha256(concat_ws('|', part(?), part(?), part(?), part(?), part(?), "
        "strftime(?::DATE, '%Y-%m-%d'))), 1, 24)",
        [pack, account, rule, level, template, day],
    ).fetchone()
    assert found == (action_id(pack, account, rule, level, template, day),)


def test_action_id_keeps_parts_apart() -> None:
    day = date(2026, 6, 30)
    ids = {
        action_id("d", "A|r", "x", "red", "t", day),
        action_id("d", "A", "r|x", "red", "t", day),
        action_id("d", "A\\", "r|x", "red", "t", day),
        action_id("d", "A", "r", "x|red", "t", day),
        action_id("d", "A", "r", "x|red", "t", date(2026, 7, 1)),
    }
    assert len(ids) == 5
    assert action_id("d", "A", "r", None, "t", day) == action_id(
        "d", "A", "r", "", "t", "2026-06-30"
    )


def rendered(text: str, **values: object) -> Title:
    return render_action(
        Title(zh=text, en=text),
        {"name": "华东{x}重工", "warning": Title(zh="投诉频次上升", en="Complaints rising")},
        values,
        {"purchase": "money", "share": "ratio", "silent": "days", "due": "date", "ok": "boolean"},
        bare_value,
    )


def test_action_text_is_filled_by_type_in_both_languages() -> None:
    text = rendered(
        "{name}: {warning} {purchase} {share} {silent} {due} {ok}",
        purchase=Decimal("1234567.5"), share=Decimal("0.213"), silent=45,
        due="2026-06-30", ok=True,
    )  # fmt: skip
    assert text.zh == "华东{x}重工: 投诉频次上升 1,234,567.50 21.3% 45 2026-06-30 是"
    assert text.en == "华东{x}重工: Complaints rising 1,234,567.50 21.3% 45 2026-06-30 yes"


def test_action_text_says_what_is_missing() -> None:
    assert rendered("{purchase}/{other}", purchase=None) == Title(
        zh="不详/不详", en="unknown/unknown"
    )


def test_action_text_reaches_no_attributes() -> None:
    text = "{name.__class__} {0} {} {{name}} {Name}"
    assert rendered(text).en == "{name.__class__} {0} {} {华东{x}重工} {Name}"
