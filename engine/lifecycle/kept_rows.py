"""What one run hands to the next: the files that a night leaves, and over them what events of
the day have made of single accounts since."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.lifecycle.inputs import AccountState

if TYPE_CHECKING:
    import duckdb

DECISION_COLUMNS = """
    account_no INTEGER, account_id VARCHAR, name VARCHAR, pack VARCHAR, scope VARCHAR,
    in_population BOOLEAN, candidate VARCHAR, computed VARCHAR, tier VARCHAR, tier_since DATE,
    worse_reviews INTEGER, held_reviews INTEGER, held_until DATE, override_until DATE,
    scores MAP(VARCHAR, DOUBLE),
    warnings STRUCT(rule VARCHAR, "level" VARCHAR, since DATE, raised DATE, clear_since DATE,
        acknowledged DATE, escalated DATE, silenced_until DATE, is_inhibited BOOLEAN,
        called VARCHAR[], evidence VARCHAR)[],
    waiting STRUCT(rule VARCHAR, state VARCHAR, "level" VARCHAR, since DATE, until DATE,
        evidence VARCHAR)[],
    milestones STRUCT(rule VARCHAR, effect VARCHAR, since DATE, said_on DATE,
        evidence VARCHAR)[],
    entitlements VARCHAR[], unknowns INTEGER
"""
"""The columns of decisions.parquet."""

OBLIGATION_COLUMNS = """
    pack VARCHAR, account_no INTEGER, account_id VARCHAR, rule_id VARCHAR, kind VARCHAR,
    part VARCHAR, state VARCHAR, owed_since DATE, since DATE, asked_on DATE, starts TIMESTAMP,
    limit_at TIMESTAMP, due_on DATE, done INTEGER, needed INTEGER, last_on DATE
"""
"""The columns of obligations.parquet."""

KEPT = {
    "decisions": DECISION_COLUMNS,
    "obligations": OBLIGATION_COLUMNS,
}
"""The relations that one night hands to the next, each a Parquet file of its run."""

_ROWS = """
CREATE TABLE {name}_of_events AS
SELECT unnest(json_transform(content::JSON->$part, $rows), max_depth := 2)
FROM (SELECT unnest($contents::VARCHAR[]) AS content)
"""
_OVERLAID = """
CREATE VIEW {name} AS
SELECT * FROM {name}_of_night
WHERE account_id NOT IN (SELECT account_id FROM {name}_accounts) {also}
UNION ALL BY NAME
SELECT * FROM {name}_of_events
"""
_SCOPES = {"decisions": "OR scope <> 'account'"}


def kept_relation(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    part: str,
    file: Path | None,
    states: Sequence[AccountState] = (),
) -> None:
    """Makes the relation `name` of a Parquet file in which accounts are as `states` have them.

    `part` is ``decisions`` or ``obligations``; where there is no file, it is an empty table. All
    rows of an account are replaced, of whatever pack; those of portfolios and managers stay.
    `name` is a constant of the engine.
    """
    columns = KEPT[part]
    if file is None:
        connection.execute(f"CREATE TABLE {name} ({columns})")
        return
    relation = connection.read_parquet(os.fspath(file))
    if not states:
        relation.create_view(name)
        return
    relation.create_view(f"{name}_of_night")
    connection.execute(
        f"CREATE TABLE {name}_accounts AS SELECT unnest($accounts::VARCHAR[]) AS account_id",
        {"accounts": [account for account, _ in states]},
    )
    connection.execute(
        _ROWS.format(name=name),
        {
            "part": part,
            "rows": json.dumps(f"STRUCT({columns})[]"),
            "contents": [content for _, content in states],
        },
    )
    connection.execute(_OVERLAID.format(name=name, also=_SCOPES.get(part, "")))
