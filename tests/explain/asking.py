"""Questions about the nights of a small workspace, as the commands ask them."""

from __future__ import annotations

from typing import Any

from engine.audit.store import open_store
from engine.explain.difference import Difference, ItemChange
from engine.inquiry.since import compare_nights, nights_since
from engine.inquiry.what_if import WhatIf, what_if
from engine.recall import KeptNight, recall_night
from tests.night.book import Book

PACK = "policies/small/pack.yaml"


def since(book: Book, account: str, run: str, run_id: str | None = None) -> Difference:
    with open_store(book.root / "store", create=False, read_only=True) as store:
        nights = nights_since(book.root, store, account, run, run_id)
        (found,) = compare_nights(store, nights, account)
    return found


def supposing(book: Book, account: str, *settings: str) -> WhatIf:
    (found,) = what_if(kept(book), account, settings)
    return found


def kept(book: Book) -> KeptNight:
    with open_store(book.root / "store", create=False, read_only=True) as store:
        return recall_night(book.root, store)


def moves(found: Difference) -> dict[str, tuple[str | None, str | None]]:
    return {one.which: (one.before, one.after) for one in found.tiers}


def reasons(found: Difference) -> dict[str, dict[str, Any]]:
    return {one.word: dict(one.about) for one in found.tier_reasons}


def item(found: Difference, kind: str) -> ItemChange:
    (one,) = [one for one in found.items if one.kind == kind]
    return one


def flipped(found: Difference | WhatIf) -> list[tuple[str, bool | None, bool | None]]:
    """Subject and outcomes of the tests of tiers that come to something else."""
    return [
        (one.after.subject.column, one.before.truth, one.after.truth)
        for one in found.tests
        if one.kind == "tier"
        and one.before is not None
        and one.after is not None
        and one.is_flipped
    ]
