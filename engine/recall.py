"""Recalls what a run decided about one account, from what the store kept of it.

The policy is read from the copies in the store, the values from facts.parquet, the
statistics from the manifest: an explanation of a past night does not change when somebody
edits a policy today.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.data_files import read_manifest, reading_errors, require_data_files
from engine.audit.store import Run, Store, open_store
from engine.checking import Prepared, load_workspace_catalog
from engine.errors import KamError, Problem, problem
from engine.executors.protocol import Row
from engine.explain.build import explain_account
from engine.explain.context import Places
from engine.explain.tree import Explanation
from engine.language.load import load_kept_pack, load_workspace
from engine.language.overrides import Overrides, read_overrides
from engine.language.texts import KeptTexts
from engine.language.workspace import Workspace
from engine.model import Policy, PolicyFile
from engine.plan.predicates import leaves
from engine.plan.steps import PackPlan, Plan, Ranked


@dataclass(frozen=True)
class Recalled:
    """One explanation per pack. Not `faithful`: this version of kam makes another plan of the
    same policy than the version that decided, so what it explains may differ."""

    explanations: list[Explanation]
    faithful: bool
    decided_by: str


def recall(
    path: Path, account: str, pack: str | None = None, run_id: str | None = None
) -> Recalled:
    """The explanation of each pack's decision about `account` in a run (the last one).

    Raises `KamError`: no run yet, an unknown run, account or pack.
    """
    folder = load_workspace(path).store_folder
    with open_store(folder, create=False, read_only=True) as store:
        night = recall_night(path, store, run_id)
    explanations, _ = explain_night(night, account, pack)
    run = night.run
    return Recalled(explanations, night.plan.hash == run.plan_hash, run.engine_version)


@dataclass(frozen=True)
class KeptNight:
    """A run with what it kept: its manifest, its plan, and what people had decided by then."""

    run: Run
    manifest: Mapping[str, Any]
    workspace: Workspace
    plan: Plan
    overrides: Overrides


def recall_night(path: Path, store: Store, run_id: str | None = None) -> KeptNight:
    """A run of the workspace's store (the last one), read from what the store kept of it.

    Raises `KamError`: no run yet, an unknown run, files of the run that are gone.
    """
    run = _run(store, run_id)
    policies = list(_policies(store, run))
    require_data_files(run)
    manifest = read_manifest(run)
    texts = KeptTexts({name: text.encode() for name, text in manifest["workspace"].items()})
    workspace = load_workspace(path, texts)
    plan = _plan(path, manifest, policies, run)
    overrides = read_overrides(workspace, texts, [policy.id for policy in policies])
    return KeptNight(run, manifest, workspace, plan, overrides)


def explain_night(
    night: KeptNight, account: str, pack: str | None = None
) -> tuple[list[Explanation], Row]:
    """The explanation of each pack's decision about `account`, and its row of facts.parquet.

    Raises `KamError`: an unknown account or pack.
    """
    run, plan = night.run, night.plan
    packs = [one for one in plan.packs if pack in (None, one.id)]
    if not packs:
        known = ", ".join(one.id for one in plan.packs)
        raise problem("unknown-pack", f"run {run.run_id} has no pack '{pack}'; it has {known}")
    with reading_errors(run), duckdb.connect() as connection:
        kept = _Kept(connection, run)
        facts, statistics = kept.facts(account), night.manifest["statistics"]
        explanations = [
            explain_account(
                plan, one, facts, statistics, kept.tier(one.id, account), kept.places(one, facts)
            )
            for one in packs
        ]
    return explanations, facts


def _run(store: Store, run_id: str | None) -> Run:
    run = store.last_run() if run_id is None else store.run(run_id)
    if run is not None:
        return run
    if run_id is None:
        raise problem("no-run", "the store holds no run yet", hint="run the night: kam run")
    raise problem("unknown-run", f"there is no run '{run_id}'", hint="kam runs lists them")


def _policies(store: Store, run: Run) -> Iterator[Policy]:
    """The packs of the run, in their order, from the copies that it kept."""
    kept: dict[str, list[PolicyFile]] = {}
    for pack, path, digest, content in store.database.execute(_KEPT_FILES, [run.run_no]):
        kept.setdefault(pack, []).append(PolicyFile(path, digest, content))
    folders = dict(store.database.execute(_PACK_FILES, [run.run_no]).fetchall())
    for pack in run.counts["packs"]:
        yield load_kept_pack(kept[pack], folders[pack])


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


def _plan(path: Path, manifest: Mapping[str, Any], policies: list[Policy], run: Run) -> Plan:
    """The plan of the run, from the workspace as it was."""
    texts = KeptTexts({name: text.encode() for name, text in manifest["workspace"].items()})
    workspace = load_workspace(path, texts)
    catalog = load_workspace_catalog(workspace, policies, texts)
    return Prepared(workspace, tuple(policies), catalog, ()).plan(run.as_of)


@dataclass
class _Kept:
    """The files of one run."""

    connection: duckdb.DuckDBPyConnection
    run: Run

    def _path(self, name: str) -> str:
        return os.fspath(self.run.path / name)

    def facts(self, account: str) -> Row:
        relation = self.connection.read_parquet(self._path("facts.parquet"))
        cursor = self.connection.execute(
            "SELECT * FROM read_parquet($path) WHERE account_id = $account",
            {"path": self._path("facts.parquet"), "account": account},
        )
        rows = cursor.fetchall()
        if not rows:
            raise self._unknown(account)
        return dict(zip(relation.columns, rows[0], strict=True))

    def _unknown(self, account: str) -> KamError:
        if self._is_set_aside(account):
            return problem(
                "account-set-aside",
                f"the row of account '{account}' could not be used in run {self.run.run_id}: what "
                "was decided last stands",
                hint="kam log --kind data_rejected says why; --run asks for an earlier night",
            )
        ids = self.connection.execute(
            "SELECT account_id FROM read_parquet($path) "
            "ORDER BY levenshtein(account_id, $account), account_id LIMIT 5",
            {"path": self._path("facts.parquet"), "account": account},
        ).fetchall()
        near = get_close_matches(account, [one for (one,) in ids], n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        return KamError(
            Problem(
                "unknown-account",
                f"run {self.run.run_id} knows no account '{account}'",
                hint=f"{hint}kam accounts TEXT finds one by name",
            )
        )

    def _is_set_aside(self, account: str) -> bool:
        rows = self.connection.execute(
            "SELECT 1 FROM read_parquet($path) WHERE account_id = $account AND scope = 'account'",
            {"path": self._path("decisions.parquet"), "account": account},
        ).fetchall()
        return bool(rows)

    def tier(self, pack: str, account: str) -> str | None:
        rows = self.connection.execute(
            "SELECT tier FROM read_parquet($path) WHERE pack = $pack AND account_id = $account",
            {"path": self._path("decisions.parquet"), "pack": pack, "account": account},
        ).fetchall()
        return rows[0][0] if rows else None

    def places(self, pack: PackPlan, facts: Row) -> Places:
        """The account's place in every ranking that the pack's conditions use."""
        found: dict[tuple[str, str], int] = {}
        for ranked in _rankings(pack):
            key = (ranked.column, ranked.side)
            if key not in found and facts.get(ranked.column) is not None:
                found[key] = self._place(ranked, facts)
        return found

    def _place(self, ranked: Ranked, facts: Row) -> int:
        relation = self.connection.read_parquet(self._path("facts.parquet"))
        value = duckdb.ColumnExpression(ranked.column)
        own = duckdb.ConstantExpression(facts[ranked.column])
        before = value > own if ranked.side == "top" else value < own
        earlier = duckdb.ColumnExpression("account_no") < duckdb.ConstantExpression(
            facts["account_no"]
        )
        relation = relation.filter(before | ((value == own) & earlier))
        if ranked.population is not None:
            relation = relation.filter(duckdb.ColumnExpression(ranked.population))
        ((ahead,),) = relation.count("account_no").fetchall()
        return int(ahead) + 1


def _rankings(pack: PackPlan) -> Iterator[Ranked]:
    predicates = [tier.predicate for tier in pack.tiers if tier.predicate is not None]
    predicates += [] if pack.exclude is None else [pack.exclude]
    predicates += [predicate for rule in pack.rules for _, predicate in rule.levels]
    for predicate in predicates:
        for leaf in leaves(predicate):
            if isinstance(leaf, Ranked):
                yield leaf
