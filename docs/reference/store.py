"""docs/store.md: the tables of kam.db and the columns of the Parquet files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb  # noqa: TID253
from sqlite_utils import Database

from docs.reference.markdown import DO_NOT_EDIT, code, table
from engine.audit.kinds import LOG_KINDS
from engine.audit.schema.migrations import MIGRATIONS
from engine.lifecycle.kept_rows import DECISION_COLUMNS, OBLIGATION_COLUMNS

TEMPLATE = Path(__file__).resolve().parent / "store.template"
DIRECTIVE = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)

DECISIONS = {
    "account_no": "Position of the account in the order of the ids; breaks ties.",
    "account_id": "Id of the account, as in its source.",
    "name": "Name of the account.",
    "pack": "The policy pack that decided. There is one row per account and pack.",
    "scope": "`account`; or `portfolio` or `customer_manager`, of a row about a warning beyond it.",
    "in_population": "Whether the pack decides about the account at all.",
    "candidate": "The tier whose conditions hold on this night.",
    "computed": "The tier that reviews and milestones have made of it.",
    "tier": "The tier that applies: computed, or an override's; NULL outside the population.",
    "tier_since": "Since when it applies.",
    "worse_reviews": "Reviews in a row that found a worse candidate.",
    "held_reviews": "Reviews for which the tier is still held.",
    "held_until": "The day up to which it is held.",
    "override_until": "The last day of the override that is in force.",
    "scores": "Scorecard id to score.",
    "warnings": "The warnings that fire, with their level, since when, and the values seen.",
    "waiting": "The warnings that are pending or cooling down.",
    "milestones": "The milestones and proposals that are open, since when, and the values seen.",
    "entitlements": "What the account is owed, by entitlement id.",
    "unknowns": "How many rules could not be decided for lack of facts.",
}

OBLIGATIONS = {
    "pack": "The policy pack.",
    "account_no": "Position of the account in the order of the ids.",
    "account_id": "Id of the account.",
    "rule_id": "The entitlement.",
    "kind": "`cadence`, `response`, `deadline` or `team`.",
    "part": "The record, or the role of a team; empty for a cadence.",
    "state": "`open`, `due`, `overdue`, `met`, `late` or `exceeded`.",
    "owed_since": "The night from which the account has been owed it without a break.",
    "since": "The night from which the state has been the same.",
    "asked_on": "The night on which its action was called for, while it is due or overdue.",
    "starts": "Beginning of the period, or the moment at which the clock starts.",
    "limit_at": "The moment at which the limit of a response passes, in local time.",
    "due_on": "The last day on which it is in time.",
    "done": "How often it was done, or how many people hold the role.",
    "needed": "How often, or how many, it must be.",
    "last_on": "The day on which it was last done.",
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
        "decisions": table(_HEADER, _columns(DECISION_COLUMNS, DECISIONS)),
        "obligations": table(_HEADER, _columns(OBLIGATION_COLUMNS, OBLIGATIONS)),
    }
    database.close()
    note = DO_NOT_EDIT.format(sources="engine/audit/schema/ and docs/reference/store.template")
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


_HEADER = ["column", "type", "meaning"]


def _columns(columns: str, meanings: Mapping[str, str]) -> Iterator[list[str]]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE kept ({columns})")
        for name, kind, *_ in connection.execute("DESCRIBE kept").fetchall():
            yield [code(name), code(str(kind)), meanings[name]]
