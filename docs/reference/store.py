"""docs/store.md: the tables of kam.db and the columns of the Parquet files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb  # noqa: TID253
from sqlite_utils import Database

from docs.reference.markdown import DO_NOT_EDIT, code, table
from engine.audit.kinds import LOG_KINDS
from engine.audit.migrations import MIGRATIONS
from engine.lifecycle.night import DECISION_COLUMNS

TEMPLATE = Path(__file__).resolve().parent / "store.template"
DIRECTIVE = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)

DECISIONS = {
    "account_no": "Position of the account in the order of the ids; breaks ties.",
    "account_id": "Id of the account, as in its source.",
    "name": "Name of the account.",
    "pack": "The policy pack that decided. There is one row per account and pack.",
    "in_population": "Whether the pack decides about the account at all.",
    "candidate": "The tier whose conditions hold on this night.",
    "tier": "The tier that applies; NULL outside the population.",
    "tier_since": "Since when it applies.",
    "scores": "Scorecard id to score.",
    "warnings": "The warnings that are open, with their level, since when, and the values seen.",
    "milestones": "The milestones that hold, since when, and the values seen.",
    "entitlements": "What the account is owed, by entitlement id.",
    "unknowns": "How many rules could not be decided for lack of facts.",
}


def store_page() -> str:
    """The page; its prose stands in store.template beside this module."""
    database = Database(memory=True)
    MIGRATIONS.apply(database)
    made = {
        "tables": "\n\n".join(_tables(database, "table")),
        "views": "\n\n".join(_tables(database, "view")),
        "kinds": table(
            ["kind", "meaning", ""],
            ([code(one.kind), one.title.en, one.title.zh] for one in LOG_KINDS),
        ),
        "decisions": table(["column", "type", "meaning"], _decisions()),
    }
    database.close()
    note = DO_NOT_EDIT.format(
        sources="engine/audit/migrations.py and docs/reference/store.template"
    )
    body = TEMPLATE.read_text(encoding="utf-8").strip()
    return f"{note}\n\n{DIRECTIVE.sub(lambda match: made[match[1]], body)}\n"


def _tables(database: Database, kind: str) -> Iterator[str]:
    """Every table or view of the store as it is created, its comment as its description."""
    rows = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = ? AND name NOT LIKE '\\_%' ESCAPE '\\' "
        "AND name NOT LIKE 'sqlite%' ORDER BY rowid",
        [kind],
    ).fetchall()
    for name, sql in rows:
        text = "\n".join(line.rstrip() for line in sql.strip().splitlines())
        yield f"#### {name}\n\n```sql schema\n{text}\n```"


def _decisions() -> Iterator[list[str]]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE decisions ({DECISION_COLUMNS})")
        for name, kind, *_ in connection.execute("DESCRIBE decisions").fetchall():
            yield [code(name), code(str(kind)), DECISIONS[name]]
