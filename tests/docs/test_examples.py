"""Every example of the pages is tried: YAML is loaded and checked, SQL is run.

What stands after the fence says what the block is:

* ``yaml workspace``, ``yaml facts``, ``yaml calendar`` and ``yaml overrides`` are whole files.
* ``yaml settings`` is part of a kam.yaml, beside what every one has.
* ``yaml tests`` is a file of policy tests, which tests/policy_tests/ runs.
* ``yaml pack`` is a file of a policy pack; those of one page are one pack, without a problem.
* ``yaml section`` is part of a pack of which the page does not show the rest.
* ``yaml value`` is part of a file: well-formed YAML, for which the text around it speaks.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from engine.commands.policy import check_path
from engine.facts.reading_catalog import load_catalog
from engine.language.load import load_workspace
from engine.language.reading import read_yaml
from engine.language.schema import read_valid
from engine.language.texts import DiskTexts
from tests.docs.blocks import Block, blocks

KINDS = (
    "workspace",
    "settings",
    "facts",
    "calendar",
    "overrides",
    "tests",
    "pack",
    "section",
    "value",
)
WHOLE_FILES = {"workspace": "kam.yaml", "facts": "facts.yaml", "overrides": "overrides.yaml"}
YAML_MARKS = {f"yaml {kind}" for kind in KINDS}


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")


def by_place(*marks: str) -> list[object]:
    return [pytest.param(block, id=block.place) for block in blocks(*marks)]


def test_every_yaml_block_says_what_it_is() -> None:
    unmarked = [
        one.place for one in blocks() if one.mark.startswith("y") and one.mark not in YAML_MARKS
    ]
    assert unmarked == []


@pytest.mark.parametrize("block", by_place("yaml workspace"))
def test_workspace_example_loads(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "kam.yaml", block.text)
    write(tmp_path, "overrides.yaml", "overrides: []\n")  # where the example names the file
    assert load_workspace(tmp_path).policies


MINIMAL = "workspace: w\ntimezone: UTC\ncurrency: CNY\nfacts: facts.yaml\npolicies: [policies/p]\n"


@pytest.mark.parametrize("block", by_place("yaml settings"))
def test_settings_example_loads(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "kam.yaml", MINIMAL + block.text)
    assert load_workspace(tmp_path).name == "w"


@pytest.mark.parametrize("block", by_place("yaml facts"))
def test_facts_example_loads(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "facts.yaml", block.text)
    assert load_catalog("facts.yaml", DiskTexts(tmp_path)).accounts.columns


@pytest.mark.parametrize("block", by_place("yaml calendar"))
def test_calendar_example_loads(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "calendar.yaml", block.text)
    assert read_valid("calendar.yaml", DiskTexts(tmp_path), "calendar").data


@pytest.mark.parametrize("block", by_place("yaml overrides"))
def test_overrides_example_has_its_form(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "overrides.yaml", block.text)
    assert read_valid("overrides.yaml", DiskTexts(tmp_path), "overrides").data


@pytest.mark.parametrize("block", by_place("yaml section"))
def test_section_example_has_the_form_of_a_pack_file(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "section.yaml", block.text)
    assert read_valid("section.yaml", DiskTexts(tmp_path), "pack").data


@pytest.mark.parametrize("block", by_place("yaml value"))
def test_value_example_is_yaml(block: Block, tmp_path: Path) -> None:
    write(tmp_path, "value.yaml", block.text)
    assert read_yaml("value.yaml", DiskTexts(tmp_path)).data


def test_examples_of_the_language_page_are_one_workspace_without_problems(tmp_path: Path) -> None:
    for block in blocks("yaml workspace", "yaml facts", "yaml overrides", "yaml pack"):
        if block.page.name != "language.md":
            continue
        kind = block.mark.split()[1]
        name = WHOLE_FILES.get(kind)
        if name is None:
            first = block.text.startswith("pack:")
            name = f"policies/example_rules/{'pack' if first else f'line_{block.line}'}.yaml"
        write(tmp_path, name, block.text)
    checked = check_path(tmp_path)
    assert [str(problem) for problem in checked.problems] == []
    assert [policy.id for policy in checked.policies] == ["example_rules"]
