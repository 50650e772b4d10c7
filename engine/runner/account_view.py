"""How one account stands now, with the reasons: what a program is shown of it during the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from engine.audit.data_files import reading_errors
from engine.audit.privacy import Reader
from engine.audit.store import Run
from engine.errors import Problem, problem
from engine.executors.protocol import Row
from engine.explain.build import explain_account
from engine.explain.masking import masked
from engine.lifecycle.account.state import DecisionRow, Standing
from engine.model import Classification
from engine.plan.steps import Plan
from engine.recall_facts import KeptFiles, tokens_in
from engine.reports.nodes import to_json
from engine.reports.veil import AccountVeil, token_veils
from engine.runner.working_day import WorkingDay


@dataclass(frozen=True)
class AccountStands:
    """All that `view` needs of the desk, so that it can be made beside the desk's own thread."""

    account: str
    run: Run
    plan: Plan
    night_plan: Plan
    facts: Row
    statistics: Row
    recorded: Standing
    veils: Mapping[str, AccountVeil]

    def view(self) -> Mapping[str, Any]:
        """The account with the events of the day.

        Per pack its tier, warnings and entitlements as they were decided last, and the whole tree
        of conditions. Ranks are among the others as the night left them.
        """
        packs = {}
        with reading_errors(self.run), duckdb.connect() as connection:
            kept = KeptFiles(connection, self.run, self.night_plan)
            for pack in self.plan.packs:
                row = self.recorded.decisions.get(pack.id)
                explained = explain_account(
                    self.plan,
                    pack,
                    self.facts,
                    self.statistics,
                    None if row is None else row["tier"],
                    kept.places(pack, self.facts),
                )
                packs[pack.id] = {
                    **_standing(row),
                    "explanation": to_json(masked(explained, self.veils[pack.id])),
                }
        return {
            "account": self.account,
            "name": _name(self.facts.get("name"), self.veils),
            "as_of": self.recorded.as_of.isoformat(),
            "run": self.run.run_id,
            "packs": packs,
        }


def account_stands(day: WorkingDay, account: str, level: Classification) -> AccountStands:
    """The account as a reader up to the class `level` may see it. Raises `KamError`
    ``unknown-account``."""
    state = day.state(account)
    if state is None:
        raise _unknown(day.why_not(account))
    facts = day.measured(account, state.account).facts
    reader = Reader(day.store.connection, level)
    return AccountStands(
        account,
        day.run,
        day.plan,
        day.night.plan,
        facts,
        day.measures.statistics,
        state.recorded,
        token_veils(reader, day.run, day.plan, tokens_in(facts)),
    )


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
