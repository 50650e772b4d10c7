"""`kam replay --policy`: what another policy would have made of nights that were.

The nights run in order, each from the state that the one before has left *under the other
policy*; the first starts from where the real first one did. Facts, overrides, calendar and what
people said are those of the time. People would have done other things under another policy, and
that nobody can replay.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import duckdb

from engine.audit.store import Run, Store
from engine.errors import Location
from engine.lifecycle.inputs import NightFiles
from engine.model import DEFAULT_CLASS, Classification, strictest
from engine.plan.classes import with_sealing
from engine.plan.steps import PackPlan, Plan
from engine.replay.evaluate import Case, evaluated
from engine.replay.past import PastNight, past_night
from engine.replay.personal import forgotten_accounts
from engine.replay.policies import OtherPolicies, plan_of

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Migration:
    """How many accounts of a pack the run had in tier `then`, and would have in `now`; None for
    outside the population. Where they are the same, nobody moved."""

    pack: str
    then: str | None
    now: str | None
    accounts: int


@dataclass(frozen=True)
class Moved:
    """An account that would have been elsewhere; `rule` is the tier that it would have had, with
    the place of its conditions, and `candidate` what that night's facts alone say."""

    pack: str
    account: str
    name: str | None
    then: str | None
    now: str | None
    candidate: str | None
    rule: str
    location: Location


@dataclass(frozen=True)
class BacktestNight:
    """One night. `from_sources`: it had not kept all that the other policy measures. Accounts
    that were `forgotten` since are left out: what is missing of them would move them."""

    run: Run
    migrations: tuple[Migration, ...]
    moved: tuple[Moved, ...]
    from_sources: bool
    forgotten: int = 0


Shift = Literal["earlier", "later", "new", "gone"]


@dataclass(frozen=True)
class ShiftedWarning:
    """A warning that would have come for the first time on another night: ``earlier`` or
    ``later`` by so many of the `nights`, only under the other policy (``new``) or not at all
    (``gone``). `then` and `now` are the dates; None where it did not come, and for one that
    fired before the first night.
    """

    shift: Shift
    pack: str
    scope: str
    account: str
    name: str | None
    rule: str
    level: str
    then: str | None
    now: str | None
    nights: int | None


@dataclass(frozen=True)
class Backtest:
    """All nights, in order; `migrations` count an account once for each night."""

    nights: tuple[BacktestNight, ...]
    migrations: tuple[Migration, ...]
    accounts: int
    """Accounts that would have been elsewhere on one night at least."""
    warnings: tuple[ShiftedWarning, ...]
    name_class: Classification = DEFAULT_CLASS
    """Of the names of accounts: the strictest of any night, under its policy and the other."""


def backtest(
    path: Path,
    store: Store,
    runs: Sequence[Run],
    other: OtherPolicies,
    progress: Progress = lambda step: None,
) -> Backtest:
    """Decides the `runs`, which stand in order, under other policies.

    Raises `KamError`: ``facts-not-kept``, runs that cannot be decided again, and what is wrong
    with the policies on the date of a night.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kam-backtest-")))
        connection = stack.enter_context(duckdb.connect())
        connection.execute(_FIRED)
        course = _Course(folder)
        nights = []
        names: set[Classification] = set()
        for number, run in enumerate(runs):
            progress(f"deciding {run.run_id}")
            past = past_night(path, store, run)
            nights.append(_night(connection, course, past, other, number))
            plans = past.kept.plan, plan_of(past.kept, other.of(past.kept))
            names |= {plan.classes.get("name", DEFAULT_CLASS) for plan in plans}
        first = runs[0].as_of.isoformat()
        days = [run.as_of.isoformat() for run in runs]
        return Backtest(
            tuple(nights),
            _added(one for night in nights for one in night.migrations),
            len({(moved.pack, moved.account) for night in nights for moved in night.moved}),
            tuple(_shifted(row, days) for row in _rows(connection, _SHIFTED, first=first)),
            strictest(*names),
        )


class _Course:
    """What the nights so far have left under the other policy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nights: list[tuple[Run, Path]] = []
        self.emitted: set[str] = set()

    def begin(self, run: Run) -> Path:
        folder = self.folder / str(run.run_no)
        folder.mkdir()
        return folder

    def files(self, past: PastNight) -> NightFiles:
        """Where a night starts from: the nights of the course, else what was before them."""
        if not self.nights:
            return past.state
        earlier = [one for one in self.nights if one[0].as_of < past.run.as_of]
        recorded = self.nights[-1][1]
        if not earlier:  # the night of the first, once more
            return replace(past.state, recorded=recorded, recorded_events=())
        run, folder = earlier[-1]
        return NightFiles(previous_night=run.as_of, previous=folder, recorded=recorded)

    def known(self, past: PastNight) -> Callable[[Iterable[str]], set[str]]:
        """Actions of the course, and of the runs before it."""
        first = past.run.run_no if not self.nights else self.nights[0][0].run_no

        def asked(ids: Iterable[str]) -> set[str]:
            wanted = list(ids)
            return past.known_actions(wanted, before=first) | (self.emitted & set(wanted))

        return asked


