"""Recalls what a run decided about one account, from what the store kept of it.

The policy is read from the copies in the store, the values from facts.parquet, the
statistics from the manifest: an explanation of a past night does not change when somebody
edits a policy today. What an event of the day decided is recalled from the facts that were kept
with it, among the others as the night before had left them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.choosing import night_run, recorded_run
from engine.audit.data_files import read_manifest, reading_errors, require_data_files
from engine.audit.events.queries import EventDecision, ToldBy, told_by
from engine.audit.kept_files import changed, texts_of
from engine.audit.privacy import Reader
from engine.audit.store import Run, Store, open_store
from engine.errors import problem
from engine.executors.protocol import Row
from engine.explain.build import explain_account
from engine.explain.masking import masked
from engine.explain.tree import Explanation
from engine.facts.catalog import Catalog
from engine.language.build import hash_files
from engine.language.load import load_kept_pack, load_workspace
from engine.language.overrides import Overrides, read_overrides
from engine.language.workspace import Workspace
from engine.lifecycle.kept_calendar import kept_calendar
from engine.lifecycle.workdays import Calendar
from engine.model import Classification, Policy, PolicyFile
from engine.plan.steps import PackPlan, Plan
from engine.prepared import Prepared, load_workspace_catalog
from engine.recall_facts import (
    KeptFiles,
    facts_left,
    keeps_personal,
    tokens_in,
    typed_statistics,
)
from engine.reports.day import decisions_since
from engine.reports.veil import account_veils, token_veils


@dataclass(frozen=True)
class Recalled:
    """One explanation per pack. Not `faithful`: this version of kam makes another plan of the
    same policy than the version that decided, so what it explains may differ.

    `night` is the run of the night; `told` names the run and the events that decided last, if
    that was not the night.
    """

    explanations: list[Explanation]
    faithful: bool
    decided_by: str
    night: str
    told: ToldBy | None = None


def recall(
    path: Path,
    account: str,
    pack: str | None = None,
    run_id: str | None = None,
    level: Classification = "confidential",
) -> Recalled:
    """The explanation of each pack's decision about `account` in a run, as somebody who may read
    columns up to the class `level` may see it: in the last run that decided about it, of a night
    or of an event, or as the run of that id left it.

    Raises `KamError`: no run yet, an unknown run, account or pack.
    """
    folder = load_workspace(path).store_folder
    with open_store(folder, create=False, read_only=True) as store:
        night, told = _last_decision(path, store, account, run_id)
        explanations, facts = explain_night(night, account, pack, told)
        run, reader = night.run, Reader(store.connection, level)
        by = None if told is None else told_by(store.connection, told)
        if keeps_personal(run) or told is not None:
            veils = token_veils(reader, run, night.plan, tokens_in(facts))
        else:  # the tokens stand where the values would, and are missing in the row
            veils = account_veils(reader, run, night.plan, account)
        explanations = [masked(one, veils[one.pack]) for one in explanations]
    faithful = night.plan.hash == run.plan_hash
    return Recalled(explanations, faithful, run.engine_version, run.run_id, by)


def _last_decision(
    path: Path, store: Store, account: str, run_id: str | None
) -> tuple[KeptNight, EventDecision | None]:
    """The night that a run is, or follows, and what events had decided since by then."""
    if run_id is None:
        night = recall_night(path, store)
        return night, last_told(store, night.run, account)
    run = recorded_run(store, run_id)
    if run.kind == "night":
        return recall_night(path, store, run_id), None
    night = recall_night(path, store, run.previous_run)
    return night, last_told(store, night.run, account, run.run_no)


def last_told(
    store: Store, night: Run, account: str, until_run: int | None = None
) -> EventDecision | None:
    """What the last event since a night decided about an account, of the runs up to the number
    `until_run`; None if there was none."""
    return decisions_since(store, night, account, until_run).get(account)


@dataclass(frozen=True)
class KeptNight:
    """A run with what it kept: its manifest, what people had written, and what follows of it.

    `calendar` is as it was then; of a run of version 0.2 it is today's.
    """

    run: Run
    manifest: Mapping[str, Any]
    workspace: Workspace
    policies: tuple[Policy, ...]
    catalog: Catalog
    plan: Plan
    overrides: Overrides
    calendar: Calendar

    @property
    def statistics(self) -> Row:
        """The numbers of the population, typed as the plan types them."""
        return typed_statistics(self.plan, self.manifest["statistics"])

    def plan_on(self, day: date) -> Plan:
        """What the policies as they were decide on another date."""
        if day == self.run.as_of:
            return self.plan
        return Prepared(self.workspace, self.policies, self.catalog, ()).plan(day)


def recall_night(path: Path, store: Store, run_id: str | None = None) -> KeptNight:
    """A run of the workspace's store (the last one), read from what the store kept of it.

    Raises `KamError`: no run yet, an unknown run, files of the run that are gone, texts that
    are not those that the run read.
    """
    run = night_run(store, run_id)
    require_data_files(run)
    return kept_night(path, store, run)


def kept_night(path: Path, store: Store, run: Run) -> KeptNight:
    """As `recall_night`, of a run whose data files may have been touched."""
    manifest = read_manifest(run)
    hashes = {said["pack"]: said["hash"] for said in manifest["policies"]}
    policies = tuple(_policies(store, run, hashes))
    texts = texts_of(store.connection, run.run_no, manifest)
    workspace = load_workspace(path, texts.written)
    catalog = load_workspace_catalog(workspace, policies, texts.written)
    plan = Prepared(workspace, policies, catalog, ()).plan(run.as_of)
    overrides = read_overrides(workspace, texts.written, [policy.id for policy in policies])
    rules = workspace.calendar
    calendar = Calendar(rules) if texts.calendar is None else kept_calendar(rules, texts.calendar)
    return KeptNight(run, manifest, workspace, policies, catalog, plan, overrides, calendar)


def explain_night(
    night: KeptNight,
    account: str,
    pack: str | None = None,
    told: EventDecision | None = None,
) -> tuple[list[Explanation], Row]:
    """The explanation of each pack's decision about `account`, and its row of facts.parquet; of
    what an event decided since, if that is `told`, with the facts that it left.

    Raises `KamError`: an unknown account or pack.
    """
    run, plan = night.run, night.plan if told is None else night.plan_on(told.as_of)
    packs = chosen_packs(night, pack, plan)
    with reading_errors(run), duckdb.connect() as connection:
        kept = KeptFiles(connection, run, night.plan)
        facts, statistics = kept.facts(account), night.statistics
        if told is None:
            tiers = kept.tiers(account)
        else:
            content = json.loads(told.content)
            facts = facts_left(plan, facts, content["facts"])
            tiers = {row["pack"]: row["tier"] for row in content["decisions"]}
        places = kept.places_in(packs, facts)
        explanations = [
            explain_account(plan, one, facts, statistics, tiers.get(one.id), places[one.id])
            for one in packs
        ]
    return explanations, facts


def chosen_packs(night: KeptNight, pack: str | None, plan: Plan | None = None) -> list[PackPlan]:
    """The pack of that id, else all of them; of the night's plan, or of another that its policies
    are on another day. Raises `KamError` ``unknown-pack``."""
    packs = [one for one in (plan or night.plan).packs if pack in (None, one.id)]
    if not packs:
        known = ", ".join(one.id for one in night.plan.packs)
        message = f"run {night.run.run_id} has no pack '{pack}'; it has {known}"
        raise problem("unknown-pack", message)
    return packs


def _policies(store: Store, run: Run, hashes: Mapping[str, str]) -> Iterator[Policy]:
    """The packs of the run, in their order, from the copies that it kept.

    `hashes` are those of the manifest, by pack. Raises `KamError` ``kept-file-changed`` if a copy
    is gone or is not what the run read.
    """
    kept: dict[str, list[PolicyFile]] = {}
    for pack, path, digest, content in store.connection.execute(_KEPT_FILES, [run.run_no]):
        kept.setdefault(pack, []).append(PolicyFile(path, digest, content))
    folders = dict(store.connection.execute(_PACK_FILES, [run.run_no]).fetchall())
    for pack in run.counts["packs"]:
        files = kept.get(pack, [])
        # Asked before they are read: a text that is gone or another must not look as if somebody
        # had written a bad policy.
        is_whole = all(sha256(one.content).hexdigest() == one.sha256 for one in files)
        if pack not in folders or not is_whole or hash_files(files) != hashes.get(pack):
            raise changed(run.run_id, f"the policy {pack}")
        yield load_kept_pack(files, folders[pack])


_KEPT_FILES = (
    "SELECT pack, path, sha256, content FROM run_policies "
    "JOIN policy_versions USING (policy_no) JOIN policy_version_files USING (policy_no) "
    "JOIN policy_files USING (sha256) WHERE run_no = ? ORDER BY pack, path"
)

_PACK_FILES = (
    "SELECT pack, min(file) FROM run_policies JOIN policy_versions USING (policy_no) "
    "JOIN rules USING (policy_no) WHERE run_no = ? AND kind = 'pack' GROUP BY pack"
)
"""Where each pack's own file stood, as the log names it."""
