"""The schemas are sound, say what they mean, and are never fetched from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema_rs import validator_for

from engine.errors import KamError
from engine.language import schema as schemas
from engine.language.reading import parse_yaml
from engine.language.schema import (
    PARTS,
    SCHEMAS,
    bundled_schema,
    load_schema,
    located_problems,
    read_valid,
    validate,
)
from engine.language.schema_problems import as_yaml
from engine.language.texts import KeptTexts
from engine.resources import policies_folder, schemas_folder

ALL = (*PARTS, *SCHEMAS)


def subschemas(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a schema, with where it stands."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for keyword in ("properties", "$defs"):
        for name, part in schema.get(keyword, {}).items():
            yield from subschemas(part, f"{path}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
        yield from subschemas(schema.get(keyword), f"{path}/{keyword}")
    for keyword in ("oneOf", "allOf", "prefixItems"):
        for index, part in enumerate(schema.get(keyword, ())):
            yield from subschemas(part, f"{path}/{keyword}/{index}")


def test_every_schema_in_the_folder_is_known() -> None:
    found = {path.name.removesuffix(".schema.json") for path in schemas_folder().glob("*.json")}
    assert set(ALL) <= found


@pytest.mark.parametrize("name", ALL)
def test_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(load_schema(name))
    assert load_schema(name)["$id"].endswith(f"/{name}.schema.json")


@pytest.mark.parametrize("name", ALL)
def test_every_property_is_described(name: str) -> None:
    bare = [
        f"{path}/{key}"
        for path, schema in subschemas(load_schema(name))
        for key, part in schema.get("properties", {}).items()
        if not re.search(r"/(if|then|else|not)(/|$)", path)
        if not str(part.get("description", "")).endswith(".")
    ]
    assert bare == []


@pytest.mark.parametrize("name", ALL)
def test_every_definition_is_described(name: str) -> None:
    for schema in load_schema(name).get("$defs", {}).values():
        assert schema["title"]
        assert schema["description"].endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_every_object_is_closed(name: str) -> None:
    open_ones = [
        path
        for path, schema in subschemas(load_schema(name))
        if schema.get("type") == "object" and "additionalProperties" not in schema
    ]
    assert open_ones == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_examples_are_valid(name: str) -> None:
    bundle = bundled_schema(name)
    count = 0
    for _, schema in subschemas(bundle):
        check = validator_for({**schema, "$defs": bundle["$defs"]}).is_valid
        for example in schema.get("examples", ()):
            read = parse_yaml(f"example: {as_yaml(example)}".encode(), "x.yaml").data["example"]
            assert check(read), example
            count += 1
    assert count > 10


@pytest.mark.parametrize("name", SCHEMAS)
def test_bundled_schema_needs_no_other_file(name: str) -> None:
    text = json.dumps(bundled_schema(name))
    references = set(re.findall(r'"\$ref": "([^"]+)"', text))
    assert references
    assert all(
        reference.startswith("#/$defs/") and reference[8:] in bundled_schema(name)["$defs"]
        for reference in references
    )
    Draft202012Validator.check_schema(bundled_schema(name))


def test_validator_never_leaves_its_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    document = parse_yaml(b"measures: {m: {type: mony}}", "x.yaml")
    assert [problem.code for problem in validate(document, "pack")] == [
        "missing-key",
        "not-one-of",
    ]


def test_valid_document_is_accepted_without_jsonschema() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from engine.language.load import load_pack\n"
        "from engine.resources import policies_folder\n"
        "load_pack(policies_folder() / 'key_account_rules')\n"
        "assert not {'jsonschema', 'sqlglot', 'duckdb'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_read_valid_raises_problems_of_text_and_form_together() -> None:
    content = b"accounts: {source: a.csv, key: id, columns: {name: texd}}\naccounts: {}\n"
    with pytest.raises(KamError) as caught:
        read_valid("facts.yaml", KeptTexts({"facts.yaml": content}), "facts")
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["not-one-of", "duplicate-key"]


def test_problems_come_with_the_path_of_their_value() -> None:
    document = parse_yaml(
        b"measures: {m: {type: money, sum: orders.amount, at_least: 0}}", "x.yaml"
    )
    ((path, problem),) = located_problems(document, "pack")
    assert path == ("measures", "m", "at_least")
    assert problem.code == "out-of-range"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("20%", "20%"),
        ("500万", "500万"),
        ("5 workdays before", "5 workdays before"),
        ("2026.1", '"2026.1"'),
        ("a, b", '"a, b"'),
        (["a", 1, {"b": True}], "[a, 1, {b: true}]"),
    ],
)
def test_example_is_written_as_a_person_would(value: Any, text: str) -> None:
    assert as_yaml(value) == text
    assert yaml.safe_load(text) == value


# --- the quick check agrees with jsonschema -------------------------------------------------


def good_documents() -> list[Any]:
    return [
        parse_yaml(path.read_bytes(), path.name).data
        for path in sorted(policies_folder().glob("*/*.yaml"))
        if not path.name.endswith(".test.yaml")
    ]


GOOD = good_documents()
SPOILERS: tuple[Any, ...] = (
    None, True, 0, 1, 101, -1, Decimal("0.5"), "", "x", "X y", "20%", "D1", "cadence", "money",
    [], ["x"], [1, 2], {}, {"x": 1}, {"zh": "x", "en": "x"}, {"kind": "team"}, {"when": {}},
)  # fmt: skip


def spoil(value: Any, steps: list[int], spoiler: Any) -> Any:
    """A copy of the value in which something, found by the steps, is another thing."""
    if not steps or not isinstance(value, (dict, list)) or not value:
        return spoiler
    first, *rest = steps
    if isinstance(value, list):
        at = first % len(value)
        return [spoil(part, rest, spoiler) if i == at else part for i, part in enumerate(value)]
    keys = list(value)
    key = keys[first % len(keys)]
    if first % 7 == 0:
        return {name: part for name, part in value.items() if name != key}
    if first % 11 == 0:
        return {**value, "formula": spoiler}
    return {**value, key: spoil(value[key], rest, spoiler)}


@given(
    st.sampled_from(GOOD),
    st.lists(st.integers(0, 1000), max_size=7),
    st.sampled_from(SPOILERS),
)
def test_quick_check_agrees_with_jsonschema(document: Any, steps: list[int], spoiler: Any) -> None:
    spoilt = spoil(document, steps, spoiler)
    standard = Draft202012Validator(bundled_schema("pack"))
    assert schemas.is_valid("pack")(spoilt) == standard.is_valid(spoilt)


@pytest.mark.slow
@given(
    st.sampled_from(GOOD),
    st.lists(st.integers(0, 1000), min_size=1, max_size=7),
    st.sampled_from(SPOILERS),
)
def test_what_is_not_valid_has_a_located_problem(
    document: Any, steps: list[int], spoiler: Any
) -> None:
    spoilt = spoil(document, steps, spoiler)
    if not isinstance(spoilt, dict) or not spoilt:
        return
    text = yaml.dump(spoilt, Dumper=Plain, allow_unicode=True, sort_keys=False)
    read = parse_yaml(text.encode(), "x.yaml")
    valid = schemas.is_valid("pack")(read.data)
    found = validate(read, "pack")
    assert bool(found) != valid
    assert all(problem.location and problem.message for problem in found)


class Plain(yaml.SafeDumper):
    """Writes decimals as numbers, and nothing as an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


Plain.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")
)


def test_schemas_are_written_for_editors_too() -> None:
    for path in Path(policies_folder()).glob("*/*.yaml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        if "$schema=" in first:
            named = first.partition("$schema=")[2].strip()
            assert (path.parent / named).resolve().is_file() or named.startswith("http"), path
