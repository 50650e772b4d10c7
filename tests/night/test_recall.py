"""An explanation of a past night reads what that night kept, and nothing of today."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import KamError
from engine.recall import recall
from tests.night.book import FIRST, NIGHT, Book
from tests.replay.books import tampering


def test_explanation_agrees_with_what_was_decided(begun: Book) -> None:
    for row in begun.decisions(FIRST):
        (explanation,) = recall(begun.root, row["account_id"]).explanations
        assert explanation.tier == row["tier"]
        assert explanation.in_population == row["in_population"]


def test_explanation_of_a_past_night_ignores_what_was_edited_since(begun: Book) -> None:
    before = recall(begun.root, "a1")
    assert before.faithful
    begun.replace("policies/small/pack.yaml", "{value: 100万", "{value: 900万")
    begun.replace("kam.yaml", "currency: CNY", "currency: USD")
    begun.write("facts.yaml", "this: is no longer a catalog\n")
    assert recall(begun.root, "a1") == before


@pytest.mark.slow
def test_earlier_run_is_explained_by_its_id(book: Book) -> None:
    first = book.run()
    book.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,active,C")
    second = book.run(NIGHT + timedelta(days=1))
    tiers = [
        recall(book.root, "a1", run_id=one.run_id).explanations[0].tier for one in (first, second)
    ]
    assert tiers == ["gold", "silver"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"account": "a11"}, "unknown-account: .*did you mean 'a1'"),
        ({"account": "a1", "pack": "smal"}, "unknown-pack: .*small"),
        ({"account": "a1", "run_id": "2026-01-01.1"}, "unknown-run: .*kam runs"),
    ],
)
def test_what_is_not_there_is_said(begun: Book, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(KamError, match=message):
        recall(begun.root, **arguments)


def test_workspace_without_a_run_names_the_command(book: Book) -> None:
    with pytest.raises(KamError, match=r"no-store: .*kam run"):
        recall(book.root, "a1")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM policy_version_files",
        "DELETE FROM policy_files",
        "DELETE FROM rules WHERE kind = 'pack'",
        "DELETE FROM run_policies",
        "UPDATE policy_version_files SET path = 'other/' || path",
        "UPDATE policy_files SET content = cast('tiers: [' AS BLOB) "
        "WHERE sha256 IN (SELECT sha256 FROM policy_version_files)",
    ],
)
def test_a_kept_policy_that_is_gone_or_another_is_said_to_be(begun: Book, statement: str) -> None:
    with tampering(begun.root) as connection:
        connection.execute(statement)
    with pytest.raises(KamError) as caught:
        recall(begun.root, "a1")
    (found,) = caught.value.problems
    assert (found.code, FIRST in found.message) == ("kept-file-changed", True)
