"""A policy that counts and computes nothing is replayed over the accounts that were kept."""

from __future__ import annotations

import pytest

from tests.books.workspace import pack_head
from tests.night.book import Book
from tests.replay.books import PACK, day, states

ACCOUNTS = """\
vocabulary:
  accounts:
    name: {type: text, title: {zh: 名称, en: Name}}
    rating: {type: ordinal, values: [C, B, A], title: {zh: 评级, en: Rating}}

warnings:
  poor:
    title: {zh: 差, en: Poor}
    levels: {red: {when: {rating: {lt: B}}}}
"""


@pytest.fixture
def alone(book: Book) -> Book:
    """Its only rule reads what the accounts say."""
    book.write(PACK, pack_head("small", "小制度", "Small policy") + "\n" + ACCOUNTS)
    return book


def test_night_over_accounts_alone_is_replayed_to_the_same_bytes(alone: Book) -> None:
    alone.run(day(0))
    alone.replace("data/accounts.csv", "a3,泰山水泥,active,B", "a3,泰山水泥,active,C")
    alone.run(day(1))
    assert set(states(alone.root).values()) == {"identical"}
