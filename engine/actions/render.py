"""The text of an action, and the id that keeps it from being asked for twice.

An action is stored as its template and the values seen; its text is made when it is read
or delivered, so that a corrected title does not have to be corrected in a million rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date

from engine.model import Title

ID_LENGTH = 24
"""Hexadecimal digits: 96 bits, no collision to be expected among 10^12 actions."""

Show = Callable[[object, str, str], str]
"""(value, type, language) → text; see `engine.console.values.bare_value`."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def action_id(
    pack: str,
    account_id: str,
    rule_id: str,
    level: str | None,
    template: str,
    opened_on: date | str,
) -> str:
    """The id of what the action is about; equal for every run that comes to ask for it.

    The first 24 hexadecimal digits of SHA-256 over the UTF-8 of the six parts joined by
    ``|``, where a backslash and a ``|`` within a part have a backslash before them, no
    level is an empty part, and the day is ISO. `opened_on` is the day on which the warning
    opened or the milestone was reached, so a warning that goes to and fro between two levels
    asks once for each. ``engine/lifecycle`` computes the same in SQL.

    >>> action_id("d", "A1", "complaints", "red", "visit", date(2026, 6, 30))
    'b89ba9f6ce3eb78e71e4abc9'
    """
    day = opened_on if isinstance(opened_on, str) else opened_on.isoformat()
    parts = (pack, account_id, rule_id, level or "", template, day)
    text = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def render_action(
    text: Title,
    words: Mapping[str, Title | str | None],
    values: Mapping[str, object],
    types: Mapping[str, str],
    show: Show,
) -> Title:
    """The text of a template in both languages.

    `words` are texts that a template may name (``name``, ``account_id``, ``warning``,
    ``milestone``), `values` the evidence by the pack's names, `types` their
    types. A name that neither has is shown as a missing value, because the value was
    missing when the action was emitted.
    """
    return Title(
        zh=_fill(text.zh, "zh", words, values, types, show),
        en=_fill(text.en, "en", words, values, types, show),
    )


def _fill(
    text: str,
    language: str,
    words: Mapping[str, Title | str | None],
    values: Mapping[str, object],
    types: Mapping[str, str],
    show: Show,
) -> str:
    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        if (word := words.get(name)) is not None:
            return word if isinstance(word, str) else str(getattr(word, language))
        return show(values.get(name), types.get(name, "text"), language)

    return _PLACEHOLDER.sub(replaced, text)
