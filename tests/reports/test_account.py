"""`kam account`: the whole story of one account, at the edges of what there is to tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.audit.manifest import MANIFEST_FILE
from engine.audit.marks import Said
from engine.audit.store import open_store
from engine.console.account_words import WORDS
from tests.night.book import NIGHT, Book
from tests.reports.books import BEFORE, HOSTILE, call


def story(book: Book, account: str, *options: str) -> dict[str, Any]:
    done = call("account", account, "-w", str(book.root), "--format", "json", *options)
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.output)
    assert isinstance(found, dict)
    return found


def page(book: Book, account: str, lang: str = "en") -> str:
    done = call("account", account, "-w", str(book.root), "--lang", lang)
    assert done.exit_code == 0, done.output
    return done.output


def test_story_tells_tier_scores_and_what_is_owed(told: Book) -> None:
    found = story(told, "a1")
    assert found["standing"]["tier"]["en"] == "Gold"
    assert found["standing"]["since"] == NIGHT.isoformat()
    (up, first) = found["moves"]
    assert (up["before"]["en"], up["after"]["en"], up["reason"]) == ("Silver", "Gold", "review")
    assert (first["kind"], first["on"]) == ("tier_assigned", BEFORE.isoformat())
    value, health = found["scores"]
    assert value["now"]["score"]["title"]["en"] == "Value score"
    assert [day for day, _ in value["nights"]] == [BEFORE.isoformat(), NIGHT.isoformat()]
    assert value["nights"][-1][1] == value["now"]["score"]["value"]
    assert [part["path"][0]["en"] for part in value["now"]["parts"]] == ["Purchase", "Rating"]
    assert health["now"]["score"]["value"] == 50.0
    (cadence,) = found["obligations"]
    assert (cadence["id"], cadence["due_on"]) == ("visit_monthly", "2026-06-30")
    assert (cadence["done"], cadence["needed"]) == (0, 1)


def test_rate_is_that_of_the_step_the_account_reached(told: Book) -> None:
    def rate(account: str) -> float:
        owed = story(told, account)["entitlements"]
        (found,) = [one["rate"] for one in owed if one["kind"] == "pricing"]
        return float(found)

    assert (rate("a1"), rate("a2")) == (0.02, 0.0)


def test_budget_says_who_approved_it_or_who_has_to(told: Book) -> None:
    def fund(account: str) -> dict[str, Any]:
        owed = story(told, account)["entitlements"]
        return next(one for one in owed if one["id"] == "fund")

    assert (fund("a1")["approved_by"], fund("a1")["approved_until"]) == ("王建国", "2026-12-31")
    assert fund("a3")["approved_by"] is None
    assert fund("a3")["approver"]["en"] == "Office"


def test_override_is_told_once_beside_the_computed_tier(told: Book) -> None:
    found = story(told, "a3")
    assert found["standing"]["override"]["approver"] == "王建国"
    assert found["standing"]["override"]["until"] == "2026-12-31"
    assert found["standing"]["computed"]["en"] == "Plain"
    assert [move["kind"] for move in found["moves"]] == ["override_applied"]


def test_story_without_history_scorecards_or_obligations(begun: Book) -> None:
    found = story(begun, "a3")
    assert found["standing"]["tier"]["en"] == "Plain"
    for empty in ("moves", "scores", "obligations", "warnings", "waiting", "milestones", "said"):
        assert found[empty] == []
    assert "Scores" not in page(begun, "a3")


def test_account_outside_the_population_has_no_tier(told: Book) -> None:
    found = story(told, "a4")
    assert not found["in_population"]
    assert found["standing"]["tier"] is None
    assert "outside the population" in page(told, "a4")


def test_unknown_account_is_refused_with_the_one_that_was_meant(told: Book) -> None:
    done = call("account", "a11", "-w", str(told.root))
    assert done.exit_code == 1
    assert "unknown-account" in done.stderr
    assert "did you mean 'a1'" in done.stderr


def test_account_whose_row_is_in_quarantine_is_not_taken_for_unknown(told: Book) -> None:
    told.replace("data/accounts.csv", "a3,泰山水泥,active,B", "a3,泰山水泥,unheard of,B")
    report = told.run(NIGHT + timedelta(days=1))
    done = call("account", "a3", "-w", str(told.root))
    assert done.exit_code == 1
    assert (
        f"account-set-aside: the row of account 'a3' could not be used in run {report.run_id}"
        in (done.stderr)
    )


def test_unknown_pack_and_run_are_refused(told: Book) -> None:
    for options, code in ((("--pack", "big"), "unknown-pack"), (("--run", "x"), "unknown-run")):
        done = call("account", "a1", "-w", str(told.root), *options)
        assert done.exit_code == 1
        assert code in done.stderr


@pytest.mark.slow
def test_story_of_an_earlier_run_knows_nothing_of_later_ones(told: Book) -> None:
    earlier = f"{BEFORE}.1"
    before = story(told, "a1", "--run", earlier)
    assert [day for day, _ in before["scores"][0]["nights"]] == [BEFORE.isoformat()]
    assert before["warnings"] == []
    assert [one["level"] for one in story(told, "a1")["warnings"]] == ["yellow"]
    told.run(NIGHT + timedelta(days=40))
    assert story(told, "a1", "--run", earlier) == before


@pytest.mark.slow
def test_scores_are_told_for_the_last_nights_only(
    told: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.append("data/complaints.csv", "a1,2026-06-30\n")
    told.run()  # the same night again: it counts once, as it stood last
    later = NIGHT + timedelta(days=1)
    told.run(later)
    monkeypatch.setattr("engine.reports.account.NIGHTS", 2)
    nights = story(told, "a1")["scores"][1]["nights"]
    assert nights == [[NIGHT.isoformat(), 25.0], [later.isoformat(), 25.0]]


def test_earlier_night_whose_files_are_gone_is_passed_over(told: Book) -> None:
    (told.root / "store" / "runs" / f"{BEFORE}.1" / MANIFEST_FILE).unlink()
    nights = [day for day, _ in story(told, "a1")["scores"][0]["nights"]]
    assert nights == [NIGHT.isoformat()]


def test_names_cannot_command_the_terminal(told: Book) -> None:
    told.write(
        "data/accounts.csv",
        f'account_id,name,status,rating\na1,"\x1b[31m{HOSTILE.replace(chr(34), "")}",active,A\n'
        "a2,二,active,C\na3,三,active,B\n",
    )
    told.run(NIGHT + timedelta(days=1))
    shown = page(told, "a1")
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    assert "<script>" in shown


@pytest.mark.parametrize(("lang", "word"), [("zh", "人工定级生效"), ("en", "override applied")])
def test_page_is_in_the_language_asked_for(told: Book, lang: str, word: str) -> None:
    assert word in page(told, "a3", lang)


def test_every_word_is_there_in_both_languages() -> None:
    assert all(zh and en for zh, en in WORDS.values())


def done_by(book: Book, account: str) -> str:
    """Somebody says, the morning after, that the account's first open action is done."""
    with open_store(book.root / "store", create=False) as store:
        ((number, name),) = store.database.execute(
            "SELECT action_no, action_id FROM actions WHERE account_id = ? AND status = 'open' "
            "ORDER BY action_no LIMIT 1",
            [account],
        ).fetchall()
        at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
        store.say(Said("done", "张三", at, at.date(), action_no=number, note="去过了"))
    return str(name)


