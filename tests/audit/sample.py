"""A small policy and runs over it, for the tests of the store and of what reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from engine.audit.attesting import Attestor
from engine.audit.manifest import NIGHT_INPUTS, Manifest, write_manifest
from engine.audit.marks import EndedCause
from engine.audit.recording import Committed
from engine.audit.records import (
    ActionRow,
    ColumnRecord,
    KeptFile,
    LogRow,
    PolicyRecord,
    RuleRecord,
    RunRecord,
    SourceRecord,
)
from engine.audit.run_folder import RunFolder
from engine.audit.store import Store, open_store
from engine.errors import Location
from engine.lifecycle.kept_rows import DECISION_COLUMNS, OBLIGATION_COLUMNS
from engine.model import PolicyFile, Title
from tests.books.shared import shared

DAY = date(2026, 6, 30)
FINISHED = datetime(2026, 6, 30, 18, 0, 5, tzinfo=UTC)
ZERO = "0" * 64
SOURCE = SourceRecord("accounts", "data/accounts.csv", ZERO, 3, 2, 1)
TEXT = b"workspace: sample"
WORKSPACE = KeptFile("workspace", "kam.yaml", hashlib.sha256(TEXT).hexdigest(), TEXT)

Decision = tuple[str, str, str, str | None]
"""(account, name, pack, tier)."""

Obligation = tuple[str, str, str, date]
"""(account, part, state, due day) of the entitlement `review_meeting`."""


def sample_policy(
    content: bytes = b"pack: d\n", pack: str = "d", share: str = "0.2"
) -> PolicyRecord:
    """Two tiers, a warning, a milestone and an action of each; `content` makes a version."""
    digest = hashlib.sha256(content).hexdigest()
    threshold = {
        "level": "",
        "column": f"{pack}__revenue_share",
        "operator": "gt",
        "operands": [share],
        "written": f"$strategic_share = {share}",
        "file": "policies/d/tiers.yaml",
        "line": 12,
    }

    def rule(kind: str, id: str, zh: str, en: str, line: int) -> RuleRecord:
        where = Location(f"policies/d/{kind}s.yaml", line)
        thresholds = (threshold,) if id == "strategic" else ()
        layer = "data" if kind == "warning" else None
        return RuleRecord(kind, id, Title(zh=zh, en=en), where, thresholds, layer=layer)

    visit = RuleRecord(
        "action",
        "executive_visit",
        Title(zh="高层拜访", en="Executive visit"),
        Location("policies/d/actions.yaml", 3),
        template={
            "owner": "sponsor",
            "due": "3 workdays",
            "priority": "urgent",
            "text_zh": "{name}:{warning}。年度交易额 {annual_purchase},份额 {revenue_share}",
            "text_en": "{name}: {warning}. {annual_purchase}, {revenue_share}, {nothing}",
        },
    )
    invite = RuleRecord(
        "action",
        "invitation",
        Title(zh="邀请", en="Invitation"),
        Location("policies/d/actions.yaml", 20),
        template={
            "owner": "sponsor",
            "due": None,
            "priority": "low",
            "text_zh": "{milestone}/{warning}/{tier}/{level}/{account_id}",
            "text_en": "{milestone}/{warning}/{tier}/{level}/{account_id}",
        },
    )
    return PolicyRecord(
        pack=pack,
        title=Title(zh="大客户管理实施细则", en="Key account rules"),
        version="2026.1",
        policy_hash=hashlib.sha256(pack.encode() + content).hexdigest(),
        document="D",
        effective_from=date(2026, 1, 1),
        effective_to=None,
        files=(PolicyFile("policies/d/pack.yaml", digest, content),),
        rules=(
            rule("pack", pack, "大客户管理实施细则", "Key account rules", 2),
            rule("tier", "strategic", "战略级", "Strategic", 10),
            rule("tier", "standard", "一般客户", "Standard", 30),
            rule("warning", "complaints", "投诉频次上升", "Complaints rising", 8),
            rule("milestone", "growth", "快速成长", "Fast growth", 8),
            rule("entitlement", "review_meeting", "回顾会议", "Review meeting", 4),
            visit,
            invite,
        ),
        columns=(
            ColumnRecord("annual_purchase", f"{pack}__annual_purchase", "money", None),
            ColumnRecord(
                "revenue_share",
                f"{pack}__revenue_share",
                "ratio",
                Title(zh="营收占比", en="Share of revenue"),
            ),
            ColumnRecord(
                "value_score",
                f"{pack}__value_score",
                "score",
                Title(zh="价值评分", en="Value score"),
            ),
        ),
        roles={"sponsor": Title(zh="高层负责人", en="Executive sponsor")},
    )


def action_row(
    numbers: dict[tuple[str, str, str], int], id: str, account: str = "A1", cause: str = "c" * 24
) -> ActionRow:
    return (
        *(id, cause, account, "=华东重工", numbers["d", "warning", "complaints"]),
        *(numbers["d", "action", "executive_visit"], "red", "sponsor", None, "urgent"),
        *("2026-06-30", "2026-07-03", '{"annual_purchase": 5230000.50, "revenue_share": 0.213}'),
    )


def invitation_row(
    numbers: dict[tuple[str, str, str], int],
    id: str,
    cause: tuple[str, str],
    level: str | None,
    evidence: str,
) -> ActionRow:
    """An action whose text names what asked, at what level, and the tier."""
    return (
        *(
            id,
            "c" * 24,
            "A1",
            "华东重工",
            numbers["d", *cause],
            numbers["d", "action", "invitation"],
        ),
        *(level, "sponsor", None, "low", "2026-06-30", None, evidence),
    )


def publish(
    store: Store, folder: RunFolder, as_of: date, policies: Sequence[PolicyRecord],
    decisions: Iterable[Decision] = (), obligations: Iterable[Obligation] = (),
) -> str:  # fmt: skip
    """Fills the folder, publishes it and returns the hash of the manifest."""
    write_decisions(folder.path / "decisions.parquet", decisions)
    (folder.path / "facts.parquet").write_bytes(b"PAR1 facts PAR1")
    write_obligations(folder.path / "obligations.parquet", obligations)
    (folder.path / "inputs").mkdir()
    for name in NIGHT_INPUTS:
        (folder.path / "inputs" / f"{name}.parquet").write_bytes(b"PAR1 inputs PAR1")
    last = store.last_run()
    manifest = Manifest(
        run_id=folder.run_id,
        as_of=as_of,
        engine_version="0.1.0",
        plan_hash=ZERO,
        facts_fingerprint=ZERO,
        previous_run=last.run_id if last else None,
        policies=policies,
        sources=[SOURCE],
        counts={"accounts": 2},
        statistics={"total": 12.5},
        texts=[WORKSPACE],
        libraries={"duckdb": "1.0.0"},
    )
    digest = write_manifest(folder.path, manifest)
    folder.publish()
    return digest


def run_record(
    run_id: str,
    as_of: date,
    digest: str = ZERO,
    finished: datetime = FINISHED,
    last_mark: int = 0,
) -> RunRecord:
    counts = {"accounts": 2, "packs": {"z": 1, "a": 2}}
    started = datetime(2026, 6, 30, 18, 0, 0, tzinfo=UTC)
    return RunRecord(
        *(run_id, as_of, started, finished, "0.1.0", ZERO, ZERO, digest, counts, last_mark),
        files=(WORKSPACE,),
    )


def record_run(
    store: Store,
    log_rows: Iterable[LogRow] = (),
    action_rows: Iterable[ActionRow] = (),
    *,
    as_of: date = DAY,
    policies: Sequence[PolicyRecord] | None = None,
    decisions: Iterable[Decision] = (),
    obligations: Iterable[Obligation] = (),
    ended_causes: Iterable[str] = (),
    finished: datetime = FINISHED,
    sources: Sequence[SourceRecord] = (SOURCE,),
) -> Committed:
    """A whole run, from the lock to the commit."""
    policies = [sample_policy()] if policies is None else policies
    with store.lock():
        store.clean_up()
        run_id = store.next_run_id(as_of)
        with store.begin(run_id) as folder:
            digest = publish(store, folder, as_of, policies, decisions, obligations)
            run = run_record(run_id, as_of, digest, finished, store.last_mark())
            causes = [(cause, None) for cause in ended_causes]
            return commit(store, run, policies, log_rows, action_rows, sources, causes)


def commit(
    store: Store,
    run: RunRecord,
    policies: Sequence[PolicyRecord],
    log_rows: Iterable[LogRow] = (),
    action_rows: Iterable[ActionRow] = (),
    sources: Sequence[SourceRecord] = (),
    causes: Iterable[EndedCause] = (),
) -> Committed:
    """The commit of a run whose folder is published, without a signature."""
    with duckdb.connect(config={"threads": 1}) as connection:
        attestor = Attestor("kam.local/sample", connection)
        return store.commit(run, policies, log_rows, action_rows, sources, attestor, causes)


def write_decisions(file: Path, decisions: Iterable[Decision]) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE d ({DECISION_COLUMNS})")
        for number, (account, name, pack, tier) in enumerate(decisions):
            warnings = [WARNING] if tier == "strategic" else []
            waiting = [WAITING] if tier == "core" else []
            connection.execute(
                "INSERT INTO d BY NAME SELECT ? AS account_no, ? AS account_id, ? AS name, "
                "? AS pack, 'account' AS scope, ? AS in_population, ? AS candidate, ? AS tier, "
                "? AS tier_since, MAP {'value_score': 82.5} AS scores, ? AS warnings, "
                "? AS waiting, [] AS milestones, ['vip_hotline'] AS entitlements, 1 AS unknowns",
                [
                    *(number, account, name, pack, tier is not None, tier, tier, DAY),
                    *(warnings, waiting),
                ],
            )
        connection.table("d").write_parquet(str(file))


WARNING = {
    "rule": "complaints", "level": "red", "since": DAY, "raised": DAY, "clear_since": None,
    "acknowledged": None, "escalated": None, "silenced_until": None, "is_inhibited": False,
    "called": ["red"], "evidence": "{}",
}  # fmt: skip
WAITING = {
    "rule": "complaints", "state": "pending", "level": "red", "since": DAY, "until": None,
    "evidence": "{}",
}  # fmt: skip


def write_obligations(file: Path, obligations: Iterable[Obligation]) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE o ({OBLIGATION_COLUMNS})")
        for account, part, state, due in obligations:
            connection.execute(
                "INSERT INTO o BY NAME SELECT 'd' AS pack, ? AS account_id, "
                "'review_meeting' AS rule_id, 'cadence' AS kind, ? AS part, ? AS state, "
                "? AS due_on, 0 AS done, 1 AS needed",
                [account, part, state, due],
            )
        connection.table("o").write_parquet(str(file))


def dump(store: Store) -> list[str]:
    """The whole content of the database, as SQL."""
    return list(store.connection.iterdump())


def recorded(factory: pytest.TempPathFactory, name: str, record: Callable[[Store], object]) -> Path:
    """The folder of a store that `record` has filled, for reading or to be copied."""

    def make(root: Path) -> None:
        with open_store(root / "store") as store:
            record(store)

    return shared(factory, name, make) / "store"
