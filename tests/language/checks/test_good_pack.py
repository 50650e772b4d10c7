from __future__ import annotations

from engine.language.checks.pack import CHECKS, check_pack
from tests.language.checks.packs import load


def test_a_good_pack_has_no_problems() -> None:
    assert [str(problem) for problem in check_pack(load())] == []


def test_every_check_says_what_it_finds() -> None:
    for check in CHECKS:
        assert (check.__doc__ or "").strip(), check.__name__


def test_no_check_stands_twice() -> None:
    assert len(set(CHECKS)) == len(CHECKS)