def _night(
    connection: duckdb.DuckDBPyConnection,
    course: _Course,
    past: PastNight,
    other: OtherPolicies,
    number: int,
) -> BacktestNight:
    policies = other.of(past.kept)
    plan = plan_of(past.kept, policies)
    case = Case.as_it_was(past).under(policies, plan)
    inputs = replace(case.inputs, files=course.files(past))
    folder = course.begin(past.run)
    with evaluated(past, replace(case, inputs=inputs, known=course.known(past)), folder) as night:
        course.emitted.update(one["action_id"] for one in night.actions())
        from_sources = night.from_sources
    (folder / "facts.parquet").unlink()  # no later night reads it
    course.nights.append((past.run, folder))
    files = {
        "then": os.fspath(past.run.path / "decisions.parquet"),
        "now": os.fspath(folder / "decisions.parquet"),
    }
    forgotten = _forgotten(past)
    for side, file in files.items():
        firing = {"night": number, "is_now": side == "now", "file": file, "forgotten": forgotten}
        connection.execute(_FIRING, firing)
    connection.execute(_TIERS, {**files, "forgotten": forgotten})
    return BacktestNight(
        past.run,
        tuple(Migration(**row) for row in _rows(connection, _MIGRATIONS)),
        tuple(_moved(plan, row) for row in _rows(connection, _MOVED)),
        from_sources,
        len(forgotten),
    )


def _forgotten(past: PastNight) -> list[str]:
    """The accounts without the personal values that the night saw, if it saw any."""
    if not with_sealing(past.kept.plan).sealed:
        return []
    return sorted(forgotten_accounts(past.store, past.run))


def _moved(plan: Plan, row: dict[str, Any]) -> Moved:
    pack = next((one for one in plan.packs if one.id == row["pack"]), None)
    if pack is None:  # the other policies have no such pack
        return Moved(**row, rule=row["pack"], location=Location(row["pack"]))
    return Moved(**row, rule=row["now"] or pack.id, location=_place(pack, row["now"]))


def _place(pack: PackPlan, tier: str | None) -> Location:
    """Of the tier; of the best one for an account that the pack does not decide about."""
    return next((one.location for one in pack.tiers if one.id == tier), pack.tiers[0].location)


def _added(migrations: Iterable[Migration]) -> tuple[Migration, ...]:
    counts: dict[tuple[str, str | None, str | None], int] = {}
    for one in migrations:
        key = (one.pack, one.then, one.now)
        counts[key] = counts.get(key, 0) + one.accounts
    return tuple(Migration(*key, count) for key, count in counts.items())


def _shifted(row: dict[str, Any], days: Sequence[str]) -> ShiftedWarning:
    then, now = row.pop("first_then"), row.pop("first_now")

    def day(night: int | None) -> str | None:
        return None if night is None or night < 0 else days[night]

    nights = None if then is None or now is None else abs(now - then)
    shift: Shift = "new" if then is None else "gone" if now is None else "later"
    if nights is not None and now < then:
        shift = "earlier"
    return ShiftedWarning(shift=shift, then=day(then), now=day(now), nights=nights, **row)


# --- questions -----------------------------------------------------------------------------


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, **values: object
) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


_TIERS = """
CREATE OR REPLACE TABLE tiers AS
WITH was AS (
  SELECT pack, account_id, name, tier FROM read_parquet($then) WHERE scope = 'account'
),
would_be AS (
  SELECT pack, account_id, name, tier, candidate FROM read_parquet($now) WHERE scope = 'account'
)
SELECT
  pack, account_id AS account, coalesce(would_be.name, was.name) AS name, was.tier AS "then",
  would_be.tier AS "now", would_be.candidate
FROM was FULL JOIN would_be USING (pack, account_id)
WHERE (was.tier IS NOT NULL OR would_be.tier IS NOT NULL)
  AND NOT list_contains($forgotten::VARCHAR[], account_id)
"""
_MIGRATIONS = """
SELECT pack, "then", "now", count(*) AS accounts FROM tiers GROUP BY ALL ORDER BY ALL
"""
_MOVED = """
FROM tiers WHERE "then" IS DISTINCT FROM "now" ORDER BY pack, account
"""
_FIRED = """
CREATE TABLE fired (
  night INTEGER, is_now BOOLEAN, pack VARCHAR, scope VARCHAR, account_id VARCHAR, name VARCHAR,
  rule_id VARCHAR, level VARCHAR, since DATE
)
"""
_FIRING = """
INSERT INTO fired
SELECT
  $night, $is_now, pack, scope, account_id, name, warning.rule, warning.level, warning.since
FROM (
  SELECT pack, scope, account_id, name, unnest(warnings) AS warning FROM read_parquet($file)
  WHERE NOT (scope = 'account' AND list_contains($forgotten::VARCHAR[], account_id))
)
"""
# A warning that fired before the first of the nights came before all of them.
_SHIFTED = """
WITH firsts AS (
  SELECT
    is_now, pack, scope, account_id, rule_id, any_value(name) AS name,
    min(CASE WHEN since < $first::DATE THEN -1 ELSE night END) AS night,
    arg_min(level, night) AS level
  FROM fired
  GROUP BY is_now, pack, scope, account_id, rule_id
)
SELECT
  pack, scope, account_id AS account, coalesce(would.name, did.name) AS name,
  rule_id AS rule, coalesce(would.level, did.level) AS level,
  did.night AS first_then, would.night AS first_now
FROM (FROM firsts WHERE NOT is_now) AS did
FULL JOIN (FROM firsts WHERE is_now) AS would USING (pack, scope, account_id, rule_id)
WHERE did.night IS DISTINCT FROM would.night
ORDER BY pack, rule, scope, account
"""
