"""One day of one account: what a night has no word for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from engine.errors import Location
from engine.executors.protocol import CadenceCount, ObligationFacts
from engine.executors.single import Verdict
from engine.language.overrides import Overrides, TierOverride
from engine.lifecycle.account.advance import Machines
from engine.lifecycle.account.state import AccountDay, AccountDecided, DecisionRow, Standing
from engine.lifecycle.inputs import Mark, NightInputs
from tests.lifecycle.account.judging import facts_of, judge, machines_of
from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.inputs import Facts
from tests.lifecycle.model.policy import Entitlement, Milestone, Pack, Template, Warn
from tests.lifecycle.plans import calendar_of, plan_of

ME, DAY = "A", timedelta(days=1)
SUNDAY, MONDAY = date(2026, 6, 28), date(2026, 6, 29)
TIERS = ("key", "good", "ordinary")
PACK = Pack("p", TIERS, review="week")


@dataclass
class Alone:
    """Account ``A`` of one pack; `said` is what was decided last, and what the log says."""

    pack: Pack
    inputs: NightInputs = field(default_factory=NightInputs)
    said: Standing | None = None
    asked: list[Mapping[str, str]] = field(default_factory=list)
    """The tiers on which the last day asked."""

    def day(self, as_of: date, facts: Facts, **terms: object) -> AccountDecided:
        """A day after the last one, that is then the last."""
        previous = terms.pop("previous", self.said)
        assert previous is None or isinstance(previous, Standing)
        day = AccountDay(
            0, ME, None, as_of, None if previous is None else previous.as_of, True,
            facts_of({"p": facts}), {}, previous=previous, recorded=self.said,
        )  # fmt: skip
        self.asked.clear()
        answers = judge({"p": facts})

        def asked(tiers: Mapping[str, str]) -> Mapping[str, Verdict]:
            self.asked.append(dict(tiers))
            return answers(tiers)

        machines = self.machines(as_of)
        decided = machines.advance(replace(day, **terms), asked)  # type: ignore[arg-type]
        rows = {one["pack"]: one for one in decided.decisions}
        self.said = Standing(as_of, rows, decided.obligations)
        return decided

    def machines(self, as_of: date) -> Machines:
        return machines_of(plan_of([self.pack], as_of), calendar_of(Almanac()), self.inputs)

    @property
    def row(self) -> DecisionRow:
        assert self.said is not None
        return self.said.decisions["p"]


def at(candidate: str, **facts: object) -> Facts:
    return Facts(candidate=candidate, **facts)  # type: ignore[arg-type]


# --- reviews -----------------------------------------------------------------------------


@pytest.mark.parametrize(("takes_reviews", "tier"), [(True, "key"), (False, "ordinary")])
def test_a_day_that_is_no_night_takes_no_review(takes_reviews: bool, tier: str) -> None:
    alone = Alone(PACK)
    alone.day(SUNDAY, at("ordinary"))
    alone.day(MONDAY, at("key"), takes_reviews=takes_reviews)
    assert (alone.row["tier"], alone.row["candidate"]) == (tier, "key")


def test_a_day_that_is_no_night_takes_none_where_every_night_is_a_review() -> None:
    alone = Alone(Pack("p", TIERS))
    alone.day(SUNDAY, at("ordinary"))
    alone.day(MONDAY, at("key"), takes_reviews=False)
    assert alone.row["tier"] == "ordinary"
    alone.day(MONDAY + DAY, at("key"))
    assert alone.row["tier"] == "key"


def test_a_day_that_is_no_night_uses_up_no_hold() -> None:
    held = Milestone("promote", "key", (2, "review"))
    alone = Alone(Pack("p", TIERS, milestones={"m": held}))
    alone.day(SUNDAY, at("ordinary", milestones={"m": frozenset(TIERS)}))
    assert (alone.row["tier"], alone.row["held_reviews"]) == ("key", 2)
    alone.day(MONDAY, at("ordinary"), takes_reviews=False)
    assert (alone.row["tier"], alone.row["held_reviews"]) == ("key", 2)
    alone.day(MONDAY + DAY, at("ordinary"))
    assert (alone.row["tier"], alone.row["held_reviews"]) == ("key", 1)


def test_a_day_that_is_no_night_places_and_excludes_at_once() -> None:
    alone = Alone(PACK)
    alone.day(SUNDAY, at("key"), takes_reviews=False)
    assert alone.row["tier"] == "key"
    alone.day(MONDAY, at("key", excluded=True), takes_reviews=False)
    assert alone.row["tier"] == "ordinary"


# --- a day that is decided again ---------------------------------------------------------


def test_a_corrected_day_starts_from_the_day_before_and_speaks_against_what_was_said() -> None:
    alone = Alone(Pack("p", TIERS, warnings={"w": Warn()}))
    alone.day(SUNDAY, at("good"))
    start = alone.said
    first = alone.day(MONDAY, at("good", warnings={"w": {None: "red"}}), previous=start)
    assert [one.kind for one in first.changes] == ["warning_opened"]
    again = alone.day(MONDAY, at("good", warnings={"w": {None: "orange"}}), previous=start)
    (line,) = again.changes
    assert (line.kind, line.from_value, line.to_value) == ("warning_level_changed", "red", "orange")
    assert alone.row["warnings"][0]["raised"] == MONDAY
    third = alone.day(MONDAY, at("good"), previous=start)
    assert [one.kind for one in third.changes] == ["warning_resolved"]
    assert [opened for _, opened in third.ended] == [None]


def test_the_same_cause_has_the_same_action_on_a_day_that_is_decided_again() -> None:
    calls = {"red": "call", "orange": "call"}
    pack = Pack(
        "p", TIERS, warnings={"w": Warn(actions=calls)}, actions={"call": Template("sponsor")}
    )
    alone = Alone(pack)
    alone.day(SUNDAY, at("good"))
    start, facts = alone.said, at("good", warnings={"w": {None: "red"}})
    (first,) = alone.day(MONDAY, facts, previous=start).actions
    (again,) = alone.day(MONDAY, facts, previous=start).actions
    assert again == first
    milder = at("good", warnings={"w": {None: "orange"}})
    (other,) = alone.day(MONDAY, milder, previous=start).actions
    assert other["action_id"] != first["action_id"]
    assert other["cause_id"] == first["cause_id"]


@pytest.mark.parametrize(
    ("is_unknown", "reason"), [(False, "outside_population"), (True, "population_unknown")]
)
def test_an_account_that_leaves_the_population_is_forgotten(is_unknown: bool, reason: str) -> None:
    pack = Pack("p", TIERS, warnings={"w": Warn(cool=30)})
    alone = Alone(pack)
    alone.day(SUNDAY, at("good", warnings={"w": {None: "red"}}))
    outside = at("", in_population=False, excluded=is_unknown)  # as `facts_of` reads it
    decided = alone.day(MONDAY, outside)
    assert [(one.kind, one.from_value, one.evidence) for one in decided.changes] == [
        ("account_left", "good", f'{{"reason":"{reason}"}}'),
        ("warning_resolved", "red", None),
    ]
    assert (alone.row["in_population"], alone.row["tier"]) == (False, None)
    assert (alone.row["warnings"], alone.row["waiting"]) == ([], [])
    assert alone.row["unknowns"] == is_unknown
    assert alone.day(MONDAY + DAY, outside).changes == ()


def test_a_pack_that_is_gone_is_left_and_what_it_said_ends() -> None:
    alone = Alone(Pack("p", TIERS, warnings={"w": Warn()}))
    alone.day(SUNDAY, at("good", warnings={"w": {None: "red"}}))
    former = alone.said
    assert former is not None
    row: DecisionRow = {**former.decisions["p"], "pack": "former"}
    alone.said = replace(former, decisions={**former.decisions, "former": row})
    decided = alone.day(MONDAY, at("good", warnings={"w": {None: "red"}}))
    assert [(one.pack, one.kind, one.evidence) for one in decided.changes] == [
        ("former", "account_left", '{"reason":"pack_removed"}'),
        ("former", "warning_resolved", None),
    ]
    assert len(decided.ended) == 1


# --- what the judge is asked -------------------------------------------------------------


def test_an_account_whose_tier_stands_is_judged_once() -> None:
    alone = Alone(PACK)
    alone.day(SUNDAY, at("good"))
    assert alone.asked == [{}]  # a new account has its candidate
    alone.day(SUNDAY + 7 * DAY, at("good"))
    assert alone.asked == [{"p": "good"}]


def test_milestones_are_judged_on_the_reviewed_tier_and_the_rest_on_the_effective_one() -> None:
    pack = Pack(
        "p", TIERS, review="week",
        milestones={"m": Milestone("promote", "key")}, warnings={"w": Warn()},
    )  # fmt: skip
    alone = Alone(pack)
    alone.day(SUNDAY, at("ordinary"))
    levels = {"ordinary": "blue", "good": "yellow", "key": "red"}
    risen = at("good", milestones={"m": frozenset({"good"})}, warnings={"w": levels})
    alone.day(MONDAY, risen)
    assert alone.asked == [{"p": "ordinary"}, {"p": "good"}, {"p": "key"}]
    assert (alone.row["computed"], alone.row["warnings"][0]["level"]) == ("key", "red")


# --- what people say ---------------------------------------------------------------------


def test_what_people_say_meanwhile_is_heeded_by_the_same_machines() -> None:
    alone = Alone(Pack("p", TIERS, warnings={"w": Warn()}))
    facts = at("good", warnings={"w": {None: "red"}})
    alone.day(SUNDAY, facts)
    before = alone.machines(MONDAY)
    place = Location("overrides.yaml", 1, 1)
    told = NightInputs(
        overrides=Overrides((TierOverride(ME, "p", "key", "why", "who", None, MONDAY, place),)),
        marks=(Mark(1, "silence", "p", ME, "w", MONDAY, MONDAY),),
    )
    day = AccountDay(
        0, ME, None, MONDAY, SUNDAY, False, facts_of({"p": facts}), {},
        previous=alone.said, recorded=alone.said,
    )  # fmt: skip
    heard = before.heeding(told).advance(day, judge({"p": facts}))
    assert [one.kind for one in heard.changes] == [
        "tier_moved", "override_applied", "warning_silenced",
    ]  # fmt: skip
    assert before.advance(day, judge({"p": facts})).changes == ()


@pytest.mark.parametrize(("until", "is_silenced"), [(MONDAY - DAY, False), (MONDAY, True)])
def test_a_silence_holds_up_to_and_including_its_day(until: date, is_silenced: bool) -> None:
    marks = (Mark(1, "silence", "p", ME, "w", SUNDAY, until),)
    alone = Alone(Pack("p", TIERS, warnings={"w": Warn()}), NightInputs(marks=marks))
    alone.day(MONDAY, at("good", warnings={"w": {None: "red"}}))
    assert (alone.row["warnings"][0]["silenced_until"] is not None) is is_silenced


# --- obligations -------------------------------------------------------------------------


def test_a_record_that_is_entered_on_the_day_meets_the_duty_and_ends_its_cause() -> None:
    visit = Entitlement("cadence", TIERS, every=(1, "month"), remind=(5, "day"), action="visit")
    pack = Pack("p", TIERS, entitlements={"e": visit}, actions={"visit": Template("sponsor")})
    alone = Alone(pack)
    asked = alone.day(SUNDAY, at("good"))
    assert [one["state"] for one in asked.obligations] == ["due"]
    (action,) = asked.actions
    done = ObligationFacts((CadenceCount("p", "e", 0, 1, 0, MONDAY),))
    met = alone.day(MONDAY, at("good"), obligations=done)
    assert [(one["state"], one["asked_on"]) for one in met.obligations] == [("met", None)]
    assert [one.kind for one in met.changes] == ["obligation_met"]
    assert met.actions == ()
    assert met.ended == ((action["cause_id"], None),)
