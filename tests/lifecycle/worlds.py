"""Random packs, and random books of accounts that change from night to night."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.inputs import (
    UNKNOWN,
    Approval,
    Assignment,
    Facts,
    Inputs,
    Mark,
    Override,
    Record,
)
from tests.lifecycle.model.policy import LEVELS, Entitlement, Milestone, Pack, Template, Warn

TIERS = ("strategic", "key", "potential", "ordinary")
ROLES = ("customer_manager", "deputy", "sponsor", "office")
EVERY = ((1, "week"), (2, "week"), (1, "month"), (1, "quarter"), (1, "year"), (10, "day"))
GAPS = (1, 1, 1, 1, 1, 1, 2, 3, 7, 12, 31, 100)


def random_pack(rng: Random, name: str) -> Pack:
    """Two to four tiers, and some of everything that a pack can say."""
    tiers = TIERS[-rng.randint(2, 4) :]
    return Pack(
        id=name,
        tiers=tiers,
        owner=rng.choice(ROLES),
        review=rng.choice((None, "week", "month", "quarter")),
        demotion=rng.choice((None, (1, 1), (2, 1), (3, 1), (1, 2), (2, 2))),
        milestones={f"{name}_m{n}": _milestone(rng, tiers) for n in range(4)},
        warnings={f"{name}_w{n}": _warning(rng) for n in range(5)}
        | {f"{name}_whole": _warning(rng, "portfolio")},
        entitlements={f"{name}_e{n}": _entitlement(rng, tiers) for n in range(6)},
        actions={
            "visit": Template("customer_manager", (3, "workday"), "high"),
            "review": Template("deputy", rng.choice((None, (1, "month"), (36, "hour")))),
            "call": Template("nobody", (1, "week"), "low"),
        },
    )


def _template(rng: Random) -> str:
    return rng.choice(("visit", "review", "call"))


def _milestone(rng: Random, tiers: tuple[str, ...]) -> Milestone:
    effect = rng.choice(("promote", "propose", "report"))
    hold = rng.choice(
        (None, None, (1, "review"), (2, "review"), (20, "day"), (1, "quarter"), (45, "day"))
    )
    return Milestone(
        effect,
        None if effect == "report" else rng.choice(tiers[:-1]),
        None if effect == "report" else hold,
        rng.choice((None, _template(rng))),
    )


def _warning(rng: Random, scope: str = "account") -> Warn:
    escalate = rng.choice((None, ((3, "workday"), "sponsor"), ((5, "day"), "office")))
    return Warn(
        pending=rng.choice((0, 0, 1, 3)),
        keep=rng.choice((0, 0, 1, 5)),
        cool=rng.choice((0, 0, 1, 7)),
        escalate=escalate,
        actions={level: _template(rng) for level in LEVELS if rng.random() < 0.7},
        scope=scope,
    )


def _entitlement(rng: Random, tiers: tuple[str, ...]) -> Entitlement:
    kind = rng.choice(("service", "cadence", "cadence", "response", "deadline", "team"))
    at_least = rng.randint(1, 2)
    return Entitlement(
        kind,
        tuple(tier for tier in tiers if rng.random() < 0.7) or tiers[:1],
        rng.random() < 0.3,
        every=rng.choice(EVERY),
        at_least=at_least,
        at_most=rng.choice((None, at_least, at_least + 1)),
        remind=rng.choice((None, (2, "day"), (5, "workday"))),
        within=rng.choice(((1, "hour"), (24, "hour"), (72, "hour"), (2, "workday"), (2, "day"))),
        clock=rng.choice(("calendar", "working")),
        roles={role: rng.randint(1, 2) for role in rng.sample(ROLES, 2)},
        action=rng.choice((None, _template(rng))),
        owner=rng.choice((None, "office")),
    )


@dataclass
class World:
    """Accounts over time; `advance` goes to the next night, and `correct` changes this one."""

    rng: Random
    packs: tuple[Pack, ...]
    as_of: date
    almanac: Almanac = field(default_factory=Almanac)
    accounts: int = 30
    restless: float = 0.15
    """How likely each fact changes from one night to the next."""
    gaps: tuple[int, ...] = GAPS

    def __post_init__(self) -> None:
        self.facts: dict[str, dict[str, Facts]] = {}
        self.whereabouts: dict[str, str] = {}
        self.entities: dict[tuple[str, str], dict[str, Facts]] = {}
        self.records: list[Record] = []
        self.assignments: list[Assignment] = []
        self.overrides: list[Override] = []
        self.approvals: list[Approval] = []
        self.marks: list[Mark] = []
        for number in range(self.accounts):
            name = f"C{number:03}"
            self.facts[name] = {pack.id: self._facts(pack) for pack in self.packs}
            self.whereabouts[name] = "here" if self.rng.random() < 0.8 else "gone"
        for pack in self.packs:
            self.entities[pack.id, "portfolio"] = {"portfolio": self._facts(pack, "portfolio")}

    def tonight(self) -> Inputs:
        here = {name for name, place in self.whereabouts.items() if place == "here"}
        aside = {name for name, place in self.whereabouts.items() if place == "aside"}
        return Inputs(
            self.as_of,
            {name: dict(self.facts[name]) for name in sorted(here)},
            frozenset(aside),
            {key: dict(found) for key, found in self.entities.items()},
            tuple(self.records),
            tuple(self.assignments),
            tuple(self.overrides),
            tuple(self.approvals),
            tuple(self.marks),
            {"office": "陈静", "sponsor": "王建国"},
            self.almanac,
        )

    def advance(self, step: int | None = None) -> None:
        self.as_of += timedelta(days=step or self.rng.choice(self.gaps))
        self.correct()

    def correct(self) -> None:
        """Other facts for the same night."""
        for name in self.facts:
            self._move(name)
            for pack in self.packs:
                if self._happens():
                    self.facts[name][pack.id] = self._change(pack, self.facts[name][pack.id])
                self._people_speak(name, pack)
                self._work(name, pack)
        for (pack_id, scope), found in self.entities.items():
            pack = next(one for one in self.packs if one.id == pack_id)
            for entity in found:
                found[entity] = self._change(pack, found[entity], scope)

    def _happens(self, how_likely: float = 1.0) -> bool:
        return self.rng.random() < self.restless * how_likely

    def _move(self, name: str) -> None:
        place = self.whereabouts[name]
        if place == "here" and self._happens(0.4):
            self.whereabouts[name] = self.rng.choice(("aside", "aside", "gone"))
        elif place == "aside" and self.rng.random() < 0.5:
            self.whereabouts[name] = self.rng.choice(("here", "here", "gone"))
        elif place == "gone" and self._happens(2):
            self.whereabouts[name] = "here"

    # --- facts ---------------------------------------------------------------------------

    def _facts(self, pack: Pack, scope: str = "account") -> Facts:
        facts = Facts(candidate=self.rng.choice(pack.tiers))
        for _ in range(3):
            facts = self._change(pack, facts, scope)
        return facts

    def _change(self, pack: Pack, facts: Facts, scope: str = "account") -> Facts:
        rng = self.rng
        kind = rng.choice(
            ("in", "excluded", "tier", "tier", "milestone", "warning", "warning", "warning", "owed")
        )
        if kind == "in":
            return replace(facts, in_population=rng.random() < 0.8)
        if kind == "excluded":
            return replace(facts, excluded=rng.random() < 0.3)
        if kind == "tier":
            return replace(facts, candidate=rng.choice(pack.tiers))
        if kind == "milestone":
            rule = rng.choice(sorted(pack.milestones))
            return replace(facts, milestones={**facts.milestones, rule: self._some_tiers(pack)})
        if kind == "warning":
            return replace(facts, warnings={**facts.warnings, **self._levels(pack, scope)})
        conditional = [key for key, one in pack.entitlements.items() if one.conditional]
        if not conditional:
            return facts
        rule = rng.choice(conditional)
        tiers = self._some_tiers(pack) & frozenset(pack.entitlements[rule].tiers)
        return replace(facts, entitlements={**facts.entitlements, rule: tiers})

    def _some_tiers(self, pack: Pack) -> frozenset[str]:
        return frozenset(tier for tier in pack.tiers if self.rng.random() < 0.5)

    def _levels(self, pack: Pack, scope: str) -> dict[str, dict[str | None, str]]:
        rng = self.rng
        rule = rng.choice([key for key, one in pack.warnings.items() if one.scope == scope])
        level = rng.choice((*LEVELS, *LEVELS, UNKNOWN, None, None, None))
        if level is None:
            return {rule: {}}
        if scope != "account" or rng.random() < 0.8:
            return {rule: {None: level}}
        return {rule: dict.fromkeys(sorted(self._some_tiers(pack)), level)}

    # --- people --------------------------------------------------------------------------

    def _people_speak(self, name: str, pack: Pack) -> None:
        rng, today = self.rng, self.as_of
        near = today + timedelta(days=rng.randint(-6, 0))
        if self._happens(0.7):
            rule = rng.choice(sorted(pack.warnings))
            self.marks.append(Mark("ack", pack.id, name, rule, near))
        if self._happens(0.4):
            rule = rng.choice(sorted(pack.warnings))
            until = today + timedelta(days=rng.randint(-1, 12))
            self.marks.append(Mark("silence", pack.id, name, rule, today, until))
        if self._happens(0.7):
            rule = rng.choice(sorted(pack.milestones))
            on = today + timedelta(days=rng.randint(-3, 3))
            self.approvals.append(Approval(name, pack.id, rule, on))
        if self._happens(0.3):
            self._override(name, pack)

    def _override(self, name: str, pack: Pack) -> None:
        last = [one.until for one in self.overrides if (one.account, one.pack) == (name, pack.id)]
        starts = max([self.as_of, *(day + timedelta(days=1) for day in last)])
        starts += timedelta(days=self.rng.choice((0, 0, 4)))
        until = starts + timedelta(days=self.rng.randint(0, 40))
        open_start = None if not last and self.rng.random() < 0.5 else starts
        tier = self.rng.choice(pack.tiers)
        self.overrides.append(Override(name, pack.id, tier, open_start, until))

    # --- records -------------------------------------------------------------------------

    def _work(self, name: str, pack: Pack) -> None:
        for rule, one in pack.entitlements.items():
            if one.kind in ("cadence", "response", "deadline") and self._happens(1.2):
                self._record(name, pack, rule, one.kind)
        if self._happens():
            role, person = self.rng.choice(ROLES), self.rng.choice(("陈静", "李娜", "赵磊"))
            since = self.as_of - timedelta(days=self.rng.randint(0, 5))
            taken = [(one.account, one.role, one.assigned_on) for one in self.assignments]
            if (name, role, since) not in taken:
                ended = self.rng.choice((None, since + timedelta(days=self.rng.randint(1, 30))))
                self.assignments.append(Assignment(name, role, person, since, ended))
        for number, record in enumerate(self.records):
            if record.account == name and record.stops is None and self.rng.random() < 0.1:
                self.records[number] = replace(record, stops=self._stop(record))

    def _record(self, name: str, pack: Pack, rule: str, kind: str) -> None:
        rng = self.rng
        day = self.as_of + timedelta(days=rng.randint(-20, 3))
        starts = datetime.combine(day, time(rng.randint(0, 23), rng.choice((0, 30))))
        due = None
        if kind == "deadline" and rng.random() < 0.95:
            due = self.as_of + timedelta(days=rng.randint(-5, 15))
        number = f"R{len(self.records):05}"
        record = Record(pack.id, rule, name, number, day, starts, None, due)
        if kind != "cadence" and rng.random() < 0.4:
            record = replace(record, stops=self._stop(record))
        self.records.append(record)

    def _stop(self, record: Record) -> datetime:
        """Exactly on a limit now and then, and now and then a day that has not come."""
        assert record.starts is not None
        hours = self.rng.choice((0, 1, 1, 3, 24, 25, 48, 72, 100, 300))
        return record.starts + timedelta(hours=hours)
