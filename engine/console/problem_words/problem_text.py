"""Messages and hints of problems in the reader's language.

Each file beside this one has `WORDS` of a part of the engine; `engine.console.catalogue` says how
they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.console.catalogue import Catalogue, Words
from engine.console.rejection_words import WORDS as REJECTIONS
from engine.console.rejection_words import rejected_cells
from engine.console.sentences import NOTES

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


def every_word() -> Mapping[str, Words]:
    """Name of a file → its texts, English and Chinese."""
    # Some thousand sentences, which only those need who read Chinese and have a problem.
    from engine.console.problem_words import (
        checks,
        checks_rules,
        evidence,
        facts,
        forms,
        language,
        night,
        passed_on,
        service,
        shared,
        store,
        verification,
    )

    files = (checks, checks_rules, language, forms, facts, night, store, verification, evidence)
    others = (service, passed_on, shared)
    return {one.__name__.rpartition(".")[2]: one.WORDS for one in (*files, *others)}


@cache
def _catalogue() -> Catalogue:
    files = every_word()
    words = {english: said for listed in files.values() for english, said in listed.items()}
    return Catalogue({**NOTES, **words}, within={**REJECTIONS, **files[SHARED]})
