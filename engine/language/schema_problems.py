"""Words for the errors that jsonschema finds: code, message, hint and place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.errors import Location, Problem
from engine.language.documents import Document, Path
from engine.language.full_width import (
    full_width_in_name,
    full_width_in_value,
    odd_space,
    odd_space_at,
)
from engine.language.symbols import SYMBOLS, symbol_hint
from engine.nearest import did_you_mean, nearest

TYPE_WORDS: Mapping[str, str] = {
    "object": "entries with keys",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}

PLAIN = re.compile(
    r"[^\W\d_][^,:#{}\[\]\"']*|[$.]\.?[\w/][\w/.]*|[0-9.]+[%万亿]( of previous)?|[0-9]+ [a-z ]+"
)
"""Text that needs no quotes in YAML: words, a $parameter, a path, a quantity."""

Words = tuple[str, str, str | None]
"""Code, message, hint."""


def is_about_name(error: Any) -> bool:
    """Whether the error is of a key rather than of the value behind it."""
    return "propertyNames" in error.absolute_schema_path


def without_echoes(errors: list[Any], spoilt: frozenset[Path]) -> Iterator[Any]:
    """The errors that are mistakes of their own, one for each.

    Of a misread name, such as ``low： {value``, the value is misread too; the key that a
    misspelt one was meant to be is missing; and a number that could not be read has been
    reported with the text.
    """
    misnamed = {tuple(error.absolute_path) for error in errors if is_about_name(error)}
    meant = {
        (tuple(error.absolute_path)[:-1], nearest(error.message, keys_of(error.schema)))
        for error in errors
        if error.validator == "additionalProperties"
    }
    for error in errors:
        path = tuple(error.absolute_path)
        keys = error.message.split(", ") if error.validator in ("required", "needsOneOf") else []
        echo = path in misnamed | spoilt or any((path, key) in meant for key in keys)
        if is_about_name(error) or not echo:
            yield error


def keys_of(schema: Any) -> list[str]:
    return [name for name, part in schema.get("properties", {}).items() if part is not False]


def to_problem(document: Document, error: Any) -> tuple[Path, Problem]:
    """A jsonschema error as a problem, and the path of the value that has it."""
    path = tuple(error.absolute_path)
    keyword = str(error.validator)
    in_name = is_about_name(error)
    if in_name:
        words = name_words(error)
    elif error.instance is None:
        words = ("empty-value", f"{subject(path)} has no value", example_hint(error.schema))
    else:
        words = WORDS.get(keyword, other_words)(error, path)
    code, message, hint = words
    where = place(document, path, in_name or keyword in AT_KEY)
    if keyword == "uniqueItems" and (index := repeated_index(error.instance)) is not None:
        where = document.value_location((*path, index))
    better = full_width_hint(error, where) or intended_hint(document, error, path)
    return path, Problem(code, message, where, better or hint)


def full_width_hint(error: Any, where: Location) -> str | None:
    """On punctuation of Chinese text in a key, or in text where entries or a list should be."""
    if is_about_name(error):
        return full_width_in_name(str(error.instance), where.line, where.column)
    if error.validator == "additionalProperties":
        return full_width_in_name(error.message, where.line, where.column)
    if error.validator == "type" and isinstance(error.instance, str):
        return full_width_in_value(error.instance, where.line, where.column)
    return None


def intended_hint(document: Document, error: Any, path: Path) -> str | None:
    """On text that would be right with an ordinary space, or with a word for a symbol."""
    value = error.instance
    if is_about_name(error) or not isinstance(value, str):
        return None
    if error.validator == "type" and error.validator_value in ("object", ["object"]):
        return symbol_hint(value)
    if odd_space(value) is None or error.validator not in ("enum", "pattern", "type", "const"):
        return None
    mark = document.marks[path]
    written = document.text[mark.start : mark.end].partition("\n")[0]
    return odd_space_at(written, mark.line + 1, mark.column + 1)


AT_KEY = frozenset(
    {"additionalProperties", "required", "needsOneOf", "onlyOneOf", "misplaced",
     "dependentRequired", "minProperties"}
)  # fmt: skip


def place(document: Document, path: Path, at_key: bool) -> Location:
    return document.key_location(path) if at_key else document.value_location(path)


def subject(path: Path) -> str:
    """What a message calls the value: its key, or its place in a list."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, int):
        above = next((str(part) for part in reversed(path) if isinstance(part, str)), "the list")
        return f"entry {last + 1} of '{above}'"
    return f"'{last}'"


def shown(value: Any) -> str:
    """A value as a person wrote it, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "entries with keys"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return text if isinstance(value, (int, Decimal)) else f"'{text}'"


def first_sentence(schema: Any) -> str:
    """What a schema says it describes, without the full stop."""
    return str(schema["description"]).partition(". ")[0].rstrip(".")


def example_hint(schema: Any) -> str | None:
    examples = schema.get("examples") if isinstance(schema, dict) else None
    return f"for example: {as_yaml(examples[0])}" if examples else None


def as_yaml(value: Any) -> str:
    """An example in YAML's short form: ``{gt: 20%, in: [a, b]}``.

    >>> as_yaml({"revenue_share": {"gt": "20%"}, "tiers": ["a", 1]})
    '{revenue_share: {gt: 20%}, tiers: [a, 1]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {as_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_yaml(item) for item in value) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)


# --- words by keyword ----------------------------------------------------------------------


def name_words(error: Any) -> Words:
    name = error.instance
    title = str(error.schema.get("title", "name")).lower()
    article = "an" if title[0] in "aeiou" else "a"
    hint = f"{first_sentence(error.schema)}; for example: {error.schema['examples'][0]}"
    return ("not-an-id" if title == "id" else "wrong-form",
            f"{shown(name)} cannot be {article} {title}", hint)  # fmt: skip


SECRETS: Mapping[str, str] = {
    "secret": "secret_env",
    "token": "url_env",
    "password": "url_env",
    "url": "url_env",
}
"""Keys that people write under a sink, and the key that names a variable instead."""


def secret_variable(error: Any) -> str | None:
    """The key that names the variable of a secret, if the unknown key would hold one."""
    wanted = (SECRETS.get(error.message), "url_env") if error.message in SECRETS else ()
    return next((name for name in wanted if name in keys_of(error.schema)), None)


def unknown_key(error: Any, path: Path) -> Words:
    key = error.message
    if path[:1] == ("sinks",) and (named := secret_variable(error)) is not None:
        message = f"'{key}' of {subject(path[:-1])} is a secret, and a file is no place for one"
        hint = f"put it into the environment, and name its variable as '{named}'"
        return "secret-in-file", message, hint
    entry = error.schema.get("x-entry", "key")
    known = keys_of(error.schema)
    hint = did_you_mean(key, known, f"known here: {', '.join(known)}")
    if SYMBOLS.get(key) in known:
        hint = f"write '{SYMBOLS[key]}'"
    if key.isdigit():
        hint = "a comma separates entries; write numbers without it"
    where = "" if len(path) < 2 else f" of {subject(path[:-1])}"
    article = "an" if entry[0] in "aeiou" else "a"
    return f"unknown-{entry}", f"'{key}' is not {article} {entry}{where}", hint


def missing_key(error: Any, path: Path) -> Words:
    part = error.schema.get("properties", {}).get(error.message) if error.schema else None
    needs = f"{subject(path)} needs '{error.message}'"
    if not isinstance(part, dict) or "description" not in part:
        return "missing-key", needs, None
    words = first_sentence(part)
    return "missing-key", needs, f"add '{error.message}': {words[0].lower()}{words[1:]}"


def dependent_key(error: Any, path: Path) -> Words:
    for key, needed in error.validator_value.items():
        for name in needed:
            if key in error.instance and name not in error.instance:
                return "missing-key", f"{subject(path)} needs '{name}' beside '{key}'", None
    return other_words(error, path)


def needs_one_of(error: Any, path: Path) -> Words:
    return "missing-key", f"{subject(path)} needs one of: {error.message}", None


def only_one_of(error: Any, path: Path) -> Words:
    names = error.message.split()
    both = " and ".join(f"'{name}'" for name in names)
    return "conflicting-keys", f"{subject(path[:-1])} has {both}, but only one is allowed", None


def misplaced_key(error: Any, path: Path) -> Words:
    return "misplaced-key", f"{subject(path)} does not belong here", MISPLACED.get(str(path[-1]))


MISPLACED: Mapping[str, str] = {
    "where": "a formula has no records; put it on a measure that aggregates them",
    "window": "a formula has no records; put it on a measure that aggregates them",
    "ending": "a formula has no records; put it on a measure that aggregates them",
    "at_least": "a formula has no records; put it on a measure that aggregates them",
    "by": "it goes with share_of_largest",
    "points": "criteria with parts of their own take their points from those",
    "values": "only the types enum and ordinal have values",
    "format": "only the types date and datetime have a format",
    "until": "the approval of a milestone is used once; only that of an entitlement has an end",
    "hold": "only a milestone that promotes or proposes can hold a tier",
}


def wrong_type(error: Any, path: Path) -> Words:
    wanted = error.validator_value
    names = [wanted] if isinstance(wanted, str) else wanted
    if "number" in names and "string" in names:
        names = [name for name in names if name != "boolean"]
    words = list(dict.fromkeys(TYPE_WORDS[name] for name in names))
    expected = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    return ("wrong-type", f"{subject(path)} must be {expected}, not {shown(error.instance)}",
            type_hint(error, names))  # fmt: skip


def type_hint(error: Any, names: list[str]) -> str | None:
    value = error.instance
    is_template = isinstance(value, dict) and None in value.values()
    if is_template and "string" in names:
        return "put quotes around text that begins with {"
    if isinstance(value, list) and error.schema.get("title") in ("Comparison", "Operand"):
        return "write {in: [...]} to admit several values"
    if names == ["boolean"]:
        return "write true or false"
    has_form = "pattern" in error.schema and "examples" in error.schema
    if names == ["string"] and isinstance(value, (int, Decimal, bool)) and not has_form:
        return f'put it in quotes: "{shown(value)}"'
    if names in (["number"], ["integer"]) and isinstance(value, str):
        return "write a number without unit and without quotes"
    return example_hint(error.schema)


def not_one_of(error: Any, path: Path) -> Words:
    known = [str(name) for name in error.validator_value]
    hint = did_you_mean(str(error.instance), known, f"choose one of: {', '.join(known)}")
    return "not-one-of", f"{subject(path)} cannot be {shown(error.instance)}", hint


def wrong_form(error: Any, path: Path) -> Words:
    title = error.schema.get("title")
    what = f" as {title.lower()}" if title else ""
    message = f"{shown(error.instance)} cannot be read{what}"
    return "wrong-form", message, example_hint(error.schema)


def out_of_range(error: Any, path: Path) -> Words:
    bound = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}
    wanted = f"{bound[error.validator]} {error.validator_value}"
    return "out-of-range", f"{subject(path)} must be {wanted}, not {shown(error.instance)}", None


