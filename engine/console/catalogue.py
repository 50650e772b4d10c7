"""Sentences of the engine in the reader's language.

The engine's stages say everything in English, which is what logs, JSON and the store keep. A
catalogue has the same in Chinese: the text as the engine writes it → the Chinese one. A name in
braces stands for whatever the engine puts there, and for the same in the Chinese. A text that no
catalogue knows, of another version of kam perhaps, is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

_NAME = re.compile(r"\{([a-z]+)\}")
_SENTENCES = frozenset(
    {"fault", "hint", "how", "kind", "owner", "problem", "reason", "rest", "since", "test", "unit"}
    | {"why"}
)
"""Names of what is a sentence itself, or a part of one, and may be any of the catalogue; others are
values, in which the few sentences of `within` alone are looked for."""
_LISTS = frozenset({"rules", "users"})
"""Names of several of them with commas between."""
_COMMA = re.compile(r", (?![^()]*\))")
_QUOTED = re.compile(r"\A'([^'\"{}\[\]:,]*)'\Z")
"""A name that brings its quotation marks with it, and is no YAML to be copied."""
_LOOSE = re.compile(r"(?<=[\u4e00-\u9fff，。：；）]) (?=“)|(?<=”) (?=[\u4e00-\u9fff，。：；（])")
"""A space that what was put in has left before or after Chinese quotation marks."""

Words = Mapping[str, str]
"""English → Chinese."""


class Catalogue:
    """The sentences of one kind.

    >>> known = Catalogue({"{count} rows of {file}": "{file} 的 {count} 行"})
    >>> known.said("3 rows of a.csv", "zh"), known.said("3 rows of a.csv", "en")
    ('a.csv 的 3 行', '3 rows of a.csv')
    >>> known.said("something new", "zh")
    'something new'
    """

    def __init__(self, words: Words, within: Words | None = None) -> None:
        """`within` are sentences and words that may also stand in the place of any name."""
        self._phrases = _in_order({**(within or {}), **words})
        self._within = _in_order(within or {})

    def said(self, text: str, language: str) -> str:
        """The text in ``zh`` or ``en``."""
        said = self._said(text, self._phrases) if language == "zh" else None
        return text if said is None else _LOOSE.sub("", said)

    def _said(self, text: str, among: Sequence[_Phrase]) -> str | None:
        for phrase in among:
            values = phrase.values(text)
            if values is not None:
                return phrase.filled({name: self._put_in(name, values[name]) for name in values})
        return None

    def _put_in(self, name: str, value: str) -> str:
        if name in _LISTS:
            return "、".join(self._said(one, self._phrases) or one for one in _COMMA.split(value))
        said = self._said(value, self._phrases if name in _SENTENCES else self._within)
        return _QUOTED.sub(r"“\1”", value) if said is None else said


class _Phrase:
    def __init__(self, english: str, chinese: str) -> None:
        self.english = english
        self.chinese = chinese
        literal = _NAME.split(english)[::2]
        self.weight = sum(map(len, literal))
        """How much of it is fixed: the more, the better it says what is meant."""
        self._landmark = max(literal, key=len)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pieces = _NAME.split(self.english)
        parts, seen = [], set[str]()
        for place, part in enumerate(pieces):
            if place % 2 == 0:
                parts.append(re.escape(part))
            elif part in seen:
                parts.append(f"(?P={part})")
            else:
                seen.add(part)
                is_quoted = pieces[place - 1][-1:] == pieces[place + 1][:1] == "'"
                parts.append(f"(?P<{part}>.{'*' if is_quoted else '+'}?)")
        return re.compile("".join(parts), re.DOTALL)

    def values(self, text: str) -> dict[str, str] | None:
        """Name → what `text` has in its place; None if it is another text."""
        if self._landmark not in text:  # to compile hundreds of patterns takes long
            return None
        found = self._pattern.fullmatch(text)
        return None if found is None else found.groupdict()

    def filled(self, values: Mapping[str, str]) -> str:
        return _NAME.sub(lambda name: values[name[1]], self.chinese)


def _in_order(words: Words) -> tuple[_Phrase, ...]:
    found = [_Phrase(*one) for one in words.items()]
    return tuple(sorted(found, key=lambda phrase: -phrase.weight))
