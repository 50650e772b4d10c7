"""Messages and hints of problems in the reader's language.

Each file beside this one has `WORDS` of a stage; `engine.console.catalogue` says how they are
written.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from engine.console.catalogue import Catalogue, Words
from engine.console.rejection_words import WORDS as REJECTIONS
from engine.console.rejection_words import rejected_cells

STAGES = (
    "checks",
    "checks_rules",
    "language",
    "forms",
    "facts",
    "night",
    "verification",
    "evidence",
    "store",
    "service",
    "passed_on",
)
SHARED = "shared"
"""The file of what may also stand within the others."""


def problem_text(text: str, language: str) -> str:
    """A message or a hint in ``zh`` or ``en``; as it is, if nothing is known of it.

    >>> problem_text("did you mean 'revenue'?", "zh")
    '是不是想写“revenue”？'
    """
    if language == "en":
        return text
    return _catalogue().said(rejected_cells(text, language), language)


def words_of(stage: str) -> Words:
    """The texts of a file, English and Chinese."""
    words: Words = import_module(f"{__package__}.{stage}").WORDS
    return words


@cache
def _catalogue() -> Catalogue:
    words: dict[str, str] = {}
    for stage in STAGES:
        words.update(words_of(stage))
    return Catalogue(words, within={**REJECTIONS, **words_of(SHARED)})
