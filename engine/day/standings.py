"""What was decided about an account last: of a night from its files, of an event from the store."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, cast

import duckdb

from engine.day.decoding import Decoder, decoder
from engine.executors.protocol import Row
from engine.lifecycle.account.state import (
    AccountDecided,
    DecisionRow,
    ObligationRow,
    Standing,
)
from engine.lifecycle.kept_rows import DECISION_COLUMNS, OBLIGATION_COLUMNS
from engine.plan.columns import token_column

Found = dict[str, Any]
"""A row as it is kept, by column."""


def standing_of(as_of: date, decisions: Iterable[Found], obligations: Iterable[Found]) -> Standing:
    """What was decided about one account: its rows of decisions.parquet (scope ``account``) and of
    obligations.parquet, with the types that those files have."""
    return Standing(
        as_of,
        {row["pack"]: cast(DecisionRow, row) for row in decisions},
        tuple(cast(ObligationRow, row) for row in obligations),
    )


def standing_of_event(as_of: date, content: str) -> Standing:
    """From the content of ``event_decisions``, which `content_of` made."""
    said = json.loads(content)
    decisions = [_typed(row, _decision_decoders()) for row in said["decisions"]]
    obligations = [_typed(row, _obligation_decoders()) for row in said["obligations"]]
    return standing_of(as_of, decisions, obligations)


def standing_after(as_of: date, decided: AccountDecided) -> Standing:
    """What an event has just left."""
    return Standing(as_of, {row["pack"]: row for row in decided.decisions}, decided.obligations)


def content_of(sealed: Collection[str], facts: Row, decided: AccountDecided) -> dict[str, Any]:
    """What is kept of a decision: the facts that it was made of, and its rows.

    Of personal values, which stand in the columns `sealed`, the tokens alone, under the names of
    the columns.
    """
    shown = dict(facts)
    for name in sealed:
        shown[name] = shown.pop(token_column(name), None)
    return {"facts": shown, "decisions": decided.decisions, "obligations": decided.obligations}


def _typed(row: dict[str, Any], decoders: Mapping[str, Decoder]) -> dict[str, Any]:
    for name, decode in decoders.items():
        if row.get(name) is not None:
            row[name] = decode(row[name])
    return row


@cache
def _decision_decoders() -> Mapping[str, Decoder]:
    return _decoders(DECISION_COLUMNS)


@cache
def _obligation_decoders() -> Mapping[str, Decoder]:
    return _decoders(OBLIGATION_COLUMNS)


def _decoders(columns: str) -> dict[str, Decoder]:
    """By column what JSON cannot say; the columns are those of `engine.lifecycle.night`."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE kept ({columns})")
        described = connection.execute("SELECT * FROM kept").description or ()
    found = {column[0]: decoder(column[1]) for column in described}
    return {name: one for name, one in found.items() if one is not None}
