"""Words of messages that several checks use, and the place of a word in a file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.errors import Location
from engine.language.full_width import odd_space
from engine.model import Policy
from engine.nearest import did_you_mean

_LIST_AT_MOST = 8


def meant_or_known(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name, or all of them if they are few.

    >>> meant_or_known("revenu_share", ["revenue_share", "margin"])
    "did you mean 'revenue_share'?"
    >>> meant_or_known("x", ["margin", "growth"])
    'known are: growth, margin'
    """
    names = sorted(set(known))
    near, odd = did_you_mean(name, names), odd_space(name)
    if near is not None:
        return near if odd is None else f"{odd}; {near}"
    if odd is None and 0 < len(names) <= _LIST_AT_MOST:
        return f"known are: {', '.join(names)}"
    return odd


def place_of(policy: Policy, element: Location, key: str, word: str) -> Location:
    """Where `word` stands under `key` (or ``one|another``), at or after an element's beginning.

    The model keeps one place per element; this finds the exact one in the text, and falls
    back on the element's own.
    """
    pattern = rf"(?<!\w)(?:{key})[\"']?\s*:[^:]*?(?<!\w)({re.escape(word)})(?!\w)"
    return _search(policy, element, pattern)


def place_of_key(policy: Policy, element: Location, key: str) -> Location:
    """Where a key stands, at or after an element's beginning."""
    return _search(policy, element, rf"(?<!\w)({key})[\"']?\s*:")


def place_of_placeholder(policy: Policy, element: Location, name: str) -> Location:
    """Where ``{name}`` stands in the texts of an action."""
    return _search(policy, element, r"(\{" + re.escape(name) + r"\})")


def place_in_text(policy: Policy, element: Location, text: str, offset: int) -> Location:
    """Where the character at an offset of `text` stands, which an element's file holds.

    YAML may fold the text over lines and double or escape the quotation marks in it.
    """
    parts = [_as_written(character) for character in text]
    return _search(policy, element, f"{''.join(parts[:offset])}(){''.join(parts[offset:])}")


def _as_written(character: str) -> str:
    if character.isspace():
        return r"\s+"
    return {"'": "''?", '"': r'\\?"', "\\": r"\\\\?"}.get(character, re.escape(character))


def _search(policy: Policy, element: Location, pattern: str) -> Location:
    content = next((file.content for file in policy.files if _is(file.path, element)), b"")
    text = content.decode("utf-8-sig", errors="replace")
    found = re.compile(pattern).search(text, _offset(text, element))
    if found is None:
        return element
    before = text[: found.start(1)]
    return Location(element.file, before.count("\n") + 1, found.start(1) - before.rfind("\n"))


def _is(path: str, place: Location) -> bool:
    """Locations name a file as a person would type it, the policy by its path in the root."""
    return place.file == path or place.file.endswith((f"/{path}", f":{path}"))


def _offset(text: str, place: Location) -> int:
    offset = 0
    for _ in range(place.line - 1):
        offset = text.find("\n", offset) + 1
    return offset + place.column - 1
