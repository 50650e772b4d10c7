"""Tables of keys from the JSON Schemas: one table for each mapping that people write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from docs.reference.markdown import anchor, code, listed, table
from engine.language.schema import PARTS, SCHEMAS, load_schema

Schema = Mapping[str, Any]

QUOTED = re.compile(r"[{}\[\],#]|: |:$|^[-%@&*!|>?]|^[0-9.]+$|^$")
"""Text that YAML would read as something else unless it stands in quotes."""

HEADINGS: Mapping[str, str] = {
    "workspace": "Keys of kam.yaml",
    "workspace.jsonl": "Sink: a file",
    "workspace.webhook": "Sink: a webhook",
    "workspace.dingtalk": "Sink: DingTalk",
    "workspace.feishu": "Sink: Feishu",
    "workspace.wecom": "Sink: WeCom",
    "workspace.mail": "Sink: mail",
    "workspace.wanted_actions": "Which actions a sink wants",
    "calendar": "Keys of calendar.yaml",
    "overrides": "Keys of overrides.yaml",
    "overrides.override": "Override",
    "overrides.approval": "Approval",
    "facts": "Keys of facts.yaml",
    "facts.accounts": "Accounts of facts.yaml",
    "facts.records": "Records of facts.yaml",
    "facts.source_details": "Source",
    "facts.column_details": "Column of facts.yaml",
    "pack": "Sections of a pack",
    "pack.pack": "Pack",
    "pack.role": "Role",
    "pack.parameter": "Parameter",
    "columns.vocabulary": "Vocabulary",
    "columns.record": "Record table",
    "columns.column_details": "Column of the vocabulary",
    "measures.measure": "Measure",
    "measures.scorecard": "Scorecard",
    "measures.criterion": "Criterion",
    "conditions.condition": "Condition",
    "conditions.reference": "Another measure as operand",
    "tiers.tiers": "Tier scheme",
    "tiers.level": "Level",
    "entitlements.channel": "Channel",
    "entitlements.service": "Service",
    "entitlements.priority": "Priority",
    "entitlements.budget": "Budget",
    "entitlements.pricing": "Pricing",
    "entitlements.cadence": "Cadence",
    "entitlements.response": "Response",
    "entitlements.deadline": "Deadline",
    "entitlements.team": "Team",
    "entitlements.records_where": "Records that count",
    "entitlements.team_role": "Coverage of a role",
    "rules.milestone": "Milestone",
    "rules.warning": "Warning",
    "rules.warning_level": "Level of a warning",
    "rules.action": "Action",
}
"""Where a mapping is described: the schema and its definition, and the heading there."""

ELSEWHERE: Mapping[str, str] = {
    "conditions.operators": "Operators",
    "common.title": "Simple values",
    "columns.formula": "Formulas",
    "measures.column_reference": "Simple values",
    "measures.points": "Points",
}
"""Definitions that other parts of the page describe, and under which heading."""


class Part(NamedTuple):
    """A definition of a schema file; `name` as in `HEADINGS`."""

    name: str
    schema: Schema


def parts() -> Iterator[Part]:
    """Every schema of a whole file and every shared definition, in the order of the files."""
    for file in (*SCHEMAS, *PARTS):
        schema = load_schema(file)
        if "properties" in schema:
            yield Part(file, schema)
        for name, definition in schema.get("$defs", {}).items():
            yield Part(f"{file}.{name}", definition)


def part(name: str) -> Schema:
    """A definition by its name in `HEADINGS`."""
    file, _, definition = name.partition(".")
    schema = load_schema(file)
    found: Schema = schema["$defs"][definition] if definition else schema
    return found


def keys(name: str) -> str:
    """The heading, the description and the table of keys of one mapping."""
    schema = part(name)
    lines = [f"#### {HEADINGS[name]}", "", schema["description"], ""]
    rows = list(_rows(name.partition(".")[0], schema, ""))
    lines.append(table(["key", "required", "value", "meaning"], rows))
    lines += _examples(schema)
    return "\n".join(lines)


def simple_values() -> str:
    """The definitions that are no mappings of their own: ids, dates, sources."""
    rows = []
    for name, schema in parts():
        if name.startswith("common.") or ELSEWHERE.get(name) == "Simple values":
            meaning = schema["description"]
            rows.append([schema["title"].lower(), shape("common", schema), meaning])
    return table(["name", "written as", "meaning"], rows)


def _rows(file: str, schema: Schema, prefix: str) -> Iterator[list[str]]:
    required = schema.get("required", ())
    for key, value in schema["properties"].items():
        if "$ref" not in value and "properties" in value:
            yield [
                code(prefix + key),
                "yes" if key in required else "",
                "mapping",
                value["description"],
            ]
            yield from _rows(file, value, f"{prefix}{key}.")
            continue
        yield [
            code(prefix + key),
            "yes" if key in required else "",
            shape(file, value),
            value.get("description", ""),
        ]
    if not prefix and isinstance(schema.get("additionalProperties"), Mapping):
        extra = schema["additionalProperties"]
        yield ["any id", "", shape(file, extra), _resolved(file, extra)[1]["description"]]


def shape(file: str, schema: Schema) -> str:
    """What may be written: the values themselves, or a link to what describes them.

    Only examples of this very key are shown; those of a definition stand where it does.
    """
    return _link(file, schema) + _example(schema)


def _link(file: str, schema: Schema) -> str:
    if "$ref" not in schema:
        return _shape(file, schema)
    name, target = _resolved(file, schema)
    for places in (HEADINGS, ELSEWHERE):
        if name in places:
            return f"[{target['title'].lower()}](#{anchor(places[name])})"
    if name.startswith("common."):
        return f"[{target['title'].lower()}](#simple-values)"
    return _shape(name.partition(".")[0], target)


def _shape(file: str, schema: Schema) -> str:
    if "const" in schema:
        return code(str(schema["const"]))
    if "enum" in schema:
        return listed([code(value) for value in schema["enum"]])
    if "oneOf" in schema and "properties" not in schema:
        return listed([_link(file, one) for one in schema["oneOf"]])
    if schema.get("type") == "array":
        return _list(file, schema)
    if schema.get("type") == "object":
        return _mapping(file, schema)
    return _scalar(schema)


def _list(file: str, schema: Schema) -> str:
    items = schema.get("items", {})
    head = "pair" if schema.get("maxItems") == 2 else "list"
    if items.get("type") == "array":
        return f"{head} of lists"
    return f"{head}: {_link(file, items)}"


def _mapping(file: str, schema: Schema) -> str:
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        name, _ = _resolved(file, schema.get("propertyNames", {}))
        key = name.partition(".")[2].replace("_", " ") or "value"
        return f"mapping of {key} to {_link(file, extra)}"
    if "properties" in schema:
        return f"mapping with {listed([code(key) for key in schema['properties']], 'and')}"
    return "mapping"


def _scalar(schema: Schema) -> str:
    kinds = schema.get("type", "any value")
    names = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}
    words = [names.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return listed(words) + _bounds(schema)


def _bounds(schema: Schema) -> str:
    low = schema.get("minimum")
    high = schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}, at most {high}"
    if low is None or high is None:
        return "" if low is None else f", at least {low}"
    return f" from {low} to {high:,}"


def _example(schema: Schema) -> str:
    """`, such as …`: a short example of a value, where the schema has one."""
    shown = [flow(one) for one in schema.get("examples", ())]
    short = [code(one) for one in shown if len(one) <= 60][:2]
    return f", such as {listed(short)}" if short else ""


def _examples(schema: Schema) -> list[str]:
    if not schema.get("examples"):
        return []
    blocks = (
        "\n".join(["```yaml value", flow(one, top=True), "```"]) for one in schema["examples"]
    )
    return [line for block in blocks for line in ("", block)]


def _resolved(file: str, schema: Schema) -> tuple[str, Schema]:
    """The name and the definition that a `$ref` leads to; else the schema itself."""
    if "$ref" not in schema:
        return "", schema
    target, _, definition = schema["$ref"].rpartition("#/$defs/")
    name = f"{target.removesuffix('.schema.json') or file}.{definition}"
    return name, part(name)


def flow(value: object, top: bool = False) -> str:
    """A plain value as people write it in YAML, on one line.

    >>> flow({"gte": "30%", "in": ["A", 1, True], "version": "2026.1"})
    '{gte: 30%, in: [A, 1, true], version: "2026.1"}'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        inner = [f"{key}: {flow(one)}" for key, one in value.items()]
        return "\n".join(inner) if top else f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(one) for one in value)}]"
    text = str(value)
    return f'"{text}"' if isinstance(value, str) and QUOTED.search(text) else text
