"""The packs that come with kam pass their own tests, which leave no rule out."""

from __future__ import annotations

import pytest

from engine.language.load import load_pack, packaged_packs, packaged_place
from engine.policy_tests.reading import files_beside
from engine.policy_tests.reporting import lines
from engine.policy_tests.running import run_pack

TESTED = [pack for pack in packaged_packs() if files_beside(*packaged_place(f"packaged:{pack}"))]


# One pack in the ordinary suite; each takes a dozen seconds.
PACKS = [
    pack if pack == "key_account_rules" else pytest.param(pack, marks=pytest.mark.slow)
    for pack in TESTED
]


@pytest.mark.parametrize("pack", PACKS)
def test_pack_passes_its_tests_and_they_cover_every_rule(pack: str) -> None:
    folder, texts = packaged_place(f"packaged:{pack}")
    result = run_pack(load_pack(folder, texts), folder, texts)
    said = {one.test.name: [lines(each) for each in one.differences] for one in result.failed}
    assert said == {}
    assert [f"{one.label}: {one.lacks}" for one in result.coverage.missing_rules] == []
