"""`kam explain` and `kam account` explain what an event decided, from what was kept with it."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.audit.store import open_store
from engine.day.events import Answer, Event
from engine.errors import KamError
from engine.explain.tree import Explanation, RuleNode
from engine.model import Classification
from engine.recall import explain_night, last_told, recall, recall_night
from engine.runner.desk import EventDesk
from kam import main
from tests.events.book import END, EventBook, after_one_night, keep_back, write_book
from tests.often import seldom

ACCOUNT, OTHER = "K0000005", "K0000007"
NIGHT, FIRST, SECOND = "2026-06-30.1", "2026-06-30.e1", "2026-06-30.e2"


@pytest.fixture
def book(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> EventBook:
    shutil.copytree(after_one_night(tmp_path_factory).root, tmp_path / "book")
    return EventBook(tmp_path / "book")


def signal(id: str, kind: str = "management_change", account: str = ACCOUNT) -> Event:
    values = {"observed_on": END.isoformat(), "kind": kind, "severity": 5}
    return Event(id, "record", account, values, "signals")


def tell(book: EventBook, *events: Event) -> list[Answer]:
    """An event run for each."""
    with EventDesk(book.root) as desk:
        answers = [answer for event in events for answer in desk.answer([event])]
    assert all(isinstance(one, Answer) for one in answers), answers
    return [one for one in answers if isinstance(one, Answer)]


def rule(explanations: list[Explanation], id: str) -> RuleNode:
    (found,) = [one for told in explanations for one in told.rules if one.id == id]
    return found


def kam(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_the_last_event_is_explained_and_earlier_runs_on_request(book: EventBook) -> None:
    tell(book, signal("a"), signal("b", "payment_default"), signal("c", account=OTHER))
    said = {
        run: [
            rule(recall(book.root, ACCOUNT, run_id=run).explanations, id).level
            for id in ("management_change", "overdue_receivables")
        ]
        for run in (None, NIGHT, FIRST, SECOND, "2026-06-30.e3")
    }
    assert said == {
        None: ["red", "red"],
        NIGHT: [None, None],
        FIRST: ["red", None],
        SECOND: ["red", "red"],
        "2026-06-30.e3": ["red", "red"],  # which was about another account
    }


def test_who_asks_is_told_which_event_decided_and_how_to_see_the_night(book: EventBook) -> None:
    tell(book, signal("crm-7"))
    asked = ("explain", ACCOUNT, "-w", book.root, "--lang")
    result = kam(*asked, "en")
    assert result.exit_code == 0, result.output
    assert f"run {FIRST} left it (event crm-7)" in result.stderr
    assert f"--run {NIGHT}" in result.stderr
    assert f"运行 {FIRST}（事件 crm-7）" in kam(*asked, "zh").stderr
    assert FIRST not in kam(*asked, "en", "--run", NIGHT).stderr
    assert FIRST not in kam("explain", OTHER, "-w", book.root, "--lang", "en").stderr


@pytest.mark.parametrize(("most", "events"), [(3, 10), *seldom((6, 20))])
def test_every_decision_of_an_event_is_explained_as_it_was_decided(
    tmp_path: Path, most: int, events: int
) -> None:
    book = keep_back(write_book(tmp_path / "book", 60), END - timedelta(days=40), most)
    book.night()
    answers = tell(book, *book.events)
    opened = 0
    for answer in answers:
        document = answer.document
        recalled = recall(book.root, document["account"], run_id=document["run"])
        assert recalled.told is not None
        assert recalled.told.events == (document["event"],)
        by_pack = {one.pack: one for one in recalled.explanations}
        assert by_pack.keys() == document["packs"].keys()
        for pack, decided in document["packs"].items():
            assert by_pack[pack].tier == decided["tier"]
            assert by_pack[pack].candidate == decided["candidate"]
        for change in document["changes"]:
            if change["kind"] == "warning_opened":
                shown = rule([by_pack[change["pack"]]], change["rule"])
                assert shown.level == change["to"]
                opened += 1
    assert len(answers) == len(book.events) > events
    assert opened, "no event raised a warning"


def test_an_event_of_a_later_day_is_explained_as_of_that_day(book: EventBook) -> None:
    book.on(END + timedelta(days=1))
    (answer,) = tell(book, signal("a"))
    assert answer.document["as_of"] == "2026-07-01"
    recalled = recall(book.root, ACCOUNT)
    assert recalled.night == NIGHT
    assert {one.as_of for one in recalled.explanations} == {END + timedelta(days=1)}
    assert rule(recalled.explanations, "management_change").level == "red"


def test_the_facts_of_an_event_are_those_of_the_night_but_for_what_has_moved(
    book: EventBook,
) -> None:
    """To the digits: an amount that has not moved is shown as before."""
    tell(book, signal("a"))
    with open_store(book.root / "store", create=False, read_only=True) as store:
        night = recall_night(book.root, store, NIGHT)
        _, before = explain_night(night, ACCOUNT)
        _, after = explain_night(night, ACCOUNT, told=last_told(store, night.run, ACCOUNT))
    assert [*after] == [*before]
    moved = {name for name, value in after.items() if repr(value) != repr(before[name])}
    assert moved
    assert not moved & {name for name, value in before.items() if isinstance(value, Decimal)}


def test_personal_values_are_shown_to_those_alone_who_may_read_them(book: EventBook) -> None:
    levels: tuple[Classification, ...] = ("confidential", "personal")
    before = [greetings(book, level) for level in levels]
    tell(book, Event("a", "account", ACCOUNT, {"credit_rating": "B"}))
    assert recall(book.root, ACCOUNT).told is not None
    assert [greetings(book, level) for level in levels] == before
    assert before[0] != before[1]


def greetings(book: EventBook, level: Classification) -> RuleNode:
    """What depends on the birthday of a person."""
    return rule(recall(book.root, ACCOUNT, level=level).explanations, "personal_dates")


def test_the_story_of_an_account_has_the_scores_that_the_event_left(book: EventBook) -> None:
    def fit() -> set[object]:
        said = json.loads(kam("account", ACCOUNT, "-w", book.root, "--format", "json").stdout)
        return {
            part["input"]["value"]
            for story in said
            for score in story["scores"]
            for part in score["now"]["parts"]
            if part["input"]["column"] == "strategic_fit"
        }

    (before,) = fit()
    told = 1 if before != 1 else 2
    tell(book, Event("a", "account", ACCOUNT, {"strategic_fit": told}))
    assert fit() == {told}


def test_what_is_supposed_of_a_night_says_that_events_since_are_not_in_it(book: EventBook) -> None:
    asked = ("explain", ACCOUNT, "-w", book.root, "--lang", "en", "--set", "strategic_fit=5")
    assert "events" not in kam(*asked).stderr
    tell(book, signal("a"))
    assert f"of the night {NIGHT}; what events" in kam(*asked).stderr
    assert "events" not in kam(*asked, "--run", NIGHT).stderr


def test_questions_about_a_whole_night_name_it(book: EventBook) -> None:
    tell(book, signal("a"))
    with (
        open_store(book.store, read_only=True) as store,
        pytest.raises(KamError, match=f"not-a-night: .*{FIRST}(.|\n)*{NIGHT}"),
    ):
        recall_night(book.root, store, FIRST)
    result = kam("explain", ACCOUNT, "-w", book.root, "--run", FIRST, "--set", "strategic_fit=5")
    assert result.exit_code == 1
    assert "not-a-night" in str(result.exception) + result.stderr


def test_what_is_compared_up_to_a_night_says_that_events_since_are_not_in_it(
    book: EventBook,
) -> None:
    book.on(END + timedelta(days=1))
    book.night(END + timedelta(days=1))
    asked = ("explain", ACCOUNT, "-w", book.root, "--lang", "en", "--since", NIGHT)
    assert "events" not in kam(*asked).stderr
    at = {"observed_on": (END + timedelta(days=1)).isoformat(), "kind": "management_change",
          "severity": 5}  # fmt: skip
    tell(book, Event("a", "record", ACCOUNT, at, "signals"))
    said = kam(*asked)
    assert said.exit_code == 0
    assert "compared up to the night 2026-07-01.1; what events have decided since" in said.stderr
    assert "events" not in kam(*asked, "--run", "2026-07-01.1").stderr
    assert "events" not in kam("explain", OTHER, *asked[2:]).stderr


def test_events_since_the_night_itself_cannot_be_compared_and_it_says_what_can_be_asked(
    book: EventBook,
) -> None:
    asked = ("explain", ACCOUNT, "-w", book.root, "--since", NIGHT)
    assert f"run {NIGHT} was not before run {NIGHT}" in kam(*asked).stderr
    tell(book, signal("a"))
    result = kam(*asked)
    assert result.exit_code == 1
    assert "not-before" in result.stderr and "cannot be compared yet" in result.stderr
    assert f"kam log --account {ACCOUNT}" in result.stderr
    assert f"kam explain {ACCOUNT} --run {FIRST}" in result.stderr
    assert f"run {NIGHT} was not before" in kam("explain", OTHER, *asked[2:]).stderr
    assert "not-a-night" in kam(*asked[:-1], FIRST).stderr
