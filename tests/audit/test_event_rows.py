"""Lines and actions of an event are those that a night would write, in the same order."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audit.events.rows import action_rows, log_rows
from engine.audit.kinds import LOG_KINDS
from engine.lifecycle import night

PACKS = ("a", "b")
RULES = ("x", "y", "A")
KINDS = ("pack", "tier", "warning", "milestone", "entitlement", "action")
CHANGES = tuple(one.kind for one in LOG_KINDS if not one.by_store and one.kind != "data_rejected")
NUMBERS = {
    (pack, kind, pack if kind == "pack" else rule): number
    for number, (pack, kind, rule) in enumerate(
        [(pack, kind, rule) for pack in PACKS for kind in KINDS for rule in RULES], start=1
    )
    if not (pack == "b" and rule == "y")
}
TEXTS = st.sampled_from(["\u00e9", "\U0001f600", "\uff5e", "z", '"', "A1"])
CHANGE = st.fixed_dictionaries(
    {
        "kind_order": st.integers(1, 10),
        "pack": st.sampled_from([*PACKS, "gone"]),
        "account_no": st.none(),
        "account_id": TEXTS,
        "kind": st.sampled_from(CHANGES),
        "rule_id": st.sampled_from([*RULES, "former"]),
        "from_value": st.none() | TEXTS,
        "to_value": st.none() | TEXTS,
        "evidence": st.none() | st.sampled_from(['{"a":1.50}', "{}"]),
    }
)
ACTION = st.fixed_dictionaries(
    {
        "action_id": TEXTS,
        "cause_id": TEXTS,
        "pack": st.sampled_from(PACKS),
        "scope": st.just("account"),
        "account_no": st.integers(0, 2),
        "kind": st.sampled_from(["warning", "milestone", "entitlement"]),
        "rule_id": st.sampled_from(["x", "A"]),
        "level": st.sampled_from(["", "red", "yellow"]),
        "template": st.sampled_from(["x", "A"]),
        "owner_role": st.just("office"),
        "owner": st.none() | TEXTS,
        "due_on": st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        "priority": st.just("high"),
        "opened_on": st.just(date(2026, 6, 30)),
        "evidence": st.just("{}"),
    }
).map(lambda one: {**one, "account_id": f"A{one['account_no']}"})


def of_a_night(changes: list[dict[str, Any]], actions: list[dict[str, Any]]) -> tuple[Any, Any]:
    """What ``log.sql`` makes of them."""
    with duckdb.connect() as connection:
        _table(connection, "changes", changes, dict.fromkeys(("kind_order", "account_no"), "INT"))
        dates = dict.fromkeys(("due_on", "opened_on"), "DATE")
        _table(connection, "emitted_actions", actions, {"account_no": "INT", **dates})
        connection.execute(
            'CREATE TABLE quarantine (source VARCHAR, file VARCHAR, "row" INT, "column" VARCHAR, '
            "value VARCHAR, reason VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE account_scores AS SELECT unnest(['a', 'b']) AS pack, 0 AS account_no, "
            "'Zero' AS name"
        )
        night.number_lines(connection, NUMBERS)
        return tuple(
            connection.execute(f"FROM {name}").fetchall() for name in ("log_lines", "action_lines")
        )


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: list[dict[str, Any]],
    types: dict[str, str],
) -> None:
    names = sorted(rows[0])
    columns = ", ".join(f"{column} {types.get(column, 'VARCHAR')}" for column in names)
    connection.execute(f"CREATE TABLE {name} ({columns})")
    night.fill(connection, name, [[row[column] for column in names] for row in rows])


@settings(max_examples=20)  # each is a database of its own
@given(
    st.lists(CHANGE, min_size=1, max_size=12),
    st.lists(ACTION, min_size=1, max_size=6, unique_by=lambda one: one["action_id"]),
)
def test_both_ways_make_the_same_rows(
    changes: list[dict[str, Any]], actions: list[dict[str, Any]]
) -> None:
    names = {("A0", pack): "Zero" for pack in PACKS}

    lines, asked = of_a_night(changes, actions)

    key = json.dumps
    said = log_rows(changes, NUMBERS)
    assert sorted(map(key, lines)) == sorted(map(key, said))
    order = [row[0] for row in lines], [row[2] for row in lines], [row[5] for row in lines]
    assert ([r[0] for r in said], [r[2] for r in said], [r[5] for r in said]) == order
    assert asked == action_rows(actions, NUMBERS, names)
