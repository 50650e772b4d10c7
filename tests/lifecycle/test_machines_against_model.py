"""The machines of the night and the plain model of docs/lifecycle.md agree, night after night.

Every sequence is made from a fixed seed, so that a failure comes back until it is mended.
"""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from tests.lifecycle.agreement import Both
from tests.lifecycle.model.days import Almanac
from tests.lifecycle.worlds import World, random_pack

ALMANACS = (
    Almanac(china=True),
    Almanac(zone="Europe/Berlin"),
    Almanac(
        holidays=frozenset({date(2026, 5, 1), date(2026, 3, 30)}),
        workdays=frozenset({date(2026, 5, 3)}),
        opens=8,
        closes=12,
    ),
)
SEQUENCES = range(4)


@pytest.mark.slow  # the ordinary run has test_simulated_year
@pytest.mark.parametrize("seed", SEQUENCES)
def test_machines_agree_with_the_model_over_random_nights(seed: int) -> None:
    rng = Random(seed)
    packs = tuple(random_pack(rng, f"p{n}") for n in range(1 + seed % 2))
    start = date(2026, 1, 1 + rng.randint(0, 27))
    world = World(rng, packs, start, ALMANACS[seed % 3], restless=rng.choice((0.05, 0.2, 0.4)))
    with Both(packs) as both:
        both.run(world.tonight())
        for _ in range(10):
            if rng.random() < 0.15:  # the same night again, over corrected facts
                world.correct()
            else:
                world.advance()
            both.run(world.tonight())
