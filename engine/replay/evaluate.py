"""Decides a past night again, as it was or otherwise.

Three parts that can be changed one by one: the *facts* are those that the run kept, the *case*
is what is asked of them (a plan, and everything beside the facts on which a night depends), and
what comes of it stands in files as a run writes them, so that one evaluation can start from
another::

    past = past_night(workspace, store, run)
    case = Case.as_it_was(past)                          # or replace(case, plan=…, policies=…)
    with evaluated(past, case, folder) as night:
        night.folder / "decisions.parquet"               # also obligations and facts
        night.changes(), night.actions()                 # rows, against the run before
        night.connection                                 # every relation of the night

The next night of the same course starts from that folder: see `engine.lifecycle.inputs.NightFiles`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.night_files import write_results
from engine.executors import columnar
from engine.lifecycle import night as machines
from engine.lifecycle.counts import Counts, night_counts
from engine.lifecycle.deciding import decide_night
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import Calendar
from engine.model import Policy
from engine.plan.steps import Plan
from engine.plan.wanted import has_owners
from engine.replay.facts import FactsNotKeptError, kept_facts, measured_above, not_kept
from engine.replay.past import PastNight
from engine.replay.personal import lay_out_salts
from engine.replay.sources import changed_sources, load_sources

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What is asked of the facts of a night.

    `policies` are those of the `plan`, in its order. `known` says which of some actions had been
    emitted before, and are not emitted again.
    """

    plan: Plan
    policies: tuple[Policy, ...]
    inputs: NightInputs
    calendar: Calendar
    known: Callable[[Iterable[str]], set[str]]

    @classmethod
    def as_it_was(cls, past: PastNight) -> Case:
        """Everything as the run had it."""
        kept = past.kept
        return cls(kept.plan, kept.policies, past.inputs, kept.calendar, past.known_actions)

    def under(self, policies: Sequence[Policy], plan: Plan) -> Case:
        """The same night under other policies.

        Overrides and approvals that name a pack or a tier which these do not have are left out.
        """
        tiers = {(pack.id, tier.id) for pack in plan.packs for tier in pack.tiers}
        packs = {pack.id for pack in plan.packs}
        said = self.inputs.overrides
        overrides = replace(
            said,
            tiers=tuple(one for one in said.tiers if (one.pack, one.tier) in tiers),
            approvals=tuple(one for one in said.approvals if one.pack in packs),
        )
        inputs = replace(self.inputs, overrides=overrides)
        return replace(self, plan=plan, policies=tuple(policies), inputs=inputs)


@dataclass(frozen=True)
class Evaluated:
    """A night that has been decided again; its `connection` holds every relation until the end
    of the block. `from_sources`: its facts were read anew, for the run had not kept them all."""

    connection: duckdb.DuckDBPyConnection
    plan: Plan
    folder: Path
    counts: Counts
    from_sources: bool

    def changes(self) -> list[Row]:
        """What the log would say against the run before: kind, pack, account_id, rule_id,
        from_value, to_value and evidence (JSON text)."""
        return self._rows(
            "SELECT kind, pack, account_id, rule_id, from_value, to_value, evidence FROM changes "
            "ORDER BY account_id, pack, kind_order, rule_id"
        )

    def actions(self) -> list[Row]:
        """The actions that the night calls for and that were not known: action_id, pack,
        account_id, kind, rule_id, level, template, owner_role, owner, priority and due_on."""
        return self._rows(
            "SELECT action_id, pack, account_id, kind, rule_id, level, template, owner_role, "
            "owner, priority, due_on FROM emitted_actions ORDER BY account_id, pack, action_id"
        )

    def _rows(self, query: str) -> list[Row]:
        cursor = self.connection.cursor().execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def evaluated(past: PastNight, case: Case, folder: Path) -> Iterator[Evaluated]:
    """Decides the case over the facts of a past night; `folder` is an empty one of its own.

    Leaves facts, decisions and obligations in the folder as a run writes them. Nothing else is
    written, and the sources are not read unless the plan counts what the run did not keep and
    every source is still the one that the run read.

    Raises `FactsNotKeptError` if that is not so, and `KamError` as a night does.
    """
    with _database(folder) as connection:
        pipeline, inputs = columnar.compile_plan(case.plan, sealing=True), case.inputs
        missing = not_kept(past.kept, case.plan, case.policies)
        if not missing:
            kept_facts(connection, past.kept, case.plan)
            pipeline = measured_above(pipeline)
        elif changed := changed_sources(past.kept):
            hint = f"its sources could be read again, but {_listed(changed)} changed since"
            raise FactsNotKeptError(past.run.run_id, missing, hint)
        else:
            start = (inputs.files.previous, inputs.files.recorded)
            folders = [folder, *(one for one in start if one is not None)]
            load_sources(connection, past.kept, past.store, case.plan, folders)
            inputs = replace(inputs, has_owners=has_owners(past.kept.catalog))
        lay_out_salts(connection, past.store, case.plan)
        columnar.measure(connection, pipeline)
        decide_night(connection, case.plan, pipeline, case.calendar, inputs)
        known = case.known(machines.emitted_actions(connection))
        machines.forget_actions(connection, known)
        write_results(connection, folder)
        counts = night_counts(connection, case.plan)
        yield Evaluated(connection, case.plan, folder, counts, bool(missing))


@contextmanager
def _database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory, spilling into the folder, never to the network."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("SET temp_directory = ?", [os.fspath(folder / "spill")])
        yield connection


def _listed(files: Sequence[str]) -> str:
    return f"{', '.join(files)} {'has' if len(files) == 1 else 'have'}"