def test_action_that_a_person_finished_is_told_as_closed_and_by_whom(told: Book) -> None:
    before = story(told, "a1")
    name = done_by(told, "a1")
    found = story(told, "a1")
    assert name in [one["id"] for one in before["actions"]]
    assert name not in [one["id"] for one in found["actions"]]
    assert name in [one["id"] for one in found["closed"] if one["status"] == "done"]
    (said,) = found["said"]
    assert (said["by"], said["kind"], said["note"]) == ("张三", "done", "去过了")
    assert "去过了" in page(told, "a1")


def test_end_of_a_silence_is_told_as_one(told: Book) -> None:
    at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    with open_store(told.root / "store", create=False) as store:
        ((pack, rule),) = store.database.execute(
            "SELECT p.pack, u.rule_id FROM rules AS u JOIN policy_versions AS p USING (policy_no) "
            "WHERE u.kind = 'warning' LIMIT 1"
        ).fetchall()
        for until in (at.date() + timedelta(days=9), at.date() - timedelta(days=1)):
            about = {"pack": pack, "account": "a1", "rule": rule, "until": until}
            store.say(Said("silence", "张三", at, at.date(), **about))
    english, chinese = page(told, "a1"), page(told, "a1", "zh")
    assert "silence until 2026-07-10" in english and "silence ended" in english
    assert "静默已解除" in chinese and "2026-06-30 静默" not in chinese


@pytest.mark.slow
def test_earlier_run_tells_actions_as_they_stood_then(told: Book) -> None:
    run = f"{NIGHT}.1"
    before = story(told, "a1")
    name = done_by(told, "a1")
    told.write("data/complaints.csv", "account_id,opened_on\n")  # the warning resolves
    told.run(NIGHT + timedelta(days=1))
    then = story(told, "a1", "--run", run)
    assert [one["id"] for one in then["actions"]] == [one["id"] for one in before["actions"]]
    assert (then["closed"], then["said"]) == (before["closed"], [])
    now = story(told, "a1")
    assert {one["status"] for one in now["closed"] if one["id"] == name} == {"done"}
    assert "expired" in {one["status"] for one in now["closed"]}
