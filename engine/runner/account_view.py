"""How one account stands now, with the reasons: what a program is shown of it during the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from engine.audit.data_files import reading_errors
from engine.audit.privacy import Reader
from engine.errors import Problem, problem
from engine.explain.build import explain_account
from engine.explain.masking import masked
from engine.lifecycle.account.state import DecisionRow
from engine.model import Classification
from engine.recall_facts import KeptFiles, tokens_in
from engine.reports.nodes import to_json
from engine.reports.veil import AccountVeil, token_veils
from engine.runner.working_day import WorkingDay


def account_view(day: WorkingDay, account: str, level: Classification) -> Mapping[str, Any]:
    """The account with the events of the day, for a reader up to the class `level`.

    Per pack its tier, warnings and entitlements as they were decided last, and the whole tree
    of conditions. Ranks are among the others as the night left them. Raises `KamError`
    ``unknown-account``.
    """
    state = day.state(account)
    if state is None:
        raise _unknown(day.why_not(account))
    facts = day.measured(account, state.account).facts
    reader = Reader(day.store.database.conn, level)
    veils = token_veils(reader, day.run, day.plan, tokens_in(facts))
    packs = {}
    with reading_errors(day.run), duckdb.connect() as connection:
        kept = KeptFiles(connection, day.run, day.night.plan)
        for pack in day.plan.packs:
            row = state.recorded.decisions.get(pack.id)
            tier = None if row is None else row["tier"]
            explained = explain_account(
                day.plan, pack, facts, day.measures.statistics, tier, kept.places(pack, facts)
            )
            packs[pack.id] = {
                **_standing(row),
                "explanation": to_json(masked(explained, veils[pack.id])),
            }
    return {
        "account": account,
        "name": _name(facts.get("name"), veils),
        "as_of": state.recorded.as_of.isoformat(),
        "run": day.run.run_id,
        "packs": packs,
    }


def _standing(row: DecisionRow | None) -> dict[str, Any]:
    if row is None:
        return {"tier": None, "warnings": [], "entitlements": []}
    return {
        "tier": row["tier"],
        "warnings": [
            {"rule": one["rule"], "level": one["level"], "since": one["since"].isoformat()}
            for one in row["warnings"]
        ],
        "entitlements": list(row["entitlements"]),
    }


def _name(name: object, veils: Mapping[str, AccountVeil]) -> str | None:
    """The name as every pack lets the reader see it."""
    shown = name if isinstance(name, str) else None
    for veil in veils.values():
        shown = veil.name(shown)
    return shown


def _unknown(why: Problem) -> Exception:
    code = "unknown-account" if why.code == "event-unknown-account" else why.code
    return problem(code, why.message, hint=why.hint)
