"""The ids of actions and causes are the very hashes of macros.sql."""

from __future__ import annotations

from datetime import date

import duckdb
from hypothesis import example, given
from hypothesis import strategies as st

from engine.lifecycle.account.causes import action_id, cause_id
from engine.lifecycle.night import run_file

CONNECTION = duckdb.connect(config={"threads": 1})
run_file(CONNECTION, "macros")

PARTS = st.text(st.sampled_from("ab|\\客户#@: "), max_size=6)


@given(PARTS, PARTS, PARTS, st.none() | PARTS, PARTS, st.dates(date(1000, 1, 1)))
@example("p", "A|1", "w", "", "", date(2026, 6, 30))
@example("p", "A", "1|w", "", "", date(2026, 6, 30))
@example("p", "A\\", "|w", None, "", date(2026, 6, 30))
def test_ids_are_those_of_the_night(
    pack: str, account: str, rule: str, part: str | None, more: str, day: date
) -> None:
    query = "SELECT action_id($1, $2, $3, $4, $5, $6), cause_id($1, $2, $5, $3, $4, $6)"
    given_parts = [pack, account, rule, part, more, day]
    ((action, cause),) = CONNECTION.execute(query, given_parts).fetchall()
    assert action_id(pack, account, rule, part, more, day) == action
    assert cause_id(pack, account, more, rule, part, day) == cause


def test_parts_that_join_alike_have_different_ids() -> None:
    day = date(2026, 6, 30)
    assert action_id("p", "A|1", "w", "", "t", day) != action_id("p", "A", "1|w", "", "t", day)