def wrong_length(error: Any, path: Path) -> Words:
    if not error.instance:
        return "empty-value", f"{subject(path)} is empty", example_hint(error.schema)
    low, high = error.schema.get("minItems"), error.schema.get("maxItems")
    count = len(error.instance)
    bound = f"at most {high}" if low is None or count > low else f"at least {low}"
    wanted = f"{low}" if low == high else bound
    message = f"{subject(path)} must have {wanted} entries, not {count}"
    return "wrong-length", message, example_hint(error.schema)


def too_long(error: Any, path: Path) -> Words:
    if not error.instance:
        return "empty-value", f"{subject(path)} is empty", example_hint(error.schema)
    limit = error.validator_value
    return "too-long", f"{subject(path)} is longer than {limit} characters", None


def repeated(error: Any, path: Path) -> Words:
    index = repeated_index(error.instance)
    if index is None:
        return other_words(error, path)
    value = shown(error.instance[index])
    return "repeated-value", f"{value} stands twice in {subject(path)}", None


def repeated_index(values: list[Any]) -> int | None:
    """Of the first value that stands in the list before."""
    return next((index for index, value in enumerate(values) if value in values[:index]), None)


def other_words(error: Any, path: Path) -> Words:
    return "wrong-form", f"{subject(path)} is not as the language asks", example_hint(error.schema)


WORDS: Mapping[str, Callable[[Any, Path], Words]] = {
    "additionalProperties": unknown_key,
    "required": missing_key,
    "dependentRequired": dependent_key,
    "needsOneOf": needs_one_of,
    "onlyOneOf": only_one_of,
    "misplaced": misplaced_key,
    "type": wrong_type,
    "enum": not_one_of,
    "const": other_words,
    "pattern": wrong_form,
    "minimum": out_of_range,
    "maximum": out_of_range,
    "exclusiveMinimum": out_of_range,
    "minItems": wrong_length,
    "maxItems": wrong_length,
    "minProperties": wrong_length,
    "minLength": too_long,
    "maxLength": too_long,
    "uniqueItems": repeated,
}
