"""Every rule of all packs fires for some account of the default book, and not for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from engine import lifecycle
from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.demo.plot import STORIES
from engine.executors import columnar
from engine.facts.catalog import RECORD_ID
from engine.facts.loading import SourceReport, load_facts
from engine.model import Policy
from engine.runner import prepare
from tests.books.history import AS_OF

OWNERS = (Path(lifecycle.__file__).parent / "owners.sql").read_text(encoding="utf-8")

Rule = tuple[str, str, str, str]
"""Pack, kind, rule, level; the level is empty but for warnings."""


@dataclass(frozen=True)
class Night:
    """What the rules say about a book on its last day, before any memory of other nights."""

    policies: tuple[Policy, ...]
    tiers: Counter[tuple[str, str | None]]
    hits: Counter[Rule]
    sources: tuple[SourceReport, ...]
    managers: int

    def population(self, pack: str) -> int:
        return sum(n for (owner, tier), n in self.tiers.items() if owner == pack and tier)


def night_of(folder: Path) -> Night:
    prepared = prepare(folder)
    catalog = prepared.catalog
    wanted = {table.name: set(table.columns) for table in catalog.tables}
    plan = prepared.plan(prepared.night(None))
    for name in plan.named_records:
        wanted[name].add(RECORD_ID)
    with duckdb.connect() as connection:
        report = load_facts(
            connection, catalog, folder, wanted, plan.precision, prepared.workspace.timezone
        )
        pipeline = columnar.compile_plan(plan)
        columnar.measure(connection, pipeline)
        connection.execute("CREATE TABLE night AS SELECT ?::DATE AS as_of", [plan.as_of])
        connection.execute(OWNERS)
        connection.execute(
            "CREATE TABLE effective_tiers AS SELECT pack, account_no, in_population, may_be_in, "
            "excluded, tier AS candidate, tier FROM candidates"
        )
        connection.execute("CREATE VIEW reviewed_tiers AS FROM effective_tiers")
        columnar.reach(connection, pipeline)
        columnar.decide(connection, pipeline)
        columnar.evaluate_scopes(connection, pipeline)
        tiers = connection.execute("SELECT pack, tier FROM candidates").fetchall()
        hits = connection.execute(
            "SELECT pack, kind, rule_id, level FROM hits UNION ALL "
            "SELECT pack, kind, rule_id, level FROM milestone_hits UNION ALL "
            "SELECT pack, 'warning', rule_id, level FROM scope_hits"
        ).fetchall()
        managers = connection.execute("SELECT count(DISTINCT person) FROM owners").fetchone()
    assert managers is not None
    return Night(prepared.policies, Counter(tiers), Counter(hits), report.sources, int(managers[0]))


@pytest.fixture(scope="module")
def night(five_packs: Path) -> Night:
    return night_of(five_packs)


def rules_of(policies: tuple[Policy, ...], scopes: Collection[str]) -> list[Rule]:
    """Every level of every warning, every milestone, and every conditional entitlement."""
    found: list[Rule] = []
    for policy in policies:
        for warning in policy.warnings.values():
            if warning.scope in scopes:
                found += [(policy.id, "warning", warning.id, one.level) for one in warning.levels]
        if "account" in scopes:
            found += [(policy.id, "milestone", one, "") for one in policy.milestones]
            found += [
                (policy.id, "entitlement", one.id, "")
                for one in policy.entitlements.values()
                if one.when is not None
            ]
    return found


def test_every_rule_fires_for_some_account_or_manager(night: Night) -> None:
    rules = rules_of(night.policies, ("account", "customer_manager"))
    assert len(rules) > 190
    assert [rule for rule in rules if not night.hits[rule]] == []


def test_every_rule_stays_silent_for_most_accounts(night: Night) -> None:
    # The trend over eight quarters sees a fall in every account that buys once a year, early.
    often = {("manufacturing", "warning", "sales_falling", "yellow"): 1 / 3}
    loud = [
        rule
        for rule in rules_of(night.policies, ("account",))
        if night.hits[rule] > night.population(rule[0]) * often.get(rule, 1 / 4)
    ]
    assert loud == []


def test_every_rule_about_managers_stays_silent_for_most(night: Night) -> None:
    for rule in rules_of(night.policies, ("customer_manager",)):
        assert 0 < night.hits[rule] < night.managers / 10, rule


def test_the_portfolio_is_concentrated_and_its_receivables_are_not_slow(night: Night) -> None:
    # There is one portfolio, so of a rule at most one level fires.
    fired = {rule for rule in rules_of(night.policies, ("portfolio",)) if night.hits[rule]}
    assert fired == {("manufacturing", "warning", "book_concentrated", "orange")}


def test_every_tier_has_accounts(night: Night) -> None:
    for policy in night.policies:
        assert policy.tiers is not None
        for tier in (*policy.tiers.levels, policy.tiers.default):
            assert night.tiers[policy.id, tier.id] > 0, (policy.id, tier.id)
        assert night.tiers[policy.id, None] > 0, "prospects and closed accounts have no tier"


def test_every_entitlement_without_conditions_reaches_its_tiers(night: Night) -> None:
    # They follow the tier, so no rule decides about them: their tiers must have accounts.
    for policy in night.policies:
        for entitlement in policy.entitlements.values():
            reached = sum(night.tiers[policy.id, tier] for tier in entitlement.tiers)
            assert reached > 0, entitlement.id


def test_wrong_rows_are_quarantined_in_most_tables_and_within_the_guard(
    night: Night,
) -> None:
    shares = {one.name: one.rows_quarantined / one.rows_read for one in night.sources}
    clean = {"documents", "service_nodes", "usage", "value_reviews", "equipment_signals"}
    assert {name for name, share in shares.items() if share == 0} == clean
    assert max(shares.values()) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [5, 60, 150])
def test_a_small_book_keeps_within_the_guard(accounts: int, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", Book(accounts, 3, AS_OF), lambda table: None)
    for source in night_of(tmp_path / "demo").sources:
        assert source.rows_quarantined <= source.rows_read * 0.05, source.name


def test_stories_have_names_of_their_own() -> None:
    names = Counter(story.name for story in STORIES)
    assert [name for name, count in names.items() if count > 1] == []


def test_stories_leave_most_accounts_to_the_statistical_book() -> None:
    assert sum(story.per_mille for story in STORIES if story.pool != "head") < 500
