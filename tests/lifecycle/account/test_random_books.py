"""The machines for one account and those for a book agree, night after night.

Every sequence is made from a fixed seed, so that a failure comes back until it is mended.
"""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from tests.lifecycle.account.books import Books
from tests.lifecycle.test_machines_against_model import ALMANACS
from tests.lifecycle.worlds import World, random_pack
from tests.often import seldom


@pytest.mark.parametrize("seed", [1, *seldom(0, *range(2, 10))])
def test_each_account_of_a_random_book_is_decided_as_the_night_decides_it(seed: int) -> None:
    rng = Random(1000 + seed)
    packs = tuple(random_pack(rng, f"p{n}") for n in range(1 + seed % 2))
    start = date(2026, 1, 1 + rng.randint(0, 27))
    world = World(rng, packs, start, ALMANACS[seed % 3], restless=rng.choice((0.05, 0.2, 0.4)))
    lines = 0
    with Books(packs) as books:
        books.run(world.tonight())
        for _ in range(5):
            if rng.random() < 0.25:  # the same night again, over corrected facts
                world.correct()
            else:
                world.advance()
            lines += sum(len(one.changes) for one in books.run(world.tonight()))
    assert lines > 20
