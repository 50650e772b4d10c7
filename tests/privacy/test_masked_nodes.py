"""No field of an explanation, a comparison, a list or a story tells what another one masks."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from engine.reports.nodes import to_json
from engine.runner.desk import EventDesk
from kam import main
from tests.books.triggers import without_triggers
from tests.night.book import NIGHT, Book
from tests.privacy.book import PACK as PERSONS_PACK
from tests.privacy.book import SECOND, Persons

CUT_OFFS = ("850000", "840000")
"""What the last of the upper half had bought, on either night."""
REASON = "the works council asked for it"
OVERRIDES = f"""\
overrides:
  - {{account: a3, pack: small, tier: silver, reason: {REASON}, approver: office,
     from: 2026-06-01, until: 2026-12-31}}
"""


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Two nights, with another cut-off on the second, and an override."""
    book = Book(tmp_path_factory.mktemp("nights") / "workspace")
    kam_yaml = (book.root / "kam.yaml").read_text(encoding="utf-8")
    book.write("kam.yaml", f"{kam_yaml}overrides: overrides.yaml\n")
    book.write("overrides.yaml", "overrides: []\n")
    book.run(NIGHT)
    book.write("overrides.yaml", OVERRIDES)
    book.replace("data/orders.csv", "a2,2026-03-01,850000.00", "a2,2026-03-01,840000.00")
    book.run(NIGHT + timedelta(days=1))
    return book


def said(book: Book, *arguments: str, reader: str = "public") -> str:
    command = [*arguments, "-w", str(book.root), "--lang", "en", "--reader", reader]
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, command)
    assert result.exit_code == 0, result.output
    return result.stdout


def ranked_in(node: Any) -> Iterator[dict[str, Any]]:
    """Every test of a rank in a JSON document."""
    if isinstance(node, dict):
        if node.get("node") == "test" and node["operator"] == "top":
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from ranked_in(part)


QUESTIONS = [
    ("explain", "a1"),
    ("explain", "a2", "--run", "2026-06-30.1"),
    ("explain", "a2", "--since", "2026-06-30.1"),
    ("explain", "a3", "--set", "purchase=95万", "--whole"),
    ("explain", "a3", "--set", "purchase=95万"),
    ("near", "--tier", "silver"),
    ("near", "--tier", "gold"),
    ("account", "a2"),
]


@pytest.mark.parametrize("form", [("--format", "json"), ()], ids=["json", "text"])
@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_no_answer_holds_the_cut_off_of_a_measure_that_is_hidden(
    nights: Book, question: tuple[str, ...], form: tuple[str, ...]
) -> None:
    told = said(nights, *question, *form).replace(",", "")
    assert not [one for one in CUT_OFFS if one in told]


def test_the_cut_off_is_shown_to_who_may_see_the_measure(nights: Book) -> None:
    told = said(nights, "explain", "a2", "--format", "json", reader="confidential")
    for test in ranked_in(json.loads(told)):
        assert test["thresholds"] == ["840000.00"]
        assert test["standing"]["cutoff"] == "840000.00"


def test_a_hidden_cut_off_is_null_and_named_wherever_it_stands(nights: Book) -> None:
    told = json.loads(said(nights, "explain", "a2", "--format", "json"))
    tests = list(ranked_in(told))
    assert tests
    for test in tests:
        assert test["thresholds"] == [None]
        assert test["masked"] == ["thresholds"]
        assert (test["standing"]["cutoff"], test["standing"]["masked"]) == (None, ["cutoff"])
    near = ("near", "--tier", "silver", "--run", "2026-06-30.1", "--format", "json")
    (row,) = json.loads(said(nights, *near))
    (missing,) = row["missing"]
    assert missing["thresholds"] == [None]
    assert missing["masked"] == ["value", "thresholds"]


def test_a_program_is_shown_no_cut_off_that_is_hidden_from_it(nights: Book) -> None:
    with EventDesk(nights.root) as desk:
        told = {level: desk.account("a2", level) for level in ("public", "confidential")}
    assert not [one for one in CUT_OFFS if one in json.dumps(to_json(told["public"]))]
    assert "840000.00" in json.dumps(to_json(told["confidential"]))


@pytest.mark.parametrize(
    "question",
    [
        ("account", "a3"),
        ("account", "a3", "--format", "json"),
        ("explain", "a3", "--since", "2026-06-30.1"),
        ("explain", "a3", "--since", "2026-06-30.1", "--format", "json"),
        ("log", "--account", "a3", "--format", "json"),
    ],
    ids=" ".join,
)
def test_why_somebody_decided_otherwise_is_for_whoever_may_know_our_people(
    nights: Book, question: tuple[str, ...]
) -> None:
    assert REASON in " ".join(said(nights, *question, reader="internal").split())
    assert REASON not in " ".join(said(nights, *question, reader="public").split())


def test_who_approved_is_told_to_whoever_may_know_our_people(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    book = Book(tmp_path_factory.mktemp("approved") / "workspace")
    book.run(NIGHT)
    with sqlite3.connect(book.store / "kam.db") as database, without_triggers(database):
        changed = database.execute(
            "UPDATE decision_log SET kind = 'milestone_approved', to_value = 'Zhuge Liang' "
            "WHERE kind = 'tier_assigned' AND account_id = 'a2'"
        )
        assert changed.rowcount == 1
    for question in (("log",), ("log", "--format", "json"), ("account", "a2")):
        assert "Zhuge" in said(book, *question, reader="internal"), question
        assert "Zhuge" not in said(book, *question, reader="public"), question


# --- another night, another policy -------------------------------------------------------


def test_what_the_policy_of_today_does_not_know_keeps_the_class_it_had(night: Persons) -> None:
    """The measure that was confidential has another name since."""
    renamed = PERSONS_PACK.replace("margin_rate", "profit_rate").replace("lt: 20%", "lt: 5%")
    night.write("policies/small/pack.yaml", renamed)
    night.run(SECOND)
    question = ("explain", "p1", "--since", "2026-06-30.1", "--format", "json")
    rates = re.compile(r"0\.11+")
    assert rates.search(said(night, *question, reader="confidential"))
    assert not rates.search(said(night, *question, reader="internal"))


def test_a_pack_that_is_gone_is_told_of_as_it_was_masked(night: Persons) -> None:
    other = PERSONS_PACK.replace("id: small", "id: other").replace("pack: small", "pack: other")
    night.write("policies/other/pack.yaml", other)
    night.replace("kam.yaml", "policies/small", "policies/other")
    night.run(SECOND)
    question = ("explain", "p1", "--since", "2026-06-30.1", "--pack", "small", "--format", "json")
    (told,) = json.loads(said(night, *question, reader="internal"))
    assert told["name"] is None or told["name"].startswith("sealed:")
    assert "0.111" not in json.dumps(told)


def test_scores_of_earlier_nights_stay_hidden_when_there_is_none_tonight(night: Persons) -> None:
    pack = PERSONS_PACK.replace("missing: zero", "missing: fail")
    night.write("policies/small/pack.yaml", pack)
    night.replace("data/accounts.csv", "1961-03-07,100000.00", "1961-03-07,")
    night.run(SECOND)
    for reader, shown in (("confidential", True), ("internal", False)):
        (story,) = json.loads(said(night, "account", "p1", "--format", "json", reader=reader))
        (score,) = [one for one in story["scores"] if one["now"]["score"]["column"] == "value"]
        assert score["now"]["score"]["value"] is None
        assert bool(score["nights"]) is shown
