"""Checks a document against its JSON Schema and says what is wrong in a person's words.

The schemas are JSON Schema 2020-12 and stand in `schemas/`, so that an editor and
`kam schema` use the same files. A document is first run through jsonschema-rs, which only
answers yes or no here, and far faster; jsonschema, which takes longer to import
than a whole policy takes to load, is used to say what is wrong with one that is not valid.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from engine.errors import KamError, Problem
from engine.language.documents import Document, Path
from engine.language.reading import read_yaml
from engine.language.schema_problems import to_problem, without_echoes
from engine.language.texts import Texts
from engine.resources import schemas_folder

SCHEMAS: tuple[str, ...] = ("workspace", "facts", "calendar", "overrides", "pack")
"""The schemas of whole files; the others only hold definitions that these share."""

TESTS = "test"
"""The schema of the policy tests beside a pack, which are no part of it."""

EVENT = "event"
"""The schema of what other programs send during the day."""

OUTPUTS: tuple[str, ...] = ("log_line", "action", "message", "manifest", "answer")
"""The schemas of what the engine emits."""

PARTS: tuple[str, ...] = (
    "common", "columns", "conditions", "measures", "tiers", "entitlements", "rules",
)  # fmt: skip


def read_valid(path: str, texts: Texts, schema: str) -> Document:
    """Read a file and validate it. Raises `KamError` with everything that is wrong."""
    document = read_yaml(path, texts)
    found = [*document.problems, *validate(document, schema)]
    if found:
        raise KamError(found)
    return document


def validate(document: Document, schema: str) -> tuple[Problem, ...]:
    """What is wrong with the form of a document, one problem for each mistake."""
    return tuple(problem for _, problem in located_problems(document, schema))


def located_problems(document: Document, schema: str) -> list[tuple[Path, Problem]]:
    """The problems of `validate`, each with the path of the value that has it."""
    if is_valid(schema)(document.data):
        return []
    errors = list(validator(schema).iter_errors(document.data))
    found: dict[Problem, Path] = {}
    for error in without_echoes(errors, document.spoilt):
        path, problem = to_problem(document, error)
        found.setdefault(problem, path)
    return sorted(
        ((path, problem) for problem, path in found.items()), key=lambda item: item[1].sort_key
    )


@cache
def is_valid(name: str) -> Callable[[Any], bool]:
    """A function that says whether data agrees with a schema, and nothing more."""
    from jsonschema_rs import validator_for

    return validator_for(bundled_schema(name)).is_valid


@cache
def load_schema(name: str) -> dict[str, Any]:
    """One schema as it stands in its file."""
    path = schemas_folder() / f"{name}.schema.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def bundled_schema(name: str) -> dict[str, Any]:
    """A schema that needs no other file, as `kam schema NAME` prints it.

    Every shared definition stands in its `$defs`, under the name of its file and its own.
    """
    definitions = within(load_schema(name).get("$defs", {}), "")
    pending, seen = sorted(files_named(load_schema(name))), {name}
    while pending:
        part = pending.pop()
        if part in seen:
            continue
        seen.add(part)
        shared = load_schema(part)
        for key, definition in shared["$defs"].items():
            definitions[f"{part}_{key}"] = within(definition, f"{part}_")
        pending.extend(sorted(files_named(shared)))
    top = {key: within(value, "") for key, value in load_schema(name).items() if key != "$defs"}
    return {**top, "$defs": dict(sorted(definitions.items()))}


def schema_names() -> tuple[str, ...]:
    """What `named_schema` knows: whole files, the sections of a pack, what kam takes and emits."""
    sections = sorted(set(load_schema("pack")["properties"]) - set(SCHEMAS) - {"include"})
    return (*SCHEMAS, TESTS, *sections, EVENT, *OUTPUTS)


def named_schema(name: str) -> dict[str, Any]:
    """A schema that is complete in itself, of one of `schema_names`.

    The schema of a section is that of the value under its key in a file of a pack.
    """
    if name in (*SCHEMAS, TESTS, EVENT, *OUTPUTS):
        return bundled_schema(name)
    pack = bundled_schema("pack")
    section: dict[str, Any] = pack["properties"][name]
    return {"$schema": pack["$schema"], **section, "$defs": pack["$defs"]}


def files_named(schema: Any) -> set[str]:
    """The other schemas that a schema refers to."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        own = set()
        if isinstance(reference, str) and not reference.startswith("#"):
            own = {reference.split(".schema.json")[0]}
        return own.union(*(files_named(value) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(files_named(value) for value in schema))
    return set()


def within(schema: Any, prefix: str) -> Any:
    """The schema with all references turned into ones to the `$defs` of a bundle.

    >>> within({"$ref": "common.schema.json#/$defs/id"}, "")
    {'$ref': '#/$defs/common_id'}
    """
    if isinstance(schema, dict):
        return {
            key: bundled_reference(value, prefix) if key == "$ref" else within(value, prefix)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [within(value, prefix) for value in schema]
    return schema


def bundled_reference(reference: str, prefix: str) -> str:
    file, _, name = reference.partition("#/$defs/")
    part = f"{file.removesuffix('.schema.json')}_" if file else prefix
    return f"#/$defs/{part}{name}"


@cache
def validator(name: str) -> Any:
    """The jsonschema validator of a schema, over a registry that never fetches anything."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    resources = [DRAFT202012.create_resource(load_schema(part)) for part in (*PARTS, *SCHEMAS)]
    registry: Any = Registry().with_resources(
        [(resource.contents["$id"], resource) for resource in resources]
    )
    keywords = {
        "oneOf": one_of,
        "properties": properties,
        "required": required,
        "additionalProperties": additional_properties,
        "propertyNames": property_names,
    }
    checker: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
    return checker(load_schema(name), registry=registry)


# --- keywords, so that each mistake is one error at the place where it was made ------------


def required(
    validator: Any, keys: list[str], instance: Any, schema: Mapping[str, Any]
) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, dict):
        for key in keys:
            if key not in instance:
                yield ValidationError(key, validator="required")


def properties(
    validator: Any, parts: Mapping[str, Any], instance: Any, schema: Mapping[str, Any]
) -> Iterator[Any]:
    """As in jsonschema, but an entry that may not be there is reported with its path."""
    from jsonschema import ValidationError

    if not isinstance(instance, dict):
        return
    for key, part in parts.items():
        if key in instance and part is False:
            yield ValidationError(key, validator="misplaced", path=(key,))
        elif key in instance:
            yield from validator.descend(instance[key], part, path=key, schema_path=key)


def additional_properties(
    validator: Any, extra: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    for key, value in instance.items():
        if key in known:
            continue
        if extra is False:
            yield ValidationError(key, validator="additionalProperties", path=(key,))
        else:
            yield from validator.descend(value, extra, path=key)


def property_names(
    validator: Any, names: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[Any]:
    if isinstance(instance, dict):
        for key in instance:
            for error in validator.descend(key, names):
                error.path.appendleft(key)
                error.schema_path.appendleft("propertyNames")
                yield error


def one_of(
    validator: Any, branches: list[Any], instance: Any, schema: Mapping[str, Any]
) -> Iterator[Any]:
    """Choose the branch that is meant, and report what is wrong with that one.

    The branches of our schemas differ by the type of the value, by a constant `kind`, or
    by the key that is present, so that the choice never needs a trial.
    """
    from jsonschema import ValidationError

    resolved = [resolve(validator, branch) for branch in branches]
    if all(set(branch) == {"required"} for branch in resolved):
        if not isinstance(instance, dict):
            return  # `type` says so
        keys = [branch["required"][0] for branch in resolved]
        present = [key for key in keys if key in instance]
        if len(present) > 1:
            path = (present[1],)
            yield ValidationError(" ".join(present), validator="onlyOneOf", path=path)
        elif not present:
            yield ValidationError(", ".join(keys), validator="needsOneOf")
        return
    fitting = [branch for branch in resolved if fits_type(validator, branch, instance)]
    kinds = [kind_of(branch) for branch in fitting if "kind" in branch.get("properties", {})]
    if kinds:
        yield from one_kind(validator, kinds, instance)
    elif fitting:
        yield from validator.descend(instance, branches[resolved.index(fitting[0])])
    else:
        wanted = [name for branch in resolved for name in types_of(branch)]
        yield ValidationError("", validator="type", validator_value=wanted, instance=instance)


def one_kind(validator: Any, kinds: list[str], instance: dict[str, Any]) -> Iterator[Any]:
    from jsonschema import ValidationError

    kind = instance.get("kind")
    if "kind" not in instance:
        yield ValidationError("kind", validator="required")
    elif not isinstance(kind, str) or kind not in kinds:
        yield ValidationError(
            "", validator="enum", validator_value=kinds, instance=kind, path=("kind",), schema={}
        )
    else:
        yield from validator.descend(instance, {"$ref": f"#/$defs/{kind}"})


def resolve(validator: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition behind a reference, or the schema itself."""
    if "$ref" in schema:
        contents: Mapping[str, Any] = validator._resolver.lookup(schema["$ref"]).contents
        return contents
    return schema


def kind_of(branch: Mapping[str, Any]) -> str:
    return str(branch["properties"]["kind"]["const"])


def types_of(branch: Mapping[str, Any]) -> Iterable[str]:
    named = branch.get("type", [])
    return [named] if isinstance(named, str) else named


def fits_type(validator: Any, branch: Mapping[str, Any], instance: Any) -> bool:
    return any(validator.is_type(instance, name) for name in types_of(branch))
