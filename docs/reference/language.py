"""docs/language.md: the prose of docs/language/, with tables made from the engine's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from docs.reference import schemas
from docs.reference.markdown import DO_NOT_EDIT, anchor, code, table
from engine.errors import KamError, Location
from engine.language.formulas import FUNCTIONS, POPULATION_FUNCTIONS
from engine.language.operators import ALL_TYPES, OPERATORS, ORDERED_TYPES
from engine.language.quantities import plain, quantity
from engine.model import NUMERIC_TYPES, ValueType

FRAGMENTS = Path(__file__).resolve().parents[1] / "language"
DIRECTIVE = re.compile(r"^\{\{ (\w+)(?: ([\w.]+))? \}\}$", re.MULTILINE)
CHAPTER = re.compile(r"^## (.+)$", re.MULTILINE)

QUANTITIES = ("20%", "500万", "1.2亿", "90 days", "24 hours", "3 workdays", "2026-01-31")
REFUSED = ("1,000", "90days", "90 天", "5k", "３00", "3 weeks", "1e6", "20 percent")


def language_page() -> str:
    """The whole page. Raises `ValueError` if a key of the language stands nowhere in it."""
    fragments = sorted(FRAGMENTS.glob("*.md"))
    body = "\n".join(path.read_text(encoding="utf-8").strip() + "\n" for path in fragments)
    absent = [name for name in schemas.HEADINGS if f"{{{{ keys {name} }}}}" not in body]
    absent += [one.name for one in schemas.parts() if _is_lost(one)]
    if absent:
        raise ValueError(f"no fragment of docs/language/ describes {', '.join(absent)}")
    head, chapters = body.split("\n## ", 1)
    note = DO_NOT_EDIT.format(sources="schemas/, engine/language/ and docs/language/")
    contents = "\n".join(f"- [{one}](#{anchor(one)})" for one in CHAPTER.findall(body))
    page = f"{note}\n\n{head.strip()}\n\n{contents}\n\n## {chapters}"
    return DIRECTIVE.sub(lambda match: _generated(match[1], match[2]), page)


def _is_lost(one: schemas.Part) -> bool:
    """A mapping with keys of its own that neither this page nor another table has."""
    known = one.name in schemas.HEADINGS or one.name in schemas.ELSEWHERE
    return "properties" in one.schema and not known


def _generated(name: str, argument: str | None) -> str:
    return schemas.keys(argument) if argument else TABLES[name]()


def _operators() -> str:
    return table(
        ["operator", "sign", "value types", "meaning"],
        (
            [
                code(one.name),
                one.symbol.zh
                if one.symbol.zh == one.symbol.en
                else f"{one.symbol.en}, {one.symbol.zh}",
                _types(one.accepts),
                schemas.part("conditions.operators")["properties"][one.name]["description"],
            ]
            for one in OPERATORS.values()
            if one.written
        ),
    )


def _types(accepted: frozenset[str]) -> str:
    names = {ALL_TYPES: "all", ORDERED_TYPES: "numbers, ordinals, dates", NUMERIC_TYPES: "numbers"}
    return names.get(accepted) or ", ".join(sorted(accepted))


def _aggregates() -> str:
    measure = schemas.part("measures.measure")
    names = [name for one in measure["oneOf"] for name in one["required"] if name != "formula"]
    return table(
        ["aggregate", "of", "meaning"],
        (
            [
                code(name),
                schemas.shape("measures", measure["properties"][name]),
                measure["properties"][name]["description"],
            ]
            for name in names
        ),
    )


def _functions() -> str:
    return table(
        ["function", "meaning"],
        ([code(one.usage), one.doc] for one in FUNCTIONS.values()),
    )


def _population_functions() -> str:
    return table(
        ["function", "meaning"],
        ([code(one.usage), one.doc] for one in POPULATION_FUNCTIONS.values()),
    )


def _quantities() -> str:
    return table(["written", "is", "unit"], (_quantity(text) for text in QUANTITIES))


def _quantity(text: str) -> list[str]:
    read = quantity(text, Location("docs"))
    value = read.value
    shown = plain(value.normalize()) if hasattr(value, "normalize") else str(value)
    return [code(text), shown, (read.unit or "").replace("amount", "")]


def _refused() -> str:
    return table(
        ["written", "answer of `kam check`"], ([code(one), _answer(one)] for one in REFUSED)
    )


def _answer(text: str) -> str:
    try:
        quantity(text, Location("docs"))
    except KamError as error:
        return f"{error.problems[0].message}; {error.problems[0].hint}"
    raise ValueError(f"{text!r} is no longer refused")


def _type_names() -> Iterator[str]:
    yield from get_args(ValueType)


def missing_types(page: str) -> list[str]:
    """Value types that the table of types does not name."""
    return [name for name in _type_names() if f"| `{name}` |" not in page]


TABLES: Mapping[str, Callable[[], str]] = {
    "operators": _operators,
    "aggregates": _aggregates,
    "functions": _functions,
    "population_functions": _population_functions,
    "quantities": _quantities,
    "refused": _refused,
    "values": schemas.simple_values,
}
