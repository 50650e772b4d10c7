"""What happens to a demo year between its nights, by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from tests.lifecycle.demo_book.year import DemoYear
from tests.lifecycle.harness import Night

Named = tuple[str, str, str]
"""(pack, account, rule)."""


class Incidents:
    """Warnings are acknowledged and silenced, proposals approved, tiers overridden; accounts
    leave and come back, and rows cannot be read for a while."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def after(self, year: DemoYear, night: Night) -> None:
        """In this order, so that a seed is a story."""
        self._people_speak(year, night)
        self._people_decide(year, night)
        if self.rng.random() < 0.4:
            moved = self.rng.sample(year.accounts, 4)
            year.change_accounts(gone=moved[:2], spoilt=moved[2:])
        else:
            year.change_accounts()

    def _people_speak(self, year: DemoYear, night: Night) -> None:
        rng, today = self.rng, night.as_of
        firing = sorted(_firing(night))
        for heard in rng.sample(firing, min(3, len(firing))):
            year.say("ack", *heard, today)
        for heard in rng.sample(firing, min(2, len(firing))):
            year.say("silence", *heard, today, today + timedelta(days=rng.randint(2, 25)))

    def _people_decide(self, year: DemoYear, night: Night) -> None:
        rng, today = self.rng, night.as_of
        for pack, account, milestone in sorted(_proposed(night)):
            if rng.random() < 0.2:
                year.approve(account, pack, milestone, today)
        if rng.random() < 0.5:
            return
        pack = rng.choice(year.model.packs)
        account = rng.choice(year.accounts)
        taken = {(one.account, one.pack) for one in year.prepared.overrides.tiers}
        if (account, pack.id) not in taken:
            until = today + timedelta(days=rng.randint(2, 60))
            year.override(account, pack.id, rng.choice(pack.tiers), today, until)


def _firing(night: Night) -> Iterator[Named]:
    for (pack, scope, account), state in night.states.items():
        if scope == "account":
            yield from ((pack, account, rule) for rule in state.warnings)


def _proposed(night: Night) -> Iterator[Named]:
    for (pack, _, account), state in night.states.items():
        for rule, opened in state.milestones.items():
            if opened.effect == "propose":
                yield pack, account, rule
