"""The schema of test files says what every key means, and its examples are valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema_rs import validator_for

from engine.language.reading import parse_yaml
from engine.language.schema import TESTS, bundled_schema, load_schema, named_schema, schema_names
from engine.language.schema_problems import as_yaml


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from subschemas(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from subschemas(part)


def test_schema_is_printed_under_its_name() -> None:
    assert TESTS in schema_names()
    Draft202012Validator.check_schema(named_schema(TESTS))


def test_every_key_is_described_and_every_object_is_closed() -> None:
    for schema in subschemas(load_schema(TESTS)):
        if schema.get("type") == "object":
            assert "additionalProperties" in schema, schema
        properties = schema.get("properties", {})
        for key, part in properties.items() if isinstance(properties, dict) else ():
            if "title" in part or "$ref" in part:
                assert part["description"].endswith("."), key


def test_examples_are_valid() -> None:
    bundle = bundled_schema(TESTS)
    parts = [bundle, *bundle["$defs"].values()]
    count = 0
    for schema in parts:
        check = validator_for({**schema, "$defs": bundle["$defs"]}).is_valid
        for example in schema.get("examples", ()):
            read = parse_yaml(f"example: {as_yaml(example)}".encode(), "x.yaml").data["example"]
            assert check(read), example
            count += 1
    assert count > 20
