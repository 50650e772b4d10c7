"""The generated pages are fresh and complete."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from docs import generate
from docs.reference import language, schemas
from engine.language.operators import OPERATORS
from engine.language.schema import PARTS, SCHEMAS, load_schema
from tests.repository.files import ROOT

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_generated_pages_are_fresh() -> None:
    assert "\n".join(generate.stale_lines()) == ""


def test_check_fails_and_shows_the_diff_of_a_stale_page(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {"a.md": lambda: "one\n"})
    assert generate.main(["--check"]) == 1
    assert "+one" in capsys.readouterr().out
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


def test_generate_refuses_an_argument_it_does_not_know() -> None:
    assert generate.main(["--chekc"]) == 2


@pytest.mark.parametrize("name", [name for name, row in OPERATORS.items() if row.written])
def test_language_page_has_every_operator(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| .+ \| .+ \| .+ \|$", page("language.md"), re.MULTILINE)


def test_language_page_has_every_value_type() -> None:
    assert language.missing_types(page("language.md")) == []


@pytest.mark.parametrize("part", [*schemas.parts()], ids=lambda part: part.name)
def test_language_page_has_every_key_of_every_schema(part: schemas.Part) -> None:
    text = page("language.md")
    absent = [
        key
        for key in part.schema.get("properties", ())
        if f"`{key}`" not in text and not re.search(rf"`[\w.]+\.{key}`", text)
    ]
    assert absent == []


@pytest.mark.parametrize("name", ["language.md", "store.md", "commands.md"])
def test_headings_of_a_page_are_unique(name: str) -> None:
    headings = HEADING.findall(re.sub(r"^```.*?^```", "", page(name), flags=re.M | re.S))
    assert sorted(set(headings)) == sorted(headings)


@pytest.mark.parametrize("name", ["language.md", "store.md", "commands.md"])
def test_links_within_a_page_lead_to_headings(name: str) -> None:
    from docs.reference.markdown import anchor

    text = page(name)
    anchors = {anchor(heading) for heading in HEADING.findall(text)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors == set()


def registry() -> Registry:
    documents = (load_schema(name) for name in (*SCHEMAS, *PARTS))
    return Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in documents)


@pytest.mark.parametrize("part", [*schemas.parts()], ids=lambda part: part.name)
def test_examples_of_a_schema_agree_with_it(part: schemas.Part) -> None:
    file, _, name = part.name.partition(".")
    identifier = load_schema(file)["$id"]
    reference = {"$ref": f"{identifier}#/$defs/{name}" if name else identifier}
    validator = Draft202012Validator(reference, registry=registry())
    for example in part.schema.get("examples", ()):
        assert [error.message for error in validator.iter_errors(example)] == []
