"""The schema of kam.db, step by step, through the migrations of sqlite-utils.

A migration that has been released is never edited; a change is a new one. SQLite keeps
the comments of a CREATE statement, so ``sqlite3 kam.db .schema`` documents the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sqlite_utils import Database, Migrations

from engine.audit.kinds import LOG_KINDS
from engine.audit.schema import (
    checkpoints,
    events,
    evidence_files,
    log,
    outbox,
    privacy,
    proposals,
    roles,
)
from engine.audit.schema.known import append_only_triggers
from engine.audit.schema.steps import APPLICATION_ID, MIGRATION_SET

PAGE_SIZE = 16384
"""Bytes. Larger pages than SQLite's default make the bulk of a first night cheaper."""

MIGRATIONS = Migrations(MIGRATION_SET)


@MIGRATIONS()
def m001_store(db: Database) -> None:
    """Runs, policies, rules, the decision log and the actions."""
    _make(
        db,
        (*log.TABLES, *log.ACTION_INDEXES.values(), log.LOG_VIEW, log.ACTION_VIEW),
        log.APPEND_ONLY,
    )
    db.table("log_kinds").insert_all(
        {"kind": entry.kind, "title_zh": entry.title.zh, "title_en": entry.title.en}
        for entry in LOG_KINDS
    )


@MIGRATIONS()
def m002_evidence(db: Database) -> None:
    """The texts that a run read, by their hashes."""
    _make(db, evidence_files.TABLES, evidence_files.APPEND_ONLY)


@MIGRATIONS()
def m003_outbox(db: Database) -> None:
    """What leaves the store, and what became of it."""
    _make(db, outbox.TABLES, outbox.APPEND_ONLY)


@MIGRATIONS()
def m004_privacy(db: Database) -> None:
    """Salts and openings of personal values, and what became of them."""
    _make(db, privacy.TABLES, privacy.APPEND_ONLY)
    db.table("log_kinds").insert_all(
        (
            {"kind": entry.kind, "title_zh": entry.title.zh, "title_en": entry.title.en}
            for entry in LOG_KINDS
            if entry.kind in privacy.KINDS
        ),
        ignore=True,  # a store that is made now has them already
    )


@MIGRATIONS()
def m005_checkpoints(db: Database) -> None:
    """The trees over what runs decided and said, and the checkpoints that cover them."""
    _make(db, checkpoints.TABLES, checkpoints.APPEND_ONLY)


@MIGRATIONS()
def m006_proposals(db: Database) -> None:
    """Plans of changed policies, and who approved them."""
    _make(db, proposals.TABLES, proposals.APPEND_ONLY)


@MIGRATIONS()
def m007_events(db: Database) -> None:
    """Single events of the day, and the runs that answered them."""
    _make(db, events.TABLES, events.APPEND_ONLY)


@MIGRATIONS()
def m008_roles(db: Database) -> None:
    """The titles of roles; a policy that the store knows already goes without."""
    _make(db, roles.TABLES, roles.APPEND_ONLY)


def migrate(connection: sqlite3.Connection) -> None:
    """Makes the schema in an empty database, or brings that of a store up to date."""
    if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        # Readers go on reading while a run writes, and a crash at any moment leaves
        # the last commit.
        connection.execute("PRAGMA journal_mode = WAL")
    MIGRATIONS.apply(Database(connection, execute_plugins=False))


def made_anew() -> sqlite3.Connection:
    """The schema of a store that is made now, in memory. Takes some hundredths of a second."""
    database = Database(memory=True)
    MIGRATIONS.apply(database)
    return database.conn


def _make(db: Database, statements: Iterable[str], append_only: Iterable[str]) -> None:
    """Runs the statements; rows of the tables `append_only` can then never be rewritten."""
    for statement in statements:
        db.execute(statement)
    for table in append_only:
        for statement in append_only_triggers(table):
            db.execute(statement)
