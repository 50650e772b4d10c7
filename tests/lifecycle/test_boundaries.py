"""Every rule of docs/lifecycle.md at its boundary, and one step to either side.

Each night is run on the machines and in the model; both must say what stands here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.inputs import UNKNOWN, Approval, Assignment, Inputs, Mark, Override
from tests.lifecycle.model.policy import Entitlement, Milestone, Pack, Template, Warn
from tests.lifecycle.one_account import ME, One, record

pytestmark = pytest.mark.slow  # a hundred small stories, each a handful of nights

D = date(2026, 6, 1)  # a Monday
DAY = timedelta(days=1)
TIERS = ("strategic", "key", "plain")
CHINA = Almanac(china=True)
BERLIN = Almanac(zone="Europe/Berlin")
ACTIONS = {"visit": Template("manager"), "call": Template("manager")}


def warning(**keys: object) -> Pack:
    levels = {"red": "visit", "yellow": "call"}
    return Pack("p", TIERS, warnings={"w": Warn(actions=levels, **keys)}, actions=ACTIONS)  # type: ignore[arg-type]


# --- warnings ----------------------------------------------------------------------------


def test_warning_without_for_fires_at_once_and_resolves_at_once() -> None:
    with One(warning()) as one:
        assert one.levels(D, None).warnings == {}
        assert one.levels(D + DAY, "red").warnings["w"].since == D + DAY
        assert one.templates() == ["visit"]
        assert one.levels(D + 2 * DAY, None).warnings == {}
        assert one.kinds() == {"warning_resolved"}
        assert one.levels(D + 3 * DAY, "red").warnings["w"].since == D + 3 * DAY


def test_warning_that_is_unknown_from_the_start_is_none() -> None:
    with One(warning(pending=1)) as one:
        state = one.levels(D, UNKNOWN)
        assert (state.warnings, state.waiting) == ({}, {})


@pytest.mark.parametrize(("days", "fires"), [(2, False), (3, True), (4, True)])
def test_pending_warning_fires_after_for(days: int, fires: bool) -> None:
    with One(warning(pending=3)) as one:
        assert one.levels(D, "yellow").waiting["w"].since == D
        assert bool(one.levels(D + days * DAY, "red").warnings) is fires


def test_pending_warning_stays_while_unknown_and_ends_when_clear() -> None:
    with One(warning(pending=3)) as one:
        one.levels(D, "red")
        assert one.levels(D + 4 * DAY, UNKNOWN).waiting["w"].since == D
        assert one.levels(D + 5 * DAY, None).waiting == {}
        assert one.levels(D + 6 * DAY, "red").waiting["w"].since == D + 6 * DAY


@pytest.mark.parametrize(("days", "resolves"), [(4, False), (5, True), (6, True)])
def test_firing_warning_resolves_after_keep_firing_for(days: int, resolves: bool) -> None:
    with One(warning(keep=5)) as one:
        one.levels(D, "red")
        clear = D + 2 * DAY
        assert one.levels(clear, None).warnings["w"].clear_since == clear
        assert (one.levels(clear + days * DAY, None).warnings == {}) is resolves


def test_firing_warning_forgets_that_it_was_clear_when_it_holds_again() -> None:
    with One(warning(keep=2)) as one:
        one.levels(D, "red")
        one.levels(D + DAY, None)
        assert one.levels(D + 2 * DAY, "red").warnings["w"].clear_since is None
        assert one.levels(D + 3 * DAY, None).warnings["w"].clear_since == D + 3 * DAY
        assert one.levels(D + 9 * DAY, UNKNOWN).warnings["w"].clear_since == D + 3 * DAY


def test_firing_warning_goes_up_at_once_and_down_after_keep_firing_for() -> None:
    with One(warning(keep=2)) as one:
        one.levels(D, "yellow")
        up = one.levels(D + DAY, "red").warnings["w"]
        assert (up.level, up.since, up.raised) == ("red", D, D + DAY)
        assert one.templates() == ["visit"]
        assert one.levels(D + 2 * DAY, "yellow").warnings["w"].level == "red"
        assert one.levels(D + 3 * DAY, None).warnings["w"].level == "red"
        down = one.levels(D + 4 * DAY, "yellow").warnings["w"]
        assert (down.level, down.raised, down.clear_since) == ("yellow", D + DAY, None)
        assert one.templates() == []  # yellow has called in this firing


@pytest.mark.parametrize(("days", "fires"), [(6, False), (7, True), (8, True)])
def test_warning_fires_again_only_after_its_cool_down(days: int, fires: bool) -> None:
    with One(warning(cool=7)) as one:
        one.levels(D, "red")
        assert one.levels(D + DAY, None).waiting["w"].until == D + 8 * DAY
        assert one.levels(D + 2 * DAY, "red").warnings == {}
        assert bool(one.levels(D + DAY + days * DAY, "red").warnings) is fires


@pytest.mark.parametrize("level", [None, UNKNOWN])
def test_cool_down_ends_on_its_day(level: str | None) -> None:
    with One(warning(cool=2)) as one:
        one.levels(D, "red")
        one.levels(D + DAY, None)
        assert one.levels(D + 2 * DAY, level).waiting["w"].state == "cooling"
        assert one.levels(D + 3 * DAY, level).waiting == {}


@pytest.mark.parametrize(("days", "escalates"), [(6, False), (7, True), (8, True)])
def test_escalation_counts_workdays(days: int, escalates: bool) -> None:
    """Five workdays from a Monday are the Monday after."""
    with One(warning(escalate=((5, "workday"), "boss"))) as one:
        one.levels(D, "red")
        state = one.levels(D + days * DAY, "red")
        assert (state.warnings["w"].escalated is not None) is escalates
        assert one.templates() == ["visit"] * escalates


@pytest.mark.parametrize(("ack", "counts"), [(-1, False), (0, True), (3, True), (5, False)])
def test_acknowledgement_counts_from_raised_up_to_tonight(ack: int, counts: bool) -> None:
    mark = Mark("ack", "p", ME, "w", D + ack * DAY)
    with One(warning(escalate=((3, "day"), "boss")), marks=(mark,)) as one:
        one.levels(D, "red")
        firing = one.levels(D + 4 * DAY, "red").warnings["w"]
        assert (firing.acknowledged is not None) is counts
        assert (firing.escalated is None) is counts


def test_a_level_that_goes_up_asks_for_acknowledgement_and_escalates_anew() -> None:
    mark = Mark("ack", "p", ME, "w", D)
    with One(warning(escalate=((2, "day"), "boss")), marks=(mark,)) as one:
        one.levels(D, "yellow")
        assert one.levels(D + 3 * DAY, "red").warnings["w"].acknowledged is None
        assert one.levels(D + 5 * DAY, "red").warnings["w"].escalated == D + 5 * DAY
        assert one.levels(D + 9 * DAY, "red").warnings["w"].escalated == D + 5 * DAY


def test_silenced_warning_calls_on_the_first_night_after() -> None:
    mark = Mark("silence", "p", ME, "w", D, D + 2 * DAY)
    with One(warning(escalate=((1, "day"), "boss")), marks=(mark,)) as one:
        for days, expected in ((0, []), (2, []), (3, ["visit", "visit"]), (4, [])):
            one.levels(D + days * DAY, "red")
            assert one.templates() == expected


def test_a_silence_that_ends_in_the_past_ends_silence() -> None:
    marks = (
        Mark("silence", "p", ME, "w", D, D + 20 * DAY),
        Mark("silence", "p", ME, "w", D + DAY, D),
    )
    with One(warning(), marks=marks) as one:
        assert one.levels(D, "red").warnings["w"].silenced_until == D + 20 * DAY
        assert one.levels(D + DAY, "red").warnings["w"].silenced_until is None
        assert one.templates() == ["visit"]


@pytest.mark.parametrize(("level", "calls"), [("orange", 2), ("yellow", 1), ("blue", 1)])
def test_red_inhibits_yellow_and_blue(level: str, calls: int) -> None:
    every = dict.fromkeys(("red", "orange", "yellow", "blue"), "visit")
    rules = {"w": Warn(actions=every), "v": Warn(actions=every)}
    with One(Pack("p", TIERS, warnings=rules, actions=ACTIONS)) as one:
        state = one.night(D, warnings={"w": {None: "red"}, "v": {None: level}})
        assert state.warnings["v"].is_inhibited is (calls == 1)
        assert len(one.templates()) == calls
        one.night(D + DAY, warnings={"v": {None: level}})
        assert len(one.templates()) == 2 - calls


def test_warning_of_an_account_that_leaves_is_resolved_at_once() -> None:
    with One(warning(keep=30, cool=30)) as one:
        one.levels(D, "red")
        one.both.run(Inputs(D + DAY, {}))
        assert one.both.machines.open_actions == {}
        assert one.levels(D + 2 * DAY, "red").warnings["w"].since == D + 2 * DAY


# --- tiers -------------------------------------------------------------------------------

FIRSTS = [date(2026, month, 1) for month in range(7, 13)]


def test_review_takes_place_on_the_first_night_of_its_period() -> None:
    with One(Pack("p", TIERS, review="quarter")) as one:
        one.night(date(2026, 6, 29))
        assert one.night(date(2026, 6, 30), candidate="key").tier == "plain"
        assert one.night(date(2026, 7, 1)).tier == "key"
        assert one.night(date(2026, 7, 2), candidate="strategic").tier == "key"
        assert one.night(date(2026, 10, 5)).tier == "strategic"


@pytest.mark.parametrize(
    ("demotion", "expected"),
    [
        (None, ["plain"] * 4),
        ((1, 1), ["key", "plain", "plain", "plain"]),
        ((2, 1), ["strategic", "key", "key", "plain"]),
        ((3, 1), ["strategic", "strategic", "key", "key"]),
        ((2, 2), ["strategic", "plain", "plain", "plain"]),
    ],
)
def test_demotion_by_after_and_steps(demotion: tuple[int, int] | None, expected: list[str]) -> None:
    with One(Pack("p", TIERS, review="month", demotion=demotion)) as one:
        one.night(D, candidate="strategic")
        assert one.night(date(2026, 6, 30), candidate="plain").tier == "strategic"
        assert [one.night(day).tier for day in FIRSTS[:4]] == expected
    with One(Pack("p", TIERS, review="month", demotion=demotion)) as one:
        one.night(D, candidate="strategic")
        assert one.night(FIRSTS[3], candidate="plain").tier == expected[3]


def test_demotion_never_goes_below_the_candidate_and_a_good_review_starts_anew() -> None:
    with One(Pack("p", TIERS, review="month", demotion=(2, 2))) as one:
        one.night(D, candidate="strategic")
        assert one.night(FIRSTS[0], candidate="key").worse_reviews == 1
        assert one.night(FIRSTS[1], candidate="strategic").worse_reviews == 0
        assert one.night(FIRSTS[3], candidate="key").tier == "key"


def _promoting(hold: tuple[int, str] | None, effect: str = "promote") -> Pack:
    rules = {"up": Milestone(effect, "strategic", hold, "visit")}
    return Pack("p", TIERS, review="month", milestones=rules, actions=ACTIONS)


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (None, ["plain", "plain", "plain"]),
        ((1, "review"), ["strategic", "plain", "plain"]),
        ((2, "review"), ["strategic", "strategic", "plain"]),
        ((29, "day"), ["plain", "plain", "plain"]),
        ((30, "day"), ["strategic", "plain", "plain"]),
        ((31, "day"), ["strategic", "plain", "plain"]),
        ((1, "month"), ["strategic", "plain", "plain"]),
        ((2, "month"), ["strategic", "strategic", "plain"]),
    ],
)
def test_hold_keeps_a_promoted_tier(hold: tuple[int, str] | None, expected: list[str]) -> None:
    """Promoted on the first of June; 30 days later is the first of July."""
    with One(_promoting(hold)) as one:
        assert one.night(D, milestones={"up": frozenset({"plain"})}).tier == "strategic"
        assert one.kinds() >= {"milestone_reached"}
        assert one.templates() == ["visit"]
        tiers = [one.night(day, milestones={}).tier for day in FIRSTS[:3]]
        assert tiers == expected


def test_hold_of_reviews_is_used_up_by_a_gap_of_reviews() -> None:
    with One(_promoting((2, "review"))) as one:
        one.night(D, milestones={"up": frozenset({"plain"})})
        assert one.night(FIRSTS[1], milestones={}).held_reviews == 0
        assert one.night(FIRSTS[2]).tier == "plain"


def test_proposal_is_said_each_month_and_approved_once() -> None:
    with One(_promoting(None, "propose")) as one:
        holds = {"up": frozenset({"plain", "strategic"})}
        assert one.night(D, milestones=holds).milestones["up"].since == D
        for day, said in ((date(2026, 6, 30), []), (FIRSTS[0], ["visit"]), (FIRSTS[0] + DAY, [])):
            one.night(day)
            assert one.templates() == said
        one.inputs = {"approvals": (Approval(ME, "p", "up", FIRSTS[0] + 2 * DAY),)}
        assert one.night(FIRSTS[0] + 2 * DAY).tier == "strategic"
        assert "milestone_approved" in one.kinds()
        assert one.both.machines.open_actions == {}
        assert one.night(FIRSTS[0] + 3 * DAY).milestones["up"].since == FIRSTS[0] + 3 * DAY


@pytest.mark.parametrize(("on", "tier"), [(-1, "plain"), (0, "strategic"), (2, "strategic")])
def test_approval_counts_from_the_night_of_the_proposal(on: int, tier: str) -> None:
    with One(_promoting(None, "propose")) as one:
        one.night(D, milestones={"up": frozenset({"plain"})})
        one.inputs = {"approvals": (Approval(ME, "p", "up", D + on * DAY),)}
        assert one.night(D + 2 * DAY).tier == tier


def test_override_applies_from_its_first_day_to_its_last() -> None:
    override = Override(ME, "p", "strategic", D + DAY, D + 3 * DAY)
    with One(Pack("p", TIERS, review="week"), overrides=(override,)) as one:
        found = [one.night(D + days * DAY) for days in range(5)]
        assert [state.tier for state in found] == ["plain", *["strategic"] * 3, "plain"]
        assert {state.computed for state in found} == {"plain"}
        assert one.kinds() == {"override_expired", "tier_moved"}


def test_exclusion_counts_at_once_and_its_end_waits_for_a_review() -> None:
    with One(Pack("p", TIERS, review="month", demotion=(3, 1))) as one:
        one.night(D, candidate="strategic")
        assert one.night(D + DAY, excluded=True).tier == "plain"
        assert one.night(D + 2 * DAY, excluded=False).tier == "plain"
        assert one.night(FIRSTS[0]).tier == "strategic"


# --- obligations -------------------------------------------------------------------------


def owed(**keys: object) -> Pack:
    one = Entitlement(tiers=TIERS, action="visit", **keys)  # type: ignore[arg-type]
    return Pack("p", TIERS, entitlements={"e": one}, actions=ACTIONS)


MINUTE = timedelta(minutes=1)
LIMITS = {
    "an hour": ((1, "hour"), "calendar", CHINA, "2026-06-03T10:00", "2026-06-03T11:00"),
    "an hour of work from 17:00": ((1, "hour"), "working", CHINA, "2026-06-03T17:00",
                                   "2026-06-03T18:00"),
    "over a weekend": ((2, "hour"), "working", CHINA, "2026-06-05T17:00", "2026-06-08T10:00"),
    "from a Sunday": ((1, "hour"), "working", CHINA, "2026-06-07T12:00", "2026-06-08T10:00"),
    "over National Day": ((2, "hour"), "working", CHINA, "2026-09-30T17:00", "2026-10-08T10:00"),
    "over Chinese New Year": ((3, "hour"), "working", CHINA, "2026-02-14T16:30",
                              "2026-02-24T10:30"),
    "on a make-up Saturday": ((1, "hour"), "working", CHINA, "2026-10-10T09:30",
                              "2026-10-10T10:30"),
    "clocks go forward": ((24, "hour"), "calendar", BERLIN, "2026-03-28T12:00",
                          "2026-03-29T13:00"),
    "clocks go back": ((24, "hour"), "calendar", BERLIN, "2026-10-24T12:00", "2026-10-25T11:00"),
    "workdays over National Day": ((2, "workday"), "working", CHINA, "2026-09-30T10:00",
                                   "2026-10-10T00:00"),
}  # fmt: skip


@pytest.mark.parametrize("case", LIMITS)
def test_response_is_met_up_to_its_limit(case: str) -> None:
    within, clock, almanac, first, last = LIMITS[case]
    starts, limit = datetime.fromisoformat(first), datetime.fromisoformat(last)
    day = starts.date()
    stops = {"before": limit - MINUTE, "at": limit, "after": limit + MINUTE}
    records = [record("e", name, day, starts=starts, stops=stop) for name, stop in stops.items()]
    records.append(record("e", "never", day, starts=starts))
    pack = owed(kind="response", within=within, clock=clock)
    with One(pack, almanac=almanac, records=tuple(records)) as one:
        one.night(day - DAY)
        found = one.night(limit.date()).duties
        states = {name: found["e", name].state for name in (*stops, "never")}
    assert states == {"before": "met", "at": "met", "after": "late", "never": "overdue"}
    if limit.date() > day:
        with One(pack, almanac=almanac, records=tuple(records)) as one:
            assert one.night(limit.date() - DAY).duties["e", "never"].state == "open"


def test_response_that_is_entered_days_later_is_met_as_of_its_own_day() -> None:
    asked = record("e", "R1", D, starts=datetime(2026, 6, 1, 9))
    with One(owed(kind="response", within=(1, "day")), records=(asked,)) as one:
        one.night(D)
        assert one.night(D + 3 * DAY).duties["e", "R1"].state == "overdue"
        stops = datetime(2026, 6, 1, 12)
        one.inputs = {"records": (record("e", "R1", D, starts=asked.starts, stops=stops),)}
        assert one.night(D + 4 * DAY).duties["e", "R1"].state == "met"
        assert one.kinds() == {"obligation_met"}
        assert one.both.machines.open_actions == {}
        assert one.night(D + 5 * DAY).duties == {}


@pytest.mark.parametrize(
    ("done", "state"), [(0, "open"), (1, "open"), (2, "met"), (3, "met"), (4, "exceeded")]
)
def test_cadence_of_two_to_three_a_year(done: int, state: str) -> None:
    visits = tuple(record("e", f"R{n}", D + n * DAY) for n in range(done))
    pack = owed(kind="cadence", every=(1, "year"), at_least=2, at_most=3)
    with One(pack, records=visits) as one:
        assert one.night(D + 30 * DAY).duties["e", ""].state == state


def test_cadence_falls_due_and_is_overdue_after_a_whole_period() -> None:
    with One(owed(kind="cadence", every=(1, "month"), remind=(5, "workday"))) as one:
        # June began before the first night, so only a missed July is overdue.
        nights = {
            date(2026, 6, 2): "open", date(2026, 6, 22): "open", date(2026, 6, 23): "due",
            date(2026, 7, 1): "open", date(2026, 7, 24): "due", date(2026, 8, 1): "overdue",
            date(2026, 9, 1): "overdue",
        }  # fmt: skip
        asked = []
        for night, state in nights.items():
            assert one.night(night).duties["e", ""].state == state
            asked.append(len(one.templates()))
        assert asked == [0, 0, 1, 0, 1, 1, 1]  # once in each period
        assert len(one.both.machines.open_actions) == 1


@pytest.mark.parametrize(
    ("night", "state"),
    [("2026-09-28", "open"), ("2026-09-29", "due"), ("2026-10-09", "due"),
     ("2026-10-10", "overdue")],
)  # fmt: skip
def test_deadline_reminds_in_workdays(night: str, state: str) -> None:
    """Three workdays before Friday the ninth of October, with National Day between."""
    run = record("e", "R1", D, due=date(2026, 10, 9))
    pack = owed(kind="deadline", remind=(3, "workday"))
    with One(pack, almanac=CHINA, records=(run,)) as one:
        assert one.night(date.fromisoformat(night)).duties["e", "R1"].state == state


@pytest.mark.parametrize(("days", "state"), [(-1, "met"), (0, "met"), (1, "late")])
def test_deadline_is_met_on_its_day(days: int, state: str) -> None:
    due = date(2026, 6, 10)
    stops = datetime(2026, 6, 10, 23, 59) + days * DAY
    run = record("e", "R1", D, due=due, stops=stops)
    with One(owed(kind="deadline"), records=(run,)) as one:
        one.night(due - 2 * DAY)
        assert one.night(stops.date()).duties["e", "R1"].state == state


def test_team_counts_different_persons_and_asks_once_per_gap() -> None:
    first = Assignment(ME, "deputy", "陈静", D, D + 5 * DAY)
    again = Assignment(ME, "deputy", "陈静", D)
    other = Assignment(ME, "deputy", "李娜", D + 2 * DAY, D + 4 * DAY)
    pack = owed(kind="team", roles={"deputy": 2})
    with One(pack, assignments=(first, again, other)) as one:
        states = []
        for days in range(6):
            state = one.night(D + days * DAY).duties["e", "deputy"].state
            states.append((state, len(one.templates())))
        gap = [("overdue", 1), ("overdue", 0)]
        assert states == [*gap, ("met", 0), ("met", 0), *gap]


def test_obligations_of_an_account_that_is_set_aside_stay_as_they_were() -> None:
    visit = record("e", "R1", D)
    with One(owed(kind="cadence", every=(1, "month")), records=(visit,)) as one:
        assert one.night(D).duties["e", ""].state == "met"
        one.both.run(Inputs(D + DAY, {}, frozenset({ME}), **one.inputs))
        assert one.night(D + 2 * DAY).duties["e", ""].owed_since == D


# --- a night that is run again -----------------------------------------------------------


def test_account_that_a_correction_sets_aside_takes_back_what_the_attempt_said() -> None:
    with One(warning()) as one:
        one.levels(D, None)
        assert one.levels(D + DAY, "red").warnings["w"].since == D + DAY
        again = one.both.run(Inputs(D + DAY, {}, frozenset({ME})))
        assert {line[0] for line in again.log} == {"warning_resolved"}
        assert again.open_actions == []
        assert one.levels(D + 2 * DAY, "red").warnings["w"].since == D + 2 * DAY


def test_account_that_came_with_an_attempt_and_is_set_aside_by_a_correction_has_left() -> None:
    with One(warning()) as one:
        one.both.run(Inputs(D, {}))
        one.night(D + DAY, candidate="key")
        again = one.both.run(Inputs(D + DAY, {}, frozenset({ME})))
        assert again.log == {("account_left", "p", ME, None, "key", None)}


def test_obligation_that_a_correction_sets_aside_is_as_it_was_and_says_so() -> None:
    visit = record("e", "R1", D)
    with One(owed(kind="cadence", every=(1, "month")), records=(visit,)) as one:
        last, first = date(2026, 6, 30), date(2026, 7, 1)
        assert one.night(last).duties["e", ""].state == "met"
        assert one.night(first).duties["e", ""].state == "open"
        again = one.both.run(Inputs(first, {}, frozenset({ME}), **one.inputs))
        assert again.log == {("obligation_met", "p", ME, "e", None, "")}
