"""The Rete executor: forward chaining, single accounts, compiled plans, the demo book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.checking import prepare
from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.demo.workspace import packaged_packs
from engine.executors import rete
from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import Executor, FactTables
from engine.executors.reference import ReferenceExecutor
from engine.executors.rete_compile import compile_program
from engine.executors.rete_host import Matcher, _host
from engine.executors.rete_literals import Both, Literal, Test
from engine.executors.rete_network import ACCOUNT, TIERS, Clause, Unit, rulesets, unit
from engine.executors.single import judge_account
from engine.plan.steps import Plan
from tests.executors.case_files import load_case
from tests.executors.compare import differences
from tests.executors.rete import NEEDS_RETE, RETE
from tests.executors.test_packs import PACKS, plan_of, reference, some_facts
from tests.executors.test_rete_hazards import plan_with, warnings
from tests.lifecycle.demo_book.facts import read_sources

pytestmark = NEEDS_RETE

AS_OF = date(2026, 6, 30)


# --- forward chaining --------------------------------------------------------------------

TIER = "tier__case"


def at_least(name: str, least: int) -> Literal:
    return Literal(name, ((Test("gte", name, (least,)),),))


@pytest.fixture
def matcher(request: pytest.FixtureRequest) -> Iterator[Matcher]:
    """Two warnings, a third that two together make, and one more for a tier."""
    joined = Clause("both", (), ("late", "silent"))
    in_tier = Both((at_least("orders", 1), Literal(TIER, ((Test("eq", "tier", (3,)),),))))
    units = [
        unit("late", at_least("days_late", 30)),
        unit("silent", at_least("days_silent", 90)),
        Unit("both", (joined,)),
        Unit("worse", (Clause("worse", (at_least("orders", 1),), ("both",)),)),
        unit("core", in_tier),
    ]
    [ruleset] = rulesets(units, TIER)
    found = Matcher(f"chain {request.node.name}", ruleset)
    yield found
    found.close()
    found.unregister()


def test_two_warnings_together_make_a_third_and_that_a_fourth(matcher: Matcher) -> None:
    matcher.post("account", ACCOUNT, {"days_late": 30, "days_silent": 90, "orders": 1})
    assert matcher.found == {"late", "silent", "both", "worse"}


def test_one_warning_alone_makes_no_third(matcher: Matcher) -> None:
    matcher.post("account", ACCOUNT, {"days_late": 30, "days_silent": 89, "orders": 1})
    assert matcher.found == {"late"}


@pytest.mark.parametrize(("tier", "found"), [(3, {"core"}), (2, set())])
def test_a_tier_decided_is_a_fact_that_later_rules_join_with(
    matcher: Matcher, tier: int, found: set[str]
) -> None:
    matcher.post("account", ACCOUNT, {"days_late": 0, "orders": 1})
    assert matcher.found == set()
    matcher.post("tiers", TIERS, {"tier": tier})
    assert matcher.found == found


def test_a_warning_that_nests_joins_conclusions() -> None:
    plan = plan_with(
        warnings(
            "{all: [{any: [{visits: 1}, {growth: 1}]}, {any: [{visits: 2}, {growth: 2}]}]}",
            "{none: [{all: [{visits: 1}, {any: [{growth: 1}, {growth: 2}]}]}]}",
        )
    )
    [program] = compile_program(plan).packs
    heads = {need for one in program.sure for clause in one.clauses for need in clause.needs}
    assert heads == {"warning w0 red#1", "warning w0 red#2"}
    rows = [
        {"account_no": number, "account_id": f"a{number}", "visits": visits, "growth": growth}
        for number, (visits, growth) in enumerate(
            (visits, growth) for visits in (None, 0, 1, 2) for growth in (None, 0.0, 1.0, 2.0)
        )
    ]
    tables = FactTables(rows)
    expected = ReferenceExecutor().evaluate(plan, tables)
    assert differences(expected, RETE.evaluate(plan, tables)) == []
    assert {hit.key.rule for hit in expected.hits} == {"w0", "w1"}


# --- one account -------------------------------------------------------------------------


@pytest.mark.parametrize("pack", PACKS)
def test_an_account_is_judged_as_the_plain_evaluator_judges_it_in_every_tier(pack: str) -> None:
    plan, _ = plan_of(pack)
    found = reference(pack, 2)
    [pack_plan] = plan.packs
    unknown = 0
    for facts in found.facts:
        for tier in pack_plan.tiers:
            verdict = RETE.decide_account(plan, facts, found.statistics, {pack: tier.id})[pack]
            in_population = facts.get(str(pack_plan.population)) is True
            tier_id = tier.id if in_population else None
            assert verdict == judge_account(pack_plan, facts, found.statistics, tier_id)
            unknown += len(verdict.unknown)
    assert unknown


def test_an_account_without_a_given_tier_has_its_candidate() -> None:
    case = load_case("rules")
    found = ReferenceExecutor().evaluate(case.plan, case.tables)
    for number, facts in enumerate(found.facts):
        verdict = RETE.decide_account(case.plan, facts, found.statistics)["case"]
        assert verdict.tier == verdict.candidate == found.candidates["case"][number]


# --- plans -------------------------------------------------------------------------------


def test_a_plan_is_compiled_once_and_forgotten_when_others_are_used() -> None:
    plans = [
        plan_with(warnings(f"{{visits: {{gt: {number}}}}}"))
        for number in range(1000, 1001 + rete.NETWORKS_KEPT)
    ]
    row = {"account_no": 0, "account_id": "a", "visits": 1004}

    def of(plan: Plan) -> set[str]:
        return {name for name in _host()._ruleset_directory if name.startswith(plan.hash)}

    def hit(plan: Plan) -> bool:
        return ("warning", "w0") in RETE.decide_account(plan, row, {})["case"].levels

    first, *others = plans
    assert hit(first)
    names, networks = of(first), rete._networks(first)
    assert hit(first)
    assert names
    assert (of(first), rete._networks(first)) == (names, networks)
    assert [hit(plan) for plan in others] == [True] * 3 + [False]
    assert of(first) == set()
    assert hit(first)
    assert of(first) == names


# --- the demo book -----------------------------------------------------------------------


def all_agree_on_the_demo_book(folder: Path, accounts: int, *others: Executor) -> None:
    write_demo(folder, Book(accounts, 7, AS_OF), lambda step: None, packaged_packs())
    prepared = prepare(folder)
    plan = prepared.plan(AS_OF)
    assert [pack.id for pack in plan.packs] == list(packaged_packs())
    assert RETE.unsupported(plan) == ()
    tables = read_sources(prepared, plan).tables
    expected = ReferenceExecutor().evaluate(plan, tables)
    assert {hit.key.pack for hit in expected.hits} == set(packaged_packs())
    for executor in (RETE, *others):
        assert differences(expected, executor.evaluate(plan, tables)) == []


@pytest.mark.slow
def test_rete_agrees_on_the_demo_book_under_all_five_packs(tmp_path: Path) -> None:
    """The columnar executor, for which writing their SQL takes ten seconds, is in the long test."""
    all_agree_on_the_demo_book(tmp_path / "workspace", 60)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_all_executors_agree_on_a_larger_demo_book(tmp_path: Path) -> None:
    all_agree_on_the_demo_book(tmp_path / "workspace", 2000, ColumnarExecutor())


# --- memory ------------------------------------------------------------------------------


def resident_kilobytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to measure by")
def test_memory_does_not_grow_over_fifty_thousand_accounts() -> None:
    plan, mapped = plan_of("key_account_rules")
    found = ReferenceExecutor().evaluate(plan, some_facts(mapped, 3))
    before = 0
    for number in range(50_000):
        row = found.facts[number % len(found.facts)]
        RETE.decide_account(plan, row, found.statistics)
        if number == 5_000:
            before = resident_kilobytes()
    assert resident_kilobytes() - before < 5_000
