"""Obligations: what the effective tier makes us owe, and whether it is done in time.

As obligations.sql; the states stand in docs/lifecycle.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from engine.executors.obligations import LazyObligations
from engine.executors.protocol import CadenceCount, ObligationFacts, TeamCoverage, TimedRecord
from engine.executors.single import Verdict
from engine.lifecycle.account.limits import Limits
from engine.lifecycle.account.policy import ObligationTerms, PackPolicy
from engine.lifecycle.account.state import AccountDay, ObligationRow
from engine.lifecycle.parameters import remind_day
from engine.lifecycle.workdays import Calendar

ASKING = frozenset({"due", "overdue"})
DONE = frozenset({"met", "late"})


@dataclass(frozen=True)
class Obligations:
    """`asks` are the (rule, part) that call for an action tonight."""

    rows: tuple[ObligationRow, ...] = ()
    asks: frozenset[tuple[str, str]] = frozenset()


class Seen:
    """What the records say about one obligation after the other."""

    def __init__(self, facts: ObligationFacts | LazyObligations) -> None:
        self._of = facts.of if isinstance(facts, LazyObligations) else _grouped(facts)

    def cadence(self, pack: str, rule: str) -> CadenceCount | None:
        return next(iter(self._of(pack, rule).cadences), None)

    def timed(self, pack: str, rule: str) -> Sequence[TimedRecord]:
        return self._of(pack, rule).timed

    def people(self, pack: str, rule: str) -> Mapping[str, int]:
        """Role → how many people hold it."""
        return {one.role: one.people for one in self._of(pack, rule).teams}


def _grouped(facts: ObligationFacts) -> Callable[[str, str], ObligationFacts]:
    """What is known of every obligation, by pack and rule."""
    cadences: dict[tuple[str, str], list[CadenceCount]] = defaultdict(list)
    timed: dict[tuple[str, str], list[TimedRecord]] = defaultdict(list)
    teams: dict[tuple[str, str], list[TeamCoverage]] = defaultdict(list)
    for count in facts.cadences:
        cadences[count.pack, count.rule_id].append(count)
    for record in facts.timed:
        timed[record.pack, record.rule_id].append(record)
    for team in facts.teams:
        teams[team.pack, team.rule_id].append(team)

    def of(pack: str, rule: str) -> ObligationFacts:
        key = (pack, rule)
        return ObligationFacts(
            tuple(cadences.get(key, ())), tuple(timed.get(key, ())), tuple(teams.get(key, ()))
        )

    return of


Owed = tuple[ObligationRow, date | None]
"""What is owed, and on which day somebody was asked about this same lapse."""


class Owing:
    """What one account is owed by one pack on a day."""

    def __init__(
        self, policy: PackPolicy, calendar: Calendar, limits: Limits, seen: Seen, day: AccountDay
    ) -> None:
        self._policy = policy
        self._calendar = calendar
        self._limits = limits
        self._seen = seen
        self._day = day
        earlier = () if day.previous is None else day.previous.obligations
        self._before = {
            (one["rule_id"], one["part"], one["kind"]): one
            for one in earlier
            if one["pack"] == policy.id
        }

    def owe(self, verdict: Verdict, tier: str | None) -> Obligations:
        """Everything that the effective tier and the conditional entitlements owe."""
        found: list[Owed] = []
        for rule in sorted(self._owed(verdict, tier)):
            terms = self._policy.obligations[rule]
            if terms.kind == "cadence":
                found.append(self._cadence(rule, terms))
            elif terms.kind == "team":
                found += self._team(rule)
            else:
                found += self._timed(rule, terms)
        found.sort(key=lambda one: (one[0]["rule_id"], one[0]["part"]))
        asks = set()
        for row, asked_before in found:
            if row["state"] in ASKING:
                row["asked_on"] = self._day.as_of if asked_before is None else asked_before
                if asked_before is None:
                    asks.add((row["rule_id"], row["part"]))
        return Obligations(tuple(row for row, _ in found), frozenset(asks))

    def _owed(self, verdict: Verdict, tier: str | None) -> Iterator[str]:
        yield from self._policy.owing.get(tier or "", ())
        for kind, rule in verdict.levels:
            if kind == "entitlement" and rule in self._policy.obligations:
                yield rule

    # --- regular duties and teams --------------------------------------------------------

    def _cadence(self, rule: str, terms: ObligationTerms) -> Owed:
        """Met within the period, or not done in a whole period that it was owed."""
        count = self._seen.cadence(self._policy.id, rule)
        was = self._before.get((rule, "", "cadence"))
        done, before = (0, 0) if count is None else (count.done, count.done_before)
        owed_since = self._day.as_of if was is None else was["owed_since"]
        state = "open"
        if terms.at_most is not None and done > terms.at_most:
            state = "exceeded"
        elif done >= terms.at_least:
            state = "met"
        elif owed_since <= terms.period_before and before < terms.at_least:
            state = "overdue"
        elif self._day.as_of >= terms.remind_from:
            state = "due"
        last_on = count.last_on if count is not None else None
        if last_on is None and was is not None:
            last_on = was["last_on"]
        row = self._row(rule, "cadence", "", state, was)
        row["starts"] = datetime.combine(terms.period_start, time())
        row["due_on"] = terms.period_end
        row["done"], row["needed"], row["last_on"] = done, terms.at_least, last_on
        # The next period asks anew.
        is_same = was is not None and was["due_on"] == row["due_on"]
        return row, _asked(was) if is_same else None

    def _team(self, rule: str) -> Iterator[Owed]:
        holding = self._seen.people(self._policy.id, rule)
        for role, at_least in self._policy.teams.get(rule, ()):
            people = holding.get(role, 0)
            was = self._before.get((rule, role, "team"))
            state = "met" if people >= at_least else "overdue"
            row = self._row(rule, "team", role, state, was)
            row["done"], row["needed"] = people, at_least
            yield row, _asked(was)

    # --- records that are answered or done in time ---------------------------------------

    def _timed(self, rule: str, terms: ObligationTerms) -> Iterator[Owed]:
        for part, record in _named(self._seen.timed(self._policy.id, rule)):
            if self._runs(terms, record):
                yield self._running(rule, terms, part, record)
            else:
                yield from self._entered(rule, part, record)

    def _runs(self, terms: ObligationTerms, record: TimedRecord) -> bool:
        """Begun, and not stopped before the previous night."""
        day, stops = self._day, record.stops
        if terms.kind == "response":
            if record.starts is None or record.starts.date() > day.as_of:
                return False
        elif record.due is None:
            return False
        if stops is None or stops.date() > day.as_of:
            return True
        return day.previous_night is not None and stops.date() > day.previous_night

    def _running(self, rule: str, terms: ObligationTerms, part: str, record: TimedRecord) -> Owed:
        stops = record.stops
        if stops is not None and stops.date() > self._day.as_of:
            stops = None
        was = self._before.get((rule, part, terms.kind))
        limit_at, due_on = None, record.due
        if terms.kind == "response":
            assert record.starts is not None
            limit_at = self._limits.limit(record.starts, terms)
            due_on = limit_at.date()
            state = self._answered(limit_at, stops)
        else:
            assert record.due is not None
            state = self._delivered(rule, record.due, stops)
        row = self._row(rule, terms.kind, part, state, was)
        row["starts"], row["limit_at"], row["due_on"] = record.starts, limit_at, due_on
        return _stopped(row, stops), _asked(was)

    def _answered(self, limit_at: datetime, stops: datetime | None) -> str:
        if stops is not None:
            return "met" if stops <= limit_at else "late"
        return "overdue" if limit_at.date() <= self._day.as_of else "open"

    def _delivered(self, rule: str, due: date, stops: datetime | None) -> str:
        if stops is not None:
            return "met" if stops.date() <= due else "late"
        if due < self._day.as_of:
            return "overdue"
        remind = self._policy.pack.entitlements[rule].terms["remind"]
        return "due" if self._day.as_of >= remind_day(due, remind, self._calendar) else "open"

    def _entered(self, rule: str, part: str, record: TimedRecord) -> Iterator[Owed]:
        """Done before the previous night, and entered only since: it was still open then."""
        previous_night, stops = self._day.previous_night, record.stops
        if previous_night is None or stops is None or stops.date() > previous_night:
            return
        for kind in ("response", "deadline"):
            was = self._before.get((rule, part, kind))
            if was is None or was["state"] in DONE:
                continue
            if kind == "response":
                in_time = was["limit_at"] is not None and stops <= was["limit_at"]
            else:
                in_time = record.due is not None and stops.date() <= record.due
            row = self._row(rule, kind, part, "met" if in_time else "late", was)
            row["starts"], row["limit_at"] = was["starts"], was["limit_at"]
            row["due_on"] = was["due_on"] if record.due is None else record.due
            yield _stopped(row, stops), _asked(was)

    # --- rows ----------------------------------------------------------------------------

    def _row(
        self, rule: str, kind: str, part: str, state: str, was: ObligationRow | None
    ) -> ObligationRow:
        as_of = self._day.as_of
        return {
            "pack": self._policy.id,
            "account_no": self._day.account_no,
            "account_id": self._day.account_id,
            "rule_id": rule,
            "kind": kind,
            "part": part,
            "state": state,
            "owed_since": as_of if was is None else was["owed_since"],
            "since": was["since"] if was is not None and was["state"] == state else as_of,
            "asked_on": None,
            "starts": None,
            "limit_at": None,
            "due_on": None,
            "done": 0,
            "needed": 1,
            "last_on": None,
        }


def _asked(was: ObligationRow | None) -> date | None:
    return None if was is None else was["asked_on"]


def _stopped(row: ObligationRow, stops: datetime | None) -> ObligationRow:
    if stops is not None:
        row["done"], row["last_on"] = 1, stops.date()
    return row


def _named(records: Sequence[TimedRecord]) -> Iterator[tuple[str, TimedRecord]]:
    """Records by name; those without a key that begin alike are numbered, over all of them."""
    numbers: Counter[str] = Counter()
    for one in sorted(records, key=_order):
        if one.record is None:  # neither a key nor a beginning: nothing can be owed about it
            continue
        numbers[one.record] += 1
        number = numbers[one.record]
        yield one.record if number == 1 else f"{one.record}#{number}", one


def _order(record: TimedRecord) -> tuple[str, str]:
    """By due day, then by end; what is missing comes last."""
    due, stops = record.due, record.stops
    last = "~"
    return (
        last if due is None else due.isoformat(),
        last if stops is None else stops.isoformat(timespec="microseconds"),
    )
