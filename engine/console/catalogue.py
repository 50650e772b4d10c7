"""Sentences of the engine in the reader's language.

The engine's stages say everything in English, which is what logs, JSON and the store keep. A
catalogue has the same in Chinese: the text as the engine writes it → the Chinese one. A name in
braces stands for whatever the engine puts there, and for the same in the Chinese. A text that no
catalogue knows, of another version of kam perhaps, is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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
_DEEPEST = 40
"""Sentences within sentences, as a list has them; what lies deeper stays English."""

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

    def _said(self, text: str, among: Sequence[_Phrase], depth: int = 0) -> str | None:
        if depth > _DEEPEST:
            return None
        for phrase in among:
            values = phrase.values(text)
            if values is not None:
                return phrase.filled(
                    {name: self._put_in(name, value, depth + 1) for name, value in values.items()}
                )
        return None

    def _put_in(self, name: str, value: str, depth: int) -> str:
        if name in _LISTS:
            listed = _COMMA.split(value)
            return "、".join(self._said(one, self._phrases, depth) or one for one in listed)
        said = self._said(value, self._phrases if name in _SENTENCES else self._within, depth)
        return _QUOTED.sub(r"“\1”", value) if said is None else said


class _Phrase:
    def __init__(self, english: str, chinese: str) -> None:
        self.chinese = chinese
        pieces = _NAME.split(english)
        self._fixed, self._names = pieces[::2], pieces[1::2]
        self.weight = sum(map(len, self._fixed))
        """How much of it is fixed: the more, the better it says what is meant."""

    def values(self, text: str) -> dict[str, str] | None:
        """Name → what `text` has in its place, as little as can be; None if it is another text.

        No regular expression, which a text made for it could keep busy for hours: each fixed piece
        is taken where it stands first, which leaves the most room for those after it.
        """
        before, *others = self._fixed
        if not text.startswith(before) or not text.endswith(self._fixed[-1]):
            return None
        if not others:
            return {} if text == before else None
        found, start, end = dict[str, str](), len(before), len(text) - len(others[-1])
        for name, piece in zip(self._names[:-1], others[:-1], strict=True):
            place = text.find(piece, start + self._least(before, piece), end)
            if place < 0:
                return None
            if found.setdefault(name, text[start:place]) != text[start:place]:
                return None
            before, start = piece, place + len(piece)
        last = self._names[-1]
        if end - start < self._least(before, others[-1]):
            return None
        return found if found.setdefault(last, text[start:end]) == text[start:end] else None

    @staticmethod
    def _least(before: str, after: str) -> int:
        """Characters of what stands between: in quotation marks it may be nothing."""
        return 0 if before[-1:] == after[:1] == "'" else 1

    def filled(self, values: Mapping[str, str]) -> str:
        return _NAME.sub(lambda name: values[name[1]], self.chinese)


def _in_order(words: Words) -> tuple[_Phrase, ...]:
    found = [_Phrase(*one) for one in words.items()]
    return tuple(sorted(found, key=lambda phrase: -phrase.weight))
