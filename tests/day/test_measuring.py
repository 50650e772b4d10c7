"""One account measured alone is what a night measures of it among all the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from engine.day.kept import KeptAccount
from engine.day.measuring import DayMeasures, owners_on, token_of
from engine.day.merging import DayAccount, DayEvent, DayTables, before_json
from engine.day.reading import NightAccounts
from engine.executors import columnar
from engine.executors.protocol import ObligationFacts, Row
from engine.facts.day_records import Stored, merge_day_records
from engine.facts.json_values import row_text
from engine.facts.loading import load_facts
from engine.plan.classes import reads_of, with_sealing
from engine.plan.columns import column_types, fact_columns
from engine.plan.predicates import leaves
from engine.plan.steps import Condition, Plan, Ranked
from engine.plan.wanted import wanted_columns
from engine.recall import KeptNight
from tests.day.conftest import AS_OF
from tests.day.nights import last_night

LATER = AS_OF + timedelta(days=40)


@dataclass(frozen=True)
class Night:
    """What a night over the same sources measures, by account number."""

    facts: dict[int, Row]
    owed: ObligationFacts
    owners: dict[int, dict[str, str]]
    candidates: dict[tuple[str, int], str | None]


PIPELINES: dict[str, columnar.Pipeline] = {}
"""Plan → its SQL, which takes seconds to write."""


def night_of(night: KeptNight, plan: Plan, events: Sequence[Stored] = ()) -> Night:
    with duckdb.connect() as connection:
        load_facts(
            connection, night.catalog, night.workspace.root,
            wanted_columns(plan, night.catalog), plan.precision, night.workspace.timezone,
        )  # fmt: skip
        if events:
            merged = merge_day_records(connection, night.catalog, events)
            assert (merged.stood, merged.settled) == (len(events), ())
        pipeline = PIPELINES.get(plan.hash) or columnar.compile_plan(plan)
        PIPELINES[plan.hash] = pipeline
        columnar.measure(connection, pipeline)
        connection.execute(
            "CREATE TABLE effective_tiers AS SELECT pack, account_no, in_population, may_be_in, "
            "excluded, tier AS candidate, tier FROM candidates"
        )
        connection.execute("CREATE VIEW reviewed_tiers AS SELECT * FROM effective_tiers")
        columnar.reach(connection, pipeline)
        columnar.decide(connection, pipeline)
        connection.execute("CREATE TABLE night AS SELECT $day::DATE AS as_of", {"day": plan.as_of})
        connection.execute(OWNERS.read_text(encoding="utf-8"))
        owners: dict[int, dict[str, str]] = {}
        for number, role, person in connection.execute("FROM owners").fetchall():
            owners.setdefault(number, {})[role] = person
        columns = fact_columns(plan)
        names = ", ".join(f'"{name}"' for name in columns)
        rows = connection.execute(f"SELECT {names} FROM facts").fetchall()
        tiers = connection.execute("SELECT pack, account_no, tier FROM candidates").fetchall()
        return Night(
            {row[0]: dict(zip(columns, row, strict=True)) for row in rows},
            columnar.obligation_facts(connection),
            owners,
            {(pack, number): tier for pack, number, tier in tiers},
        )


OWNERS = Path(columnar.__file__).parents[1] / "lifecycle" / "owners.sql"


def alone(night: KeptNight, day: date) -> Iterator[tuple[int, Row, ObligationFacts, dict[str, str],
                                                         dict[str, str | None]]]:  # fmt: skip
    with NightAccounts(night) as accounts:
        rows = accounts.connection.execute("SELECT account_id FROM facts").fetchall()
        measures = DayMeasures(night, day, anew=True)
        for kept in accounts.read([account for (account,) in rows]).values():
            found = measures.measure(DayAccount.of(kept))
            candidates = {pack: tiers[0] for pack, tiers in found.measured.candidates.items()}
            yield (
                kept.account_no, found.facts, found.measured.obligations,
                dict(found.owners), candidates,
            )  # fmt: skip


def together(parts: list[ObligationFacts]) -> tuple[list[object], list[object], list[object]]:
    """All of them, in an order that does not depend on who was asked first."""
    return (
        sorted((one for part in parts for one in part.cadences), key=repr),
        sorted((one for part in parts for one in part.timed), key=repr),
        sorted((one for part in parts for one in part.teams), key=repr),
    )


def alone_among_others(plan: Plan) -> set[str]:
    """The columns that no statistic, rank or group has a part in."""
    others = {one.name for stage in plan.stages for one in stage.statistics}
    for stage in plan.stages:
        for one in stage.computed:
            ranks = isinstance(one, Condition) and any(
                isinstance(leaf, Ranked) for leaf in leaves(one.predicate)
            )
            if ranks or others & set(reads_of(one)):
                others |= {one.column, getattr(one, "coverage", one.column)}
        others |= {one.output for one in stage.rankings} | {one.output for one in stage.groups}
    assert others & set(column_types(plan))
    return set(fact_columns(plan)) - others


def test_without_an_event_an_account_measures_as_its_night_did(day_demo: Path) -> None:
    with last_night(day_demo) as (night, _):
        expected = night_of(night, night.plan)
        measured = list(alone(night, AS_OF))
    assert len(measured) == 40
    for number, facts, _, owners, candidates in measured:
        assert {name: facts[name] for name in expected.facts[number]} == expected.facts[number]
        assert owners == expected.owners.get(number, {})
        assert candidates == {pack: expected.candidates[pack, number] for pack in candidates}
    assert together([one[2] for one in measured]) == together([expected.owed])
    assert expected.owed.cadences
    assert expected.owed.timed
    assert expected.owed.teams


def test_on_a_later_day_an_account_measures_as_a_night_of_that_day(day_demo: Path) -> None:
    with last_night(day_demo) as (night, _):
        plan = night.plan_on(LATER)
        expected = night_of(night, plan)
        before = night_of(night, night.plan)
        own = alone_among_others(plan)
        measured = list(alone(night, LATER))
    assert len(own) > 40 * len(plan.packs)
    moved = 0
    for number, facts, _, owners, _ in measured:
        then = expected.facts[number]
        assert {name: facts[name] for name in own} == {name: then[name] for name in own}
        assert owners == expected.owners.get(number, {})
        moved += any(facts[name] != before.facts[number][name] for name in own)
    assert moved == 40
    assert together([one[2] for one in measured]) == together([expected.owed])


def test_what_one_obligation_is_judged_by_is_its_part_of_all(day_demo: Path) -> None:
    seen = 0
    with last_night(day_demo) as (night, _), NightAccounts(night) as accounts:
        measures = DayMeasures(night, AS_OF)
        rules = {(pack.id, one.rule_id) for pack in night.plan.packs for one in pack.obligations}
        for kept in accounts.read(["K0000001", "K0000002", "K0000003"]).values():
            found = measures.measure(DayAccount.of(kept))
            owed = found.measured.obligations
            for pack, rule in rules:
                one = found.obligations.of(pack, rule)
                for kind in ("cadences", "timed", "teams"):
                    theirs = [
                        fact
                        for fact in getattr(owed, kind)
                        if (fact.pack, fact.rule_id) == (pack, rule)
                    ]
                    assert list(getattr(one, kind)) == theirs
                    seen += len(theirs)
    assert seen > 10
    assert found.obligations.of(pack, "no_such_rule") == ObligationFacts()


def some_events(account: KeptAccount) -> Iterator[DayEvent]:
    """One of every sort, where the account has something to be told about."""
    moment = datetime(2026, 6, 30, 9, 10)
    issue: Row = {"opened_at": moment, "class": "complaint", "severity": 5}
    yield DayEvent("issues", f"X-{account.account_id}", issue)
    yield DayEvent("orders", None, {"ordered_on": AS_OF, "amount": Decimal("123456.70")})
    yield DayEvent("contacts", None, {"contacted_on": AS_OF, "kind": "visit"})
    yield DayEvent(None, None, {"credit_rating": "D", "churn_probability": 0.9})
    for row in account.records["issues"][:1]:
        key = str(row["record__id"])
        given = {name: value for name, value in row.items() if name != "record__id"}
        yield DayEvent("issues", key, {**given, "closed_at": moment})
    yield DayEvent("issues", f"X-{account.account_id}", {**issue, "closed_at": moment})


@pytest.mark.parametrize("day", [AS_OF, LATER])
def test_with_events_an_account_measures_as_the_night_that_reads_them(
    day_demo: Path, day: date
) -> None:
    """The same events, once on the day and once at night: one account and all of them."""
    events: list[Stored] = []
    merged = {}
    with last_night(day_demo) as (night, _), NightAccounts(night) as accounts:
        tables, plan = DayTables.of(night), night.plan_on(day)
        rows = accounts.connection.execute("SELECT account_id FROM facts").fetchall()
        for account, kept in accounts.read([account for (account,) in rows]).items():
            now = DayAccount.of(kept)
            for event in some_events(kept):
                now = now.with_event(event, tables)
                kind = "account" if event.record is None else "record"
                given, before = row_text(event.given), before_json(now.before)
                number = len(events)
                events.append((number, kind, account, event.record, event.key, given, before))
            merged[kept.account_no] = now
        expected = night_of(night, plan, events)
        measures = DayMeasures(night, day)
        found = {number: measures.measure(now) for number, now in merged.items()}
        own = alone_among_others(plan)
    for number, one in found.items():
        then = expected.facts[number]
        assert {name: one.facts[name] for name in own} == {name: then[name] for name in own}
        assert one.owners == expected.owners.get(number, {})
    owed = [one.measured.obligations for one in found.values()]
    assert together(owed) == together([expected.owed])


def test_tokens_stand_where_the_night_has_them(day_demo: Path) -> None:
    with last_night(day_demo) as (night, _), NightAccounts(night) as accounts:
        sealed = with_sealing(night.plan).sealed
        assert sealed
        kept = accounts.read(["K0000001", "K0000002"])
        for one in kept.values():
            found = DayMeasures(night, AS_OF, anew=True).measure(DayAccount.of(one))
            for name in sealed:
                assert found.facts[f"{name}__sealed__"] == one.facts[f"{name}__sealed__"]


def test_a_token_is_the_one_that_the_night_makes(day_demo: Path) -> None:
    """Of every personal value of the night, under the salts of its store."""
    from engine.audit.store import open_store

    with (
        open_store(day_demo / "store", create=False, read_only=True) as store,
        last_night(day_demo) as (night, _),
        NightAccounts(night) as accounts,
    ):
        salts = dict(
            store.connection.execute("SELECT account_id, lower(hex(salt)) FROM salts").fetchall()
        )
        seen = 0
        for one in accounts.read(sorted(salts)).values():
            for name in with_sealing(night.plan).sealed:
                token = token_of(name, salts[one.account_id], one.facts[name])
                assert token == one.facts[f"{name}__sealed__"]
                seen += token is not None
        assert seen > 30


ASSIGNED: Row = {
    "role": "sponsor", "person": "B", "assigned_on": date(2026, 1, 5), "ended_on": None
}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "person"),
    [
        ({"person": "A"}, "B"),  # on one day the later name counts
        ({"person": "A", "assigned_on": date(2026, 1, 6)}, "A"),
        ({"person": "C", "assigned_on": date(2026, 6, 30)}, "C"),
        ({"person": "C", "assigned_on": date(2026, 7, 1)}, "B"),  # not yet
        ({"person": "C", "ended_on": date(2026, 7, 1)}, "C"),
        ({"person": "C", "ended_on": date(2026, 6, 30)}, "B"),  # not any more
        ({"person": None, "assigned_on": date(2026, 2, 1)}, "B"),
    ],
)
def test_the_owner_is_who_was_assigned_last(other: Row, person: str) -> None:
    assert owners_on(AS_OF, [ASSIGNED, {**ASSIGNED, **other}]) == {"sponsor": person}
    assert owners_on(AS_OF, [{**ASSIGNED, **other}, ASSIGNED]) == {"sponsor": person}
