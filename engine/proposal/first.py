"""The first policy of a workspace: decided over the sources, for there is no last night yet."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from engine.audit.manifest import canonical_json
from engine.errors import KamError, problem
from engine.executors import columnar
from engine.facts.loading import load_facts
from engine.facts.sealing import seal
from engine.language.checks.workspace import check_workspace
from engine.language.overrides import read_overrides
from engine.language.texts import DiskTexts
from engine.lifecycle.deciding import decide_night
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.classes import with_sealing
from engine.plan.sql.sealing import SALTS
from engine.plan.wanted import has_owners, wanted_columns
from engine.prepared import Prepared, load_workspace_catalog
from engine.proposal.model import FactsState
from engine.proposal.outcome import Outcome, keep_outcome
from engine.proposal.policies import Proposed


def first_outcome(
    proposed: Proposed, as_of: date | None, folder: Path
) -> tuple[Outcome, FactsState]:
    """What the policies decide about the sources on a date, starting from nothing.

    Raises `KamError` as a night does. Nothing but `folder` is written.
    """
    workspace = proposed.workspace
    prepared = _prepared(proposed)
    day = prepared.night(as_of)
    plan = prepared.plan(day)
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("SET temp_directory = ?", [os.fspath(folder / "spill")])
        report = load_facts(
            connection,
            prepared.catalog,
            workspace.root,
            wanted_columns(plan, prepared.catalog),
            plan.precision,
            workspace.timezone,
        )
        seal(connection, [folder])
        if not connection.execute("SELECT 1 FROM accounts LIMIT 1").fetchall():
            place = prepared.catalog.accounts.location
            raise problem("no-accounts", "not one account can be used", place)
        if with_sealing(plan).sealed:
            # Nothing is stored, so nothing needs a salt: without one personal values are missing.
            connection.execute(f"CREATE TABLE {SALTS} (account_no INTEGER, salt VARCHAR)")
        pipeline = columnar.compile_plan(plan, sealing=True)
        columnar.measure(connection, pipeline)
        inputs = NightInputs(
            timezone=workspace.timezone,
            overrides=prepared.overrides,
            people=workspace.people,
            has_owners=has_owners(prepared.catalog),
        )
        decide_night(connection, plan, pipeline, Calendar(workspace.calendar), inputs)
        outcome = keep_outcome(connection, plan, proposed.policies, folder)
    sources = [[one.name, one.sha256] for one in report.sources]
    fingerprint = hashlib.sha256(canonical_json(sources).encode()).hexdigest()
    return outcome, FactsState(None, day, fingerprint, None)


def _prepared(proposed: Proposed) -> Prepared:
    workspace, policies = proposed.workspace, proposed.policies
    texts = DiskTexts(workspace.root, "")
    catalog = load_workspace_catalog(workspace, policies, texts)
    found = check_workspace(policies, catalog.vocabulary)
    if errors := [one for one in found if one.severity == "error"]:
        raise KamError(errors)
    overrides = read_overrides(workspace, texts, [policy.id for policy in policies])
    known = {policy.id for policy in policies}
    kept = replace(
        overrides,
        tiers=tuple(one for one in overrides.tiers if one.pack in known),
        approvals=tuple(one for one in overrides.approvals if one.pack in known),
    )
    return Prepared(workspace, policies, catalog, (), kept)
