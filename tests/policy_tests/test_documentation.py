"""The examples of docs/policy-tests.md are tests of the key account rules, and they pass."""

from __future__ import annotations

import re

import pytest

from engine.language.load import load_pack, packaged_place
from engine.language.texts import KeptTexts
from engine.policy_tests.running import run_pack
from tests.repository.files import ROOT

PAGE = (ROOT / "docs" / "policy-tests.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml tests\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_of_the_page_passes(example: str) -> None:
    folder, texts = packaged_place("packaged:key_account_rules")
    kept = KeptTexts({f"{folder}/page.test.yaml": example.encode()})
    result = run_pack(load_pack(folder, texts), folder, kept)
    assert result.results
    assert [one.test.name for one in result.failed] == []


def test_page_has_examples() -> None:
    assert len(EXAMPLES) == 2
