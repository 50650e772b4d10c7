"""durable-rules goes wrong in many quiet ways: each of them, and what kam does so that it cannot.

A test that says `the library …` holds the library to what kam guards against; should one fail
with a newer version, the guard may have become unnecessary.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

import pytest

from engine.day.judging import by_reference, judging
from engine.errors import KamError
from engine.executors import rete, rete_host
from engine.executors.protocol import FactTables
from engine.executors.reference import ReferenceExecutor
from engine.executors.rete_compile import compile_program
from engine.executors.rete_host import Matcher
from engine.executors.rete_literals import Literal, Test
from engine.executors.rete_network import ACCOUNT, KIND, RULES_TOGETHER, rulesets, unit
from engine.executors.rete_values import name_hash
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.plan.build import build_plan
from engine.plan.steps import Plan
from tests.executors.case_files import PACK, case_names, hits_of, load_case, without
from tests.executors.compare import differences
from tests.executors.rete import NEEDS_RETE, RETE
from tests.executors.test_packs import ALL_PACKS, plan_of

# The library's own way to call actions, which kam does not use, is deprecated in Python 3.12.
pytestmark = [NEEDS_RETE, pytest.mark.filterwarnings("ignore:.*utcfromtimestamp")]

AS_OF = date(2026, 6, 30)
NAMES = count()


class Library:
    """A ruleset as anyone would write it, in the one host of the process."""

    def __init__(self, **conditions: Any) -> None:
        self.name = f"raw {next(NAMES)}"
        self.fired: list[str] = []
        self.host = rete_host._host()
        rules = {
            rule: {"all": [{"m": condition}], "run": self._run(rule)}
            for rule, condition in conditions.items()
        }
        self.host.set_rulesets({self.name: rules})

    def _run(self, rule: str) -> Callable[[Any], None]:
        return lambda closure: self.fired.append(rule)

    def fact(self, session: str = "1", /, **properties: Any) -> list[str]:
        self.fired.clear()
        self.host.assert_fact(self.name, {"sid": session, "id": "fact", **properties})
        return self.fired


def plan_with(
    rules: str, columns: str = "visits: integer, growth: ratio, target: number, name: text"
) -> Plan:
    """A plan over account columns alone."""
    files = {
        "case/pack.yaml": PACK.encode(),
        "case/vocabulary.yaml": f"vocabulary: {{accounts: {{{columns}}}, records: {{}}}}".encode(),
        "case/rules.yaml": rules.encode(),
    }
    policy = load_pack("case", KeptTexts(files))
    return build_plan([policy], without(policy.vocabulary, ()), AS_OF)


def warning(name: str, when: str) -> str:
    title = "title: {zh: 警, en: Warning}"
    return f"  {name}: {{{title}, levels: {{red: {{when: {when}}}}}}}\n"


def warnings(*conditions: str) -> str:
    rules = (warning(f"w{number}", one) for number, one in enumerate(conditions))
    return "warnings:\n" + "".join(rules)


def account(number: int = 0, **columns: Any) -> dict[str, Any]:
    return {"account_no": number, "account_id": f"a{number}", **columns}


def agreed(plan: Plan, *accounts: dict[str, Any]) -> dict[str, list[str]]:
    """The hits, on which the reference evaluator and the network agree."""
    tables = FactTables(accounts)
    found = RETE.evaluate(plan, tables)
    assert differences(ReferenceExecutor().evaluate(plan, tables), found) == []
    return hits_of(found)


# --- facts, not events -------------------------------------------------------------------


def test_the_library_gives_an_event_to_one_rule_only() -> None:
    library = Library(low={"$gt": {"x": 1}}, high={"$gt": {"x": 2}})
    library.host.post(library.name, {"sid": "1", "id": "event", "x": 3})
    assert len(library.fired) == 1
    assert sorted(library.fact("2", x=3)) == ["high", "low"]


def test_every_rule_that_holds_is_a_hit() -> None:
    plan = plan_with(warnings(*["{visits: {gt: 1}}", "{visits: {gt: 2}}", "{visits: {gt: 3}}"] * 5))
    [hits] = agreed(plan, account(visits=3)).values()
    assert len(hits) == 10


# --- sessions ----------------------------------------------------------------------------


def test_the_library_runs_out_of_sessions() -> None:
    library = Library(low={"$gt": {"x": 1}})

    def open_many() -> None:
        for number in range(10_000):
            library.fact(str(number), x=3)

    with pytest.raises(MemoryError):
        open_many()


def test_there_is_no_limit_to_the_accounts_that_are_matched() -> None:
    plan = plan_with(warnings("{visits: {gt: 1}}"))
    rows = [account(number, visits=number % 3) for number in range(3000)]
    assert len(agreed(plan, *rows)) == 1000


def test_an_account_that_matches_nothing_leaves_a_session_that_can_be_deleted() -> None:
    """The library frees what it has not set where no action has run: it crashes, or does not."""
    [ruleset] = rulesets([unit("never", Literal("x", ((Test("gt", "x", (1,)),),)))], "tier")
    matcher = Matcher(f"raw {next(NAMES)}", ruleset)
    for value in [0, 1] * 500:
        matcher.post("account", ACCOUNT, {"x": value})
        assert matcher.found == set()
        matcher.close()
    matcher.post("account", ACCOUNT, {"x": 2})
    assert matcher.found == {"never"}
    matcher.close()


def test_an_account_knows_nothing_of_the_one_before() -> None:
    plan = plan_with(warnings("{visits: {gt: 1}, growth: {gt: 0}}"))
    assert agreed(plan, account(0, visits=2), account(1, growth=0.5)) == {}


# --- nothing matched ---------------------------------------------------------------------


def test_the_library_raises_when_nothing_matches_and_hides_what_else_did() -> None:
    library = Library(low={"$gt": {"x": 1}})
    unhandled = rete_host._library().MessageNotHandledException
    with pytest.raises(unhandled):
        library.fact(x=0)
    both = [{"sid": "2", "id": "one", "x": 3}, {"sid": "2", "id": "two", "y": 3}]
    with pytest.raises(unhandled):
        library.host.assert_facts(library.name, both)
    assert library.fired == []


def test_an_account_that_matches_nothing_is_decided() -> None:
    plan = plan_with(warnings("{visits: {gt: 1}}", "{growth: {gt: 0}, visits: {missing: false}}"))
    assert agreed(plan, account(visits=1, growth=0.5), account(1, visits=0, growth=0.0)) == {
        "a0": ["warning w1 red"]
    }


# --- how much a ruleset holds ------------------------------------------------------------


def test_the_library_fails_where_one_fact_meets_too_many_conditions() -> None:
    library = Library(**{f"rule_{number}": {"$gt": {"x": number}} for number in range(80)})
    with pytest.raises(Exception, match="303"):
        library.fact(x=100)


def test_a_large_policy_is_spread_over_small_rulesets() -> None:
    plan = plan_with(warnings(*(f"{{visits: {{gt: {number}}}}}" for number in range(150))))
    [hits] = agreed(plan, account(visits=100)).values()
    assert len(hits) == 100
    [program] = compile_program(plan).packs
    assert max(len(one.clauses) for one in (*program.sure, *program.doubt)) == RULES_TOGETHER


@pytest.mark.parametrize("pack", ALL_PACKS)
def test_no_ruleset_of_the_packs_has_more_than_thirty_two_rules(pack: str) -> None:
    [program] = compile_program(plan_of(pack)[0]).packs
    assert all(len(one.clauses) + 1 <= 32 for one in (*program.sure, *program.doubt))


def test_a_long_list_of_values_is_matched() -> None:
    values = ", ".join(str(number) for number in range(300))
    plan = plan_with(warnings(f"{{visits: {{in: [{values}]}}}}"))
    assert list(agreed(plan, account(visits=299), account(1, visits=300), account(2))) == ["a0"]


def test_what_no_ruleset_can_hold_is_named_and_answered() -> None:
    deep = ", ".join(f"{{any: [{{visits: {n}}}, {{growth: {n}}}]}}" for n in range(40))
    excluded = ", ".join(str(number) for number in range(60))
    plan = plan_with(
        warnings(f"{{none: [{deep}]}}", f"{{visits: {{not_in: [{excluded}]}}}}", "{visits: 7}")
    )
    found = RETE.unsupported(plan)
    assert [one.what for one in found] == ["case: warning w0", "case: warning w1"]
    assert all(one.location is not None for one in found)
    assert agreed(plan, account(visits=70, growth=-0.5), account(1, visits=7), account(2)) == {
        "a0": ["warning w0 red", "warning w1 red"],
        "a1": ["warning w2 red"],
    }


# --- what is not there -------------------------------------------------------------------


def test_the_library_matches_a_lone_negative_with_its_own_state() -> None:
    library = Library(negative={"$nex": {"x": 1}})
    rules = library.host.get_ruleset(library.name)
    core = rete_host._core()
    _, state = core.assert_fact(rules._handle, json.dumps({"sid": "1", "id": "fact", "x": 1}))
    _, matched = core.start_action_for_state(rules._handle, state)
    assert '"$s":1' in matched


def every_pattern(plan: Plan) -> list[Any]:
    return [
        pattern
        for program in compile_program(plan).packs
        for ruleset in (*program.sure, *program.doubt)
        for rule in ruleset.to_json().values()
        for patterns in rule["all"]
        for pattern in patterns.values()
    ]


def every_plan() -> list[Plan]:
    return [load_case(name).plan for name in case_names()] + [plan_of(one)[0] for one in ALL_PACKS]


def test_every_pattern_begins_with_its_discriminator_and_none_asks_for_what_is_not_there() -> None:
    for plan in every_plan():
        for pattern in every_pattern(plan):
            first, *_ = pattern["$and"]
            assert list(first) == [KIND]
            assert "$nex" not in json.dumps(pattern)


def test_columns_may_be_named_like_the_properties_of_the_library() -> None:
    columns = "id: integer, sid: text, kind: integer, holds: boolean"
    plan = plan_with(
        warnings(
            "{id: {missing: true}}",
            '{id: {gt: 1}, sid: {ne: "1"}}',
            "{kind: 1}",
            "{holds: {missing: false}}",
            "{none: [{sid: {missing: false}}]}",
        ),
        columns,
    )
    assert agreed(plan, account(), account(1, id=2, sid="2", kind=1, holds=False)) == {
        "a0": ["warning w0 red", "warning w4 red"],
        "a1": ["warning w1 red", "warning w2 red", "warning w3 red"],
    }


def test_a_comparison_with_a_missing_column_is_unknown_time_and_again() -> None:
    """The library compares with whatever memory holds, so that once would prove nothing."""
    plan = plan_with(warnings("{visits: {gt: {measure: target}}}"))
    rows = [account(n, visits=n) for n in range(0, 200, 2)]
    rows += [account(n, visits=n, target=float(n)) for n in range(1, 200, 2)]
    assert agreed(plan, *sorted(rows, key=lambda row: row["account_no"])) == {}
    for pattern in every_pattern(plan):
        compared = json.dumps(pattern).replace(" ", "")
        assert compared.index('{"$ex":{"target.double":1}}') < compared.index('{"$m":')


# --- types and numbers -------------------------------------------------------------------


def test_the_library_compares_values_of_different_types() -> None:
    """Whether "0.2" equals 0.2 is left to what memory holds, so that no test can say it."""
    library = Library(more={"$gt": {"x": 0.2}}, much={"$gt": {"x": 100}})
    assert library.fact("truth", x=True) == ["more"]
    assert sorted(library.fact("word", x="abc")) == ["more", "much"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("visits", "3"),
        ("visits", True),
        ("visits", 3.0),
        ("visits", Decimal("3.5")),
        ("growth", "0.2"),
        ("growth", True),
        ("growth", float("nan")),
        ("name", 5),
        ("vip", 1),
        ("vip", "true"),
        ("since", "2026-06-30"),
        ("balance", 5.0),
        ("balance", Decimal("0.001")),
    ],
)
def test_a_mistyped_fact_is_refused_and_the_next_account_is_decided(
    column: str, value: Any
) -> None:
    columns = (
        "visits: integer, growth: ratio, name: text, vip: boolean, since: date, balance: money"
    )
    conditions = (
        "{visits: {gte: 2}}", "{growth: {gt: 10%}}", "{name: x}", "{vip: true}",
        '{since: {lte: "2026-06-30"}}', "{balance: {gt: 1}}",
    )  # fmt: skip
    plan = plan_with(warnings(*conditions), columns)
    with pytest.raises(KamError) as caught:
        RETE.evaluate(plan, FactTables([account(**{column: value})]))
    assert [one.code for one in caught.value.problems] == ["mistyped-fact"]
    assert column in str(caught.value)
    assert agreed(plan, account(visits=2)) == {"a0": ["warning w0 red"]}


def test_a_text_that_looks_like_a_number_is_a_text() -> None:
    plan = plan_with(warnings('{name: "0.2"}', "{growth: 20%}", '{name: "true"}'))
    assert agreed(plan, account(name="0.2"), account(1, growth=0.2), account(2, name="0.20")) == {
        "a0": ["warning w0 red"],
        "a1": ["warning w1 red"],
    }


@pytest.mark.parametrize("text", ['"', "\\", "'", "\n", "a" * 70_000, "长" * 30_000, "\x00", ""])
def test_a_text_is_matched_whole(text: str) -> None:
    plan = plan_with(warnings(f"{{name: {json.dumps(text)}}}"))
    assert agreed(plan, account(name=text), account(1, name=text + "a")) == {
        "a0": ["warning w0 red"]
    }


def test_the_library_does_not_read_exponents() -> None:
    with pytest.raises(Exception, match="204"):
        Library(small={"$gt": {"x": 1e-09}})
    with pytest.raises(Exception, match="204"):
        Library(small={"$gt": {"x": 1}}).fact(x=1e-09)


def test_numbers_are_written_as_whole_numbers_alone() -> None:
    for plan in every_plan():
        for pattern in every_pattern(plan):
            text = re.sub(r'"[^"]*"', "", json.dumps(pattern))
            assert re.fullmatch(r"[-\d\s:,{}\[\]]*", text)


@pytest.mark.parametrize(
    "number", ["1e-9", "0.1", "999999999999999999.999", "-1e-18", "4503599627370497.5", "0"]
)
def test_a_number_of_any_size_is_compared_to_the_last_bit(number: str) -> None:
    written = f"{Decimal(number):f}"
    found = float(number)
    above, below = next_double(found, 1), next_double(found, -1)
    plan = plan_with(
        warnings(*(f"{{target: {{{op}: {written}}}}}" for op in ("gt", "gte", "lt", "lte", "eq")))
    )
    agreed(plan, account(target=found), account(1, target=above), account(2, target=below))


def next_double(number: float, direction: int) -> float:
    import math

    return math.nextafter(number, direction * math.inf)


# --- names -------------------------------------------------------------------------------

ALIKE = ("measure_lpfo", "measure_4rja")
"""Two names of columns whose properties the library takes for one."""


def test_columns_that_the_library_cannot_tell_apart_are_named_and_answered() -> None:
    one, other = ALIKE
    assert name_hash(f"{one}.double") == name_hash(f"{other}.double")
    plan = plan_with(
        warnings(f"{{{one}: {{gt: 1}}}}", f"{{{other}: {{gt: 1}}}}"),
        f"{one}: number, {other}: number",
    )
    [unsupported] = RETE.unsupported(plan)
    assert (unsupported.what, one in unsupported.reason) == ("case: warning w1", True)
    assert agreed(plan, account(**{one: 2.0}), account(1, **{other: 2.0})) == {
        "a0": ["warning w0 red"],
        "a1": ["warning w1 red"],
    }


# --- threads -----------------------------------------------------------------------------


def test_there_is_one_host_and_it_starts_no_threads() -> None:
    before = threading.active_count()
    plan = plan_with(warnings("{visits: {gt: 1}}"))
    rete.ReteExecutor().evaluate(plan, FactTables([account(visits=2)]))
    assert rete_host._host() is rete_host._host()
    assert threading.active_count() == before


def test_accounts_of_many_threads_do_not_mix() -> None:
    plan = plan_with(warnings("{visits: {gt: 1}}", "{visits: {lte: 1}}"))

    def decide(number: int) -> set[tuple[str, str]]:
        return set(RETE.decide_account(plan, account(number, visits=number % 4), {})["case"].levels)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(decide, range(400)))
    expected = [{("warning", "w0" if number % 4 > 1 else "w1")} for number in range(400)]
    assert found == expected


# --- the library is not there ------------------------------------------------------------


@pytest.fixture
def _without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("durable", "durable.engine", "durable_rules_engine"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("_library", "_host"):
        forgetful = cache(getattr(rete_host, name).__wrapped__)
        monkeypatch.setattr(rete_host, name, forgetful)


@pytest.mark.usefixtures("_without_library")
def test_without_the_library_the_error_says_how_to_install_it() -> None:
    plan = plan_with(warnings("{visits: {gt: 12345}}"))
    assert RETE.unsupported(plan) == ()
    with pytest.raises(KamError) as caught:
        RETE.evaluate(plan, FactTables([account(visits=2)]))
    [problem] = caught.value.problems
    assert problem.code == "events-not-installed"
    assert "make events" in str(problem.hint)
    assert "'events'" in str(problem.hint)


@pytest.mark.usefixtures("_without_library")
def test_without_the_library_the_reference_evaluator_answers_and_it_is_said() -> None:
    judge, told = judging()
    assert judge is by_reference
    assert told is not None
    assert (told.code, told.severity) == ("events-not-installed", "warning")
    assert "reference evaluator" in told.message


def test_with_the_library_events_are_matched_by_it() -> None:
    judge, told = judging()
    assert told is None
    plan = plan_with(warnings("{visits: {gt: 77}}"))
    judge(plan, account(visits=78), {}, {}, None)
    assert any(name.startswith(plan.hash) for name in rete_host._host()._ruleset_directory)


def test_a_fact_that_stands_already_is_an_error_and_not_passed_over() -> None:
    [ruleset] = rulesets([unit("more", Literal("x", ((Test("gt", "x", (1,)),),)))], "tier")
    matcher = Matcher(f"raw {next(NAMES)}", ruleset)
    matcher.post("account", ACCOUNT, {"x": 2})
    with pytest.raises(KamError, match="events-engine-failed"):
        matcher.post("account", ACCOUNT, {"x": 3})
    matcher.close()


def test_a_failure_of_the_library_is_an_error_of_kam(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_with(warnings("{visits: {gt: 1}}"))
    agreed(plan, account(visits=2))
    [network] = rete._networks(plan)
    failing = RuntimeError("Could not assert fact, error code: 303")

    def fail(fact: object) -> None:
        raise failing

    with monkeypatch.context() as patched:
        patched.setattr(network.sure[0], "_match", fail)
        with pytest.raises(KamError) as caught:
            RETE.evaluate(plan, FactTables([account(visits=2)]))
    [problem] = caught.value.problems
    assert problem.code == "events-engine-failed"
    assert "303" in problem.message
    assert agreed(plan, account(visits=2)) == {"a0": ["warning w0 red"]}
