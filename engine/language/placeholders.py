"""Names in braces in the text of an action: the one reading that check, plan and text share.

``{name}`` is a placeholder if what stands in the braces could be an id. Every other brace,
of half or full width, is a stray one, which no template may hold: ``{{name}}``, ``{Name}``,
``{}``, or a brace without its other half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

BUILT_IN: frozenset[str] = frozenset({"warning", "milestone", "level", "tier", "account_id"})
"""What every text may name besides the facts of its pack: what asks, and of whom."""

# Full-width braces are written as escapes, because they look like the others.
_OPENING, _CLOSING = "{\uff5b", "}\uff5d"
_SPAN = re.compile(
    rf"[{_OPENING}]+[^{_OPENING}{_CLOSING}]*[{_CLOSING}]+|[{_OPENING}]+|[{_CLOSING}]+"
)
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\}")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_SHOWN = 40


@dataclass(frozen=True)
class StrayBrace:
    """A brace that belongs to no placeholder."""

    offset: int
    """Of the first brace, in the text."""
    written: str
    """The braces with what is between them, or with the word at an odd one."""
    message: str
    meant: str
    """What is in the braces as an id would be written; empty if that cannot be told."""


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces, in order of appearance, each once.

    >>> placeholders("{name}: {complaints_90d} complaints, {name} {{level}} {Tier}")
    ('name', 'complaints_90d')
    """
    found = (_PLACEHOLDER.fullmatch(span[0]) for span in _SPAN.finditer(text))
    return tuple(dict.fromkeys(match[1] for match in found if match))


def stray_braces(text: str) -> tuple[StrayBrace, ...]:
    """The braces that make no placeholder, in order of appearance.

    >>> stray_braces("{name}: {{level}}")[0].message
    "'{{level}}' has two pairs of braces"
    """
    spans = _SPAN.finditer(text)
    return tuple(_stray(text, span) for span in spans if not _PLACEHOLDER.fullmatch(span[0]))


def filled(text: str, value: Callable[[str], str]) -> str:
    """The text with the value of every placeholder; stray braces stay as they are.

    >>> filled("{name} {{name}}", str.upper)
    'NAME {{name}}'
    """

    def replaced(span: re.Match[str]) -> str:
        match = _PLACEHOLDER.fullmatch(span[0])
        return value(match[1]) if match else span[0]

    return _SPAN.sub(replaced, text)


def hint(stray: StrayBrace, known: Collection[str]) -> str:
    """How to write what a stray brace was probably meant to be."""
    if stray.meant in known:
        return f"write {{{stray.meant}}}"
    return "write a name of the pack in one pair of braces, as in {account_id}, and no other brace"


def _stray(text: str, span: re.Match[str]) -> StrayBrace:
    written = span[0]
    opens, closes = written[0] in _OPENING, written[-1] in _CLOSING
    inner = written.strip(_OPENING + _CLOSING)
    if opens and not closes:
        after = _WORD.match(text, span.end())
        inner = after[0] if after else ""
        written += inner
        message = f"'{written}' has no closing brace"
    elif closes and not opens:
        inner = _word_before(text, span.start())
        written = inner + written
        message = f"'{written}' has no opening brace"
    else:
        message = f"'{_shortened(written)}' {_wrong_pair(written, inner)}"
    return StrayBrace(span.start(), written, message, _meant(inner))


def _wrong_pair(written: str, inner: str) -> str:
    if any(brace in written for brace in _OPENING[1] + _CLOSING[1]):
        return "has full-width braces"
    if not inner.strip():
        return "names nothing"
    if written.startswith("{{") and written.endswith("}}"):
        return "has two pairs of braces"
    if written.startswith("{{") or written.endswith("}}"):
        return "has a brace too many"
    return "is not a name in braces"


def _word_before(text: str, end: int) -> str:
    start = end
    while start > 0 and _WORD.fullmatch(text[start - 1]):
        start -= 1
    return text[start:end]


def _meant(inner: str) -> str:
    return re.sub("[^a-z0-9]+", "_", inner.lower()).strip("_")


def _shortened(written: str) -> str:
    return written if len(written) <= _SHOWN else written[: _SHOWN - 3] + "..."
